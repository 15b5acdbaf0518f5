import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { isolatedRedisUrl, mlflowUrl } from './parts.ts'

describe('the parts of a test run', () => {
  it.skipIf(process.env['REDIS_URL'])('give each caller a Redis database of its own', async () => {
    await using clients = new AsyncDisposableStack()
    const client = async (): Promise<Redis> =>
      clients.adopt(new Redis(await isolatedRedisUrl()), async (redis) => redis.disconnect())
    const [first, second] = [await client(), await client()]

    await first.set('deckhand:test', 'mine')

    expect(await second.get('deckhand:test')).toBeNull()
  })

  it('give an MLflow server that answers', async () => {
    const response = await fetch(`${await mlflowUrl()}/api/2.0/mlflow/experiments/get?experiment_id=0`)

    expect(response.status).toBe(200)
  })
})
