import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { isolatedRedisUrl, mlflowUrl } from '../../support/parts.ts'

describe('the parts of a test run', () => {
  it('gives each caller a Redis database of its own', async () => {
    const [first, second] = [new Redis(await isolatedRedisUrl()), new Redis(await isolatedRedisUrl())]

    await first.set('deckhand:test', 'mine')
    const seen = await second.get('deckhand:test')
    first.disconnect()
    second.disconnect()

    expect(seen).toBeNull()
  })

  it('gives an MLflow server of the pinned version', async () => {
    const response = await fetch(`${await mlflowUrl()}/version`)

    expect(await response.text()).toBe('3.18.0')
  })
})
