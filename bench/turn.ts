import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { startStack, type Stack } from '../sandbox/stack.ts'
import type { AgentEvent } from '../src/agent/events.ts'
import { createApp } from '../src/app.ts'
import { ask, type AskResult } from '../src/bot/shell/ask.ts'
import { loadSettings } from '../src/settings.ts'
import { median, printMachine, printRow } from './report.ts'

/**
 * What a turn costs beside its upstreams, and what running the stages side by side saves. Budgets: docs/architecture.md.
 * Run with `npm run bench turn`.
 */

const question = 'Revenue by region and quarter in 2023'
const warmUps = 3
const rounds = 9
const delays = { genieDelayMs: 8000, llmDelayMs: 2000 }
const budgets = { overheadMs: 1200, firstAnswerMs: 300, ratio: 0.5 }

const Trace = z.object({
  trace: z.object({
    spans: z.array(
      z.object({
        name: z.string(),
        start_time_unix_nano: z.union([z.string(), z.number()]),
        end_time_unix_nano: z.union([z.string(), z.number()]),
      }),
    ),
  }),
})

const dir = mkdtempSync(join(tmpdir(), 'deckhand-bench-'))
try {
  printMachine()
  const passed = [await benchOverhead(), await benchDelays()]
  if (passed.includes(false)) process.exitCode = 1
} finally {
  rmSync(dir, { recursive: true, force: true })
}

/** Instant upstreams: everything that is left is ours (and the sandbox's own SQL). */
async function benchOverhead(): Promise<boolean> {
  await using stack = await startStack({ dir: join(dir, 'instant') })
  await using bench = await startBench(stack)
  for (let round = 0; round < warmUps; round += 1) await bench.run()
  const results: AskResult[] = []
  for (let round = 0; round < rounds; round += 1) results.push((await bench.run()).result)
  const total = median(results.map((result) => result.timings_ms.total))
  const slides = results[0]?.slide_count ?? 0
  return printRow({
    what: 'own overhead, instant upstreams, warm',
    value: total,
    unit: 'ms',
    budget: { most: budgets.overheadMs },
    detail: `${slides} slides, PDF + PNG`,
  })
}

/** Slow upstreams: the wall time against the same turn's leaf spans laid end to end. */
async function benchDelays(): Promise<boolean> {
  await using stack = await startStack({ dir: join(dir, 'delayed'), ...delays })
  await using bench = await startBench(stack)
  const { result, genieMs } = await bench.run()
  const sequentialMs = await bench.sumOfLeaves(result.trace_id)
  const first = printRow({
    what: 'first answer beyond Genie’s own time',
    value: result.timings_ms.first_answer - genieMs,
    unit: 'ms',
    budget: { most: budgets.firstAnswerMs },
  })
  const deck = printRow({
    what: 'deck with Genie 8 s, model calls 2 s, over one stage after the other',
    value: result.timings_ms.total / sequentialMs,
    unit: '×',
    budget: { most: budgets.ratio },
    detail: `${(result.timings_ms.total / 1000).toFixed(1)} s against ${(sequentialMs / 1000).toFixed(1)} s, ${result.slide_count} slides`,
  })
  return first && deck
}

interface Bench extends AsyncDisposable {
  run(): Promise<{ readonly result: AskResult; readonly genieMs: number }>
  /** Time of all model calls, Genie questions and the render of a turn, added up from its trace. */
  sumOfLeaves(traceId: string): Promise<number>
}

async function startBench(stack: Stack): Promise<Bench> {
  const env = { ...process.env, ...stack.env, LOG_LEVEL: 'warn', DECKHAND_SPOOL_DIR: join(dir, 'spool') }
  const settings = loadSettings(env, join(import.meta.dirname, '../config'))
  const app = await createApp(settings, env)
  return {
    async run() {
      let askedAt = 0
      let genieMs = 0
      const show = (event: AgentEvent): void => {
        if (event.type === 'query-start') askedAt = performance.now()
        if (event.type === 'query-end') genieMs = performance.now() - askedAt
      }
      const request = { question, maxSlides: '8', formats: 'pdf,png', out: join(dir, 'out') }
      const result = await ask(request, app.shell, { show }, AbortSignal.timeout(120_000))
      if (result.status !== 'answered') throw new Error(`The turn failed: ${result.answer}`)
      return { result, genieMs }
    },
    async sumOfLeaves(traceId) {
      await app.flush(AbortSignal.timeout(20_000))
      const url = `${stack.mlflowUrl}/api/3.0/mlflow/traces/get?trace_id=${traceId}&allow_partial=true`
      const { trace } = Trace.parse(await (await fetch(url)).json())
      const leaves = trace.spans.filter((span) => /^(call_llm|tool_call_\d+_query_genie|render)$/.test(span.name))
      return leaves.reduce(
        (sum, span) => sum + (Number(span.end_time_unix_nano) - Number(span.start_time_unix_nano)) / 1e6,
        0,
      )
    },
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  }
}
