import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createApiPort } from '../../../src/bot/api/api-port.ts'
import { createTurnStates, type TurnStates } from '../../../src/bot/api/turn-states.ts'
import { createTurnWatch } from '../../../src/bot/api/turn-watch.ts'
import type { ChatPort } from '../../../src/bot/chat-port.ts'
import { createReplies, type Replies } from '../../../src/bot/replies.ts'
import type { Reply } from '../../../src/bot/reply.ts'
import { beginReply, endWithoutTurn } from '../../../src/bot/reply-view.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { silentLogger } from '../../../src/lib/log.ts'
import { messageIn, newThread } from '../../support/mailbox.ts'
import { startOwnRedis } from '../../support/own-redis.ts'
import { isolatedRedisUrl } from '../../support/parts.ts'

let redisUrl: string
let redis: Redis
let replies: Replies
let states: TurnStates
let port: ChatPort

beforeEach(async () => {
  redisUrl = await isolatedRedisUrl()
  redis = new Redis(redisUrl)
  replies = createReplies({ redis, ttlMs: 60_000 })
  states = createTurnStates({ redis, replies, ttlMs: 60_000 })
  port = createApiPort({ states })
})

afterEach(() => redis.disconnect())

const signal = new AbortController().signal
const ended = (reply: Reply, answer: string): Reply => endWithoutTurn(reply, { status: 'answered', answer })

async function keep(reply: Reply): Promise<void> {
  for (const { key, value } of replies.toWrites(reply)) await redis.set(key, value ?? '')
}

describe('The API as a chat port', () => {
  it('shows one reply that grows, to any process', async () => {
    const message = messageIn(newThread())
    const begun = beginReply(message, 2)
    const states2 = createTurnStates({ redis, replies, ttlMs: 60_000 })

    expect(await port.find(message, signal)).toBeUndefined()
    const posted = await port.post(message, begun, signal)
    expect(await states2.find(message.id)).toEqual(begun)
    await port.edit(posted, message, { ...begun, phase: 'working' }, signal)

    expect(await states2.find(message.id)).toMatchObject({ phase: 'working' })
    expect(await port.find(message, signal)).toBe(posted)
  })

  it('lets an end stand, whatever a worker that lost its turn still shows', async () => {
    const message = messageIn(newThread())
    const begun = beginReply(message, 0)
    const posted = await port.post(message, begun, signal)

    await port.edit(posted, message, ended(begun, 'Here.'), signal)
    await port.edit(posted, message, { ...begun, slideCount: 5 }, signal)

    expect(await states.find(message.id)).toMatchObject({ phase: 'ended', result: { answer: 'Here.' } })
  })

  it('keeps no copy of an end that is kept with its thread, so that forgetting the thread forgets it', async () => {
    const message = messageIn(newThread(), { text: 'the secret question' })
    const end = ended(beginReply(message, 0), 'the secret answer')
    await keep(end)

    await port.edit(await port.post(message, beginReply(message, 0), signal), message, end, signal)
    const before = await states.find(message.id)
    for (const { key } of replies.toRemovals([message.id])) await redis.unlink(key)

    expect(before).toEqual(end)
    expect(await states.find(message.id)).toBe('forgotten')
    for (const key of await redis.keys('deckhand:api:*')) {
      expect(JSON.stringify(await redis.hgetall(key))).not.toContain('secret')
    }
  })

  it('keeps nothing for ever', async () => {
    const message = messageIn(newThread())
    await port.post(message, beginReply(message, 0), signal)

    const keys = await redis.keys('*')
    const lives = await Promise.all(keys.map((key) => redis.pttl(key)))

    expect(keys).toHaveLength(1)
    expect(Math.min(...lives)).toBeGreaterThan(0)
  })

  it('sends no pictures and no files: callers have links', async () => {
    const message = messageIn(newThread())
    const file = {
      format: 'png',
      name: 'slide-1.png',
      mediaType: 'image/png',
      bytes: Buffer.from('x'),
      slide: 0,
    } as const

    expect(await port.addPicture(message, file, 'Slide 1', signal)).toBeUndefined()
    expect(await port.addFiles(message, [file], signal)).toEqual([])
  })

  it('says so when Redis is away, and ends with its signal', async () => {
    await using server = await startOwnRedis()
    const away = new Redis(server.url, { maxRetriesPerRequest: 0, retryStrategy: () => null })
    away.on('error', () => undefined)
    const other = createApiPort({ states: createTurnStates({ redis: away, replies, ttlMs: 60_000 }) })
    const message = messageIn(newThread())
    await other.post(message, beginReply(message, 0), signal)
    await server.kill()
    const reason = new Error('The turn is over')

    await expect(other.edit(message.id, message, beginReply(message, 0), signal)).rejects.toMatchObject({
      name: 'PortError',
      code: 'unavailable',
    })
    await expect(other.find(message, AbortSignal.abort(reason))).rejects.toBe(reason)
    away.disconnect()
  })
})

describe('TurnWatch.follow', () => {
  it('gives the state now, each change, and ends with the end', async () => {
    await using watch = await createTurnWatch({
      redisUrl,
      states,
      checkMs: 60_000,
      clock: systemClock,
      log: silentLogger,
    })
    const message = messageIn(newThread())
    const begun = beginReply(message, 0)
    const seen: string[] = []

    for await (const state of watch.follow(message.id, signal)) {
      seen.push(typeof state === 'string' ? state : state.phase)
      if (seen.length === 1) await states.show(begun)
      if (seen.length === 2) await states.show(ended(begun, 'Here.'))
    }

    expect(seen).toEqual(['unseen', 'working', 'ended'])
  })

  it('looks by itself, for what was called out while nobody heard', async () => {
    await using watch = await createTurnWatch({ redisUrl, states, checkMs: 5, clock: systemClock, log: silentLogger })
    const message = messageIn(newThread())
    const end = ended(beginReply(message, 0), 'Here.')
    await states.show(beginReply(message, 0))
    const following = watch.follow(message.id, signal)
    await following.next()

    await keep(end)
    await redis.hset(`deckhand:api:state:${message.id}`, 'phase', 'ended', 'reply', '') // without a call

    let last: unknown
    for await (const state of following) last = state
    expect(last).toEqual(end)
  })

  it('gives one state to those whose time is over, and ends', async () => {
    await using watch = await createTurnWatch({
      redisUrl,
      states,
      checkMs: 60_000,
      clock: systemClock,
      log: silentLogger,
    })
    const message = messageIn(newThread())
    await states.show(beginReply(message, 0))

    const all = await Array.fromAsync(watch.follow(message.id, AbortSignal.abort()))

    expect(all).toHaveLength(1)
  })
})
