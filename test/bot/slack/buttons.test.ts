import { afterEach, describe, expect, it } from 'vitest'
import type { Message } from '../../../sandbox/slack/contract.ts'
import { MailboxError } from '../../../src/bot/mailbox.ts'
import { decodeThreadId } from '../../../src/bot/thread.ts'
import { busyAgent, scriptedAgent } from '../../support/scripted-agent.ts'
import { startSlackApp, type SlackApp, type SlackAppOptions } from './slack-app.ts'

let bot: SlackApp
afterEach(async () => {
  await bot[Symbol.asyncDispose]()
})

const ada = () => bot.slack.ids.people.ada
const grace = () => bot.slack.ids.people.grace
const sales = () => bot.slack.ids.channels.sales

/** An answer with its buttons, in a thread of its own. */
async function answered(options: SlackAppOptions = {}): Promise<Message> {
  bot = await startSlackApp(options)
  await bot.slack.say({ user: ada(), channel: sales(), text: '@Deckhand revenue' })
  return answerTo('revenue')
}

const answerTo = (question: string) => bot.slack.waitFor(({ text }) => text.includes(`Answer to: ${question}`))
const press = (message: Message, actionId: string, value?: string, user = ada()) =>
  bot.slack.press({
    user,
    channel: message.channel,
    ts: message.ts,
    actionId,
    ...(value === undefined ? {} : { value }),
  })
const turnOf = (message: Message) => String(message.metadata?.event_payload['turn'])
const slide = (message: Message, index: number, command: string) =>
  press(message, 'deckhand.slide', `${turnOf(message)}:${index}:${command}`)
const whispered = (text: string, user = ada()) =>
  bot.slack.waitFor((message) => message.visibleTo === user && message.text.includes(text))
const modal = () => expect.poll(() => bot.slack.views.length).toBe(1)

describe('Buttons of an answer', () => {
  it('ask a suggestion in the same thread, once', async () => {
    const message = await answered()

    const first = await press(message, 'deckhand.ask.0')
    const second = await press(message, 'deckhand.ask.0', undefined, grace())

    expect([first.status, second.status]).toEqual([200, 200])
    const next = await answerTo('Only EMEA?')
    expect(next).toMatchObject({ threadTs: message.threadTs })
    expect(next.blocks[0]).toMatchObject({ elements: [{ text: `<@${ada()}> asked:` }, { text: 'Only EMEA?' }] })
    expect(JSON.stringify(message.blocks)).not.toContain('asked:')
    await whispered('asked already', grace())
    expect(bot.questions()).toEqual(['revenue', 'Only EMEA?'])
    expect(decodeThreadId(bot.accepted[1]!.thread).root).toBe(message.threadTs)
  })

  it('show the SQL', async () => {
    const message = await answered()

    await press(message, 'deckhand.sql')

    await modal()
    expect(bot.slack.views[0]).toMatchObject({ title: 'SQL', user: ada() })
    expect(JSON.stringify(bot.slack.views[0]?.blocks)).toContain('SELECT region, sum(revenue)')
    expect(bot.questions()).toEqual(['revenue'])
  })

  it('say so when the window comes too late for Slack', async () => {
    const message = await answered()
    bot.slack.faults.fail('views.open', 'expired_trigger_id')

    await press(message, 'deckhand.sql')

    await whispered('Slack did not let me open the window in time')
    expect(bot.slack.views).toEqual([])
  })

  it('try a failed question again, with an end of its own', async () => {
    let tries = 0
    const message = await failing(() => (tries += 1) === 1)

    await press(message, 'deckhand.retry')

    await answerTo('revenue')
    expect(bot.accepted.map(({ text, id }) => [text, id.endsWith('.retry')])).toEqual([
      ['revenue', false],
      ['revenue', true],
    ])
  })

  async function failing(fails: () => boolean): Promise<Message> {
    bot = await startSlackApp({
      agent: scriptedAgent((turn) =>
        fails()
          ? { status: 'failed', answer: 'Genie is away.', errorCode: 'unavailable' }
          : { status: 'answered', answer: `Answer to: ${turn.question}` },
      ),
    })
    await bot.slack.say({ user: ada(), channel: sales(), text: '@Deckhand revenue' })
    return bot.slack.waitFor(({ text }) => text.includes('Genie is away'))
  }

  it('stop the running turn', async () => {
    const agent = busyAgent()
    bot = await startSlackApp({ agent })
    await bot.slack.say({ user: ada(), channel: sales(), text: '@Deckhand revenue' })
    await agent.begun
    const message = await bot.slack.waitFor(({ blocks }) => JSON.stringify(blocks).includes('deckhand.stop'))

    await press(message, 'deckhand.stop')

    await bot.slack.waitFor(({ ts, text }) => ts === message.ts && text.includes('Stopped'))
    expect(bot.questions()).toEqual(['revenue'])
  })
})

describe('The menu of a slide', () => {
  it('drops the slide, under the number it has by now', async () => {
    const message = await answered()

    await slide(message, 2, 'drop')
    await slide(message, 2, 'drop')

    await answerTo('drop slide 3')
    await whispered('asked already')
    expect(bot.questions()).toEqual(['revenue', 'drop slide 3'])
  })

  it('takes a wish about the slide', async () => {
    const message = await answered()
    await slide(message, 1, 'edit')
    await modal()
    const [view] = bot.slack.views

    const sent = await bot.slack.submitView({
      viewId: view!.id,
      values: { 'deckhand.field': 'shorter,\nand only the top three' },
    })

    expect([sent.status, sent.body]).toEqual([200, ''])
    expect(bot.questions()).toEqual(['revenue', 'slide 2: shorter, and only the top three'])
    expect(bot.slack.views).toEqual([])
    expect(await answerTo('slide 2')).toMatchObject({ threadTs: message.threadTs })
  })

  it('takes another kind of chart', async () => {
    const message = await answered()
    await slide(message, 2, 'chart')
    await modal()

    await bot.slack.submitView({ viewId: bot.slack.views[0]!.id, values: { 'deckhand.field': 'horizontal_bar' } })

    expect(bot.questions()).toEqual(['revenue', 'show slide 3 as horizontal bar chart'])
  })

  it('explains the numbers of the slide from the stored deck', async () => {
    const message = await answered()

    await slide(message, 1, 'why')

    await modal()
    const [view] = bot.slack.views
    expect(view?.title).toBe('Numbers of slide 2')
    const shown = JSON.stringify(view?.blocks)
    expect(shown).toMatch(/\$45,764,545\.45|\$45/)
    expect(shown).toContain('sum(')
    expect(shown).toContain('SELECT')
    expect(bot.questions()).toEqual(['revenue'])
  })

  it('says so when the slide is gone by now', async () => {
    let turns = 0
    const { salesDeck } = await import('../../fixtures/decks/sales.ts')
    bot = await startSlackApp({
      agent: scriptedAgent((turn, emit) => {
        turns += 1
        const whole = salesDeck({ version: turns })
        const deck = turns === 1 ? whole : { ...whole, slides: whole.slides.filter((_, index) => index !== 1) }
        emit({ type: 'deck', deck })
        const answer = `Answer to: ${turn.question}`
        return { status: 'answered', answer, deck, traceId: 'tr', memory: { transcript: [], deck } }
      }),
    })
    await bot.slack.say({ user: ada(), channel: sales(), text: '@Deckhand revenue' })
    const message = await answerTo('revenue')
    await slide(message, 1, 'drop')
    await answerTo('drop slide 2')

    await slide(message, 1, 'chart')
    await slide(message, 2, 'drop')

    await whispered('no longer in the deck')
    await answerTo('drop slide 2')
    expect(bot.slack.views).toEqual([])
    expect(bot.questions()).toEqual(['revenue', 'drop slide 2', 'drop slide 2'])
  })
})

describe('Feedback', () => {
  it('keeps a good opinion, and says thank you', async () => {
    const message = await answered()

    await press(message, 'deckhand.feedback', `${turnOf(message)}:good`)

    await whispered('Thank you')
    expect(bot.feedback).toMatchObject([
      { turnId: turnOf(message), userId: ada(), rating: 'good', reason: '', traceId: 'tr-1' },
    ])
    const [key = ''] = await bot.redis.keys('deckhand:feedback:*')
    expect(await bot.redis.hlen(key)).toBe(1)
    expect(await bot.redis.pttl(key)).toBeGreaterThan(0)
  })

  it('asks for the reason of a bad one, and keeps the opinion without it, too', async () => {
    const message = await answered()
    await press(message, 'deckhand.feedback', `${turnOf(message)}:bad`)
    await modal()
    expect(bot.feedback).toMatchObject([{ rating: 'bad', reason: '' }])

    await bot.slack.submitView({
      viewId: bot.slack.views[0]!.id,
      values: { 'deckhand.field': 'Returns are missing' },
    })

    expect(bot.feedback).toMatchObject([
      { rating: 'bad', reason: '' },
      { rating: 'bad', reason: 'Returns are missing' },
    ])
    const [key = ''] = await bot.redis.keys('deckhand:feedback:*')
    expect(await bot.redis.hvals(key)).toEqual([expect.stringContaining('Returns are missing')])
  })
})

describe('Buttons that lead nowhere', () => {
  it.each(['deckhand.ask.0', 'deckhand.sql', 'deckhand.feedback', 'deckhand.slide'])(
    'say so when the answer is no longer kept (%s)',
    async (actionId) => {
      const message = await answered()
      await bot.redis.unlink(`deckhand:reply:${turnOf(message)}`)
      const values: Readonly<Record<string, string>> = {
        'deckhand.feedback': `${turnOf(message)}:good`,
        'deckhand.slide': `${turnOf(message)}:1:why`,
      }

      const pressed = await press(message, actionId, values[actionId])

      expect(pressed.status).toBe(200)
      await whispered('I no longer have this answer')
      expect(bot.questions()).toEqual(['revenue'])
    },
  )

  it('tell in the modal when the answer went while it was open', async () => {
    const message = await answered()
    await slide(message, 1, 'edit')
    await modal()
    await bot.redis.unlink(`deckhand:reply:${turnOf(message)}`)

    await bot.slack.submitView({ viewId: bot.slack.views[0]!.id, values: { 'deckhand.field': 'shorter' } })

    expect(Object.values(bot.slack.views[0]?.errors ?? {})).toEqual([expect.stringContaining('no longer have')])
    expect(bot.questions()).toEqual(['revenue'])
  })

  it('tell the person when the mailbox cannot take what they ask', async () => {
    let isAway = false
    const message = await answered({
      mailbox: (real) => ({
        ...real,
        async accept(given) {
          if (!isAway) return real.accept(given)
          throw new MailboxError('unavailable', 'Redis is away', { userMessage: 'I cannot take questions right now.' })
        },
      }),
    })
    isAway = true

    await press(message, 'deckhand.ask.0')
    await whispered('cannot take questions')
    await slide(message, 1, 'edit')
    await modal()
    await bot.slack.submitView({ viewId: bot.slack.views[0]!.id, values: { 'deckhand.field': 'shorter' } })

    expect(Object.values(bot.slack.views[0]?.errors ?? {})).toEqual(['I cannot take questions right now.'])
    expect(bot.questions()).toEqual(['revenue'])
  })

  it('are just acknowledged when they are links, not ours, or altered', async () => {
    const message = await answered()
    const payload = (actions: unknown) => ({
      type: 'block_actions',
      team: { id: bot.slack.ids.team },
      user: { id: ada(), team_id: bot.slack.ids.team },
      api_app_id: bot.slack.appId,
      trigger_id: '1.2.3',
      container: { type: 'message', message_ts: message.ts, channel_id: sales(), thread_ts: message.threadTs },
      channel: { id: sales() },
      actions,
    })
    const send = async (actions: unknown) => {
      const body = `payload=${encodeURIComponent(JSON.stringify(payload(actions)))}`
      const response = await bot.slack.deliver(body, { contentType: 'application/x-www-form-urlencoded' })
      return response.status
    }

    const link = await press(message, 'deckhand.link.html')
    const sent = [
      await send([{ type: 'button', action_id: 'somebody.else', value: 'x' }]),
      await send([{ type: 'button', action_id: 'deckhand.erase', value: turnOf(message) }]),
      await send([{ type: 'button', action_id: 'deckhand.sql', value: 'a:b:c' }]),
      await send([{ type: 'button', action_id: 'deckhand.ask.7', value: '../../etc:7' }]),
      await send([
        { type: 'overflow', action_id: 'deckhand.slide', selected_option: { value: `${turnOf(message)}:99:burn` } },
      ]),
      await send([{ type: 'button', action_id: 'deckhand.sql' }]),
    ]

    expect([link.status, ...sent]).toEqual([200, 200, 200, 200, 200, 200, 200])
    const words = ['chat.postEphemeral', 'views.open']
    expect(bot.slack.calls.filter(({ method }) => words.includes(method))).toEqual([])
    expect(bot.questions()).toEqual(['revenue'])
    // The same request with nothing wrong in it does count.
    await send([{ type: 'button', action_id: 'deckhand.ask.0', value: `${turnOf(message)}:0` }])
    expect(bot.questions()).toEqual(['revenue', 'Only EMEA?'])
  })

  it('pressed by somebody of another company are explained to them', async () => {
    const message = await answered()
    const body = {
      type: 'block_actions',
      team: { id: bot.slack.ids.team },
      user: { id: grace(), team_id: 'T0OTHER' },
      trigger_id: '1.2.3',
      container: { type: 'message', message_ts: message.ts, channel_id: sales(), thread_ts: message.threadTs },
      actions: [{ type: 'button', action_id: 'deckhand.ask.0', value: `${turnOf(message)}:0` }],
    }

    await bot.slack.deliver(`payload=${encodeURIComponent(JSON.stringify(body))}`, {
      contentType: 'application/x-www-form-urlencoded',
    })

    await whispered('only people of the company', grace())
    expect(bot.questions()).toEqual(['revenue'])
  })

  it('of another workspace’s answer are not found', async () => {
    const message = await answered()
    const body = {
      type: 'block_actions',
      team: { id: 'T0OTHER' },
      user: { id: 'U0OTHER', team_id: 'T0OTHER' },
      trigger_id: '1.2.3',
      container: { type: 'message', message_ts: message.ts, channel_id: sales() },
      channel: { id: sales() },
      actions: [{ type: 'button', action_id: 'deckhand.ask.0', value: `${turnOf(message)}:0` }],
    }

    await bot.slack.deliver(`payload=${encodeURIComponent(JSON.stringify(body))}`, {
      contentType: 'application/x-www-form-urlencoded',
    })

    expect(bot.questions()).toEqual(['revenue'])
  })
})
