import { describe, expect, it } from 'vitest'
import { PortError } from '../../../src/bot/chat-port.ts'
import { createCallBudget } from '../../../src/bot/teams/budget.ts'
import type { OutgoingActivity } from '../../../src/bot/teams/wire.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { openTeamsBench, type TeamsBench } from '../../support/teams-bench.ts'

const soon = (): AbortSignal => AbortSignal.timeout(20_000)
const hello: OutgoingActivity = { type: 'message', text: 'Hello' }
const statuses = ({ teams }: TeamsBench, method: string): number[] =>
  teams.calls.filter((call) => call.method === method).map(({ status }) => status)
const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('What is sent to Teams', () => {
  it('arrives whole: label, citations, stream fields, feedback and card, byte for byte', async () => {
    await using bench = await openTeamsBench('personal')
    const message: OutgoingActivity = {
      type: 'message',
      text: 'EMEA leads [1]',
      textFormat: 'markdown',
      summary: 'EMEA leads',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          content: {
            type: 'AdaptiveCard',
            version: '1.5',
            body: [{ type: 'TextBlock', text: 'EMEA', msteams: { width: 'Full' } }],
            actions: [
              {
                type: 'Action.Execute',
                title: 'Again',
                verb: 'ask',
                data: { deckhand: { name: 'retry', turnId: 't' } },
              },
            ],
          },
        },
      ],
      entities: [
        {
          type: 'https://schema.org/Message',
          '@type': 'Message',
          '@context': 'https://schema.org',
          '@id': '',
          additionalType: ['AIGeneratedContent'],
          citation: [
            {
              '@type': 'Claim',
              position: 1,
              appearance: {
                '@type': 'DigitalDocument',
                name: 'Sales',
                url: 'https://example.com',
                abstract: 'Genie space',
              },
            },
          ],
        },
      ],
      channelData: { feedbackLoop: { type: 'default' } },
    }
    const stream = { type: 'streaminfo', streamType: 'informative', streamSequence: 1 }

    await bench.side.wire.send(bench.ref, message, soon())
    await bench.side.wire.send(bench.ref, { type: 'typing', text: 'Asking Genie', entities: [stream] }, soon())

    const [sent, streamed] = bench.teams
      .messages(bench.ref.conversationId)
      .map((each) => JSON.parse(each.sent) as unknown)
    expect(sent).toEqual({
      ...message,
      from: { id: bench.ref.botId, name: 'Deckhand' },
      recipient: { id: bench.ref.userId, name: '' },
      conversation: {
        id: bench.ref.conversationId,
        conversationType: 'personal',
        tenantId: bench.ref.tenantId,
        isGroup: false,
        name: '',
      },
    })
    expect(streamed).toMatchObject({ type: 'typing', text: 'Asking Genie', entities: [stream] })
  })

  it('arrives whole when it is edited', async () => {
    await using bench = await openTeamsBench('channel')
    const label = { type: 'https://schema.org/Message', '@type': 'Message', additionalType: ['AIGeneratedContent'] }
    const { id } = await bench.side.wire.send(bench.ref, hello, soon())

    await bench.side.wire.update(bench.ref, id, { ...hello, text: 'Hello again', entities: [label] }, soon())

    const [message] = bench.teams.messages(bench.ref.conversationId)
    expect(message).toMatchObject({ id, text: 'Hello again', entities: [label], isEdited: true })
  })

  it('opens a person’s own chat, by either of their ids', async () => {
    await using bench = await openTeamsBench('channel')
    const { grace } = bench.teams.ids.people

    const opened = [
      await bench.side.wire.openPersonal(bench.ref, grace.id, soon()),
      await bench.side.wire.openPersonal(bench.ref, grace.aadObjectId, soon()),
    ]
    await bench.side.wire.send(opened[0] ?? bench.ref, hello, soon())

    const { grace: chat } = bench.teams.ids.conversations
    expect(opened.map(({ conversationId, conversationType }) => [conversationId, conversationType])).toEqual([
      [chat, 'personal'],
      [chat, 'personal'],
    ])
    expect(bench.teams.messages(chat)).toHaveLength(1)
    expect(await bench.side.references.find(bench.ref.tenantId, chat)).toMatchObject({ conversationId: chat })
  })

  it.each([412, 502, 504])('is tried again after %i, longer and longer apart', async (status) => {
    const clock = createManualClock(Date.now(), { autoAdvance: true })
    await using bench = await openTeamsBench('channel', { clock })
    bench.teams.faults.failHttp('send', status, 3)

    await bench.side.wire.send(bench.ref, hello, soon())

    expect(statuses(bench, 'send')).toEqual([status, status, status, 201])
    expect(clock.sleeps).toEqual([250, 500, 1000])
  })

  it('waits as long as Teams says, where that is short', async () => {
    const clock = createManualClock(Date.now(), { autoAdvance: true })
    await using bench = await openTeamsBench('channel', { clock })
    bench.teams.faults.rateLimit('send', 2)
    bench.teams.faults.rateLimit('send', undefined)

    await bench.side.wire.send(bench.ref, hello, soon())

    expect(statuses(bench, 'send')).toEqual([429, 429, 201])
    expect(clock.sleeps).toEqual([2000, 500])
  })

  it('is handed back where Teams wants a long wait, and says how long', async () => {
    await using bench = await openTeamsBench('channel')
    bench.teams.faults.rateLimit('send', 30)

    expect(await rejection(bench.side.wire.send(bench.ref, hello, soon()))).toMatchObject({
      code: 'busy',
      retryAfterMs: 30_000,
    })
    expect(statuses(bench, 'send')).toEqual([429])
  })

  it.each<[string, PortError['code'], (bench: TeamsBench) => void]>([
    ['too large a message', 'refused', ({ teams }) => teams.faults.fail('send', 413, 'MessageSizeTooBig', 'Too big')],
    ['a malformed one', 'refused', ({ teams }) => teams.faults.fail('send', 400, 'BadSyntax', 'Bad')],
    [
      'a conversation that is gone',
      'gone',
      ({ teams }) => teams.faults.fail('send', 404, 'ConversationNotFound', 'No.'),
    ],
    ['a refusal', 'gone', ({ teams }) => teams.faults.fail('send', 403, 'Forbidden', 'No.')],
    ['credentials that Teams does not take', 'unavailable', ({ teams }) => teams.faults.failHttp('send', 401)],
    ['an outage', 'unavailable', ({ teams }) => teams.faults.failHttp('send', 500)],
    ['a broken connection', 'unavailable', ({ teams }) => teams.faults.loseReply('send')],
    ['no token to be had', 'unavailable', ({ teams }) => teams.faults.failHttp('token', 503)],
  ])('tells %s as %s', async (_, code, break_) => {
    await using bench = await openTeamsBench('channel')
    break_(bench)

    const error = await rejection(bench.side.wire.send(bench.ref, hello, soon()))

    expect(error).toBeInstanceOf(PortError)
    expect(error).toMatchObject({ code, userMessage: expect.stringMatching(/\.$/) })
    expect(JSON.stringify(error)).not.toContain('Bearer')
  })

  it('goes to no address that came from nowhere', async () => {
    await using bench = await openTeamsBench('channel')

    const away = { ...bench.ref, serviceUrl: 'https://elsewhere.example/' }

    expect(await rejection(bench.side.wire.send(away, hello, soon()))).toMatchObject({ code: 'gone' })
  })

  it('follows no redirect with our token', async () => {
    await using bench = await openTeamsBench('channel')
    bench.teams.faults.failHttp('send', 307)

    expect(await rejection(bench.side.wire.send(bench.ref, hello, soon()))).toMatchObject({ code: 'refused' })
    expect(statuses(bench, 'send')).toEqual([307])
  })
})

describe('A conversation the app was taken out of', () => {
  const find = ({ side, ref }: TeamsBench) => side.references.find(ref.tenantId, ref.conversationId)

  it.each([
    ['BotNotInConversationRoster', 403],
    ['ConversationNotFound', 404],
  ])('is forgotten on %s', async (code, status) => {
    await using bench = await openTeamsBench('group')
    bench.teams.faults.fail('send', status, code, 'No.')

    await rejection(bench.side.wire.send(bench.ref, hello, soon()))

    expect(await find(bench)).toBeUndefined()
  })

  it('is forgotten when refusals last, and not at the first', async () => {
    const clock = createManualClock(Date.now())
    await using bench = await openTeamsBench('group', { clock })
    bench.teams.faults.fail('send', 403, 'Forbidden', 'No.', 3)
    const sent = (): Promise<unknown> => rejection(bench.side.wire.send(bench.ref, hello, soon()))

    await sent()
    await sent()
    const afterTwo = await find(bench)
    await clock.advance(600_000)
    await sent()

    expect(afterTwo).toBeDefined()
    expect(await find(bench)).toBeUndefined()
  })

  it('is known again with the next delivery from there', async () => {
    const clock = createManualClock(Date.now())
    await using bench = await openTeamsBench('group', { clock })
    bench.teams.faults.fail('send', 403, 'Forbidden', 'No.', 2)
    await rejection(bench.side.wire.send(bench.ref, hello, soon()))
    await clock.advance(600_000)
    await bench.side.references.put(bench.ref)
    await rejection(bench.side.wire.send(bench.ref, hello, soon()))

    expect(await find(bench)).toBeDefined()
  })

  it('is not meant when a message was deleted', async () => {
    await using bench = await openTeamsBench('group')
    const { id } = await bench.side.wire.send(bench.ref, hello, soon())
    await bench.side.wire.remove(bench.ref, id, soon())

    expect(await rejection(bench.side.wire.update(bench.ref, id, hello, soon()))).toMatchObject({ code: 'gone' })
    expect(await find(bench)).toBeDefined()
  })
})

describe('The rate of a conversation', () => {
  it('is kept by all processes together, and edits that can be left out are', async () => {
    await using bench = await openTeamsBench('group', { teams: { enforceRates: true } })
    const budget = createCallBudget(bench)
    const other = createCallBudget(bench)
    const takes: number[] = []
    for (let call = 0; call < 4; call += 1) takes.push(await (call % 2 === 0 ? budget : other).take('19:group', true))

    const leftOut = await budget.take('19:group', true)
    for (let call = 0; call < 3; call += 1) takes.push(await other.take('19:group', false))
    const tooMany = await budget.take('19:group', false)

    expect(takes).toEqual([0, 0, 0, 0, 0, 0, 0])
    expect(leftOut).toBeGreaterThan(0)
    expect(tooMany).toBeGreaterThan(0)
    expect(tooMany).toBeLessThanOrEqual(1100)
    expect(await budget.take('19:another', false)).toBe(0)
  })

  it('makes what is too much wait, or come back later; nothing is lost or sent twice', async () => {
    await using redisOnly = await openTeamsBench('group')
    await using bench = await openTeamsBench('group', {
      teams: { enforceRates: true },
      budget: createCallBudget(redisOnly),
    })

    const errors = await Promise.all(
      Array.from({ length: 12 }, () => rejection(bench.side.wire.send(bench.ref, hello, soon()))),
    )

    const refused = errors.filter((error) => error !== undefined)
    for (const error of refused) expect(error).toMatchObject({ code: 'busy', retryAfterMs: expect.any(Number) })
    expect(bench.teams.messages(bench.ref.conversationId)).toHaveLength(errors.length - refused.length)
    expect(refused.length).toBeLessThan(errors.length - 7)
  })

  it('does not hold up an edit that another will follow: it is left out at once', async () => {
    const clock = createManualClock(Date.now())
    await using bench = await openTeamsBench('group', {
      clock,
      budget: { take: async (_, canBeLeftOut) => (canBeLeftOut ? 700 : 0) },
    })
    const { id } = await bench.side.wire.send(bench.ref, hello, soon())

    expect(await rejection(bench.side.wire.tryUpdate(bench.ref, id, hello, soon()))).toMatchObject({
      code: 'busy',
      retryAfterMs: 700,
    })
    expect(clock.sleeps).toEqual([])
    expect(statuses(bench, 'update')).toEqual([])
  })
})
