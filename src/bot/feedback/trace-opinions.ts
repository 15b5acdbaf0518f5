import type { Clock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import type { Assessment } from '../../mlflow/assessment.ts'
import type { StoredAssessment } from '../../mlflow/assessments.ts'
import { isRefusal, MlflowError } from '../../mlflow/mlflow-error.ts'
import type { MlflowRecords } from '../../mlflow/records.ts'
import type { Feedback } from '../feedback.ts'
import type { Told } from './outbox.ts'

/** What people's opinions are called in MLflow: assessments of the trace, a metric and a tag of its run. */
const ratingName = 'user_rating'

/**
 * Puts what people think of an answer beside its trace, one assessment a person, and their mean into its run: metric
 * `user_rating` from 0 to 1, tag `user_rating` good, bad or mixed. A trace that MLflow does not have yet (it may wait in
 * the spool of another machine) is told of later.
 */
export function createTraceOpinions(deps: {
  readonly records: Pick<MlflowRecords, 'assessments' | 'traces' | 'addToRun'>
  readonly clock: Clock
  readonly log: Logger
}): (traceId: string, opinions: readonly Feedback[], signal: AbortSignal) => Promise<Told> {
  const { records, clock, log } = deps
  return async (traceId, opinions, signal) => {
    try {
      await records.assessments.putAll(traceId, opinions.map(toAssessment), signal)
      const { runId } = await records.traces.get(traceId, signal)
      const { feedback } = await records.assessments.list(traceId, signal)
      if (runId !== '') await records.addToRun(runId, summaryOf(feedback, clock.now()), signal)
      return 'done'
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof MlflowError)) throw error
      if (isRefusal(error)) {
        log.error({ trace: traceId, error: describeError(error) }, 'MLflow does not take an opinion')
        return 'done'
      }
      log.debug({ trace: traceId, error: describeError(error) }, 'MLflow is told of an opinion later')
      return 'later'
    }
  }
}

function toAssessment({ userId, rating, reason }: Feedback): Assessment {
  return { name: ratingName, source: { type: 'HUMAN', id: userId }, value: rating === 'good', rationale: reason.trim() }
}

/** What was said in MLflow's own page counts, too. */
function summaryOf(feedback: readonly StoredAssessment[], at: number): Parameters<MlflowRecords['addToRun']>[1] {
  const ratings = feedback.filter(
    ({ name, source, isValid }) => name === ratingName && source.type === 'HUMAN' && isValid,
  )
  const good = ratings.filter(({ value }) => value === true).length
  const share = ratings.length === 0 ? 0 : good / ratings.length
  const word = share === 1 ? 'good' : share === 0 ? 'bad' : 'mixed'
  return { metrics: [{ key: ratingName, value: share, step: 0, at }], tags: { [ratingName]: word } }
}
