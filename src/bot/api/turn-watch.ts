import type { Clock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import { connectRedis } from '../../lib/redis.ts'
import type { Secret } from '../../lib/secret.ts'
import type { Reply } from '../reply.ts'
import { stateChannel, type TurnStates } from './turn-states.ts'

/** Follows turns that other processes run. One connection for all that are followed. */
export interface TurnWatch extends AsyncDisposable {
  /**
   * The turn's state now, and each time it changes, until it has ended or the signal aborts; once in any case. States may be left
   * out, the last one is not. The same state again means that nothing has happened for `checkMs`.
   */
  follow(turnId: string, signal: AbortSignal): AsyncGenerator<Awaited<ReturnType<TurnStates['find']>>, void, undefined>
}

export interface TurnWatchDeps {
  readonly redisUrl: string | Secret
  readonly states: TurnStates
  /** Looks that often even if nothing is called out, for what is called while the connection is away. */
  readonly checkMs: number
  readonly clock: Clock
  readonly log: Logger
}

/** @throws RedisError when Redis cannot be reached */
export async function createTurnWatch(deps: TurnWatchDeps): Promise<TurnWatch> {
  const { redisUrl, states, checkMs, clock, log } = deps
  await using parts = new AsyncDisposableStack()
  const calls = parts.use(await connectRedis(redisUrl, { log, commandTimeoutMs: null }))
  const listeners = new Map<string, Set<() => void>>()
  calls.on('message', (_channel: string, turnId: string) => {
    for (const hear of listeners.get(turnId) ?? []) hear()
  })
  calls.on('ready', () => {
    for (const hear of [...listeners.values()].flatMap((ofTurn) => [...ofTurn])) hear()
  })
  await calls.subscribe(stateChannel)

  function listen(turnId: string, hear: () => void): Disposable {
    const ofTurn = listeners.get(turnId) ?? new Set()
    listeners.set(turnId, ofTurn.add(hear))
    return {
      [Symbol.dispose]() {
        ofTurn.delete(hear)
        if (ofTurn.size === 0) listeners.delete(turnId)
      },
    }
  }

  const owned = parts.move()
  return {
    async *follow(turnId, signal) {
      let news = Promise.withResolvers<void>()
      using _ = listen(turnId, () => news.resolve())
      let last: Reply | 'unseen' | 'forgotten' = 'unseen'
      for (;;) {
        news = Promise.withResolvers()
        try {
          last = await states.find(turnId)
        } catch (error) {
          log.debug({ turn: turnId, error: describeError(error) }, 'State of a turn could not be read, trying again')
        }
        yield last
        if (signal.aborted || last === 'forgotten' || (last !== 'unseen' && last.phase === 'ended')) return
        const heard = new AbortController()
        const waiting = clock.sleep(checkMs, AbortSignal.any([signal, heard.signal])).catch(() => undefined)
        await Promise.race([news.promise, waiting])
        heard.abort()
      }
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
