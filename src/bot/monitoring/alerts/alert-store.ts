import type { Redis } from 'ioredis'
import { z } from 'zod'
import { parseJson } from '../../../lib/json.ts'
import { defineScript } from '../../../lib/redis-script.ts'
import { AlertState } from './alert-state.ts'
import { alertNames, type AlertName } from './rules.ts'

const statesKey = 'deckhand:alerts'
const lookedAtField = 'looked-at'
const lockKey = 'deckhand:alerts:lock'
const fenceKey = 'deckhand:alerts:fence'

export type AlertStates = ReadonlyMap<AlertName, AlertState>

/** The states of all alerts, and the right to look at them next, in Redis. */
export interface AlertStore {
  /** The right to look, for one process in a period of `ms`. → the number it writes with, or undefined when another looks */
  begin(ms: number): Promise<number | undefined>
  read(): Promise<AlertStates>
  /** When the last look ended, in milliseconds since the epoch; undefined when there was none. */
  lookedAt(): Promise<number | undefined>
  /** → false when another process has begun to look since: then nothing is written */
  write(fence: number, states: AlertStates, at: number): Promise<boolean>
}

const beginScript = defineScript(`
if redis.call('SET', KEYS[1], '1', 'NX', 'PX', ARGV[1]) then
  return redis.call('INCR', KEYS[2])
end
return 0
`)

const writeScript = defineScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
for index = 2, #ARGV, 2 do
  redis.call('HSET', KEYS[2], ARGV[index], ARGV[index + 1])
end
return 1
`)

export function createAlertStore(redis: Redis): AlertStore {
  return {
    async begin(ms) {
      const fence = z.number().parse(await beginScript.run(redis, [lockKey, fenceKey], [Math.round(ms)]))
      return fence === 0 ? undefined : fence
    },
    async read() {
      const stored = await redis.hgetall(statesKey)
      const states = new Map<AlertName, AlertState>()
      for (const name of alertNames) {
        const state = AlertState.safeParse(parseJson(stored[name] ?? ''))
        if (state.success) states.set(name, state.data) // what another version has stored begins anew
      }
      return states
    },
    async lookedAt() {
      const at = await redis.hget(statesKey, lookedAtField)
      return at === null ? undefined : Number(at)
    },
    async write(fence, states, at) {
      const fields = [...states].flatMap(([name, state]) => [name, JSON.stringify(state)])
      fields.push(lookedAtField, String(at))
      return (await writeScript.run(redis, [fenceKey, statesKey], [fence, ...fields])) === 1
    },
  }
}
