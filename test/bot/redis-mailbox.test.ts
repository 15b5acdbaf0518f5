import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LeaseLost, StoppedByPerson, type Mailbox } from '../../src/bot/mailbox.ts'
import { createMailbox, type QueueSettings } from '../../src/bot/redis-mailbox.ts'
import { systemClock } from '../../src/lib/clock.ts'
import {
  leftovers,
  messageIn,
  newThread,
  openMailbox,
  queueSettings,
  recordingHandler,
  until,
} from '../support/mailbox.ts'
import { isolatedRedisUrl } from '../support/parts.ts'

let parts: AsyncDisposableStack
let redisUrl: string
let redis: Redis

beforeEach(async () => {
  parts = new AsyncDisposableStack()
  redisUrl = await isolatedRedisUrl()
  redis = parts.adopt(new Redis(redisUrl), (open) => open.disconnect())
})

afterEach(async () => parts.disposeAsync())

async function open(settings: Partial<QueueSettings> = {}): Promise<Mailbox> {
  return parts.use(await openMailbox(redisUrl, settings))
}

describe('Mailbox.accept', () => {
  it('takes a delivery once, however often it comes, and tells its place in the thread', async () => {
    const mailbox = await open()
    const thread = newThread()
    const [first, second] = [messageIn(thread), messageIn(thread)]

    const accepted = await Promise.all([mailbox.accept(first), mailbox.accept(first), mailbox.accept(second)])
    const later = await mailbox.accept(second)

    expect(accepted).toEqual([
      { isNew: true, ahead: 0 },
      { isNew: false, ahead: 0 },
      { isNew: true, ahead: 1 },
    ])
    expect(later).toEqual({ isNew: false, ahead: 1 })
  })

  it('knows a delivery again after its turn has ended', async () => {
    const mailbox = await open()
    const handler = recordingHandler()
    const message = messageIn(newThread())
    mailbox.work(handler)
    await mailbox.accept(message)
    await handler.until('end')

    const again = await mailbox.accept(message)

    expect(again.isNew).toBe(false)
    expect(handler.log).toHaveLength(2)
  })

  it('refuses what is too much for one thread, and takes it for others', async () => {
    const mailbox = await open({ maxWaitingPerThread: 1 })
    const thread = newThread()
    await mailbox.accept(messageIn(thread))
    await mailbox.accept(messageIn(thread))

    await expect(mailbox.accept(messageIn(thread))).rejects.toMatchObject({ name: 'MailboxError', code: 'full' })
    expect(await mailbox.accept(messageIn(newThread()))).toEqual({ isNew: true, ahead: 0 })
  })
})

describe('Mailbox.work', () => {
  it('runs the turns of a thread one after the other, in order, and delivers each end before the next turn', async () => {
    const mailbox = await open()
    let running = 0
    const handler = recordingHandler(async (message) => {
      running += 1
      expect(running).toBe(1)
      await new Promise((resolve) => setImmediate(resolve))
      running -= 1
      return message.text
    })
    const thread = newThread()
    const messages = Array.from({ length: 8 }, (_, index) => messageIn(thread, { text: String(index) }))
    for (const message of messages) await mailbox.accept(message)

    mailbox.work(handler)
    await handler.until('end', 8)

    expect(handler.log).toEqual(messages.flatMap(({ id, text }) => [`run ${id}`, `end ${id} ${text}`]))
  })

  it('is fair: a thread with one question does not wait for another’s ten', async () => {
    const mailbox = await open({ turnsPerWorker: 1 })
    const handler = recordingHandler()
    const [busy, quick] = [newThread(), newThread()]
    for (let index = 0; index < 10; index += 1) await mailbox.accept(messageIn(busy, { text: 'busy' }))
    await mailbox.accept(messageIn(quick, { text: 'quick' }))

    mailbox.work(handler)
    await handler.until('end', 11)

    const ends = handler.log.filter((line) => line.startsWith('end')).map((line) => line.split(' ').at(-1))
    expect(ends.indexOf('quick')).toBeLessThanOrEqual(2)
  })

  it('stores what a turn wrote together with its end, and leaves nothing else behind', async () => {
    const mailbox = await open()
    await redis.hset('kept', '1', 'old', '2', 'stays')
    await redis.set('gone', 'x')
    const handler = recordingHandler(async (_, { journal }) => {
      await journal.put('step', { rows: [1, 2, 3] })
      return {
        reply: 'done',
        writes: [
          { key: 'memory', value: Buffer.from([0, 255, 1]), ttlMs: 60_000 },
          { key: 'kept', field: '3', value: 'new', ttlMs: 60_000 },
          { key: 'kept', field: '1', value: null, ttlMs: 0 },
          { key: 'gone', value: null, ttlMs: 0 },
        ],
      }
    })
    mailbox.work(handler)

    await mailbox.accept(messageIn(newThread()))
    await handler.until('end')
    await mailbox[Symbol.asyncDispose]()

    expect(await redis.getBuffer('memory')).toEqual(Buffer.from([0, 255, 1]))
    expect(await redis.pttl('memory')).toBeGreaterThan(50_000)
    expect(await redis.hgetall('kept')).toEqual({ 2: 'stays', 3: 'new' })
    expect(await leftovers(redis)).toEqual(['kept', 'memory'])
  })

  it('tries a delivery until it succeeds, before the thread goes on, and does not run the turn again', async () => {
    const mailbox = await open()
    let tries = 0
    const handler = recordingHandler(undefined, async () => {
      tries += 1
      if (tries < 3) throw new Error('Slack is away')
    })
    const thread = newThread()
    const [first, second] = [messageIn(thread, { text: '1' }), messageIn(thread, { text: '2' })]
    mailbox.work(handler)

    await mailbox.accept(first)
    await mailbox.accept(second)
    await handler.until('end', 2)

    expect(handler.log).toEqual([
      `run ${first.id}`,
      `end ${first.id} answer to 1`,
      `run ${second.id}`,
      `end ${second.id} answer to 2`,
    ])
  })

  it('runs a turn again that failed to come to an end, and goes on from its finished steps', async () => {
    const mailbox = await open()
    const seen: unknown[] = []
    const handler = recordingHandler(async (_, { journal, attempt }) => {
      seen.push(attempt, await journal.get('step'))
      await journal.put('step', { text: 'x'.repeat(5000), count: attempt })
      if (attempt === 1) throw new Error('a bug')
      return 'done'
    })
    mailbox.work(handler)

    await mailbox.accept(messageIn(newThread()))
    await handler.until('end')

    expect(seen).toEqual([1, undefined, 2, { text: 'x'.repeat(5000), count: 1 }])
  })

  it('gives a turn up that never comes to an end, tells the person, keeps a note, and goes on with the thread', async () => {
    const mailbox = await open({ maxAttempts: 2 })
    const handler = recordingHandler(async (message) => {
      if (message.text === 'poison') throw new Error('always')
      return 'fine'
    })
    const thread = newThread()
    const [poison, next] = [messageIn(thread, { text: 'poison' }), messageIn(thread)]
    mailbox.work(handler)

    await mailbox.accept(poison)
    await mailbox.accept(next)
    await handler.until(`end ${next.id}`)

    expect(handler.log).toEqual([
      `run ${poison.id}`,
      `run ${poison.id}`,
      `give-up ${poison.id}`,
      `end ${poison.id} given up`,
      `run ${next.id}`,
      `end ${next.id} fine`,
    ])
    const letters = await redis.lrange('deckhand:mail:dead', 0, -1)
    expect(letters.map((letter) => JSON.parse(letter) as object)).toMatchObject([{ id: poison.id, thread }])
  })

  it('finds messages whose wake-up got lost', async () => {
    const intake = await open()
    const message = messageIn(newThread())
    // The wake-up alone disappears, as when the process had died before it could call.
    await intake.accept(message)
    await intake[Symbol.asyncDispose]()
    const calls = await redis.keys('{deckhand:queue}*')
    if (calls.length > 0) await redis.del(...calls)
    await redis.zadd('deckhand:mail:busy', Date.now() - 10_000, message.thread)
    const handler = recordingHandler()

    const mailbox = await open()
    mailbox.work(handler)
    await handler.until('end')

    expect(handler.log.at(-1)).toBe(`end ${message.id} answer to ${message.text}`)
  })
})

describe('Mailbox.stop', () => {
  it('stops a running turn, whichever process it runs in', async () => {
    const [bot, worker] = [await open(), await open()]
    const started = Promise.withResolvers<void>()
    const handler = recordingHandler(async (_, { signal }) => {
      started.resolve()
      return until(signal).catch((reason: unknown) => (reason instanceof StoppedByPerson ? 'stopped' : 'other'))
    })
    worker.work(handler)
    const message = messageIn(newThread())
    await bot.accept(message)
    await started.promise

    expect(await bot.stop(message.thread)).toBe('stopping')
    await handler.until('end')

    expect(handler.log.at(-1)).toBe(`end ${message.id} stopped`)
    expect(await bot.stop(message.thread)).toBe('nothing-to-stop')
  })

  it('lets a queued turn end as stopped when it comes up, and the others run', async () => {
    const mailbox = await open()
    const thread = newThread()
    const [first, second, third] = [messageIn(thread), messageIn(thread), messageIn(thread)]
    for (const message of [first, second, third]) await mailbox.accept(message)
    const handler = recordingHandler(async (_, { signal }) => (signal.aborted ? 'stopped' : 'answered'))

    expect(await mailbox.stop(thread, second.id)).toBe('stopping')
    mailbox.work(handler)
    await handler.until('end', 3)

    expect(handler.log.filter((line) => line.startsWith('end'))).toEqual([
      `end ${first.id} answered`,
      `end ${second.id} stopped`,
      `end ${third.id} answered`,
    ])
  })

  it('has nothing to stop for turns that are over or never were', async () => {
    const mailbox = await open()

    expect(await mailbox.stop(newThread())).toBe('nothing-to-stop')
    expect(await mailbox.stop(newThread(), 'never')).toBe('nothing-to-stop')
  })
})

describe('Mailbox disposal', () => {
  it('finishes what it runs', async () => {
    const mailbox = await open()
    const started = Promise.withResolvers<void>()
    const goOn = Promise.withResolvers<void>()
    const handler = recordingHandler(async () => {
      started.resolve()
      await goOn.promise
      return 'done'
    })
    mailbox.work(handler)
    await mailbox.accept(messageIn(newThread()))
    await started.promise

    const closing = mailbox[Symbol.asyncDispose]()
    goOn.resolve()
    await closing

    expect(handler.log.at(-1)).toContain('done')
  })

  it('hands a long turn over to another process at once, which goes on from its last step', async () => {
    // A lock that long would make the test run out of time, were it waited for.
    const [old, fresh] = [await open({ shutdownMs: 50, lockMs: 60_000 }), await open({ lockMs: 60_000 })]
    const started = Promise.withResolvers<void>()
    const reasons: unknown[] = []
    const leaving = recordingHandler(async (_, { signal, journal }) => {
      await journal.put('step', 'known')
      started.resolve()
      return until(signal).catch((reason: unknown) => {
        reasons.push(reason)
        throw reason
      })
    })
    const taking = recordingHandler(
      async (_, { journal, attempt }) => `${attempt} ${String(await journal.get('step'))}`,
    )
    const message = messageIn(newThread())
    old.work(leaving)
    await old.accept(message)
    await started.promise
    fresh.work(taking)

    await old[Symbol.asyncDispose]()
    await taking.until('end')

    expect(reasons).toEqual([expect.any(LeaseLost)])
    expect(taking.log).toEqual([`run ${message.id}`, `end ${message.id} 2 known`])
    expect(leaving.log).toEqual([`run ${message.id}`])
  })
})

describe('createMailbox', () => {
  it('warns of a Redis that may drop questions under memory pressure', async () => {
    const warnings: object[] = []
    const log = { debug() {}, info() {}, error() {}, warn: (fields: object) => void warnings.push(fields) }
    const [, before] = await redis.config('GET', 'maxmemory-policy')
    await redis.config('SET', 'maxmemory-policy', 'allkeys-lru')
    try {
      parts.use(await createMailbox({ redisUrl, settings: queueSettings, clock: systemClock, log }))
    } finally {
      await redis.config('SET', 'maxmemory-policy', before ?? 'noeviction')
    }

    expect(warnings).toContainEqual({ policy: 'allkeys-lru' })
  })

  it('says so when Redis is not there', async () => {
    await expect(openMailbox('redis://127.0.0.1:1')).rejects.toMatchObject({ name: 'RedisError', code: 'unreachable' })
  })
})
