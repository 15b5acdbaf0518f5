import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import type { Decks } from '../decks.ts'
import type { Links } from '../links.ts'
import type { Reply } from '../reply.ts'
import { ApiError } from './api-error.ts'
import { reach } from './asking.ts'
import { createTeller, encodeEvent, heartbeat } from './event-stream.ts'
import { toAnswer, toRunning, type Asked } from './present.ts'
import type { Answer, Running } from './schema.ts'
import type { TurnWatch } from './turn-watch.ts'

export interface AnsweringDeps {
  readonly watch: TurnWatch
  readonly decks: Decks
  readonly links: Links
  readonly log: Logger
}

/**
 * The turn's end, waited for until `signal` aborts; then how far it is.
 * @throws ApiError `forgotten`, `unavailable`
 */
export async function waitForAnswer(
  asked: Asked,
  deps: AnsweringDeps,
  signal: AbortSignal,
): Promise<{ readonly ended: Answer } | { readonly running: Running }> {
  let last: Reply | undefined
  for await (const state of deps.watch.follow(asked.id, signal)) {
    if (state === 'forgotten') throw forgotten()
    if (state !== 'unseen') last = state
  }
  if (last?.phase === 'ended') return { ended: await reach(toAnswer(asked, last, deps)) }
  return { running: toRunning(asked, last) }
}

/**
 * What happens, as server-sent events, until the end or until `signal` aborts: then `later`, for the caller to follow on.
 * Something is sent at once and each time the watch looks. Never throws: a broken stream would tell the caller less.
 */
export async function* streamAnswer(
  asked: Asked,
  deps: AnsweringDeps,
  signal: AbortSignal,
): AsyncGenerator<string, void, undefined> {
  const tell = createTeller(asked)
  let last: Reply | undefined
  try {
    for await (const state of deps.watch.follow(asked.id, signal)) {
      if (state === 'forgotten') return
      if (state !== 'unseen') last = state
      const events = tell(last)
      const ended = last?.phase === 'ended' ? last : undefined
      if (ended) events.push({ event: 'done', data: await toAnswer(asked, ended, deps) })
      yield events.length > 0 ? events.map(encodeEvent).join('') : heartbeat
      if (ended) return
    }
  } catch (error) {
    deps.log.warn({ turn: asked.id, error: describeError(error) }, 'The end of a turn could not be told')
  }
  yield encodeEvent({ event: 'later', data: toRunning(asked, last) })
}

export function forgotten(): ApiError {
  return new ApiError('forgotten', 'The answer to this question is not kept any more.')
}
