import type { Redis } from 'ioredis'
import { packJson, unpackJson } from '../../lib/packed-json.ts'
import { defineScript } from '../../lib/redis-script.ts'
import type { Replies } from '../replies.ts'
import { Reply } from '../reply.ts'

/** Channel on which the ids of turns are called out whose state is a new one. */
export const stateChannel = 'deckhand:api:states'

/**
 * How turns stand, for all processes: the worker that runs a turn shows it, the process that holds the caller's
 * connection looks. Once a turn has ended, what is kept of its thread has the last word: a thread that is forgotten is
 * forgotten here, too.
 */
export interface TurnStates {
  /** Replaces what was shown before. An end stays. */
  show(reply: Reply): Promise<void>
  /** `unseen`: nothing was ever shown, or very long ago; `forgotten`: it has ended, and is not kept any more. */
  find(turnId: string): Promise<Reply | 'unseen' | 'forgotten'>
}

/** An end is shown without its reply where that is kept elsewhere. */
const showScript = defineScript(`
local key = KEYS[1]
local reply, phase, ttlMs, channel, id = unpack(ARGV)
if redis.call('HGET', key, 'phase') == 'ended' then
  return 0
end
redis.call('HSET', key, 'phase', phase, 'reply', reply)
redis.call('PEXPIRE', key, ttlMs)
redis.call('PUBLISH', channel, id)
return 1
`)

export function createTurnStates(deps: {
  readonly redis: Redis
  readonly replies: Pick<Replies, 'find'>
  readonly ttlMs: number
}): TurnStates {
  const { redis, replies } = deps
  const ttlMs = Math.round(deps.ttlMs)
  const keyOf = (turnId: string): string => `deckhand:api:state:${turnId}`
  return {
    async show(reply) {
      const isKept = reply.phase === 'ended' && (await replies.find(reply.turnId)) !== undefined
      const shown = isKept ? '' : packJson(reply)
      await showScript.run(redis, [keyOf(reply.turnId)], [shown, reply.phase, ttlMs, stateChannel, reply.turnId])
    },
    async find(turnId) {
      const [phase, packed] = await redis.hmgetBuffer(keyOf(turnId), 'phase', 'reply')
      if (!phase || !packed) return 'unseen'
      if (packed.length > 0) return Reply.safeParse(unpackJson(packed)).data ?? 'forgotten'
      return (await replies.find(turnId)) ?? 'forgotten'
    },
  }
}
