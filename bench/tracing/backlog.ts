import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { startMlflow } from '../../sandbox/local/mlflow.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { createHttpClient } from '../../src/lib/http.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { createTracing } from '../../src/mlflow/create-tracing.ts'
import type { Tracing } from '../../src/mlflow/tracing.ts'
import { startProxy } from '../../test/mlflow/proxy.ts'
import { fullTracing } from '../../test/support/full-tracing.ts'

/** What became of turns that had to wait for MLflow. */
export interface Backlog {
  readonly queuedMs: number
  readonly diskBytes: number
  readonly sentMs: number
  /** Traces and runs that MLflow has, and how many it should have. */
  readonly traces: number
  readonly runs: number
  /** Traces that came after one that was later than they. */
  readonly outOfOrder: number
  /** By MLflow's own count over all traces, and what the turns used. */
  readonly tokens: number
  readonly expectedTokens: number
}

const experimentName = '/Bench/backlog'
/** How long the sender may take before the bench gives up on it. */
const patienceMs = 1_800_000

/** Runs `count` small turns while MLflow refuses every connection, then lets it take them. */
export async function sendBacklog(count: number, dir: string): Promise<Backlog> {
  await using parts = new AsyncDisposableStack()
  const mlflow = parts.use(
    await startMlflow({ dir: join(dir, 'mlflow'), env: { ...process.env, MLFLOW_TRACKING_URI: '' } }),
  )
  const proxy = parts.use(await startProxy(mlflow.url))
  const http = parts.use(createHttpClient())
  const spoolDir = join(dir, 'spool')
  const open = (): Promise<Tracing> =>
    createTracing({
      settings: {
        trackingUri: proxy.url,
        experimentName,
        environment: 'bench',
        tracing: fullTracing(spoolDir),
      },
      http,
      clock: systemClock,
      log: silentLogger,
    })

  proxy.decide = () => 'refuse'
  const queuedAt = performance.now()
  let expectedTokens = 0
  {
    await using tracing = await open()
    for (let number = 0; number < count; number += 1) {
      expectedTokens += await smallTurn(tracing, number)
      // As many turns as one process could ever have under way: their records are written side by side.
      if (number % 16 === 0) await tracing.flush(AbortSignal.timeout(60_000))
    }
    await tracing.flush(AbortSignal.timeout(60_000))
  }
  const queuedMs = performance.now() - queuedAt
  const waiting = await waitingIn(spoolDir)
  if (waiting.length !== count) throw new Error(`${waiting.length} turns wait on disk, expected ${count}`)

  proxy.decide = () => 'pass'
  const sentAt = performance.now()
  {
    await using tracing = await open()
    await tracing.flush(AbortSignal.timeout(patienceMs))
  }
  const sentMs = performance.now() - sentAt
  const left = (await waitingIn(spoolDir)).length
  if (left > 0) throw new Error(`${left} turns still wait on disk`)

  const came = proxy.requests.flatMap(({ method, path, body }) =>
    method === 'POST' && path === '/api/3.0/mlflow/traces' ? [startOf(body)] : [],
  )
  const { traces, tokens } = await readTraces(mlflow.url)
  return {
    queuedMs,
    diskBytes: waiting.reduce((sum, name) => sum + Number(/-tr-\w+\.(\d+)/.exec(name)?.[1]), 0),
    sentMs,
    traces,
    runs: await countRuns(mlflow.url),
    outOfOrder: came.filter((at, index) => index > 0 && at < (came[index - 1] ?? 0)).length,
    tokens,
    expectedTokens,
  }
}

/** Two model calls and one question to Genie; returns the tokens it used. */
function smallTurn(tracing: Tracing, number: number): Promise<number> {
  const info = {
    question: `Question ${number}`,
    sessionId: `bench:${number % 100}`,
    userId: 'bench',
    inputs: { question: `Question ${number}` },
    tags: { platform: 'cli' },
  }
  const usage = { model: 'bench', inputTokens: 100 + (number % 7), outputTokens: 20, inputCostUsd: 0, outputCostUsd: 0 }
  const call = (): Promise<void> => tracing.span('call_llm', 'CHAT_MODEL', {}, async (span) => span.setUsage(usage))
  return tracing.turn(info, async (_trace, root, report) => {
    await call()
    await tracing.span('tool_call_1_query_genie', 'TOOL', {}, async (span) => span.setAttributes({ row_count: 4 }))
    await call()
    report.metric('slide_count', 5)
    root.setOutputs({ answer: 'Done' })
    return 2 * (usage.inputTokens + usage.outputTokens)
  })
}

async function waitingIn(spoolDir: string): Promise<string[]> {
  const names = await Promise.all((await readdir(spoolDir)).map((place) => readdir(join(spoolDir, place))))
  return names.flat().filter((name) => /^\d{15}-\d+-tr-/.test(name))
}

const StartTrace = z.object({ trace: z.object({ trace_info: z.object({ request_time: z.string() }) }) })

function startOf(body: Buffer): number {
  return Date.parse(StartTrace.parse(JSON.parse(body.toString())).trace.trace_info.request_time)
}

const Page = z.object({
  traces: z.array(z.object({ trace_metadata: z.record(z.string(), z.string()) })).default([]),
  next_page_token: z.string().default(''),
})
const RunPage = z.object({
  runs: z.array(z.object({ info: z.object({ status: z.string() }) })).default([]),
  next_page_token: z.string().default(''),
})
const Usage = z.object({ total_tokens: z.number() })

async function readTraces(url: string): Promise<{ readonly traces: number; readonly tokens: number }> {
  const locations = [{ type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: await experimentId(url) } }]
  let traces = 0
  let tokens = 0
  let token = ''
  do {
    const body = { locations, max_results: 500, ...(token ? { page_token: token } : {}) }
    const page = Page.parse(await post(url, '/api/3.0/mlflow/traces/search', body))
    traces += page.traces.length
    for (const { trace_metadata: metadata } of page.traces) {
      tokens += Usage.parse(JSON.parse(metadata['mlflow.trace.tokenUsage'] ?? '{}')).total_tokens
    }
    token = page.next_page_token
  } while (token !== '')
  return { traces, tokens }
}

async function countRuns(url: string): Promise<number> {
  const experiments = [await experimentId(url)]
  let runs = 0
  let token = ''
  do {
    const body = { experiment_ids: experiments, max_results: 1000, ...(token ? { page_token: token } : {}) }
    const page = RunPage.parse(await post(url, '/api/2.0/mlflow/runs/search', body))
    runs += page.runs.filter(({ info }) => info.status === 'FINISHED').length
    token = page.next_page_token
  } while (token !== '')
  return runs
}

async function experimentId(url: string): Promise<string> {
  const path = `/api/2.0/mlflow/experiments/get-by-name?experiment_name=${encodeURIComponent(experimentName)}`
  const answer: unknown = await (await fetch(`${url}${path}`)).json()
  return z.object({ experiment: z.object({ experiment_id: z.string() }) }).parse(answer).experiment.experiment_id
}

async function post(url: string, path: string, body: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`)
  return response.json()
}
