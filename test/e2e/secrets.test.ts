import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { createWarehouse, type Warehouse } from '../../sandbox/data/warehouse.ts'
import { sandboxCredentials, sandboxUserName } from '../../sandbox/databricks/contract.ts'
import type { Message } from '../../sandbox/slack/contract.ts'
import { workspaceEnv } from '../../sandbox/stack.ts'
import { createEvaluationApp } from '../../src/evaluation-app.ts'
import { loadSettings, type Settings } from '../../src/settings.ts'
import { isolatedRedisUrl, mlflowUrl } from '../support/parts.ts'
import { recordSentBodies, type SentBody } from '../support/sent-bodies.ts'
import { startSlackBot, type SlackBot } from '../support/slack-bot.ts'

/**
 * The program's own secrets, pasted wherever people and services can put text, and then looked for in every request that
 * went to MLflow.
 */

const today = '2026-11-23'
const patience = { timeout: 50_000, interval: 250 }
let warehouse: Warehouse

beforeAll(async () => {
  await mlflowUrl()
  warehouse = await createWarehouse({ today })
}, 120_000)
afterAll(() => warehouse?.[Symbol.asyncDispose]())

const places = [
  {
    place: 'an MLflow server',
    hasDatasets: true,
    mlflow: () => ({ trackingUri: inject('mlflowUrl'), experimentName: `/Tests/${randomUUID()}` }),
  },
  {
    place: 'the MLflow of a workspace',
    hasDatasets: false, // those of Databricks are tables, with calls of their own
    mlflow: () => ({
      trackingUri: 'databricks',
      experimentName: `/Users/${sandboxUserName}/ai-slide-generator/secrets`,
    }),
  },
] as const

/** What else than MLflow this process talks to; storage of a workspace is MLflow's. */
const elsewhere =
  /\/api\/2\.0\/(genie|sql|preview\/scim|workspace)\b|\/serving-endpoints\/|\/oidc\/|\/api\/(?!2\.0\/|3\.0\/|4\.0\/)\w|\/slack\//

describe.each(places)('what is sent to $place', ({ mlflow, hasDatasets }) => {
  it('carries no secret of ours: traces, runs, their files, opinions, datasets, evaluations', async () => {
    using sent = recordSentBodies()
    const { trackingUri, experimentName } = mlflow()
    const adjust = (settings: Settings): Settings => ({
      ...settings,
      mlflow: {
        ...settings.mlflow,
        trackingUri,
        experimentName,
        logging: { ...settings.mlflow.logging, registerPrompts: true },
        evaluation: {
          ...settings.mlflow.evaluation,
          collectBadAnswers: true,
          collectedSet: `bad-${randomUUID().slice(0, 8)}`,
          judge: { ...settings.mlflow.evaluation.judge, sampleRate: 1 },
        },
      },
    })
    await using bot = await startSlackBot({ workspace: { warehouse, today }, adjust })
    const { SLACK_BOT_TOKEN = '', SLACK_SIGNING_SECRET = '' } = bot.slack.env
    const planted = [
      sandboxCredentials.token,
      SLACK_BOT_TOKEN,
      SLACK_SIGNING_SECRET,
      'a key of a test that nobody has to guess',
    ]
    const pasted = planted.join(' and ')
    const toMlflow = (): readonly SentBody[] =>
      sent.all().filter(({ url }) => !url.startsWith(bot.slack.url) && !elsewhere.test(url))
    const countTo = (path: RegExp): number => toMlflow().filter(({ url }) => path.test(url)).length

    // The sandbox's analyst asks back, and the deck after it comes with what was said before.
    const first = await ask(bot, `What were Q4 2023 sales by region? I use ${pasted}`, /do not understand/)
    const answer = await ask(bot, 'What were Q4 2023 sales by region?', /numbers verified/, first.threadTs)
    await complain(bot, answer, `It should have used ${pasted}`)
    bot.workspace.faults.add({
      on: 'genie.ask',
      fault: { kind: 'message-failed', type: 'SQL_EXECUTION_EXCEPTION', error: `Denied for ${pasted}` },
      times: 9,
    })
    await ask(bot, 'Revenue by product line in 2023', /deckhand\.retry/)
    bot.workspace.faults.clear()
    await expect.poll(() => countTo(/\/traces\/tr-\w+\/assessments/), patience).toBeGreaterThanOrEqual(2)
    await expect.poll(() => countTo(/\/datasets\/[^/]+\/records/), patience).toBeGreaterThanOrEqual(hasDatasets ? 1 : 0)
    await evaluate(bot, `How many orders in 2022, by ${pasted}?`, adjust)
    await expect.poll(() => countTo(/\/runs\/update$/), patience).toBeGreaterThanOrEqual(4)

    const bodies = toMlflow().map(({ url, body }) => ({ url, body }))
    expect(bodies.length).toBeGreaterThan(40)
    expect(bodies.filter(({ body }) => body.includes('[secret]')).length).toBeGreaterThan(10)
    const found = bodies.filter(({ body }) =>
      planted.some((secret) => body.includes(secret) || body.includes(encodeURIComponent(secret))),
    )
    expect(found.map(({ url }) => url)).toEqual([])
  }, 180_000)
})

/** A question in a channel or thread, and the app's reply once it shows `words`. */
async function ask({ slack }: SlackBot, question: string, words: RegExp, thread?: string): Promise<Message> {
  const { people, channels } = slack.ids
  const text = `@Deckhand ${question}`
  const place = { channel: channels.sales, ...(thread === undefined ? {} : { threadTs: thread }) }
  const { ts } = await slack.say({ user: people.ada, text, ...place })
  return slack.waitFor(
    (message) =>
      message.threadTs === (thread ?? ts) && message.botId !== undefined && words.test(JSON.stringify(message.blocks)),
    60_000,
  )
}

/** 👎, and the reason in the window that opens. */
async function complain({ slack }: SlackBot, { channel, ts, metadata }: Message, reason: string): Promise<void> {
  const value = `${String(metadata?.event_payload['turn'])}:bad`
  await slack.press({ user: slack.ids.people.ada, channel, ts, actionId: 'deckhand.feedback', value })
  await expect.poll(() => slack.views.length, patience).toBe(1)
  await slack.submitView({ viewId: slack.views[0]?.id ?? '', values: { 'deckhand.field': reason } })
}

/** A question and another after it, as `deckhand eval run` would ask them. */
async function evaluate(bot: SlackBot, question: string, adjust: (settings: Settings) => Settings): Promise<void> {
  const env = {
    ...workspaceEnv(bot.workspace, { redisUrl: await isolatedRedisUrl(), mlflowUrl: inject('mlflowUrl') }),
    SLACK_BOT_TOKEN: bot.slack.env['SLACK_BOT_TOKEN'] ?? '',
    SLACK_SIGNING_SECRET: bot.slack.env['SLACK_SIGNING_SECRET'] ?? '',
    DECKHAND_LINK_KEY: 'a key of a test that nobody has to guess',
    DECKHAND_SPOOL_DIR: join(bot.dir, 'evaluation-spool'),
    LOG_LEVEL: 'silent',
  }
  const set = join(bot.dir, 'set.yaml')
  const sql = 'SELECT count(*) FROM sandbox.sales.orders WHERE year(order_date) = 2022'
  const cases = [
    { id: 'orders', after: [question], question: 'How many orders in 2022?', expect: { sql, unit: 'count' } },
  ]
  writeFileSync(set, JSON.stringify({ name: `secrets-${randomUUID().slice(0, 8)}`, cases }))
  const settings = adjust(loadSettings(env, join(import.meta.dirname, '../../config')))
  await using evaluation = await createEvaluationApp(settings, env, bot.dir)
  await evaluation.run({ set, version: '1' }, () => undefined, AbortSignal.timeout(90_000))
}
