import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest'
import { acknowledge } from '../../src/bot/acknowledge.ts'
import { PortError } from '../../src/bot/chat-port.ts'
import { deliverReply } from '../../src/bot/deliver-reply.ts'
import { noMetrics } from '../../src/bot/metrics.ts'
import { createPostedReplies } from '../../src/bot/posted-replies.ts'
import { createReplyWriter, type ReplyWriterDeps } from '../../src/bot/reply-writer.ts'
import type { Reply } from '../../src/bot/reply.ts'
import { beginReply, endWithoutTurn } from '../../src/bot/reply-view.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { messageIn, newThread } from '../support/mailbox.ts'
import { createManualClock, type ManualClock } from '../support/manual-clock.ts'
import { recordingPort, type RecordingPort } from '../support/recording-port.ts'

let redis: Redis
let port: RecordingPort
let clock: ManualClock
let deps: ReplyWriterDeps

beforeEach(() => {
  redis = new Redis(inject('redisUrl'))
  port = recordingPort(1000)
  clock = createManualClock(0)
  deps = { port, posted: createPostedReplies({ redis }), clock, log: silentLogger, metrics: noMetrics }
})

afterEach(() => redis.disconnect())

const never = new AbortController().signal
const busy = (retryAfterMs?: number): PortError =>
  new PortError('busy', 'Cannot edit: 429', {
    userMessage: '',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  })
const failure = (code: PortError['code']): PortError => new PortError(code, `Cannot edit: ${code}`, { userMessage: '' })

function states(reply: Reply): Reply[] {
  return [1, 2, 3, 4, 5].map((slideCount) => ({ ...reply, slideCount }))
}

const shownCounts = (): (number | undefined)[] => [...port.messages.values()].flat().map((reply) => reply.slideCount)

describe('ReplyWriter', () => {
  it('posts once, then edits to the newest state only, no more often than the port wants', async () => {
    const message = messageIn(newThread())
    await using writer = createReplyWriter(message, deps, never)
    const [first, second, third, fourth] = states(beginReply(message, 0)) as [Reply, Reply, Reply, Reply]

    writer.show(first)
    await port.until((reply) => reply.slideCount === 1)
    writer.show(second)
    writer.show(third)
    writer.show(fourth)
    expect(shownCounts()).toEqual([1])
    await clock.runUntil(port.until((reply) => reply.slideCount === 4))

    expect(port.messages.size).toBe(1)
    expect(shownCounts()).toEqual([1, 4])
    expect(clock.now()).toBe(1000)
  })

  it('leaves a busy platform alone for as long as it asks', async () => {
    const message = messageIn(newThread())
    await using writer = createReplyWriter(message, deps, never)
    const [first, second] = states(beginReply(message, 0)) as [Reply, Reply]
    writer.show(first)
    await port.until((reply) => reply.slideCount === 1)
    let refusals = 0
    port.before = (call) => {
      if (call === 'edit' && (refusals += 1) === 1) throw busy(30_000)
    }

    writer.show(second)
    await clock.runUntil(port.until((reply) => reply.slideCount === 2))

    expect(clock.now()).toBe(31_000)
    expect(refusals).toBe(2)
  })

  it('says nothing more where nobody can see it', async () => {
    const message = messageIn(newThread())
    await using writer = createReplyWriter(message, deps, never)
    const [first, second, third] = states(beginReply(message, 0)) as [Reply, Reply, Reply]
    writer.show(first)
    await port.until((reply) => reply.slideCount === 1)
    const tried = Promise.withResolvers<void>()
    let tries = 0
    port.before = () => {
      tries += 1
      tried.resolve()
      throw failure('gone')
    }

    writer.show(second)
    await clock.runUntil(tried.promise)
    writer.show(third)
    await clock.advance(60_000)

    expect(tries).toBe(1)
  })

  it('ends without waiting for a platform that hangs', async () => {
    const message = messageIn(newThread())
    const hanging = Promise.withResolvers<void>()
    const writer = createReplyWriter(message, deps, never)
    port.before = async (_, signal) => {
      hanging.resolve()
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
    }
    writer.show(beginReply(message, 0))
    await hanging.promise

    await clock.runUntil(Promise.resolve(writer[Symbol.asyncDispose]()))

    expect(clock.now()).toBeLessThanOrEqual(2000)
  })

  it('edits what another process has posted', async () => {
    const message = messageIn(newThread())
    await acknowledge(message, 2, deps)
    await using writer = createReplyWriter(message, deps, never)

    writer.show({ ...beginReply(message, 0), slideCount: 7 })
    await port.until((reply) => reply.slideCount === 7)

    expect(port.messages.size).toBe(1)
    expect([...port.messages.values()][0]?.map((reply) => reply.phase)).toEqual(['queued', 'working'])
  })
})

describe('acknowledge', () => {
  it('posts no second reply when a worker was faster, or is about to', async () => {
    const message = messageIn(newThread())
    const goOn = Promise.withResolvers<void>()
    const posting = Promise.withResolvers<void>()
    port.before = async () => {
      posting.resolve()
      await goOn.promise
    }
    const first = acknowledge(message, 0, deps)
    await posting.promise

    await acknowledge(message, 0, deps)
    goOn.resolve()
    await first
    await acknowledge(message, 0, deps)

    expect(port.messages.size).toBe(1)
  })

  it('never throws, and leaves the posting to the turn', async () => {
    const message = messageIn(newThread())
    port.before = () => {
      throw failure('unavailable')
    }
    await acknowledge(message, 0, deps)
    port.before = () => undefined

    await deliverReply(
      message,
      endWithoutTurn(beginReply(message, 0), { status: 'answered', answer: '42' }),
      deps,
      never,
    )

    expect([...port.messages.values()].flat().map((reply) => reply.result?.answer)).toEqual(['42'])
  })
})

describe('deliverReply', () => {
  const end = (message: Parameters<typeof beginReply>[0]): Reply =>
    endWithoutTurn(beginReply(message, 0), { status: 'answered', answer: 'Revenue grew.' })

  it('finds what a process posted that died before it could note the id', async () => {
    const message = messageIn(newThread())
    const posted = createPostedReplies({ redis, claimMs: 100 })
    const dying = { ...posted, set: () => Promise.reject(new Error('killed here')), release: () => Promise.resolve() }
    await acknowledge(message, 0, { ...deps, posted: dying })

    await deliverReply(message, end(message), { ...deps, posted, clock: systemClock }, never)

    expect(port.messages.size).toBe(1)
    expect([...port.messages.values()][0]?.at(-1)?.result?.answer).toBe('Revenue grew.')
  })

  it('bears repetition', async () => {
    const message = messageIn(newThread())

    await deliverReply(message, end(message), deps, never)
    await deliverReply(message, end(message), deps, never)

    expect(port.messages.size).toBe(1)
  })

  it('waits as long as a busy platform asks, then gets through', async () => {
    const message = messageIn(newThread())
    let calls = 0
    port.before = () => {
      if ((calls += 1) <= 2) throw busy(5000)
    }

    await clock.runUntil(deliverReply(message, end(message), deps, never))

    expect(clock.now()).toBe(10_000)
    expect(port.messages.size).toBe(1)
  })

  it('is tried again later when the platform is away, and ends quietly when nobody is left', async () => {
    const message = messageIn(newThread())
    port.before = () => {
      throw failure('unavailable')
    }
    await expect(clock.runUntil(deliverReply(message, end(message), deps, never))).rejects.toMatchObject({
      code: 'unavailable',
    })
    port.before = () => {
      throw failure('gone')
    }
    await deliverReply(message, end(message), deps, never)

    expect(port.messages.size).toBe(0)
  })

  it('says it plainer when the platform does not accept it', async () => {
    const message = messageIn(newThread())
    const full: Reply = {
      ...end(message),
      firstAnswer: { headline: 'h', columns: [], rows: [], moreRows: 0 },
      slides: [{ index: 0, id: 's1', title: 't', picture: 'F1' }],
    }
    let refusals = 0
    port.before = (call) => {
      if (call === 'post' && (refusals += 1) <= 2) throw failure('refused')
    }

    await clock.runUntil(deliverReply(message, full, deps, never))

    const [shown] = [...port.messages.values()].flat()
    expect(shown?.firstAnswer).toBeUndefined()
    expect(shown?.slides).toEqual([])
    expect(shown?.result?.answer).toBe('Revenue grew.')
  })
})
