import type { Clock } from '../../lib/clock.ts'
import type { Feedback, FeedbackStore } from '../feedback.ts'
import type { Reply } from '../reply.ts'
import { threadOf } from './stored-reply.ts'

/** Keeps what people think of answers. */
export interface Opinions {
  /** @throws RedisError */
  note(reply: Reply, given: Pick<Feedback, 'userId' | 'rating' | 'reason'>): Promise<void>
}

export function createOpinions(deps: {
  readonly feedback: FeedbackStore
  /** Told of every opinion, after it was kept. */
  readonly onFeedback: (feedback: Feedback) => void
  readonly clock: Clock
}): Opinions {
  return {
    async note(reply, given) {
      const { turnId, result } = reply
      const traceId = result?.traceId ?? ''
      const opinion: Feedback = { turnId, thread: threadOf(reply), traceId, ...given, at: deps.clock.now() }
      await deps.feedback.put(opinion)
      deps.onFeedback(opinion)
    },
  }
}
