import { MlflowError } from '../mlflow/mlflow-error.ts'
import type { MlflowRecords } from '../mlflow/records.ts'
import type { CaseResult } from './evaluate.ts'
import { toMetrics, type Summary } from './summary.ts'

/** An evaluation as it is known before its first question. */
export interface EvaluationPlan {
  readonly set: string
  /** What is being evaluated, such as the program's version or that of a registered model. */
  readonly version: string
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly params: Readonly<Record<string, string>>
  /** Who runs it. */
  readonly user: string
}

/** Keeps one evaluation in MLflow. */
export interface EvaluationRecord {
  readonly runId: string
  readonly runUrl: string
  /** Metrics of the set's last finished evaluation. */
  readonly earlier: Readonly<Record<string, number>> | undefined
  /** Ends the run when there are no results. Never rejects: it is done on the way out. */
  abandon(at: number): Promise<void>
  /** Writes scores beside each question's trace, puts the traces below the run, and ends it. Traces have to be there. */
  finish(
    summary: Summary,
    results: readonly CaseResult[],
    end: { readonly isGood: boolean; readonly at: number },
    signal: AbortSignal,
  ): Promise<void>
}

const abandonTimeoutMs = 5000

/** @throws MlflowError */
export async function startRecord(
  plan: EvaluationPlan,
  records: MlflowRecords,
  signal: AbortSignal,
): Promise<EvaluationRecord> {
  const experiment = await records.experiment(signal)
  const earlier = await records.evaluations.latest(experiment.id, plan.set, signal)
  const runId = await records.evaluations.start(
    {
      experimentId: experiment.id,
      name: plan.name,
      set: plan.set,
      startedAt: plan.startedAt,
      params: { ...plan.params, set: plan.set, version: plan.version },
      tags: {
        'mlflow.user': plan.user,
        version: plan.version,
        ...(earlier ? { 'deckhand.eval_compared_with': earlier.runId } : {}),
      },
    },
    signal,
  )
  return {
    runId,
    runUrl: records.links.run(experiment, runId),
    earlier: earlier?.metrics,
    async abandon(at) {
      const within = AbortSignal.timeout(abandonTimeoutMs)
      await records.evaluations.abandon(runId, at, within).catch(() => undefined) // then it stays open, and says nothing
    },
    async finish(summary, results, end, signal) {
      for (const result of results) await assess(result, runId, records, signal)
      await records.evaluations.link(runId, results, signal).catch(unlessMissing)
      await records.evaluations.finish(runId, toMetrics(summary, results), end, signal)
    },
  }
}

/** Not every MLflow has the call that puts traces below a run: its page then shows them in the experiment alone. */
function unlessMissing(error: unknown): void {
  const isMissing = error instanceof MlflowError && ['unsupported', 'not-found', 'not-mlflow'].includes(error.code)
  if (!isMissing) throw error
}

/** What the question's trace is worth, for MLflow's page: which expectation failed stands in the reason. */
async function assess(
  { traceId, scores, passed, faults }: CaseResult,
  runId: string,
  { assessments }: MlflowRecords,
  signal: AbortSignal,
): Promise<void> {
  if (traceId === '') return
  const base = {
    source: { type: 'CODE', id: 'deckhand eval' },
    metadata: { 'mlflow.assessment.sourceRunId': runId },
  } as const
  const why = faults.join('\n')
  const ofScores = Object.entries(scores).map(([name, value]) => ({
    ...base,
    name,
    value,
    rationale: value < 1 && name !== 'grounded' ? why : '',
  }))
  await assessments.putAll(traceId, [...ofScores, { ...base, name: 'passed', value: passed, rationale: why }], signal)
}
