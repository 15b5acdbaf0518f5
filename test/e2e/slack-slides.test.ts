import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Message } from '../../sandbox/slack/contract.ts'
import { mlflowUrl } from '../support/parts.ts'
import { startSlackBot, type SlackBot } from '../support/slack-bot.ts'

const patience = 45_000

let bot: SlackBot

beforeAll(async () => {
  await mlflowUrl()
  bot = await startSlackBot({ workspace: { today: '2026-11-23' } })
  await bot.workspace.ready()
}, 60_000)
afterAll(() => bot?.[Symbol.asyncDispose]())

const shown = (message: Message): string => JSON.stringify(message.blocks)
/** Titles of the slides that an answer lists. */
const slidesIn = (message: Message): readonly string[] =>
  [...shown(message).matchAll(/"text":"\d+ {2}· {2}([^"]*)"/g)].map(([, title = '']) => title)

/** The app's newest answer in the thread, once there are as many as that. */
async function answer(threadTs: string, count: number): Promise<Message> {
  const { bot: app } = bot.slack.ids
  const ended = (): readonly Message[] =>
    bot.slack
      .messages(bot.slack.ids.channels.sales, threadTs)
      .filter((message) => message.botId === app && shown(message).includes('deckhand.feedback'))
  await bot.slack.waitFor(() => ended().length >= count, patience)
  return ended()[count - 1]!
}

async function choose(message: Message, index: number, command: string): Promise<void> {
  const turn = String(message.metadata?.event_payload['turn'])
  const { ada } = bot.slack.ids.people
  const value = `${turn}:${index}:${command}`
  await bot.slack.press({ user: ada, channel: message.channel, ts: message.ts, actionId: 'deckhand.slide', value })
}

async function fillIn(value: string): Promise<void> {
  await expect.poll(() => bot.slack.views.length).toBe(1)
  const { status } = await bot.slack.submitView({
    viewId: bot.slack.views[0]?.id ?? '',
    values: { 'deckhand.field': value },
  })
  expect(status).toBe(200)
}

describe('the menus beside slides', () => {
  it('change the deck without a question to Genie, and tell where numbers come from', async () => {
    const { sales } = bot.slack.ids.channels
    const said = await bot.slack.say({
      user: bot.slack.ids.people.ada,
      channel: sales,
      text: '@Deckhand What were Q4 2023 sales by region?',
    })
    const first = await answer(said.ts, 1)
    const titles = slidesIn(first)
    const questions = bot.genieQuestions().length
    expect(titles.length).toBeGreaterThanOrEqual(3)

    await choose(first, 1, 'why')
    await expect.poll(() => bot.slack.views.length).toBe(1)
    expect(JSON.stringify(bot.slack.views[0]?.blocks)).toMatch(/SELECT/i)
    await bot.slack.closeView(bot.slack.views[0]?.id ?? '')

    await choose(first, 1, 'chart')
    await fillIn('donut')
    const second = await answer(said.ts, 2)
    expect(shown(second)).toContain('changed the chart of slide 2')

    await choose(second, titles.length - 1, 'drop')
    const third = await answer(said.ts, 3)
    expect(slidesIn(third)).toEqual(titles.slice(0, -1))

    await choose(third, 1, 'edit')
    await fillIn('shorten the title')
    const fourth = await answer(said.ts, 4)
    expect(shown(fourth)).toContain('rewrote slide 2')

    expect(bot.genieQuestions()).toHaveLength(questions)
  })
})
