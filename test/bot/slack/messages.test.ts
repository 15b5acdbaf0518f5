import { afterEach, describe, expect, it } from 'vitest'
import type { Said } from '../../../sandbox/slack/contract.ts'
import { MailboxError, type Mailbox } from '../../../src/bot/mailbox.ts'
import { decodeThreadId } from '../../../src/bot/thread.ts'
import { busyAgent, scriptedAgent } from '../../support/scripted-agent.ts'
import { startSlackApp, type SlackApp, type SlackAppOptions } from './slack-app.ts'

let bot: SlackApp
afterEach(async () => {
  await bot[Symbol.asyncDispose]()
})

async function start(options: SlackAppOptions = {}): Promise<void> {
  bot = await startSlackApp(options)
}

const ada = () => bot.slack.ids.people.ada
const grace = () => bot.slack.ids.people.grace
const sales = () => bot.slack.ids.channels.sales

const statuses = ({ deliveries }: Said) => deliveries.map(({ attempts }) => attempts.at(-1)?.status)
const answerTo = (question: string) =>
  bot.slack.waitFor(({ text, isDeleted }) => !isDeleted && text.includes(`Answer to: ${question}`))
const ask = (text: string, threadTs?: string, user = ada()) =>
  bot.slack.say({ user, channel: sales(), text, ...(threadTs === undefined ? {} : { threadTs }) })

describe('Messages in Slack', () => {
  it('answers a mention in its thread, although it arrives as two events', async () => {
    await start()

    const said = await ask('@Deckhand, revenue by region in 2023')

    expect(said.deliveries.map(({ type }) => type).toSorted()).toEqual(['app_mention', 'message'])
    expect(statuses(said)).toEqual([200, 200])
    expect(bot.accepted).toHaveLength(1)
    expect(bot.accepted[0]).toMatchObject({
      id: `slack-${bot.slack.ids.team}-${sales()}-${said.ts}`,
      text: 'revenue by region in 2023',
      user: { id: ada() },
      sentAt: Math.round(Number(said.ts) * 1000),
    })
    expect(await answerTo('revenue by region in 2023')).toMatchObject({ channel: sales(), threadTs: said.ts })
  })

  it.each([1, 2, 3, 4, 5, 6])('takes either copy of a mention first (seed %i)', async (seed) => {
    await start({ slack: { seed }, works: false })

    await ask('@Deckhand revenue')

    expect(bot.questions()).toEqual(['revenue'])
  })

  it('takes a repeated delivery for the same question', async () => {
    await start({ works: false })
    const { deliveries } = await ask('@Deckhand revenue')
    const [delivery] = deliveries

    const again = await bot.slack.deliver(delivery?.payload, { retryNum: 1, retryReason: 'http_timeout' })

    expect(again.status).toBe(200)
    expect(bot.questions()).toEqual(['revenue'])
  })

  it('answers direct messages without a mention, each message in a thread of its own', async () => {
    await start()
    const channel = await bot.slack.openDirectMessage(ada())

    const said = await bot.slack.say({ user: ada(), channel, text: 'Revenue by region' })
    await bot.slack.say({ user: ada(), channel, text: 'only EMEA', threadTs: said.ts })

    expect(await answerTo('Revenue by region')).toMatchObject({ threadTs: said.ts })
    expect(await answerTo('only EMEA')).toMatchObject({ threadTs: said.ts })
  })

  it('takes group direct messages for channels: a mention is needed', async () => {
    await start({ works: false })
    const channel = bot.slack.openGroupMessage([ada(), grace()])

    await bot.slack.say({ user: ada(), channel, text: 'Lunch?' })
    await bot.slack.say({ user: ada(), channel, text: '@Deckhand revenue' })

    expect(bot.questions()).toEqual(['revenue'])
  })

  it('turns Slack’s markup into the text that was meant', async () => {
    await start({ works: false })

    await ask('@Deckhand *revenue* where discount < 5 & returns > 2')

    expect(bot.questions()).toEqual(['revenue where discount < 5 & returns > 2'])
  })
})

describe('Follow-ups in a thread', () => {
  it('need no mention while the thread is between one person and us', async () => {
    await start({ works: false })
    const { ts } = await ask('@Deckhand revenue')

    await ask('only EMEA', ts)

    expect(bot.questions()).toEqual(['revenue', 'only EMEA'])
    const threads = new Set(bot.accepted.map(({ thread }) => decodeThreadId(thread).root))
    expect([...threads]).toEqual([ts])
  })

  it('need a mention once somebody else has written there, from everybody', async () => {
    await start({ works: false })
    const { ts } = await ask('@Deckhand revenue')

    await ask('Looks low to me', ts, grace())
    await ask('It is only one quarter', ts)
    await ask('@Deckhand by quarter', ts, grace())

    expect(bot.questions()).toEqual(['revenue', 'by quarter'])
  })

  it('are not taken from a message that addresses somebody else', async () => {
    await start({ works: false })
    const { ts } = await ask('@Deckhand revenue')

    await ask(`<@${grace()}> what do you think?`, ts)

    expect(bot.questions()).toEqual(['revenue'])
  })

  it('need a mention in a thread that others began', async () => {
    await start({ works: false })
    const { ts } = await ask('Numbers are strange', undefined, grace())
    await ask('@Deckhand revenue', ts)

    await ask('only EMEA', ts)

    expect(bot.questions()).toEqual(['revenue'])
  })

  it('always need a mention when configured so', async () => {
    await start({ works: false, settings: { followUp: 'mention' } })
    const { ts } = await ask('@Deckhand revenue')

    await ask('only EMEA', ts)

    expect(bot.questions()).toEqual(['revenue'])
  })

  it('never need a mention when configured so, but for messages to others', async () => {
    await start({ works: false, settings: { followUp: 'always' } })
    const { ts } = await ask('@Deckhand revenue')

    await ask('only EMEA', ts, grace())
    await ask(`<@${ada()}> is that right?`, ts, grace())

    expect(bot.questions()).toEqual(['revenue', 'only EMEA'])
  })

  it('are none where we were never asked', async () => {
    await start({ works: false, settings: { followUp: 'always' } })
    const { ts } = await ask('Lunch?')

    await ask('Yes', ts, grace())

    expect(bot.accepted).toEqual([])
  })
})

describe('What costs no question', () => {
  it.each([
    ['nothing but a mention', '@Deckhand', 'Ask me about your data'],
    ['help', '@Deckhand help!', 'Ask me about your data'],
    ['a greeting', '@Deckhand hello', 'Ask me about your data'],
    ['stop while nothing runs', '@Deckhand stop', 'nothing to stop'],
    ['csv before there is data', '@Deckhand csv please', 'no data in this thread yet'],
  ])('%s is answered by a word', async (_what, text, expected) => {
    await start()

    const said = await ask(text)

    const word = await bot.slack.waitFor((message) => message.text.includes(expected))
    expect(statuses(said)).toEqual([200, 200])
    expect(word.user).toBe(bot.slack.ids.botUser)
    expect(bot.accepted).toEqual([])
    const words = bot.slack.messages(sales()).filter((message) => message.user === bot.slack.ids.botUser)
    expect(words).toHaveLength(1)
  })

  it.each(['thanks!', 'Thank you so much', ':+1:', '👍🏽 :tada:'])('“%s” in a thread is just heard', async (text) => {
    await start({ works: false })
    const { ts } = await ask('@Deckhand revenue')

    await ask(text, ts)

    expect(bot.questions()).toEqual(['revenue'])
  })

  it('a file without words is answered by a word, one with words is a question', async () => {
    await start()
    const file = { name: 'sales.xlsx', mimetype: 'application/vnd.ms-excel', bytes: Buffer.from('x') }
    const channel = await bot.slack.openDirectMessage(ada())

    await bot.slack.say({ user: ada(), channel, text: '', files: [file] })
    await bot.slack.waitFor(({ text }) => text.includes('I read text only'))
    await bot.slack.say({ user: ada(), channel, text: 'Revenue like in this file', files: [file] })

    expect(bot.questions()).toEqual(['Revenue like in this file'])
  })

  it('bots, and what we say ourselves, are not answered', async () => {
    await start()
    await bot.slack.say({ user: ada(), channel: sales(), text: '@Deckhand revenue', asBot: 'Another bot' })
    const channel = await bot.slack.openDirectMessage(ada())
    await bot.slack.say({ user: ada(), channel, text: 'Revenue' })

    await answerTo('Revenue') // its posts and edits come back as events, too

    expect(bot.questions()).toEqual(['Revenue'])
  })

  it('an edited question is not asked again', async () => {
    await start({ works: false })
    const { ts, channel } = await ask('@Deckhand revenue')

    const edited = await bot.slack.edit({ channel, ts, text: '@Deckhand revenue by month' })

    expect(statuses(edited)).toEqual([200])
    expect(bot.questions()).toEqual(['revenue'])
  })

  it('people who talk to each other are left alone', async () => {
    await start({ works: false })

    const said = await ask(`<@${grace()}> did you see the revenue?`)

    expect(statuses(said)).toEqual([200])
    expect(bot.accepted).toEqual([])
    expect(bot.slack.calls.map(({ method }) => method)).toEqual(['auth.test'])
  })

  it('a person of another company, in a shared channel, is told why', async () => {
    await start({ works: false })
    const { deliveries } = await ask('Hello')
    const payload = deliveries[0]?.payload ?? {}
    const event = payload['event'] as object

    const response = await bot.slack.deliver({
      ...payload,
      event_id: 'Ev-other',
      is_ext_shared_channel: true,
      event: { ...event, type: 'app_mention', text: `<@${bot.slack.ids.botUser}> revenue`, user_team: 'T0OTHER' },
    })

    expect(response.status).toBe(200)
    expect(await bot.slack.waitFor(({ visibleTo }) => visibleTo === ada())).toMatchObject({
      text: expect.stringContaining('only people of the company'),
    })
    expect(bot.accepted).toEqual([])
  })
})

describe('A question that is taken back', () => {
  it('stops its running turn', async () => {
    const agent = busyAgent()
    await start({ agent })
    const { channel, ts } = await ask('@Deckhand revenue')
    await agent.begun
    await bot.slack.waitFor(({ threadTs }) => threadTs === ts)

    const { deliveries } = await bot.slack.remove({ channel, ts })

    // It has a reply already, so that Slack leaves a tombstone in its place.
    expect(deliveries.map(({ type }) => type)).toEqual(['message_changed'])
    expect(await bot.slack.waitFor(({ text }) => text.includes('Stopped'))).toMatchObject({ threadTs: ts })
  })

  it('is not asked any more when it waits in line', async () => {
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
    const agent = scriptedAgent(async (turn, _emit, signal) => {
      await held
      signal.throwIfAborted()
      return { status: 'answered', answer: `Answer to: ${turn.question}` }
    })
    await start({ agent })
    const first = await ask('@Deckhand first')
    const second = await ask('@Deckhand second', first.ts)
    await bot.slack.waitFor(({ blocks }) => JSON.stringify(blocks).includes('In line'))

    await bot.slack.remove({ channel: second.channel, ts: second.ts })
    letGo()

    await answerTo('first')
    await bot.slack.waitFor(({ text }) => text.includes('Stopped'))
    expect(bot.slack.messages(sales()).filter(({ text }) => text.includes('Answer to: second'))).toEqual([])
  })
})

describe('“stop” in a thread', () => {
  it('ends what runs there', async () => {
    const agent = busyAgent()
    await start({ agent })
    const { ts } = await ask('@Deckhand revenue')
    await agent.begun

    await ask('stop', ts)

    await bot.slack.waitFor(({ text }) => text.includes('Stopped'))
    expect(bot.questions()).toEqual(['revenue'])
  })

  it('ends one turn, although a mention arrives as two events, and comes again when it could not be heeded', async () => {
    const stops: (string | undefined)[] = []
    let isAway = true
    await start({
      works: false,
      mailbox: (real) => ({
        ...real,
        async stop(thread, turnId) {
          if (isAway) throw new MailboxError('unavailable', 'no', { userMessage: 'Not now.' })
          stops.push(turnId)
          return real.stop(thread, turnId)
        },
      }),
    })
    const { ts } = await ask('@Deckhand revenue')

    const said = await ask('@Deckhand stop', ts)
    isAway = false

    expect(said.deliveries.map(({ attempts }) => attempts[0]?.status)).toContain(503)
    await expect.poll(() => statuses(said), { timeout: 5000 }).toEqual([200, 200])
    expect(stops).toEqual([undefined])
  })
})

describe('“csv” and “forget this thread”', () => {
  it('puts the data behind the deck into the thread', async () => {
    await start()
    const { ts } = await ask('@Deckhand revenue')
    await answerTo('revenue')

    await ask('csv', ts)

    const shared = await bot.slack.waitFor(({ files }) => files.some(({ name }) => name.endsWith('.csv')))
    expect(shared.threadTs).toBe(ts)
    expect(shared.files.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['Revenue by region, 2023.csv', 'Revenue by month and region, 2022–2023.csv']),
    )
    expect(bot.questions()).toEqual(['revenue'])
  })

  it('gives links where the workspace takes no files', async () => {
    await start()
    bot.slack.faults.refuseFiles('file_uploads_disabled')
    const { ts } = await ask('@Deckhand revenue')
    await answerTo('revenue')

    await ask('csv', ts)

    const word = await bot.slack.waitFor(({ text }) => text.includes('T1.csv|'))
    expect(word.text).toContain('https://deckhand.example/d/')
  })

  it('says so when the data cannot be sent', async () => {
    await start()
    const { ts } = await ask('@Deckhand revenue')
    await answerTo('revenue')
    bot.slack.faults.failHttp('files.getUploadURLExternal', 502, 99)

    await ask('csv', ts)

    const word = await bot.slack.waitFor(({ visibleTo }) => visibleTo === ada())
    expect(word).toMatchObject({ threadTs: ts, text: expect.stringContaining('Slack does not answer right now') })
  })

  it('deletes what is known of a thread, after which follow-ups need a mention again', async () => {
    await start()
    const { ts } = await ask('@Deckhand revenue')
    await answerTo('revenue')

    await ask('forget this thread', ts)
    await bot.slack.waitFor(({ text }) => text.includes('I have forgotten this thread'))
    await ask('only EMEA', ts)

    expect(bot.questions()).toEqual(['revenue', 'forget this thread'])
    const keys = await bot.redis.keys('deckhand:*')
    expect(keys.filter((key) => /thread:|deck:|people:|feedback:/.test(key))).toEqual([])
  })
})

describe('A mailbox that cannot take a message', () => {
  function refusing(times: number, code: 'full' | 'unavailable'): (real: Mailbox) => Mailbox {
    let left = times
    return (real) => ({
      ...real,
      async accept(message) {
        left -= 1
        if (left >= 0) throw new MailboxError(code, 'no', { userMessage: 'Too many questions wait here.' })
        return real.accept(message)
      },
    })
  }

  it('leaves the delivery unacknowledged, so that Slack delivers again, and then it is taken', async () => {
    await start({ works: false, mailbox: refusing(2, 'unavailable') })

    const said = await ask('@Deckhand revenue')
    expect(said.deliveries.map(({ attempts }) => attempts[0]?.status)).toEqual([503, 503])
    expect(bot.questions()).toEqual([])

    await expect.poll(() => bot.questions(), { timeout: 5000 }).toEqual(['revenue'])
    const last = () => said.deliveries.map(({ attempts }) => attempts.at(-1))
    await expect.poll(last).toMatchObject([
      { retryReason: 'http_error', status: 200 },
      { retryReason: 'http_error', status: 200 },
    ])
  })

  it('tells the person when too many questions wait, and does not have them delivered again', async () => {
    await start({ works: false, mailbox: refusing(9, 'full') })

    const said = await ask('@Deckhand revenue')

    expect(statuses(said)).toEqual([200, 200])
    expect(await bot.slack.waitFor(({ visibleTo }) => visibleTo === ada())).toMatchObject({
      text: 'Too many questions wait here.',
    })
  })
})
