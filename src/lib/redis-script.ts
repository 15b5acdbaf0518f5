import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'

export type ScriptArgument = string | number | Buffer

/** A Lua script that Redis runs in one step. Its text is sent only when the server does not know it yet. */
export interface RedisScript {
  run(redis: Redis, keys: readonly string[], args: readonly ScriptArgument[]): Promise<unknown>
}

export function defineScript(lua: string): RedisScript {
  const sha = createHash('sha1').update(lua).digest('hex')
  return {
    async run(redis, keys, args) {
      try {
        return await redis.evalsha(sha, keys.length, ...keys, ...args)
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
        return await redis.eval(lua, keys.length, ...keys, ...args)
      }
    },
  }
}
