import type { Redis } from 'ioredis'
import { z } from 'zod'
import { parseJson } from '../../lib/json.ts'
import type { Waiting } from '../../mlflow/sending/spool.ts'
import type { Situation } from './alerts/situation.ts'

const key = 'deckhand:spools'
/** A machine that has told nothing for so long runs no more of us. */
const freshMs = 300_000

const Report = z.object({
  at: z.number(),
  traces: z.number(),
  bytes: z.number(),
  oldestAt: z.number().optional(),
})

/** Tells all processes what waits for MLflow on the disk of this machine. */
export async function reportSpool(redis: Redis, machine: string, waiting: Waiting, at: number): Promise<void> {
  await redis
    .multi()
    .hset(key, machine, JSON.stringify({ ...waiting, at }))
    .pexpire(key, freshMs)
    .exec()
}

/** What waits on all machines together; undefined when none has told lately. */
export async function readSpools(redis: Redis, now: number): Promise<Situation['spool']> {
  const stored = await redis.hvals(key)
  const reports = stored.flatMap((text) => {
    const report = Report.safeParse(parseJson(text))
    return report.success && now - report.data.at < freshMs ? [report.data] : []
  })
  if (reports.length === 0) return undefined
  return {
    traces: reports.reduce((sum, { traces }) => sum + traces, 0),
    bytes: reports.reduce((sum, { bytes }) => sum + bytes, 0),
    oldestMs: Math.max(0, ...reports.map(({ oldestAt = now }) => now - oldestAt)),
  }
}
