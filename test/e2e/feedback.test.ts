import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Message } from '../../sandbox/slack/contract.ts'
import { createHttpClient } from '../../src/lib/http.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { chooseBackend } from '../../src/mlflow/choose-backend.ts'
import { findTrace } from '../../src/bot/shell/find-trace.ts'
import { createMlflowRecords, type MlflowRecords } from '../../src/mlflow/records.ts'
import { readFrom, type RealServer } from '../mlflow/real-server.ts'
import { mlflowUrl } from '../support/parts.ts'
import { startSlackBot, type SlackBot } from '../support/slack-bot.ts'

/** Enough for a deck, a trace and an opinion on a machine that is busy with other things. */
const patience = { timeout: 50_000, interval: 250 }

const parts = new AsyncDisposableStack()
let bot: SlackBot
let mlflow: RealServer
let records: MlflowRecords

beforeAll(async () => {
  const trackingUri = await mlflowUrl()
  bot = parts.use(
    await startSlackBot({
      workspace: { today: '2026-11-23' },
      adjust: (settings) => ({
        ...settings,
        mlflow: {
          ...settings.mlflow,
          evaluation: {
            ...settings.mlflow.evaluation,
            collectBadAnswers: true,
            collectedSet: 'found-bad',
            judge: { ...settings.mlflow.evaluation.judge, sampleRate: 1 },
          },
        },
      }),
    }),
  )
  await bot.workspace.ready()
  mlflow = readFrom(trackingUri)
  const http = parts.use(createHttpClient())
  const backend = chooseBackend({ trackingUri, spanFormat: 'auto' }, { http, clock: systemClock, log: silentLogger })
  if (!backend) throw new Error(`No backend for ${inject('mlflowUrl')}`)
  records = createMlflowRecords({ backend, experimentName: 'deckhand-e2e' })
}, 60_000)
afterAll(() => parts.disposeAsync())

const signal = (): AbortSignal => AbortSignal.timeout(20_000)

/** The app's finished answer to a question. */
async function answered(question: string): Promise<Message> {
  const { ids } = bot.slack
  const { ts } = await bot.slack.say({
    user: ids.people.ada,
    channel: ids.channels.sales,
    text: `@Deckhand ${question}`,
  })
  return bot.slack.waitFor(
    (message) => message.threadTs === ts && JSON.stringify(message.blocks).includes('deckhand.feedback'),
    50_000,
  )
}

const judge = (message: Message, rating: 'good' | 'bad', user: string): Promise<unknown> =>
  bot.slack.press({
    user,
    channel: message.channel,
    ts: message.ts,
    actionId: 'deckhand.feedback',
    value: `${turnOf(message)}:${rating}`,
  })

const turnOf = (message: Message): string => String(message.metadata?.event_payload['turn'])

async function traceOf(message: Message) {
  const { id } = await records.experiment(signal())
  const find = async () => (await records.traces.find(id, { tags: { turn_id: turnOf(message) } }, signal()))[0]
  await expect.poll(find, patience).toBeDefined()
  const trace = await find()
  if (!trace) throw new Error('MLflow has no trace of the answer')
  return trace
}

async function opinionsOn(traceId: string): Promise<unknown> {
  const { feedback } = await records.assessments.list(traceId, signal())
  return feedback
    .filter(({ isValid, source }) => isValid && source.type === 'HUMAN')
    .map(({ name, source, value, rationale }) => `${name} ${source.id} ${String(value)} ${rationale}`.trim())
    .toSorted((a, b) => a.localeCompare(b))
}

describe('What people think of an answer in Slack', () => {
  it('reaches its trace, its run, Genie and the set of bad answers, and changes with them', async () => {
    const { ada, grace } = bot.slack.ids.people
    const message = await answered('What were Q4 2023 sales by region?')
    const trace = await traceOf(message)

    await judge(message, 'bad', ada)
    await expect.poll(() => opinionsOn(trace.traceId), patience).toEqual([`user_rating ${ada} false`])
    await expect.poll(() => ratingsOfGenie(), patience).toEqual(['NEGATIVE'])
    await expect
      .poll(() => mlflow.run(trace.runId), patience)
      .toMatchObject({ metrics: { user_rating: 0 }, tags: { user_rating: 'bad' } })
    const experiment = await records.experiment(signal())
    await expect
      .poll(async () => {
        const dataset = await records.datasets.find('found-bad', experiment.id, signal())
        return dataset && (await records.datasets.list(dataset, signal()))
      }, patience)
      .toMatchObject([{ inputs: { question: 'What were Q4 2023 sales by region?' }, traceId: trace.traceId }])

    await judge(message, 'good', grace)
    await expect.poll(() => opinionsOn(trace.traceId), patience).toHaveLength(2)
    await expect.poll(async () => (await mlflow.run(trace.runId)).tags['user_rating'], patience).toBe('mixed')
    expect((await mlflow.run(trace.runId)).metrics['user_rating']).toBe(0.5)

    await judge(message, 'good', ada)
    await expect
      .poll(() => opinionsOn(trace.traceId), patience)
      .toEqual([`user_rating ${ada} true`, `user_rating ${grace} true`].toSorted((a, b) => a.localeCompare(b)))
    await expect.poll(() => ratingsOfGenie().at(-1), patience).toBe('POSITIVE')
    await expect.poll(async () => (await mlflow.run(trace.runId)).tags['user_rating'], patience).toBe('good')
  }, 120_000)

  it('is found with the link of the question and of the reply, beside what code and the judge say', async () => {
    const message = await answered('Revenue by channel in 2024')
    const trace = await traceOf(message)
    const link = (ts: string): string =>
      `https://acme.slack.com/archives/${message.channel}/p${ts.replace('.', '')}?thread_ts=${message.threadTs}`

    const byReply = await findTrace(link(message.ts), records, signal())
    const byQuestion = await findTrace(link(message.threadTs ?? ''), records, signal())
    const byRun = await findTrace(trace.runId, records, signal())
    const byTurn = await findTrace(turnOf(message), records, signal())

    for (const found of [byReply, byQuestion, byRun, byTurn]) {
      expect(found).toMatchObject({
        trace_id: trace.traceId,
        run_id: trace.runId,
        question: 'Revenue by channel in 2024',
        state: 'OK',
        other_turns_in_thread: 0,
      })
      expect(found.trace_url).toContain(trace.traceId)
    }
    expect(byReply.assessments).toContainEqual(
      expect.objectContaining({ name: 'data_accuracy', by: 'deckhand', value: 1 }),
    )
    await expect
      .poll(async () => (await findTrace(turnOf(message), records, signal())).assessments, patience)
      .toContainEqual(expect.objectContaining({ name: 'coherence_score', by: 'sandbox-analyst' }))
    await expect
      .poll(async () => (await mlflow.run(trace.runId)).metrics['judge_cost_usd'] ?? 0, patience)
      .toBeGreaterThan(0)
    const run = await mlflow.run(trace.runId)
    expect(run.metrics['total_cost_usd']).toBeCloseTo(
      (run.metrics['input_cost_usd'] ?? 0) +
        (run.metrics['output_cost_usd'] ?? 0) +
        (run.metrics['judge_cost_usd'] ?? 0),
    )
    const page = await (await fetch(`${bot.service.url}/metrics`)).text()
    expect(page).toMatch(/cost_usd\w*\{[^}]*platform="judge"[^}]*\} 0\.\d+/)
    await expect(findTrace(link('1700000000.000100'), records, signal())).rejects.toMatchObject({ code: 'not-found' })
  }, 120_000)

  /** Every rating that Genie was given, oldest first, repetitions left out. */
  function ratingsOfGenie(): readonly string[] {
    return bot.workspace.requests
      .filter(({ method, path }) => method === 'POST' && path.endsWith('/feedback'))
      .map(({ body }) => (body as { rating: string }).rating)
      .filter((rating, index, all) => rating !== all[index - 1])
  }
})
