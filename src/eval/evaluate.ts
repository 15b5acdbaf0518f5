import { createGate } from '../lib/gate.ts'
import { describeError } from '../lib/errors.ts'
import type { EvalCase, EvalSet } from './case.ts'
import { EvalError } from './eval-error.ts'
import { judgeCase, type CaseJudgement } from './judge-case.ts'
import { replay, type ReplayDeps } from './replay.ts'
import type { ExpectedRows } from './scores.ts'

/** One question, answered and judged. */
export interface CaseResult extends CaseJudgement {
  readonly id: string
  readonly question: string
  /** Rows the deck should hold; undefined when nobody has said. */
  readonly expected: ExpectedRows | undefined
  readonly status: string
  readonly answer: string
  readonly seconds: number
  readonly costUsd: number
  readonly traceId: string
  readonly traceUrl: string
  /** Of the question's own turn; '' when it is not traced. */
  readonly runId: string
}

export interface EvaluateDeps extends ReplayDeps {
  /** Runs one SELECT where the truth is. */
  readonly query: (sql: string, signal: AbortSignal) => Promise<ExpectedRows>
  /** Questions that are answered side by side. */
  readonly concurrency: number
}

/**
 * Asks every question of a set and judges the answers, in the set's order. Expected rows are computed first: a set that
 * is wrong itself costs nothing. `onResult` hears of each answer as it is there.
 * @throws EvalError `no-truth`, or the signal's reason
 */
export async function evaluate(
  set: EvalSet,
  run: string,
  deps: EvaluateDeps,
  onResult: (result: CaseResult) => void,
  signal: AbortSignal,
): Promise<readonly CaseResult[]> {
  const expected = await computeExpected(set.cases, deps, signal)
  const gate = createGate({ sideBySide: deps.concurrency, mostWaiting: Infinity })
  return Promise.all(
    set.cases.map((evalCase, index) =>
      gate.run(async () => {
        signal.throwIfAborted()
        const { outcome, seconds } = await replay(evalCase, run, deps, signal)
        const rows = expected[index]
        const result: CaseResult = {
          ...judgeCase(evalCase, rows, outcome),
          id: evalCase.id,
          question: evalCase.question,
          expected: rows,
          status: outcome.status,
          answer: outcome.answer,
          seconds,
          costUsd: outcome.usage.costUsd,
          traceId: outcome.traceId,
          traceUrl: outcome.traceUrl,
          runId: await outcome.runId,
        }
        onResult(result)
        return result
      }),
    ),
  )
}

async function computeExpected(
  cases: readonly EvalCase[],
  { query, concurrency }: EvaluateDeps,
  signal: AbortSignal,
): Promise<readonly (ExpectedRows | undefined)[]> {
  const gate = createGate({ sideBySide: concurrency, mostWaiting: Infinity })
  const problems: string[] = []
  const rows = await Promise.all(
    cases.map(async ({ id, expect }) => {
      if (expect?.rows) return writtenRows(expect.rows)
      if (expect?.sql === undefined) return undefined
      const { sql } = expect
      try {
        return await gate.run(() => query(sql, signal))
      } catch (error) {
        signal.throwIfAborted()
        problems.push(`${id}: ${describeError(error)}`)
        return undefined
      }
    }),
  )
  if (problems.length === 0) return rows
  throw new EvalError('no-truth', `Expected values cannot be computed: ${problems.join('; ')}`)
}

/** Rows written down in the set: what is a number there is one. */
function writtenRows(rows: readonly (readonly (string | number | null)[])[]): ExpectedRows {
  const width = Math.max(0, ...rows.map((row) => row.length))
  return {
    columns: Array.from({ length: width }, (_, index) => ({
      name: `column ${index + 1}`,
      isNumber: rows.some((row) => typeof row[index] === 'number'),
    })),
    rows: rows.map((row) => row.map((cell) => (cell === null ? null : String(cell)))),
  }
}
