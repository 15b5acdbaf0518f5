import { afterEach, describe, expect, it } from 'vitest'
import { decodeThreadId } from '../../../src/bot/thread.ts'
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
const answerTo = (question: string) => bot.slack.waitFor(({ text }) => text.includes(`Answer to: ${question}`))
const command = (text: string, channel = sales()) => bot.slack.command({ user: ada(), channel, command: '/deck', text })

describe('/deck', () => {
  it('posts who asks what, and answers in the thread of that', async () => {
    await start()

    const answered = await command('Revenue by <region> & month')

    expect([answered.status, answered.body]).toEqual([200, ''])
    const answer = await answerTo('Revenue by')
    const root = bot.slack.messages(sales()).find(({ ts }) => ts === answer.threadTs)
    expect(root?.text).toBe(`<@${ada()}> asks: Revenue by &lt;region&gt; &amp; month`)
    expect(bot.questions()).toEqual(['Revenue by <region> & month'])
  })

  it('reads Slack’s markup as the text that was meant', async () => {
    await start({ works: false })

    const { delivery } = await command('R&D costs of *EMEA*, see https://wiki.example/costs?a=1&b=2')

    expect(delivery.payload['text']).toBe('R&amp;D costs of *EMEA*, see <https://wiki.example/costs?a=1&amp;b=2>')
    expect(bot.questions()).toEqual(['R&D costs of EMEA, see https://wiki.example/costs?a=1&b=2'])
  })

  it('lets the person go on in the thread without a mention', async () => {
    await start()
    await command('Revenue')
    const { threadTs } = await answerTo('Revenue')

    await bot.slack.say({ user: ada(), channel: sales(), text: 'only EMEA', threadTs: threadTs ?? '' })
    await bot.slack.say({ user: grace(), channel: sales(), text: 'hm', threadTs: threadTs ?? '' })

    expect(bot.questions()).toEqual(['Revenue', 'only EMEA'])
  })

  it.each(['', 'help', '  '])('explains itself when there is no question (%j)', async (text) => {
    await start()

    const answered = await command(text)

    expect(answered.body).toContain('Ask me about your data')
    expect(bot.slack.messages(sales())).toMatchObject([{ visibleTo: ada() }])
    expect(bot.accepted).toEqual([])
  })

  it('says where “stop” belongs', async () => {
    await start()

    expect((await command('stop')).body).toContain('in the thread')
    expect(bot.accepted).toEqual([])
  })

  it('answers in the direct message where we are not in the channel', async () => {
    await start()

    const answered = await command('Revenue', bot.slack.ids.channels.finance)

    expect(answered.body).toContain('not in this channel')
    const answer = await answerTo('Revenue')
    expect(answer.channel).toMatch(/^D/)
    expect(bot.slack.messages(answer.channel)[0]?.text).toContain('Revenue')
  })

  it('leaves nothing behind when the question cannot be taken', async () => {
    const { MailboxError } = await import('../../../src/bot/mailbox.ts')
    await start({
      mailbox: (real) => ({
        ...real,
        accept: () => Promise.reject(new MailboxError('unavailable', 'away', { userMessage: 'Please try again.' })),
      }),
    })

    const answered = await command('Revenue')

    expect(answered).toMatchObject({ status: 200, body: expect.stringContaining('Please try again.') })
    await expect.poll(() => bot.slack.messages(sales()).filter(({ visibleTo }) => visibleTo === undefined)).toEqual([])
  })
})

describe('“Make a deck of this”', () => {
  const use = (ts: string, channel = sales(), user = grace()) =>
    bot.slack.shortcut({ user, channel, ts, callbackId: 'deck_of_message' })

  it('asks what the message says, in its thread, and says who wanted it', async () => {
    await start()
    const { ts } = await bot.slack.say({ user: ada(), channel: sales(), text: 'How did churn develop in 2023?' })

    const used = await use(ts)

    expect(used.status).toBe(200)
    expect(await answerTo('How did churn develop in 2023?')).toMatchObject({ threadTs: ts })
    expect(bot.slack.messages(sales(), ts)[1]?.text).toContain(`<@${grace()}> asks for a deck`)
    expect(bot.accepted).toMatchObject([{ user: { id: grace() } }])
  })

  it('is taken once when pressed twice', async () => {
    await start({ works: false })
    const { ts } = await bot.slack.say({ user: ada(), channel: sales(), text: 'Churn in 2023' })

    await use(ts)
    await use(ts)

    await bot.slack.waitFor(({ text }) => text.includes('asked for just now'))
    expect(bot.questions()).toEqual(['Churn in 2023'])
  })

  it('answers in the direct message where we are not in the channel', async () => {
    await start()
    const { finance } = bot.slack.ids.channels
    const { ts } = await bot.slack.say({ user: ada(), channel: finance, text: 'Churn in 2023' })

    await use(ts, finance)

    const answer = await answerTo('Churn in 2023')
    expect(answer.channel).toMatch(/^D/)
  })

  it('of a message without words says that there are none', async () => {
    await start()
    const file = { name: 'a.png', mimetype: 'image/png', bytes: Buffer.from('x') }
    const { ts } = await bot.slack.say({ user: ada(), channel: sales(), text: '', files: [file] })

    await use(ts)

    await bot.slack.waitFor(({ text, visibleTo }) => visibleTo === grace() && text.includes('no text in this message'))
    expect(bot.accepted).toEqual([])
  })
})

describe('Opening our messages tab', () => {
  it('is greeted once', async () => {
    await start()

    const channel = await bot.slack.openDirectMessage(ada())
    await bot.slack.openDirectMessage(ada())

    await bot.slack.waitFor((message) => message.channel === channel && message.text.includes('Ask me about your data'))
    await bot.slack.say({ user: ada(), channel, text: 'Revenue' })
    await answerTo('Revenue')
    expect(bot.slack.messages(channel).filter(({ text }) => text.includes('Ask me about'))).toHaveLength(1)
  })
})

describe('Private answers', () => {
  const settings = { answerIn: 'private' } as const
  const ask = (text: string) => bot.slack.say({ user: ada(), channel: sales(), text })
  const pressOn = (message: { channel: string; ts: string }, actionId: string, user = ada(), value?: string) =>
    bot.slack.press({ user, channel: message.channel, ts: message.ts, actionId, ...(value ? { value } : {}) })

  it('go to the direct message of who asked, with a word in the channel for them alone', async () => {
    await start({ settings })

    const said = await ask('@Deckhand revenue')

    const answer = await answerTo('revenue')
    expect(answer.channel).toMatch(/^D/)
    const inDirect = bot.slack.messages(answer.channel)
    expect(inDirect.filter(({ threadTs }) => threadTs === undefined)).toHaveLength(1)
    expect(inDirect[0]?.text).toBe(`You asked in <#${sales()}>:\n>revenue`)
    const others = bot.slack.messages(sales()).filter(({ ts }) => ts !== said.ts)
    expect(others).toMatchObject([{ visibleTo: ada(), text: expect.stringContaining('direct message') }])
    expect(bot.accepted).toMatchObject([{ isPrivate: true }])
  })

  it('go on in one thread for what one person asks in one thread of the channel, each question quoted there', async () => {
    await start({ settings })
    const said = await ask('@Deckhand revenue')
    const first = await answerTo('revenue')

    await bot.slack.say({ user: ada(), channel: sales(), text: '@Deckhand only APAC', threadTs: said.ts })
    const second = await answerTo('only APAC')
    await bot.slack.say({ user: grace(), channel: sales(), text: '@Deckhand by month', threadTs: said.ts })
    const others = await answerTo('by month')

    expect([second.channel, second.threadTs]).toEqual([first.channel, first.threadTs])
    const thread = bot.slack.messages(first.channel, first.threadTs).map(({ text }) => text)
    expect(thread.filter((text) => text.includes('only APAC') && text.startsWith('You asked'))).toHaveLength(1)
    expect(new Set(bot.accepted.map(({ thread: id }) => id)).size).toBe(2)
    expect(others.channel).not.toBe(first.channel)
    expect(bot.accepted).toHaveLength(3)
    expect(bot.accepted.every(({ isPrivate }) => isPrivate === true)).toBe(true)
  })

  it('are what “csv” and “forget this thread” are about in the thread they were asked in', async () => {
    await start({ settings })
    const said = await ask('@Deckhand revenue')
    const answer = await answerTo('revenue')
    const sayThere = (text: string) => bot.slack.say({ user: ada(), channel: sales(), text, threadTs: said.ts })

    await sayThere('@Deckhand csv')
    const data = await bot.slack.waitFor(({ files }) => files.some(({ name }) => name.endsWith('.csv')))
    await sayThere('@Deckhand forget this thread')
    const end = await bot.slack.waitFor(({ text }) => text.includes('I have forgotten this thread'))

    expect([data, end].map(({ channel, threadTs }) => [channel, threadTs])).toEqual([
      [answer.channel, answer.threadTs],
      [answer.channel, answer.threadTs],
    ])
    const seenByAll = bot.slack.messages(sales()).filter(({ visibleTo, user }) => !visibleTo && user !== ada())
    expect(seenByAll).toEqual([])
    const keys = await bot.redis.keys('deckhand:*')
    expect(keys.filter((key) => /thread:|deck:|feedback:/.test(key))).toEqual([])
  })

  it('are stopped by “stop” in the thread they were asked in', async () => {
    await start({ settings, works: false })
    const said = await ask('@Deckhand revenue')

    await bot.slack.say({ user: ada(), channel: sales(), text: '@Deckhand stop', threadTs: said.ts })

    const [question] = bot.accepted
    expect(await bot.redis.smembers(`deckhand:mail:{${question?.thread}}:stops`)).toEqual([question?.id])
  })

  it('can be posted again when Slack did not take them the first time', async () => {
    await start({ settings })
    const said = await ask('@Deckhand revenue')
    const answer = await answerTo('revenue')
    bot.slack.faults.failHttp('chat.postMessage', 502)

    await pressOn(answer, 'deckhand.publish')
    await bot.slack.waitFor(({ text }) => text.includes('It is not posted in'))
    await pressOn(answer, 'deckhand.publish')

    await bot.slack.waitFor(({ text }) => text.includes('Posted in'))
    const published = bot.slack.messages(sales(), said.ts).filter(({ text }) => text.includes('Answer to: revenue'))
    expect(published).toHaveLength(1)
  })

  it('are posted in the channel by who asked, once, when they want it', async () => {
    await start({ settings })
    const said = await ask('@Deckhand revenue')
    const answer = await answerTo('revenue')

    await pressOn(answer, 'deckhand.publish')
    await bot.slack.waitFor(({ text }) => text.includes('Posted in'))
    await pressOn(answer, 'deckhand.publish')
    await bot.slack.waitFor(({ text }) => text.includes('posted already'))

    const published = bot.slack
      .messages(sales(), said.ts)
      .filter(({ text, visibleTo }) => visibleTo === undefined && text.includes('Answer to: revenue'))
    expect(published).toHaveLength(1)
    expect(JSON.stringify(published[0]?.blocks)).not.toContain('deckhand.publish')
  })

  it('as a copy in the channel show their SQL to all, but are gone on with by nobody', async () => {
    await start({ settings })
    const said = await ask('@Deckhand revenue')
    await pressOn(await answerTo('revenue'), 'deckhand.publish')
    const copy = await bot.slack.waitFor(({ channel, text }) => channel === sales() && text.includes('Answer to'))

    await pressOn(copy, 'deckhand.sql', grace())
    // The copy has no such button; one that an earlier version of this program posted might.
    const { team } = bot.slack.ids
    const pressed = {
      type: 'block_actions',
      team: { id: team },
      user: { id: grace(), team_id: team },
      trigger_id: '1.2.3',
      container: { type: 'message', message_ts: copy.ts, channel_id: copy.channel, thread_ts: copy.threadTs },
      actions: [{ type: 'button', action_id: 'deckhand.ask.0', value: `${bot.accepted[0]?.id}:0` }],
    }
    await bot.slack.deliver(`payload=${encodeURIComponent(JSON.stringify(pressed))}`, {
      contentType: 'application/x-www-form-urlencoded',
    })

    await expect.poll(() => bot.slack.views.length).toBe(1)
    await bot.slack.waitFor(({ text, visibleTo }) => visibleTo === grace() && text.includes('This is a copy'))
    expect(copy.threadTs).toBe(said.ts)
    expect(bot.questions()).toEqual(['revenue'])
  })

  it('are followed up in the direct message, and can be posted from there, too', async () => {
    await start({ settings })
    await ask('@Deckhand revenue')
    const { channel, threadTs = '' } = await answerTo('revenue')

    await bot.slack.say({ user: ada(), channel, text: 'only EMEA', threadTs })

    await answerTo('only EMEA')
    expect(bot.accepted.map(({ isPrivate }) => isPrivate)).toEqual([true, true])
    expect(new Set(bot.accepted.map(({ thread }) => decodeThreadId(thread).root))).toEqual(new Set([threadTs]))
  })

  it('to a command tell nobody else that it was used', async () => {
    await start({ settings })

    const answered = await command('Revenue')

    expect(answered.body).toContain('direct message')
    expect((await answerTo('Revenue')).channel).toMatch(/^D/)
    expect(bot.slack.messages(sales()).filter(({ visibleTo }) => visibleTo === undefined)).toEqual([])
  })

  it('stop when their question is taken back in the channel', async () => {
    await start({ settings, works: false })
    const { channel, ts } = await ask('@Deckhand revenue')

    await bot.slack.remove({ channel, ts })

    const [thread] = bot.accepted.map((message) => message.thread)
    const stops = await bot.redis.smembers(`deckhand:mail:{${thread}}:stops`)
    expect(stops).toEqual([bot.accepted[0]?.id])
  })
})
