import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startRedis } from '../../../sandbox/local/redis.ts'

const { REDIS_URL: _, ...env } = process.env
let dir = ''

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'deckhand-redis-'))
})
afterEach(() => rm(dir, { recursive: true, force: true }))

// Where REDIS_URL names a server, no other one is set up.
describe.skipIf(process.env['REDIS_URL'])('startRedis', () => {
  it('starts a server of its own for each caller', async () => {
    await using first = await startRedis({ dir: path.join(dir, 'first'), env })
    await using second = await startRedis({ dir: path.join(dir, 'second'), env })

    await command(first.url, (redis) => redis.set('colour', 'green'))

    expect(await command(second.url, (redis) => redis.get('colour'))).toBeNull()
  })

  it('finds its data again in the same folder', async () => {
    {
      await using redis = await startRedis({ dir, env })
      await command(redis.url, (client) => client.set('colour', 'green'))
    }

    await using redis = await startRedis({ dir, env })

    expect(await command(redis.url, (client) => client.get('colour'))).toBe('green')
  })

  it('never drops keys to save memory', async () => {
    await using redis = await startRedis({ dir, env })

    const settings = await command(redis.url, (client) => client.config('GET', 'maxmemory-policy'))

    expect(settings).toEqual(['maxmemory-policy', 'noeviction'])
  })

  it('stops answering when it is disposed', async () => {
    const redis = await startRedis({ dir, env })
    await redis[Symbol.asyncDispose]()

    await expect(command(redis.url, (client) => client.ping())).rejects.toThrow('Connection is closed')
  })

  it('says what the server said when it cannot start', async () => {
    await expect(startRedis({ dir, env, databases: -1 })).rejects.toMatchObject({
      code: 'exited',
      message: expect.stringContaining(`'databases "-1"'`) as string,
    })
  })
})

describe('startRedis by variables', () => {
  it('uses the server that REDIS_URL names instead', async () => {
    await using redis = await startRedis({ dir, env: { REDIS_URL: 'redis://cache:6380/2' } })

    expect(redis).toMatchObject({ url: 'redis://cache:6380/2', isPrivate: false })
  })

  it('says what to set when there is no server to start', async () => {
    await expect(startRedis({ dir, env: {} })).rejects.toMatchObject({
      code: 'missing',
      message: 'Cannot start Redis: DECKHAND_REDIS_SERVER and REDIS_URL are not set',
    })
  })
})

async function command<T>(url: string, run: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { maxRetriesPerRequest: 0, retryStrategy: () => null })
  redis.on('error', () => {}) // a refused connection shows in the command
  try {
    return await run(redis)
  } finally {
    redis.disconnect()
  }
}
