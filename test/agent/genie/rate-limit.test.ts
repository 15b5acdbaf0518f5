import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Genie, GenieAnswer } from '../../../src/agent/genie/genie.ts'
import { limitRate } from '../../../src/agent/genie/rate-limit.ts'
import { silentLogger } from '../../../src/lib/log.ts'
import { connectRedis, type RedisConnection } from '../../../src/lib/redis.ts'
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts'

const words: GenieAnswer = {
  kind: 'text',
  text: 'hi',
  asksBack: false,
  conversationId: 'c',
  messageId: 'm',
  suggestions: [],
}
const signal = new AbortController().signal
let redis: RedisConnection

beforeAll(async () => {
  redis = await connectRedis(inject('redisUrl'), { log: silentLogger })
})

afterAll(async () => redis[Symbol.asyncDispose]())

interface Workers {
  readonly genies: Genie[]
  readonly asked: string[]
  readonly clock: ManualClock
}

/** Limited Genies of several workers on one budget; `asked` lists what reached Genie. */
function workers(count: number, questionsPerMinute: number): Workers {
  const budget = randomUUID()
  const asked: string[] = []
  const clock = createManualClock(0, { autoAdvance: true })
  const inner: Genie = {
    async ask(question) {
      asked.push(question.question)
      return words
    },
    getSpace: async (spaceId) => ({ spaceId, title: 'Sales' }),
  }
  const genies = Array.from({ length: count }, () => limitRate(inner, { redis, clock, budget, questionsPerMinute }))
  return { genies, asked, clock }
}

describe('limitRate', () => {
  it('lets as many questions through at once as a minute has, for all workers together', async () => {
    const { genies, asked, clock } = workers(2, 4)

    for (const question of ['1', '2', '3', '4']) {
      await genies[Number(question) % 2]?.ask({ spaceId: 's', question }, signal)
    }

    expect(asked).toEqual(['1', '2', '3', '4'])
    expect(clock.sleeps).toEqual([])
  })

  it('makes the next ones wait until a minute after the question a full window back, and tells the person', async () => {
    const { genies, clock } = workers(1, 2)
    const waits: number[] = []
    const onStatus = (status: string, waitMs?: number): void => {
      if (status === 'WAITING_FOR_RATE_LIMIT') waits.push(waitMs ?? 0)
    }

    for (let question = 1; question <= 5; question += 1) {
      await genies[0]?.ask({ spaceId: 's', question: String(question), onStatus }, signal)
    }

    // Redis's clock hardly moves during the test: slots are one, one and two minutes away.
    expect(waits.map((waitMs) => Math.round(waitMs / 60_000))).toEqual([1, 1, 2])
    expect(clock.sleeps).toEqual(waits)
  })

  it('never asks for a question that was cancelled while it waited', async () => {
    const { genies, asked } = workers(1, 1)
    const cancel = new AbortController()
    await genies[0]?.ask({ spaceId: 's', question: 'first' }, signal)

    const second = genies[0]?.ask(
      { spaceId: 's', question: 'second', onStatus: () => cancel.abort(new Error('stop')) },
      cancel.signal,
    )

    await expect(second).rejects.toThrow('stop')
    expect(asked).toEqual(['first'])
  })

  it('does not count looking at a space', async () => {
    const { genies, clock } = workers(1, 1)

    await genies[0]?.getSpace('s', signal)
    await genies[0]?.ask({ spaceId: 's', question: 'first' }, signal)

    expect(clock.sleeps).toEqual([])
  })
})
