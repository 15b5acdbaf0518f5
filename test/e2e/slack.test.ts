import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from 'vitest'
import { createWarehouse, type Warehouse } from '../../sandbox/data/warehouse.ts'
import type { Message } from '../../sandbox/slack/contract.ts'
import { pdfPages } from '../support/deckhand.ts'
import { mlflowUrl } from '../support/parts.ts'
import { startSlackBot, type SlackBot } from '../support/slack-bot.ts'

const today = '2026-11-23'
const question = 'What were Q4 2023 sales by region?'
/** Enough for a deck on a machine that is busy with other things. */
const patience = 45_000

let warehouse: Warehouse
let bot: SlackBot
let ada: string
let sales: string

beforeAll(async () => {
  await mlflowUrl()
  warehouse = await createWarehouse({ today })
  bot = await startSlackBot({ workspace: { warehouse, today } })
  ada = bot.slack.ids.people.ada
  sales = bot.slack.ids.channels.sales
}, 60_000)
afterEach(() => {
  bot.workspace.faults.clear()
  bot.slack.faults.clear()
})
afterAll(async () => {
  await bot?.[Symbol.asyncDispose]()
  await warehouse?.[Symbol.asyncDispose]()
})

const ask = (text: string, threadTs?: string, user = ada) =>
  bot.slack.say({ user, channel: sales, text, ...(threadTs === undefined ? {} : { threadTs }) })

/** What the app said in a thread, files left aside. */
const repliesIn = (threadTs: string, channel = sales): readonly Message[] =>
  bot.slack.messages(channel, threadTs).filter(({ botId, files }) => botId === bot.slack.ids.bot && files.length === 0)
/** Everything a message shows, as text. */
const shown = (message: Pick<Message, 'text' | 'blocks'> | undefined): string => JSON.stringify(message?.blocks ?? [])
/** Buttons of a message by their id, and what they say. */
const buttonsOf = (message: Message): Record<string, string> =>
  Object.fromEntries(
    [
      ...shown(message).matchAll(
        /"type":"button","text":\{"type":"plain_text","text":"([^"]*)"[^}]*\},"action_id":"([^"]*)"/g,
      ),
    ].map(([, text = '', id = '']) => [id, text]),
  )
const pictureIds = (message: Message): readonly string[] =>
  [...shown(message).matchAll(/"slack_file":\{"id":"(\w+)"\}/g)].map(([, id = '']) => id)
const deckLink = (message: Message): string =>
  /"action_id":"deckhand.link.html","url":"([^"]+)"/.exec(shown(message))?.[1] ?? ''

/** The app's nth reply in a thread, once it shows these words. */
const replyWith = (threadTs: string, words: RegExp, nth = 0, channel = sales): Promise<Message> =>
  bot.slack.waitFor((message) => {
    const replies = repliesIn(threadTs, channel)
    return message.ts === replies[nth]?.ts && words.test(shown(message))
  }, patience)
const answered = /numbers verified/

describe('a mention in Slack', () => {
  it('becomes one reply that grows from progress to a deck with pictures, files and a trace', async () => {
    const before = bot.genieQuestions().length
    const { ts } = await ask(`@Deckhand ${question}`)

    const reply = await replyWith(ts, answered)
    const files = async (name: RegExp) =>
      await bot.slack.waitFor(
        (message) => message.threadTs === ts && message.files.some((file) => name.test(file.name)),
        patience,
      )
    const withPdf = await files(/\.pdf$/)
    await files(/\.pptx$/)

    expect(repliesIn(ts)).toHaveLength(1)
    expect(reply.earlier.some((state) => shown(state).includes('"type":"plan"'))).toBe(true)
    expect(shown(reply)).toMatch(/"type":"table"/)
    expect(shown(reply)).toContain('EMEA')
    expect(pictureIds(reply).length).toBeGreaterThan(1)
    expect(buttonsOf(reply)['deckhand.link.html']).toBe('Open deck')
    expect(bot.genieQuestions().slice(before)).toHaveLength(1)

    const page = await fetch(deckLink(reply))
    expect(await page.text()).toContain('EMEA')
    const pdf = await fetch(`${bot.slack.url}${withPdf.files[0]?.pageUrl}`)
    expect(await pdfPages(new Uint8Array(await pdf.arrayBuffer()))).toHaveLength(pictureIds(reply).length)
    const traceId = /selectedEvaluationId=(tr-[0-9a-f]+)/.exec(shown(reply))?.[1]
    await expect
      .poll(async () => (await fetch(`${inject('mlflowUrl')}/api/3.0/mlflow/traces/get?trace_id=${traceId}`)).status, {
        timeout: 10_000,
      })
      .toBe(200)
  })

  it('acknowledges every delivery at once, and answers each message once however often it comes', async () => {
    const { ts, deliveries } = await ask(`@Deckhand Revenue by country in 2022`)
    const [first] = deliveries
    await bot.slack.deliver(first?.payload, { retryNum: 1, retryReason: 'http_timeout' })
    await replyWith(ts, answered)

    expect(deliveries.map(({ attempts }) => attempts[0]?.status)).toEqual([200, 200])
    expect(repliesIn(ts)).toHaveLength(1)
  })
})

describe('a thread in Slack', () => {
  it('goes on without a mention, changes the deck by words, and asks Genie only for new data', async () => {
    const { ts } = await ask(`@Deckhand ${question}`)
    const first = await replyWith(ts, answered)
    const asked = bot.genieQuestions().length

    await ask('drop slide 2', ts)
    const shorter = await replyWith(ts, answered, 1)
    expect(pictureIds(shorter)).toHaveLength(pictureIds(first).length - 1)
    expect(bot.genieQuestions()).toHaveLength(asked)

    await ask('only EMEA', ts)
    const narrowed = await replyWith(ts, answered, 2)
    expect(shown(narrowed)).toContain('EMEA')
    expect(shown(narrowed)).not.toContain('APAC')
    expect(bot.genieQuestions()).toHaveLength(asked + 1)

    const links = [first, shorter, narrowed].map(deckLink)
    expect(new Set(links).size).toBe(3)
    for (const link of links) expect((await fetch(link)).status).toBe(200)
  })

  it('answers in order what is written while it works, and says so', async () => {
    bot.workspace.faults.add({ on: 'genie.ask', fault: { kind: 'slow', delayMs: 1500 } })
    const { ts } = await ask('@Deckhand Revenue by month in 2023')
    await replyWith(ts, /Stop/)
    await ask('only APAC', ts)

    const queued = await replyWith(ts, /In line/, 1)
    const second = await replyWith(ts, answered, 1)
    const [first] = repliesIn(ts)

    expect(queued.ts).toBe(second.ts)
    expect(first && shown(first)).toMatch(answered)
    expect(first?.changedAt).toBeLessThanOrEqual(second.changedAt)
  })

  it('stops at a button, and says so', async () => {
    bot.workspace.faults.add({ on: 'genie.ask', fault: { kind: 'message-stuck' } })
    const { ts } = await ask('@Deckhand Revenue by week in 2021')
    const working = await replyWith(ts, /deckhand\.stop/)

    await bot.slack.press({ user: ada, channel: sales, ts: working.ts, actionId: 'deckhand.stop' })
    const stopped = await replyWith(ts, /[Ss]topped/)

    expect(stopped.ts).toBe(working.ts)
    expect(shown(stopped)).not.toContain('deckhand.stop')
  })

  it('says in plain words what went wrong, and tries again at a button', async () => {
    bot.workspace.faults.add({
      on: 'genie.ask',
      fault: { kind: 'message-failed', type: 'SQL_EXECUTION_EXCEPTION', error: 'Table main.secret.sales not found' },
      times: 3,
    })
    const { ts } = await ask('@Deckhand Revenue by product line in 2023')
    const failed = await replyWith(ts, /deckhand\.retry/)
    expect(shown(failed)).not.toContain('main.secret')
    bot.workspace.faults.clear()

    await bot.slack.press({ user: ada, channel: sales, ts: failed.ts, actionId: 'deckhand.retry' })
    const retried = await bot.slack.waitFor(
      (message) => message.threadTs === ts && message.botId !== undefined && answered.test(shown(message)),
      patience,
    )

    expect(pictureIds(retried).length).toBeGreaterThan(1)
  })

  it('ends without pictures and files where the workspace takes none, with links instead', async () => {
    bot.slack.faults.refuseFiles('file_uploads_disabled')
    const { ts } = await ask('@Deckhand Customers by segment')

    const reply = await replyWith(ts, answered)

    expect(pictureIds(reply)).toEqual([])
    expect((await fetch(deckLink(reply))).status).toBe(200)
    expect(bot.slack.messages(sales, ts).flatMap(({ files }) => files)).toEqual([])
  })
})

describe('private answers in Slack', () => {
  it('come in a direct message until the person posts them', async () => {
    await using quiet = await startSlackBot({
      workspace: { warehouse, today },
      adjust: (settings) => ({ ...settings, slack: { ...settings.slack, answerIn: 'private' } }),
    })
    const { slack } = quiet
    const place = slack.ids.channels.sales
    const { ts } = await slack.say({ user: slack.ids.people.ada, channel: place, text: `@Deckhand ${question}` })

    const answer = await slack.waitFor((message) => answered.test(shown(message)), patience)
    expect(answer.channel).toMatch(/^D/)
    expect(slack.messages(place).filter(({ botId }) => botId !== undefined)).toMatchObject([
      { visibleTo: slack.ids.people.ada },
    ])

    await slack.press({
      user: slack.ids.people.ada,
      channel: answer.channel,
      ts: answer.ts,
      actionId: 'deckhand.publish',
    })
    const posted = await slack.waitFor(
      (message) => message.channel === place && answered.test(shown(message)),
      patience,
    )

    expect(posted.threadTs).toBe(ts)
    expect(posted.visibleTo).toBeUndefined()
  })
})
