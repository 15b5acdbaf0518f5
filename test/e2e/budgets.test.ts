import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Message } from '../../sandbox/slack/contract.ts'
import { mlflowUrl } from '../support/parts.ts'
import { startSlackBot, type SlackBot } from '../support/slack-bot.ts'

const patience = 45_000

let bot: SlackBot

beforeAll(async () => {
  await mlflowUrl()
  bot = await startSlackBot({
    workspace: { today: '2026-11-23' },
    // About what the first two calls to the sandbox's chat model cost.
    adjust: (settings) => ({
      ...settings,
      budgets: {
        usdPerDay: { workspace: 0, channel: 0, person: 0.01 },
        timeZone: 'Europe/Zurich',
        contact: '#data-help',
      },
    }),
  })
  await bot.workspace.ready()
}, 60_000)
afterAll(() => bot?.[Symbol.asyncDispose]())

/** What a person sees of the app's reply in a thread, once it shows these words. */
async function replyTo(user: string, text: string, words: RegExp): Promise<Message> {
  const channel = bot.slack.ids.channels.sales
  const { ts } = await bot.slack.say({ user, channel, text })
  return bot.slack.waitFor(
    (message) =>
      message.threadTs === ts && message.botId === bot.slack.ids.bot && words.test(JSON.stringify(message.blocks)),
    patience,
  )
}

const modelCalls = (): number =>
  bot.workspace.requests.filter(({ path }) => /\/(invocations|completions)$/.test(path)).length

describe('A person over budget in Slack', () => {
  it('is told so, by whom it was decided, when it is over and whom to ask, and others are answered', async () => {
    const { ada, grace } = bot.slack.ids.people

    const cut = await replyTo(ada, '@Deckhand What were Q4 2023 sales by region?', /I had to stop here/)
    const asked = bot.genieQuestions().length
    const called = modelCalls()
    const refused = await replyTo(ada, '@Deckhand Revenue by country in 2022', /I cannot answer this today/)

    expect(JSON.stringify(cut.blocks)).toContain('EMEA') // the rows that were there stay
    for (const reply of [cut, refused]) {
      const shown = JSON.stringify(reply.blocks)
      expect(shown).toContain('you have used the $0.01 a day that one person may spend on answers here')
      expect(shown).toMatch(/It starts again at 00:00 \(Europe\/Zurich\), in \d+ (hours?|minutes?|seconds?)/)
      expect(shown).toContain('ask #data-help, who set this limit')
      expect(shown).not.toContain('Try again')
    }
    expect(called).toBeGreaterThan(0)
    expect([bot.genieQuestions().length, modelCalls()]).toEqual([asked, called]) // nothing was asked in vain

    const other = await replyTo(grace, '@Deckhand What were Q4 2023 sales by region?', /EMEA/)
    expect(JSON.stringify(other.blocks)).not.toContain('I cannot answer this today')
  })
})
