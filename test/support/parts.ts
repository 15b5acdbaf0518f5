import { Redis } from 'ioredis'
import { inject } from 'vitest'

/**
 * A Redis database that no other test of this run uses. Where `REDIS_URL` names the server it is that URL as it is:
 * then only unique keys keep tests apart.
 */
export async function isolatedRedisUrl(): Promise<string> {
  const url = inject('redisUrl')
  if (process.env['REDIS_URL']) return url
  const redis = new Redis(url)
  try {
    return `${url}/${await redis.incr('last-database')}`
  } finally {
    redis.disconnect()
  }
}

/** The MLflow of this run, up and ready. Shared by all tests: make an experiment of your own. */
export async function mlflowUrl(): Promise<string> {
  const url = inject('mlflowUrl')
  const response = await fetch(`${url}/health`)
  await response.arrayBuffer()
  if (!response.ok) throw new Error(`MLflow at ${url} answers its health check with ${response.status}`)
  return url
}
