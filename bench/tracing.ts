import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { printMachine, printRow } from './report.ts'
import { sendBacklog } from './tracing/backlog.ts'
import { measureOwnWork } from './tracing/own-work.ts'
import { timeTurns, type Timed } from './tracing/turns.ts'

/**
 * What traces and runs cost a turn, with MLflow well and with MLflow dead in three ways, and how long a backlog takes once
 * MLflow is back. Budgets: docs/architecture.md. Run with `npm run bench tracing`; `-- --queued 1000` waits with a shorter
 * queue, `-- --rounds 5` takes fewer turns.
 *
 * In every round each way runs one turn, in a changing order, and is compared with the untraced turn of its own round: what
 * else the machine does meets them all. Untraced turns run twice in each round: their difference is what the bench cannot
 * tell from nothing.
 */

const rounds = flag('rounds', 9)
const queued = flag('queued', 10_000)
const budgets = { ownWorkMs: 20, healthyPercent: 2, laterMs: 0, backlogMinutes: 30 }

const dir = mkdtempSync(join(tmpdir(), 'deckhand-bench-'))
try {
  printMachine()
  const passed = [...(await benchOwnWork()), ...(await benchTurns()), ...(await benchBacklog())]
  if (passed.includes(false)) process.exitCode = 1
} finally {
  rmSync(dir, { recursive: true, force: true })
}

async function benchOwnWork(): Promise<boolean[]> {
  const work = await measureOwnWork(join(dir, 'own-work'))
  return [
    printRow({
      what: 'what tracing does itself in a turn with nine model calls and six slides',
      value: work.inTurnMs,
      unit: 'ms',
      budget: { most: budgets.ownWorkMs },
      detail: `${work.atEndMs.toFixed(1)} ms of it after the last word; ${work.cpuMs.toFixed(0)} ms of CPU until it is on disk`,
    }),
  ]
}

async function benchTurns(): Promise<boolean[]> {
  const { untracedMs, ways } = await timeTurns({ rounds, dir: join(dir, 'turns') })
  const { again, traced, ...dead } = ways
  const percent = (ms: number): number => (100 * ms) / untracedMs
  const plusMinus = ({ laterMs, noiseMs }: Timed): string =>
    `${laterMs.toFixed(0)} ms, ± ${noiseMs.toFixed(0)} ms of noise`
  printRow({ what: 'a turn without tracing', value: untracedMs, unit: 'ms' })
  printRow({ what: 'the same once more, later by', value: again.laterMs, unit: 'ms', detail: plusMinus(again) })
  const healthy = printRow({
    what: 'traced and logged, MLflow well, slower by',
    value: percent(traced.laterMs),
    unit: '%',
    budget: { most: budgets.healthyPercent },
    detail: `${plusMinus(traced)}; ${traced.cpuMs.toFixed(0)} ms of CPU, some of it after the reply`,
  })
  const later = Object.entries(dead).map(([name, timed]) =>
    printRow({
      what: `${name}: reply later by more than noise explains`,
      value: Math.max(0, timed.laterMs - timed.noiseMs),
      unit: 'ms',
      budget: { most: budgets.laterMs },
      detail: plusMinus(timed),
    }),
  )
  return [healthy, ...later]
}

async function benchBacklog(): Promise<boolean[]> {
  const sent = await sendBacklog(queued, join(dir, 'backlog'))
  const each = sent.sentMs / queued
  return [
    printRow({
      what: `${queued} turns that waited on disk, sent in`,
      value: sent.sentMs / 60_000,
      unit: 'minutes',
      budget: { most: (budgets.backlogMinutes * queued) / 10_000 },
      detail: `${each.toFixed(0)} ms each; ${(sent.diskBytes / queued / 1024).toFixed(1)} KB each on disk`,
    }),
    printRow({
      what: 'traces that MLflow does not have',
      value: queued - sent.traces,
      unit: 'traces',
      budget: { most: 0 },
    }),
    printRow({
      what: 'runs too few or too many',
      value: Math.abs(queued - sent.runs),
      unit: 'traces',
      budget: { most: 0 },
    }),
    printRow({ what: 'traces out of order', value: sent.outOfOrder, unit: 'traces', budget: { most: 0 } }),
    printRow({
      what: 'tokens in MLflow too few or too many',
      value: Math.abs(sent.tokens - sent.expectedTokens),
      unit: 'tokens',
      budget: { most: 0 },
      detail: `of ${sent.expectedTokens}`,
    }),
  ]
}

function flag(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? otherwise : Number(process.argv[at + 1])
}
