import type { GenieRating } from '../../agent/genie/rating.ts'
import type { AskedGenie } from '../../agent/events.ts'
import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import { isRefusal } from '../../mlflow/mlflow-error.ts'
import type { Feedback, FeedbackStore } from '../feedback.ts'
import type { Replies } from '../replies.ts'
import type { Told } from './outbox.ts'
import type { Rated } from './outbox-keys.ts'

/**
 * Where opinions go beside Redis. Each resolves to `later` when it should be tried again, as it is when one rejects,
 * unless MLflow refuses it for good.
 */
export interface OpinionReaders {
  /** What all people think of one answer, to its trace and run. */
  readonly trace: (traceId: string, opinions: readonly Feedback[], signal: AbortSignal) => Promise<Told>
  /** One rating for each question of the turn that Genie answered. */
  readonly genie: (asked: AskedGenie, rating: GenieRating, comment: string, signal: AbortSignal) => Promise<Told>
  /** An answer that somebody found bad. Left out where nobody collects those. */
  readonly collect?: (traceId: string, signal: AbortSignal) => Promise<Told>
}

/**
 * Tells everyone what people think of one answer now. Repeating it changes nothing. Genie has one rating of a message for
 * all that its caller is asked by: people who disagree make none. Of a thread that was forgotten nothing is told any more.
 */
export function createTellOpinions(deps: {
  readonly feedback: Pick<FeedbackStore, 'list'>
  readonly replies: Pick<Replies, 'find'>
  readonly readers: OpinionReaders
  readonly log: Logger
}): (rated: Rated, signal: AbortSignal) => Promise<Told> {
  const { feedback, replies, readers, log } = deps

  async function attempt(what: string, work: () => Promise<Told>): Promise<Told> {
    try {
      return await work()
    } catch (error) {
      const isLasting = isRefusal(error)
      log[isLasting ? 'error' : 'warn']({ what, error: describeError(error) }, 'Cannot tell an opinion')
      return isLasting ? 'done' : 'later'
    }
  }

  return async ({ thread, turnId }, signal) => {
    const opinions = await feedback.list(thread, turnId)
    if (opinions.length === 0) return 'done'
    const asked = (await replies.find(turnId))?.result?.askedGenie ?? []
    const traceId = opinions.at(-1)?.traceId ?? ''
    const rating = genieRating(opinions)
    const comment = commentOf(opinions)
    const told = await Promise.all([
      ...asked.map((message) => attempt('Genie', () => readers.genie(message, rating, comment, signal))),
      ...(traceId === '' ? [] : [attempt('MLflow', () => readers.trace(traceId, opinions, signal))]),
      ...(traceId === '' || !readers.collect || opinions.every(({ rating }) => rating === 'good')
        ? []
        : [attempt('evaluation set', () => readers.collect?.(traceId, signal) ?? Promise.resolve('done'))]),
    ])
    return told.includes('later') ? 'later' : 'done'
  }
}

function genieRating(opinions: readonly Feedback[]): GenieRating {
  const ratings = new Set(opinions.map(({ rating }) => rating))
  if (ratings.size !== 1) return 'NONE'
  return ratings.has('good') ? 'POSITIVE' : 'NEGATIVE'
}

/** What people wrote, without who did: the space's owner is not of the thread. */
function commentOf(opinions: readonly Feedback[]): string {
  return opinions
    .map(({ reason }) => reason.trim())
    .filter((reason) => reason !== '')
    .join('\n')
}
