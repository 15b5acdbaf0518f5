import { describe, expect, it } from 'vitest'
import { sandboxTeamsApp, type TeamsService, type TeamsServiceOptions } from '../../../sandbox/teams/contract.ts'
import { createTeamsService } from '../../../sandbox/teams/service.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { startTestServer, type TestServer } from '../../support/http-server.ts'

type Json = Readonly<Record<string, unknown>>
interface Answer {
  readonly status: number
  readonly body: Json
  readonly headers: Headers
}

/** A bot as plain HTTP, without any library of Microsoft's. */
interface Bot extends AsyncDisposable {
  readonly teams: TeamsService
  readonly app: TestServer
  call(method: string, path: string, body?: unknown): Promise<Answer>
  send(conversation: string, activity: Json): Promise<Answer>
}

async function openBot(options: TeamsServiceOptions = {}): Promise<Bot> {
  await using parts = new AsyncDisposableStack()
  const teams = parts.use(await createTeamsService(options))
  const app = parts.use(await startTestServer({ 'POST /api/messages': { status: 200, json: {} } }))
  teams.connect(`${app.url}/api/messages`)
  const { appId, appPassword } = sandboxTeamsApp
  const form = { grant_type: 'client_credentials', client_id: appId, client_secret: appPassword }
  const granted = await fetch(teams.tokenUrl, { method: 'POST', body: new URLSearchParams(form) })
  const { access_token: token } = (await granted.json()) as { readonly access_token: string }
  const owned = parts.move()
  async function call(method: string, path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${teams.ids.serviceUrl}v3/conversations${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: (await response.json()) as Json, headers: response.headers }
  }
  return {
    teams,
    app,
    call,
    send: (conversation, activity) => call('POST', `/${encodeURIComponent(conversation)}/activities`, activity),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

const stream = (info: Json, text = 'Working'): Json => ({
  type: info['streamType'] === 'final' ? 'message' : 'typing',
  text,
  entities: [{ type: 'streaminfo', ...info }],
})

describe('The stand-in for Teams', () => {
  it('keeps messages by conversation, and by reply chain in channels', async () => {
    await using bot = await openBot()
    const { teams } = bot
    const { sales } = teams.ids.conversations
    const post = await teams.say({ user: teams.ids.people.ada, conversation: sales, text: '@Deckhand Revenue?' })
    await teams.say({ user: teams.ids.people.grace, conversation: sales, text: 'Lunch?' })

    const sent = await bot.send(post.conversation, { type: 'message', text: 'Coming' })

    expect(sent.status).toBe(201)
    expect(teams.messages(post.conversation).map(({ text }) => text)).toEqual(['<at>Deckhand</at> Revenue?', 'Coming'])
    expect(teams.messages(sales)).toHaveLength(3)
  })

  it('delivers what mentions the bot, what is said to it alone, and nothing else', async () => {
    await using bot = await openBot()
    const { teams, app } = bot
    const { ada: user } = teams.ids.people
    const { ada, group, sales } = teams.ids.conversations
    await teams.say({ user, conversation: ada, text: 'Hello' })
    await teams.say({ user, conversation: group, text: 'Hello' })
    await teams.say({ user, conversation: sales, text: '@Deckhand Hello' })

    const heard = app.requests.map(({ json }) => json as Json)

    expect(heard.map(({ conversation }) => (conversation as Json)['conversationType'])).toEqual(['personal', 'channel'])
    expect(heard[1]).toMatchObject({
      channelId: 'msteams',
      serviceUrl: teams.ids.serviceUrl,
      channelData: { tenant: { id: teams.ids.tenant }, channel: { id: sales } },
      entities: expect.arrayContaining([expect.objectContaining({ type: 'mention', text: '<at>Deckhand</at>' })]),
    })
    expect(app.requests[0]?.headers['authorization']).toMatch(/^Bearer [\w-]+\.[\w-]+\.[\w-]+$/)
  })

  it('takes calls with its own tokens only', async () => {
    await using bot = await openBot()
    const { tokenUrl, ids } = bot.teams
    const wrong = { grant_type: 'client_credentials', client_id: sandboxTeamsApp.appId, client_secret: 'guess' }

    const refused = await fetch(tokenUrl, { method: 'POST', body: new URLSearchParams(wrong) })
    const without = await fetch(`${ids.serviceUrl}v3/conversations/${ids.conversations.ada}/activities`, {
      method: 'POST',
      body: '{}',
    })

    expect([refused.status, without.status]).toEqual([401, 401])
  })

  it.each<[string, (bot: Bot) => Promise<Answer>, number, string]>([
    [
      'a conversation nobody knows',
      (bot) => bot.send('19:nowhere', { type: 'message', text: 'x' }),
      404,
      'ConversationNotFound',
    ],
    [
      'a message with nothing in it',
      (bot) => bot.send(bot.teams.ids.conversations.ada, { type: 'message' }),
      400,
      'BadSyntax',
    ],
    [
      'one that is too large',
      (bot) => bot.send(bot.teams.ids.conversations.ada, { type: 'message', text: 'x'.repeat(52_000) }),
      413,
      'MessageSizeTooBig',
    ],
    [
      'an edit of what is not there',
      (bot) => bot.call('PUT', `/${bot.teams.ids.conversations.ada}/activities/1`, { type: 'message', text: 'x' }),
      404,
      'ActivityNotFoundInConversation',
    ],
  ])('refuses %s', async (_, run, status, code) => {
    await using bot = await openBot()

    expect(await run(bot)).toMatchObject({ status, body: { error: { code } } })
  })

  it('refuses calls where the app was taken out, until it is back', async () => {
    await using bot = await openBot()
    const { teams } = bot
    const at = { user: teams.ids.people.ada, conversation: teams.ids.conversations.group }
    const hello = (): Promise<Answer> => bot.send(at.conversation, { type: 'message', text: 'Hello' })
    await teams.uninstall(at)

    expect(await hello()).toMatchObject({ status: 403, body: { error: { code: 'BotNotInConversationRoster' } } })
    await teams.install(at)
    expect((await hello()).status).toBe(201)
  })

  it('refuses more than a conversation takes, and says how long to wait', async () => {
    const clock = createManualClock(Date.now())
    await using bot = await openBot({ enforceRates: true, clock })
    const hello = (): Promise<Answer> => bot.send(bot.teams.ids.conversations.ada, { type: 'message', text: 'Hello' })
    for (let sent = 0; sent < 7; sent += 1) expect((await hello()).status).toBe(201)

    const refused = await hello()
    await clock.advance(1000)
    const eighth = await hello()
    const ninth = await hello()

    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1'])
    expect([eighth.status, ninth.status]).toEqual([201, 429])
  })

  it('breaks a connection after the work is done, when asked to', async () => {
    await using bot = await openBot()
    bot.teams.faults.loseReply('send')

    await expect(bot.send(bot.teams.ids.conversations.ada, { type: 'message', text: 'Hello' })).rejects.toThrow()

    expect(bot.teams.messages(bot.teams.ids.conversations.ada)).toHaveLength(1)
  })
})

describe('A stream in the stand-in', () => {
  it('is begun with 201, goes on with 202, and ends as one message', async () => {
    await using bot = await openBot()
    const { ada } = bot.teams.ids.conversations
    const begun = await bot.send(ada, stream({ streamType: 'informative', streamSequence: 1 }))
    const streamId = begun.body['id']
    const more = await bot.send(ada, stream({ streamType: 'streaming', streamId, streamSequence: 2 }, 'EMEA'))
    const card = { contentType: 'application/vnd.microsoft.card.adaptive', content: { type: 'AdaptiveCard' } }
    const final = { ...stream({ streamType: 'final', streamId }, 'EMEA leads'), attachments: [card] }

    const ended = await bot.send(ada, final)

    expect([begun.status, more.status, ended.status]).toEqual([201, 202, 202])
    expect(bot.teams.messages(ada)).toMatchObject([
      { id: streamId, text: 'EMEA leads', streamType: '', attachments: [card] },
    ])
  })

  it.each<[string, (bot: Bot, streamId: unknown) => Promise<Answer>, number, RegExp]>([
    [
      'outside of personal chats',
      (bot) => bot.send(bot.teams.ids.conversations.group, stream({ streamSequence: 1 })),
      405,
      /personal/,
    ],
    ['without words', (bot) => bot.send(ada(bot), stream({ streamSequence: 1 }, '')), 400, /text/],
    ['beside another in the same chat', (bot) => bot.send(ada(bot), stream({ streamSequence: 1 })), 403, /not allowed/],
    [
      'with a line that is too long',
      (bot, streamId) =>
        bot.send(ada(bot), stream({ streamType: 'informative', streamId, streamSequence: 2 }, 'x'.repeat(1001))),
      400,
      /1000/,
    ],
    [
      'with a sequence at its end',
      (bot, streamId) => bot.send(ada(bot), stream({ streamType: 'final', streamId, streamSequence: 3 })),
      400,
      /streamSequence/,
    ],
    [
      'after Stop',
      (bot, streamId) => {
        bot.teams.stopStream(ada(bot))
        return bot.send(ada(bot), stream({ streamType: 'informative', streamId, streamSequence: 2 }))
      },
      403,
      /canceled by user/,
    ],
  ])('is refused %s', async (_, run, status, message) => {
    await using bot = await openBot()
    const begun = await bot.send(ada(bot), stream({ streamType: 'informative', streamSequence: 1 }))

    const answer = await run(bot, begun.body['id'])

    expect(answer.status).toBe(status)
    expect((answer.body['error'] as Json)['message']).toMatch(message)
  })

  it('has to say again what it said, and drops what comes out of order', async () => {
    await using bot = await openBot()
    const begun = await bot.send(ada(bot), stream({ streamType: 'streaming', streamSequence: 1 }, 'EMEA'))
    const streamId = begun.body['id']

    const other = await bot.send(ada(bot), stream({ streamType: 'streaming', streamId, streamSequence: 2 }, 'APAC'))
    const late = await bot.send(
      ada(bot),
      stream({ streamType: 'streaming', streamId, streamSequence: 1 }, 'EMEA leads'),
    )

    expect(other.status).toBe(403)
    expect(late.status).toBe(202)
    expect(bot.teams.messages(ada(bot))[0]?.text).toBe('EMEA')
  })

  it('ends after two minutes, and its message can be edited then', async () => {
    const clock = createManualClock(Date.now())
    await using bot = await openBot({ clock })
    const { body } = await bot.send(ada(bot), stream({ streamType: 'informative', streamSequence: 1 }))
    await clock.advance(120_000)

    const final = await bot.send(ada(bot), stream({ streamType: 'final', streamId: body['id'] }))
    const edited = await bot.call('PUT', `/${ada(bot)}/activities/${String(body['id'])}`, {
      type: 'message',
      text: 'Done',
    })

    expect([final.status, edited.status]).toEqual([403, 200])
    expect(final.body).toMatchObject({ error: { message: expect.stringContaining('exceeded streaming time') } })
  })
})

function ada(bot: Bot): string {
  return bot.teams.ids.conversations.ada
}
