import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { systemClock, type Clock } from '../../src/lib/clock.ts'
import { createHttpClient } from '../../src/lib/http.ts'
import type { Logger } from '../../src/lib/log.ts'
import { createTracing, type TracingDeps, type TracingSettings } from '../../src/mlflow/create-tracing.ts'
import type { Span, Tracing, TurnInfo, TurnTrace } from '../../src/mlflow/tracing.ts'
import { mlflowUrl } from '../support/parts.ts'
import { startProxy, type Proxy } from './proxy.ts'
import { readFrom, type RealServer } from './real-server.ts'
import { fullTracing } from '../support/full-tracing.ts'

/** What one test of tracing needs: an experiment of its own, a proxy before the shared real server, a spool folder. */
export interface SetUp extends AsyncDisposable {
  readonly proxy: Proxy
  /** Reads past the proxy. */
  readonly mlflow: RealServer
  readonly mlflowUrl: string
  readonly experimentName: string
  readonly spoolDir: string
  readonly logged: readonly LoggedLine[]
  /** Disposed with the set-up if not before. Settings are the defaults of config/mlflow.yaml with `change` on top. */
  startTracing(change?: Partial<TracingSettings['tracing']>, deps?: ChangedDeps): Promise<Tracing>
  /** Names of the folders that hold unsent traces, oldest first, those being sent included. */
  spooled(): Promise<string[]>
  rejected(): Promise<string[]>
}

export interface ChangedDeps extends Partial<Omit<TracingDeps, 'settings'>> {
  readonly settings?: Partial<Omit<TracingSettings, 'tracing'>>
}

export interface LoggedLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly fields: object
  readonly message: string
}

export async function setUp(options: { readonly clock?: Clock } = {}): Promise<SetUp> {
  const url = await mlflowUrl()
  const proxy = await startProxy(url)
  const http = createHttpClient()
  const spoolDir = await mkdtemp(join(tmpdir(), 'deckhand-spool-'))
  const experimentName = `/Tests/${randomUUID()}`
  const logged: LoggedLine[] = []
  const started: Tracing[] = []

  return {
    proxy,
    mlflow: readFrom(url),
    mlflowUrl: url,
    experimentName,
    spoolDir,
    logged,
    async startTracing(change = {}, deps = {}) {
      const tracing = await createTracing({
        http,
        clock: options.clock ?? systemClock,
        log: recordingLogger(logged),
        ...deps,
        settings: {
          trackingUri: proxy.url,
          experimentName,
          environment: 'test',
          ...deps.settings,
          tracing: { ...fullTracing(spoolDir), ...change },
        },
      })
      started.push(tracing)
      return tracing
    },
    spooled: () => listSpool(spoolDir, 'waiting'),
    rejected: () => listSpool(spoolDir, 'rejected'),
    async [Symbol.asyncDispose]() {
      for (const tracing of started) await tracing[Symbol.asyncDispose]()
      await proxy[Symbol.asyncDispose]()
      await http[Symbol.asyncDispose]()
      await rm(spoolDir, { recursive: true, force: true })
    },
  }
}

/** The folders that hold unsent traces, oldest first, or those set aside. */
export async function listSpool(spoolDir: string, part: 'waiting' | 'rejected'): Promise<string[]> {
  const names = await readdir(spoolDir, { recursive: true })
  return names
    .filter((name) => /^\d{15}-\d+-tr-/.test(basename(name)) && name.includes('rejected') === (part === 'rejected'))
    .toSorted()
}

export const question = 'What were Q4 2023 sales by region?'

export const aTurn: TurnInfo = {
  question,
  sessionId: 'slack:T024BE7LD:C0123456789:1700000000.000100',
  userId: 'ann@example.com',
  inputs: { question, max_slides: 5, model_endpoint: 'databricks-claude' },
  tags: { platform: 'slack' },
}

/** A turn with the spans of design.md §5; two model calls of 150 tokens in, 30 out together. */
export async function runTurn(tracing: Tracing, info: TurnInfo = aTurn): Promise<TurnTrace> {
  return tracing.turn(info, async (trace, root) => {
    await tracing.span('intent_analysis', 'CHAIN', { question: info.question }, async (span) => {
      await callModel(tracing, { inputTokens: 100, outputTokens: 20 })
      span.setOutputs({ kind: 'data-question' })
    })
    await tracing.span('tool_execution_loop', 'AGENT', {}, async () => {
      await tracing.span('tool_call_1_query_genie', 'TOOL', { query: info.question }, async (span) => {
        span.setAttributes({ row_count: 4, 'genie.new_conversation': true, sql: 'SELECT region FROM orders' })
        span.setOutputs({ row_count: 4 })
      })
      await tracing.span('tool_synthesis', 'CHAIN', {}, () => callModel(tracing, { inputTokens: 50, outputTokens: 10 }))
    })
    root.setOutputs({ answer: 'EMEA leads with 41 %', slide_count: 5 })
    return trace
  })
}

function callModel(tracing: Tracing, tokens: { readonly inputTokens: number; readonly outputTokens: number }) {
  const inputs = { model: 'databricks-claude', messages: [{ role: 'user', content: question }] }
  return tracing.span('call_llm', 'CHAT_MODEL', inputs, async (span: Span) => {
    span.setUsage({
      ...tokens,
      model: 'claude-sonnet',
      inputCostUsd: tokens.inputTokens * 0.000_003,
      outputCostUsd: tokens.outputTokens * 0.000_015,
    })
    span.setOutputs({ choices: [{ message: { role: 'assistant', content: 'Noted' }, finish_reason: 'stop' }] })
  })
}

/** Long enough for a loaded machine; a test that needs it to the end fails on its own expectations. */
export function soon(): AbortSignal {
  return AbortSignal.timeout(30_000)
}

/** Puts what is logged into `lines`. */
export function recordingLogger(lines: LoggedLine[]): Logger {
  const at = (level: LoggedLine['level']) => (fields: object, message: string) =>
    void lines.push({ level, fields, message })
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}
