import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aborted } from '../../../src/lib/abort.ts'
import { silentLogger } from '../../../src/lib/log.ts'
import { holdEnvironment, type Hold } from '../../../src/mlflow/release/hold.ts'
import { createRedisReleaseStore } from '../../../src/mlflow/release/redis-store.ts'
import { isolatedRedisUrl } from '../../support/parts.ts'
import { ben } from './bench.ts'

const leaseKey = 'deckhand:release:{prod}:lease'
let redis: Redis

beforeEach(async () => {
  redis = new Redis(await isolatedRedisUrl())
})
afterEach(() => redis.disconnect())

const hold = (leaseMs: number): Promise<Hold> =>
  holdEnvironment('prod', { store: createRedisReleaseStore(redis), log: silentLogger, leaseMs })

/** Rather than the test's own timer: the heartbeat keeps no process alive. */
async function soon(signal: AbortSignal): Promise<void> {
  const alive = setInterval(() => {}, 1000)
  await aborted(signal)
  clearInterval(alive)
}

describe('holdEnvironment', () => {
  it('keeps others out until it is given back', async () => {
    const first = await hold(60_000)
    await expect(hold(60_000)).rejects.toMatchObject({ code: 'busy' })

    await first[Symbol.asyncDispose]()
    await using second = await hold(60_000)

    expect(second.lease.fence).toBeGreaterThan(first.lease.fence)
  })

  it('hears in the middle of a step that the release is cancelled', async () => {
    await using held = await hold(3000)
    await redis.set('deckhand:release:{prod}:cancel', JSON.stringify(ben))

    await soon(held.cancelled)

    expect(held.cancelled.reason).toMatchObject({ code: 'cancelled', message: expect.stringContaining('Ben') })
  })

  it('learns that another process has taken over, and takes nothing from it', async () => {
    const slow = await hold(3000)
    await redis.del(leaseKey)
    await using next = await hold(60_000)

    await soon(slow.lost)
    await slow[Symbol.asyncDispose]()

    expect(slow.lost.reason).toMatchObject({ code: 'lease-lost' })
    expect(await redis.get(leaseKey)).toBe(String(next.lease.fence))
  })
})
