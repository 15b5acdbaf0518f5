import { afterEach, describe, expect, it } from 'vitest'
import type { Person, Said } from '../../../sandbox/teams/contract.ts'
import { MailboxError } from '../../../src/bot/mailbox.ts'
import { decodeThreadId } from '../../../src/bot/thread.ts'
import { until } from '../../support/mailbox.ts'
import { busyAgent, scriptedAgent } from '../../support/scripted-agent.ts'
import { shownBy, startTeamsApp, type TeamsApp, type TeamsAppOptions } from './teams-app.ts'

let bot: TeamsApp
afterEach(async () => {
  await bot[Symbol.asyncDispose]()
})

const start = async (options: TeamsAppOptions = {}): Promise<void> => {
  bot = await startTeamsApp(options)
}
const ada = () => bot.teams.ids.people.ada
const grace = () => bot.teams.ids.people.grace
const places = () => bot.teams.ids.conversations
const inChannel = (text: string, root?: string, user: Person = ada(), names: readonly Person[] = []): Promise<Said> =>
  bot.teams.say({ user, conversation: places().sales, text, names, ...(root === undefined ? {} : { root }) })
const inChat = (text: string): Promise<Said> => bot.teams.say({ user: ada(), conversation: places().ada, text })
const inGroup = (text: string, user: Person = ada()): Promise<Said> =>
  bot.teams.say({ user, conversation: places().group, text })
const rootOf = (index: number): string => decodeThreadId(bot.accepted[index]!.thread).root
const said = (text: string, conversation?: string) =>
  bot.teams.waitFor((message) => {
    return (
      message.from === bot.teams.ids.bot &&
      shownBy(message).includes(text) &&
      (conversation === undefined || message.conversation === conversation)
    )
  })
const ours = (conversation: string) => bot.teams.messages(conversation).filter(({ from }) => from === bot.teams.ids.bot)

describe('Messages in Teams', () => {
  it('are answered in the reply chain of a channel, where we are mentioned', async () => {
    await start()

    const { delivery, conversation, id } = await inChannel('@Deckhand revenue by region')

    expect(delivery?.status).toBe(200)
    expect(bot.accepted).toMatchObject([{ text: 'revenue by region', user: { id: ada().aadObjectId } }])
    expect(decodeThreadId(bot.accepted[0]!.thread)).toEqual({
      platform: 'teams',
      tenant: bot.teams.ids.tenant,
      channel: places().sales,
      root: id,
    })
    await said('Answer to: revenue by region', conversation)
  })

  it('need no mention in a personal chat, where all belongs to one topic', async () => {
    await start()

    await inChat('Revenue by region')
    await inChat('only EMEA')

    await said('Answer to: only EMEA', places().ada)
    expect(bot.questions()).toEqual(['Revenue by region', 'only EMEA'])
    expect(rootOf(0)).toBe(rootOf(1))
  })

  it('are answered in a group chat, where a mention goes on with the topic of all', async () => {
    await start()

    await inGroup('@Deckhand revenue by region')
    await inGroup('@Deckhand only EMEA', grace())

    await said('Answer to: only EMEA', places().group)
    expect(rootOf(0)).toBe(rootOf(1))
    expect(bot.accepted.map(({ user }) => user.id)).toEqual([ada().aadObjectId, grace().aadObjectId])
  })

  it('in each reply chain are a thread of their own', async () => {
    await start({ works: false })

    const first = await inChannel('@Deckhand revenue')
    await inChannel('@Deckhand customers')
    await inChannel('@Deckhand only EMEA', first.id)

    expect([0, 1, 2].map(rootOf)).toEqual([first.id, expect.not.stringMatching(first.id), first.id])
  })

  it('are one question, however often the delivery comes', async () => {
    await start({ works: false })
    const activity = bot.teams.activityOf({ user: ada(), conversation: places().ada, text: 'revenue' })

    const statuses = []
    for (let time = 0; time < 3; time += 1) statuses.push((await bot.teams.deliver(activity)).status)

    expect(statuses).toEqual([200, 200, 200])
    expect(bot.questions()).toEqual(['revenue'])
  })

  it('leave nothing of our mention in the question, and name other people', async () => {
    await start({ works: false })

    await inChannel('@Deckhand, what did @Grace Hopper sell?', undefined, ada(), [grace()])

    expect(bot.questions()).toEqual(['what did Grace Hopper sell?'])
  })
})

describe('A new topic', () => {
  it.each([
    ['a personal chat', inChat, () => places().ada],
    ['a group chat', (text: string) => inGroup(`@Deckhand ${text}`), () => places().group],
  ])('begins in %s when somebody says so', async (_, write, place) => {
    await start({ works: false })

    await write('revenue')
    await write('New topic!')
    await write('customers')

    await said('A new topic it is', place())
    expect(bot.questions()).toEqual(['revenue', 'customers'])
    expect(rootOf(0)).not.toBe(rootOf(1))
  })

  it('begins once when its delivery comes again, later', async () => {
    await start({ works: false })
    const again = bot.teams.activityOf({ user: ada(), conversation: places().ada, text: 'new topic' })
    await bot.teams.deliver(again)
    await said('A new topic it is')
    await inChat('start over')
    await inChat('revenue')

    await bot.teams.deliver(again)
    await inChat('customers')

    expect(rootOf(0)).toBe(rootOf(1))
  })

  it('takes no question with it that comes again, later', async () => {
    await start({ works: false })
    const question = bot.teams.activityOf({ user: ada(), conversation: places().ada, text: 'revenue' })
    await bot.teams.deliver(question)
    await inChat('new topic')

    await bot.teams.deliver(question)

    expect(bot.questions()).toEqual(['revenue'])
  })

  it('in a channel is a post of its own', async () => {
    await start({ works: false })
    const { conversation } = await inChannel('@Deckhand new topic')

    await said('each post is a topic of its own', conversation)
    expect(bot.questions()).toEqual([])
  })

  it('remembers nothing of the one before', async () => {
    const agent = scriptedAgent(({ question }) => ({ status: 'answered', answer: `Answer to: ${question}` }))
    await start({ agent })
    await inChat('revenue')
    await said('Answer to: revenue')
    await inChat('new conversation')

    await inChat('customers')

    await said('Answer to: customers')
    expect(agent.turns.map(({ memory }) => memory.transcript.length)).toEqual([0, 0])
  })
})

describe('Follow-ups in a channel', () => {
  const hearsAll = { hearsAll: true } as const

  it('are not heard without a mention where the app has no consent for that', async () => {
    await start({ works: false })
    const { id } = await inChannel('@Deckhand revenue')

    const { delivery } = await inChannel('only EMEA', id)

    expect(delivery).toBeUndefined()
    expect(bot.questions()).toEqual(['revenue'])
  })

  it('need no mention where it has, while the chain is between one person and us', async () => {
    await start({ works: false, teams: hearsAll })
    const { id } = await inChannel('@Deckhand revenue')

    await inChannel('only EMEA', id)
    await inChannel('Looks low to me', id, grace())
    await inChannel('It is only one quarter', id)
    await inChannel('@Deckhand by quarter', id, grace())

    expect(bot.questions()).toEqual(['revenue', 'only EMEA', 'by quarter'])
  })

  it('are not taken from who addresses somebody else', async () => {
    await start({ works: false, teams: hearsAll })
    const { id } = await inChannel('@Deckhand revenue')

    await inChannel('@Grace Hopper what do you think?', id, ada(), [grace()])

    expect(bot.questions()).toEqual(['revenue'])
  })

  it('always need a mention when configured so', async () => {
    await start({ works: false, teams: hearsAll, settings: { followUp: 'mention' } })
    const { id } = await inChannel('@Deckhand revenue')

    await inChannel('only EMEA', id)

    expect(bot.questions()).toEqual(['revenue'])
  })

  it('never need one when configured so, also in group chats', async () => {
    await start({ works: false, teams: hearsAll, settings: { followUp: 'always' } })
    const { id } = await inChannel('@Deckhand revenue')
    await inChannel('only EMEA', id, grace())
    await inGroup('Lunch?')
    await inGroup('@Deckhand customers')
    await inGroup('by month', grace())

    expect(bot.questions()).toEqual(['revenue', 'only EMEA', 'customers', 'by month'])
  })

  it('are none where we were never asked', async () => {
    await start({ works: false, teams: hearsAll })
    const { id } = await inChannel('Lunch?')

    await inChannel('At noon', id)

    expect(bot.questions()).toEqual([])
    await inChannel('@Deckhand help', id)
    await said('Ask me about your data')
    expect(ours(places().sales)).toHaveLength(1)
  })
})

describe('What costs no question', () => {
  it.each(['help', 'hello', 'What can you do?', '@Deckhand'])('“%s” is answered with what we can do', async (text) => {
    await start()

    await inChat(text)

    await said('Ask me about your data', places().ada)
    expect(bot.questions()).toEqual([])
  })

  it.each(['thanks!', '👍🏽'])('“%s” is just heard', async (text) => {
    await start()

    await inChat(text)

    expect(bot.questions()).toEqual([])
    await inChat('help')
    await said('Ask me about your data')
    expect(ours(places().ada)).toHaveLength(1)
  })

  it('a file without words is answered by a word, one with words is a question', async () => {
    await start({ works: false })
    const file = {
      contentType: 'application/vnd.microsoft.teams.file.download.info',
      name: 'sales.xlsx',
      content: { downloadUrl: 'https://example.com/x' },
    }
    const write = (text: string) =>
      bot.teams.say({ user: ada(), conversation: places().ada, text, attachments: [file] })

    await write('')
    await write('Is this more than last year?')

    await said('I read text only')
    expect(bot.questions()).toEqual(['Is this more than last year?'])
  })

  it('an edited question is not asked again', async () => {
    await start({ works: false })
    const { id, conversation } = await inChat('revenue')

    const delivery = await bot.teams.edit({ user: ada(), conversation, id, text: 'revenue by region' })

    expect(delivery?.status).toBe(200)
    expect(bot.questions()).toEqual(['revenue'])
  })

  it('bots, and what we cannot read, are not answered', async () => {
    await start({ works: false })
    const activity = bot.teams.activityOf({ user: ada(), conversation: places().ada, text: 'revenue' })

    const statuses = []
    for (const change of [
      { from: { id: bot.teams.ids.bot } },
      { from: { id: '28:another-bot' } },
      { from: { id: '29:x', role: 'bot' } },
      { from: {} },
      { id: null },
      { type: 'messageReaction', reactionsAdded: [{ type: 'like' }] },
      { type: 'event' },
      { text: null },
    ]) {
      statuses.push((await bot.teams.deliver({ ...activity, ...change })).status)
    }

    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(bot.questions()).toEqual([])
  })

  it.each([
    ['from', { from: { id: '29:mallory', aadObjectId: 'mallory', tenantId: 'another-tenant' } }],
    ['channel data', { channelData: { tenant: { id: 'another-tenant' } } }],
  ])('a person of another company is told why (by %s)', async (_, theirs) => {
    await start({ works: false })
    const { conversation } = await inChannel('@Deckhand revenue')
    const activity = bot.teams.activityOf({ user: ada(), conversation, text: '@Deckhand and yours?' })

    const response = await bot.teams.deliver({ ...activity, ...theirs })

    expect(response.status).toBe(200)
    await said('only people of the company whose data I know', conversation)
    expect(bot.questions()).toEqual(['revenue'])
  })
})

describe('A question that is taken back', () => {
  it('stops its running turn', async () => {
    const agent = busyAgent()
    await start({ agent })
    const { id, conversation } = await inChannel('@Deckhand revenue')
    await agent.begun

    const delivery = await bot.teams.unsend({ user: ada(), conversation, id })

    expect(delivery?.status).toBe(200)
    await agent.stopped
  })
})

describe('A question of an earlier topic that is taken back', () => {
  it('stops its running turn', async () => {
    const agent = busyAgent()
    await start({ agent })
    const { id, conversation } = await inChat('revenue')
    await agent.begun
    await inChat('new topic')

    const delivery = await bot.teams.unsend({ user: ada(), conversation, id })

    await agent.stopped
    expect(delivery?.status).toBe(200)
  })
})

describe('“stop”', () => {
  it('ends what runs in the chat', async () => {
    const agent = busyAgent()
    await start({ agent })
    await inChat('revenue')
    await agent.begun

    await inChat('stop')

    await agent.stopped
    expect(bot.questions()).toEqual(['revenue'])
  })

  it('is Teams’ own button, too, while an answer is being streamed', async () => {
    const stopped = Promise.withResolvers<void>()
    const agent = scriptedAgent(async (_turn, emit, signal) => {
      emit({ type: 'turn-start', traceId: 'tr-1', traceUrl: '' })
      emit({ type: 'stage-start', stage: 'intent_analysis' })
      await bot.teams.waitFor(({ streamType }) => streamType === 'informative')
      bot.teams.stopStream(places().ada)
      emit({ type: 'stage-start', stage: 'tool_execution_loop' })
      return until(signal).finally(stopped.resolve)
    })
    await start({ agent })

    await inChat('revenue')

    await stopped.promise
    await said('Stopped.', places().ada)
    expect(bot.questions()).toEqual(['revenue'])
  })

  it('says so when there is nothing to stop', async () => {
    await start({ works: false })
    const { conversation } = await inChannel('@Deckhand stop')

    await said('There is nothing to stop', conversation)
    expect(bot.questions()).toEqual([])
  })
})

describe('“csv” and “forget this conversation”', () => {
  it('links to the data behind the deck', async () => {
    await start()
    await inChat('revenue')
    await said('Answer to: revenue')

    await inChat('csv')

    const links = await said('The data behind the deck')
    expect(links.text).toMatch(/\]\(https:\/\/deckhand\.example\/d\/\S+\.csv\)/)
  })

  it('says so when there is no data yet', async () => {
    await start()

    await inChat('csv')

    await said('There is no data in this thread yet')
    expect(bot.questions()).toEqual([])
  })

  it('deletes what is known of a topic', async () => {
    await start()
    await inChat('revenue')
    await said('Answer to: revenue')
    const { thread } = bot.accepted[0]!
    await expect.poll(() => bot.redis.exists(`deckhand:thread:{${thread}}`)).toBe(1)

    await inChat('forget this conversation')

    await expect.poll(() => bot.redis.exists(`deckhand:thread:{${thread}}`)).toBe(0)
  })
})

describe('A mailbox that cannot take a message', () => {
  const refusing = (code: MailboxError['code'], times: number) => {
    let left = times
    return (real: TeamsApp['mailbox']): TeamsApp['mailbox'] => ({
      ...real,
      async accept(message) {
        left -= 1
        if (left < 0) return real.accept(message)
        throw new MailboxError(code, 'No', { userMessage: 'Too many wait.' })
      },
      [Symbol.asyncDispose]: () => real[Symbol.asyncDispose](),
    })
  }

  it('leaves the delivery unanswered for, so that Teams delivers again, and then it is taken', async () => {
    await start({ works: false, mailbox: refusing('unavailable', 1) })
    const activity = bot.teams.activityOf({ user: ada(), conversation: places().ada, text: 'revenue' })

    const first = await bot.teams.deliver(activity)
    const second = await bot.teams.deliver(activity)

    expect([first.status, second.status]).toEqual([503, 200])
    expect(bot.questions()).toEqual(['revenue'])
  })

  it('tells the person, once, since Teams may not deliver again', async () => {
    await start({ works: false, mailbox: refusing('unavailable', 9) })
    const question = bot.teams.activityOf({ user: ada(), conversation: places().ada, text: 'revenue' })

    await bot.teams.deliver(question)
    await bot.teams.deliver(question)
    const { conversation } = await inChannel('@Deckhand customers')

    await said('I could not take your message', conversation)
    expect(ours(places().ada)).toMatchObject([{ text: expect.stringContaining('please send it again') }])
  })

  it('tells people without Redis, too, and nobody who was not talking to us', async () => {
    await start({ works: false, teams: { hearsAll: true } })
    bot.redis.disconnect()

    const { delivery } = await inGroup('Lunch?')
    await inChat('revenue')

    expect(delivery?.status).toBe(503)
    await said('I could not take your message', places().ada)
    expect(ours(places().group)).toEqual([])
  })

  it('tells the person when too many questions wait', async () => {
    await start({ works: false, mailbox: refusing('full', 1) })

    const { delivery } = await inChat('revenue')

    expect(delivery?.status).toBe(200)
    await said('Too many wait.')
  })
})

describe('The app in a conversation', () => {
  it('greets once with what it can do, by whichever event Teams tells', async () => {
    await start({ works: false })
    const target = { user: ada(), conversation: places().ada }

    await bot.teams.install(target)
    await bot.teams.install(target)
    const update = bot.teams.activityOf({ ...target, text: '' })
    await bot.teams.deliver({ ...update, type: 'conversationUpdate', membersAdded: [{ id: bot.teams.ids.bot }] })

    await inChat('csv')
    await said('There is no data in this thread yet')
    expect(ours(places().ada).map(({ text }) => text)).toEqual([
      expect.stringContaining('Ask me about your data'),
      expect.stringContaining('There is no data'),
    ])
  })

  it('greets nobody when people come and go', async () => {
    await start({ works: false })
    const update = bot.teams.activityOf({ user: ada(), conversation: places().group, text: '' })

    await bot.teams.deliver({ ...update, type: 'conversationUpdate', membersAdded: [{ id: grace().id }] })
    await bot.teams.deliver({ ...update, type: 'conversationUpdate', membersRemoved: [{ id: grace().id }] })
    await bot.teams.deliver({ ...update, type: 'installationUpdate', action: 'add-upgrade' })

    await inGroup('@Deckhand csv')
    await said('There is no data in this thread yet')
    expect(ours(places().group)).toHaveLength(1)
  })

  it('greets again after it was taken out', async () => {
    await start({ works: false })
    const target = { user: ada(), conversation: places().ada }
    await bot.teams.install(target)
    await said('Ask me about your data')

    await bot.teams.uninstall(target)
    await bot.teams.install(target)

    await expect.poll(() => ours(places().ada)).toHaveLength(2)
  })
})
