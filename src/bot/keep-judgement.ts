import type { TurnOutcome } from '../agent/events.ts'
import type { Judgement } from '../agent/judge.ts'
import type { Clock } from '../lib/clock.ts'
import { isRefusal, MlflowError } from '../mlflow/mlflow-error.ts'
import type { MlflowRecords } from '../mlflow/records.ts'
import type { Metrics } from './metrics.ts'

/** The trace is on its way: asked again after 1, 2, 4 … 60 seconds. */
const tries = 12
const firstDelayMs = 1000
const longestDelayMs = 60_000

/**
 * Puts a judgement beside its trace (`coherence_score`, LLM_JUDGE), its tokens and cost into the run and the metrics.
 * The run's `total_cost_usd` then holds them, too.
 */
export function createKeepJudgement(deps: {
  readonly records: Pick<MlflowRecords, 'assessments' | 'addToRun'>
  readonly metrics: Metrics
  readonly clock: Clock
}): (judgement: Judgement, outcome: TurnOutcome, turn: unknown, signal: AbortSignal) => Promise<void> {
  const { records, metrics, clock } = deps

  async function putWhenThere(judgement: Judgement, traceId: string, signal: AbortSignal): Promise<void> {
    const { coherence, reason, model, usage } = judgement
    for (let attempt = 1; ; attempt += 1) {
      try {
        await records.assessments.put(
          traceId,
          {
            name: 'coherence_score',
            source: { type: 'LLM_JUDGE', id: model },
            value: coherence,
            rationale: reason,
            metadata: {
              'mlflow.assessment.judgeCost': String(usage.costUsd),
              'mlflow.assessment.judgeInputTokens': String(usage.inputTokens),
              'mlflow.assessment.judgeOutputTokens': String(usage.outputTokens),
            },
          },
          signal,
        )
        return
      } catch (error) {
        const isPassing = error instanceof MlflowError && !isRefusal(error)
        if (!isPassing || attempt >= tries) throw error
        await clock.sleep(Math.min(longestDelayMs, firstDelayMs * 2 ** (attempt - 1)), signal)
      }
    }
  }

  return async (judgement, outcome, _turn, signal) => {
    const { usage, coherence } = judgement
    metrics.count('tokens', { direction: 'input' }, usage.inputTokens)
    metrics.count('tokens', { direction: 'output' }, usage.outputTokens)
    metrics.count('cost_usd', { platform: 'judge' }, usage.costUsd)
    await putWhenThere(judgement, outcome.traceId, signal)
    const runId = await outcome.runId
    if (runId === '') return
    const at = clock.now()
    const values = {
      coherence_score: coherence,
      judge_input_tokens: usage.inputTokens,
      judge_output_tokens: usage.outputTokens,
      judge_cost_usd: usage.costUsd,
      total_cost_usd: outcome.usage.costUsd + usage.costUsd,
    }
    const metricsOfRun = Object.entries(values).map(([key, value]) => ({ key, value, step: 0, at }))
    await records.addToRun(runId, { metrics: metricsOfRun, tags: {} }, signal)
  }
}
