import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readFigures } from '../../../src/bot/monitoring/figure-store.ts'
import { failedTurns, mergeSums, successRate, type FigureSums } from '../../../src/bot/monitoring/figure-sums.ts'
import { quantile } from '../../../src/bot/monitoring/histogram.ts'
import { beginTurn } from '../../../src/bot/monitoring/running-turn.ts'
import { beginReply, endWithoutTurn } from '../../../src/bot/reply-view.ts'
import type { ReplyResult } from '../../../src/bot/reply.ts'
import { encodeThreadId, type Thread } from '../../../src/bot/thread.ts'
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts'
import { messageIn, openMailbox, recordingHandler } from '../../support/mailbox.ts'
import { isolatedRedisUrl } from '../../support/parts.ts'

const noon = Date.parse('2026-11-23T12:00:00Z')
const minute = 60_000
const hour = 3_600_000

let redisUrl: string
let redis: Redis
let clock: ManualClock

beforeEach(async () => {
  redisUrl = await isolatedRedisUrl()
  redis = new Redis(redisUrl)
  clock = createManualClock(noon)
})
afterEach(() => redis.disconnect())

interface Told {
  readonly platform?: Thread['platform']
  readonly tookMs?: number
  readonly llmMs?: readonly number[]
  readonly result?: Partial<ReplyResult>
}

/** Runs a turn through a mailbox of its own that ends as told, at the clock's time. */
async function endTurn(told: Told = {}): Promise<void> {
  await using mailbox = await openMailbox(redisUrl)
  const { platform = 'slack', tookMs = 1000 } = told
  const thread = encodeThreadId({ platform, tenant: 'T1', channel: 'C1', root: crypto.randomUUID() })
  const handler = recordingHandler(async (message, { attempt }) => {
    const turn = beginTurn({ ...message, sentAt: clock.now() - tookMs }, attempt, { clock })
    for (const ms of told.llmMs ?? []) turn.metrics.observe('llm_ms', ms)
    const reply = endWithoutTurn(beginReply(message, 0), { status: 'answered', answer: 'Yes.', ...told.result })
    return { reply: 'end', ...turn.ended(reply) }
  })
  mailbox.work(handler)
  await mailbox.accept(messageIn(thread))
  await handler.until('end')
}

const readAll = async (ms: number): Promise<FigureSums> =>
  mergeSums((await readFigures(redis, clock.now(), ms)).values())

describe('The figures of ended turns', () => {
  it('add up over processes: how turns ended, what they took and what they cost', async () => {
    await endTurn({
      tookMs: 2000,
      llmMs: [100, 100, 900],
      result: { costUsd: 0.0123456, tokens: { input: 900, output: 100 }, numbers: { total: 25, verified: 24 } },
    })
    await endTurn({ tookMs: 4000, result: { costUsd: 0.01 } })
    await endTurn({ tookMs: 90_000, result: { status: 'failed', errorCode: 'timeout' } })
    await endTurn({ platform: 'api', result: { status: 'stopped', errorCode: 'stopped' } })

    const byPlatform = await readFigures(redis, clock.now(), hour)
    const all = mergeSums(byPlatform.values())

    expect([...byPlatform.keys()]).toEqual(['slack', 'api'])
    expect(all).toMatchObject({
      turns: 4,
      statuses: { answered: 2, failed: 1, stopped: 1 },
      errors: { timeout: 1, stopped: 1 },
      costUsd: 0.022346,
      tokens: { input: 900, output: 100 },
      numbers: { total: 25, verified: 24 },
    })
    expect(failedTurns(all)).toBe(1)
    expect(successRate(all)).toBeCloseTo(2 / 3) // who stops a turn says nothing about us
    expect(quantile(all.times.llm_ms, 0.5)).toBeGreaterThan(97)
    expect(quantile(all.times.llm_ms, 0.5)).toBeLessThan(103)
    expect((quantile(all.times.turn_ms, 0.99) ?? 0) / 90_000).toBeCloseTo(1, 1)
  })

  it('count a turn once, though a worker lost it in the middle and another ran it again', async () => {
    await using mailbox = await openMailbox(redisUrl)
    const thread = encodeThreadId({ platform: 'slack', tenant: 'T1', channel: 'C1', root: 'r' })
    const handler = recordingHandler(async (message, { attempt }) => {
      const turn = beginTurn(message, attempt, { clock })
      if (attempt === 1) {
        // What a worker does that does not know yet that it has lost the turn: it comes to an end of its own.
        await redis.hset(`deckhand:mail:{${thread}}:lease`, 'token', 'of another worker')
      }
      const reply = endWithoutTurn(beginReply(message, 0), { status: 'answered', answer: 'Yes.', costUsd: 0.5 })
      return { reply: 'end', ...turn.ended(reply) }
    })
    mailbox.work(handler)
    await mailbox.accept(messageIn(thread))
    await handler.until('end')

    expect(handler.log.filter((line) => line.startsWith('run'))).toHaveLength(2)
    expect(await readAll(hour)).toMatchObject({ turns: 1, costUsd: 0.5, retries: 1 })
  })

  it('are exact to the minute for three hours and to the hour after that', async () => {
    await endTurn()
    await clock.advance(10 * minute)
    await endTurn()

    expect((await readAll(5 * minute)).turns).toBe(1)
    expect((await readAll(15 * minute)).turns).toBe(2)
    await clock.advance(5 * hour)
    expect((await readAll(hour)).turns).toBe(0)
    expect((await readAll(24 * hour)).turns).toBe(2)
  })

  it('take little room, and go by themselves', async () => {
    for (let index = 0; index < 20; index += 1) await endTurn({ tookMs: 1000 + index, llmMs: [50, 60, 70, 80] })

    const keys = await redis.keys('deckhand:figures:*')
    const lives = await Promise.all(keys.map((key) => redis.pttl(key)))
    const bytes = await Promise.all(keys.map((key) => redis.memory('USAGE', key)))

    expect(keys).toHaveLength(2) // all ended in one minute, and one hour
    for (const ms of lives) expect(ms).toBeGreaterThan(2 * hour)
    for (const size of bytes) expect(Number(size)).toBeLessThan(1000)
  })
})
