import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import type { Decks } from '../decks.ts'
import type { Links } from '../links.ts'
import type { Reply } from '../reply.ts'
import { ApiError } from './api-error.ts'
import { reach } from './asking.ts'
import { encodeEvent, eventsBetween, heartbeat } from './event-stream.ts'
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
  let told: Reply | undefined
  let isFirst = true
  try {
    for await (const state of deps.watch.follow(asked.id, signal)) {
      if (state === 'forgotten') return
      const now = state === 'unseen' ? told : state
      const isEnd = now?.phase === 'ended'
      const news = isFirst || now !== told ? eventsBetween(asked, told, now) : []
      const events = isEnd ? news.filter(({ event }) => event !== 'progress') : news
      if (isEnd) events.push({ event: 'done', data: await toAnswer(asked, now, deps) })
      yield events.length > 0 ? events.map(encodeEvent).join('') : heartbeat
      if (isEnd) return
      isFirst = false
      told = now
    }
  } catch (error) {
    deps.log.warn({ turn: asked.id, error: describeError(error) }, 'The end of a turn could not be told')
  }
  yield encodeEvent({ event: 'later', data: toRunning(asked, told) })
}

export function forgotten(): ApiError {
  return new ApiError('forgotten', 'The answer to this question is not kept any more.')
}
