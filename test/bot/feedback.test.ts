import { afterEach, describe, expect, it } from 'vitest'
import { createFeedbackStore, type Feedback, type FeedbackStore } from '../../src/bot/feedback.ts'
import { createFeedbackOutbox, type FeedbackOutbox, type Told } from '../../src/bot/feedback/outbox.ts'
import { encodeThreadId } from '../../src/bot/thread.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { connectRedis } from '../../src/lib/redis.ts'
import { createManualClock, type ManualClock } from '../support/manual-clock.ts'
import { isolatedRedisUrl } from '../support/parts.ts'

const start = Date.parse('2026-11-23T08:00:00Z')
const thread = encodeThreadId({ platform: 'slack', tenant: 'T1', channel: 'C1', root: '1.0' })

function opinion(change: Partial<Feedback> = {}): Feedback {
  return { turnId: 'turn-1', thread, traceId: 'tr-1', userId: 'ann', rating: 'bad', reason: '', at: start, ...change }
}

/** A place where opinions are kept, and processes that tell somebody of them. */
interface Desk extends AsyncDisposable {
  readonly clock: ManualClock
  readonly store: FeedbackStore
  /** Each time something was told: everything people thought of the answer then. */
  readonly told: string[][]
  /** What the one who is told says to it. */
  hear: (signal: AbortSignal) => Told | Promise<Told>
  /** One more process. */
  open(): FeedbackOutbox
}

async function createDesk(): Promise<Desk> {
  await using parts = new AsyncDisposableStack()
  const redis = parts.use(await connectRedis(await isolatedRedisUrl(), { log: silentLogger }))
  const clock = createManualClock(start)
  const store = createFeedbackStore({ redis, ttlMs: 86_400_000 })
  const owned = parts.move()
  const desk: Desk = {
    clock,
    store,
    told: [],
    hear: () => 'done',
    open: () =>
      owned.use(
        createFeedbackOutbox({
          redis,
          async tell({ thread: of, turnId }, signal) {
            const opinions = await store.list(of, turnId)
            desk.told.push(opinions.map(({ userId, rating, reason }) => `${userId}: ${rating} ${reason}`.trim()))
            return desk.hear(signal)
          },
          clock,
          log: silentLogger,
        }),
      ),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
  return desk
}

let desk: Desk
afterEach(() => desk[Symbol.asyncDispose]())

describe('Opinions', () => {
  it('are told answer by answer, the last of each person', async () => {
    desk = await createDesk()
    await desk.store.put(opinion())
    await desk.store.put(opinion({ reason: 'Wrong quarter', at: start + 1 }))
    await desk.store.put(opinion({ userId: 'bob', rating: 'good', at: start + 2 }))
    await desk.store.put(opinion({ turnId: 'turn-10', userId: 'eve' }))
    await desk.clock.advance(10)
    desk.open()

    await expect
      .poll(() => desk.told.toSorted((a, b) => b.length - a.length))
      .toEqual([['ann: bad Wrong quarter', 'bob: good'], ['eve: bad']])
  })

  it('that a dead process took in are told by another one', async () => {
    desk = await createDesk()
    await desk.store.put(opinion())

    desk.open()

    await expect.poll(() => desk.told).toEqual([['ann: bad']])
  })

  it('are told again, later and later, while nobody takes them', async () => {
    desk = await createDesk()
    desk.hear = () => 'later'
    desk.open()
    await desk.store.put(opinion())

    await desk.clock.advance(5000)
    await expect.poll(() => desk.told.length).toBe(1)
    for (let looked = 1; looked <= 24; looked += 1) {
      const before = desk.clock.sleeps.length
      await desk.clock.advance(5000)
      await expect.poll(() => desk.clock.sleeps.length).toBeGreaterThan(before)
    }

    // After 5, 10, 20 and 40 seconds; looked for every 5.
    await expect.poll(() => desk.told.length).toBeGreaterThanOrEqual(4)
    expect(desk.told.length).toBeLessThanOrEqual(6)
  })

  it('that change while the earlier one is being told are told once more', async () => {
    desk = await createDesk()
    const gate = Promise.withResolvers<void>()
    desk.hear = async (): Promise<Told> => {
      await gate.promise
      return 'done'
    }
    const outbox = desk.open()
    await desk.store.put(opinion())
    outbox.wake()
    await expect.poll(() => desk.told.length).toBe(1)

    await desk.store.put(opinion({ rating: 'good', at: start + 5 }))
    gate.resolve()
    const toldLater = async () => {
      await desk.clock.advance(5000) // again and again: the outbox may not have begun to wait yet
      return desk.told
    }

    await expect.poll(toldLater).toEqual([['ann: bad'], ['ann: good']])
  })

  it('are told by one process at a time', async () => {
    desk = await createDesk()
    const gate = Promise.withResolvers<void>()
    desk.hear = async (): Promise<Told> => {
      await gate.promise
      return 'done'
    }
    const outboxes = [desk.open(), desk.open(), desk.open()]
    await desk.store.put(opinion())

    for (const outbox of outboxes) outbox.wake()
    await expect.poll(() => desk.told.length).toBe(1)
    await desk.clock.advance(30_000)
    gate.resolve()
    await desk.clock.advance(5000)

    expect(desk.told).toEqual([['ann: bad']])
  })

  it('of a process that hangs for ever are told by the next', async () => {
    desk = await createDesk()
    desk.hear = () => new Promise<Told>(() => {})
    const hanging = desk.open()
    await desk.store.put(opinion())
    hanging.wake()
    await expect.poll(() => desk.told.length).toBe(1)

    desk.hear = () => 'done'
    const next = desk.open()
    await desk.clock.advance(125_000)
    next.wake()

    await expect.poll(() => desk.told.length).toBe(2)
  })
})
