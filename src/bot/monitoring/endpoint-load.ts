import type { Redis } from 'ioredis'
import type { Utilisation } from '../../mlflow/serving/endpoint-readings.ts'

const hourMs = 3_600_000
const keptMs = 35 * 24 * hourMs

/** How often an endpoint was made larger and smaller in a time, and how often it was woken from no copies at all. */
export interface EndpointScaling {
  readonly scaleUps: number
  readonly scaleDowns: number
  readonly coldStarts: number
}

/**
 * Databricks tells how large an endpoint is, and not when it changed: each look is compared with the one before, so that
 * a change that comes and goes between two looks stays unseen.
 */
export async function noteLoad(redis: Redis, name: string, { concurrency }: Utilisation, at: number): Promise<void> {
  if (concurrency === undefined) return
  const before = await redis.set(lastKey(name), String(concurrency), 'PX', keptMs, 'GET')
  if (before === null || Number(before) === concurrency) return
  const key = hourKey(name, at)
  const changes = redis.multi().hincrby(key, concurrency > Number(before) ? 'scale-ups' : 'scale-downs', 1)
  if (Number(before) === 0) changes.hincrby(key, 'cold-starts', 1)
  await changes.pexpire(key, keptMs).exec()
}

/** What was noted in the last hours. */
export async function readScaling(redis: Redis, name: string, now: number, hours: number): Promise<EndpointScaling> {
  const hashes = await Promise.all(
    Array.from({ length: Math.max(1, Math.floor(hours)) }, (_, index) =>
      redis.hgetall(hourKey(name, now - index * hourMs)),
    ),
  )
  const sum = (field: string): number => hashes.reduce((total, hash) => total + Number(hash[field] ?? 0), 0)
  return { scaleUps: sum('scale-ups'), scaleDowns: sum('scale-downs'), coldStarts: sum('cold-starts') }
}

function lastKey(name: string): string {
  return `deckhand:figures:endpoint:${encodeURIComponent(name)}`
}

function hourKey(name: string, at: number): string {
  return `${lastKey(name)}:${Math.floor(at / hourMs)}`
}
