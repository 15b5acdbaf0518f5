import type { Redis } from 'ioredis'
import type { Clock } from '../../lib/clock.ts'
import { MailboxError } from '../mailbox.ts'
import { type ChatPlatform, type Place, type Spot, threadAt } from './place.ts'
import type { Voice } from './voice.ts'

export interface PrivateIds {
  /** What goes on in one private thread: the questions of one person in one thread of a channel. */
  readonly thread: string
  readonly question: string
}

/** Threads in a person's direct message that answer what was asked elsewhere. */
export interface PrivateThreads {
  /**
   * The first message of the thread for one question; posted now when there is none. A further question of the same
   * `ids.thread` goes on in it, and is quoted there. All copies and repetitions of a delivery give the same ids.
   * `asked` is where answers may be posted for all later.
   * @throws PortError, MailboxError `unavailable` while another process begins it
   */
  begin(ids: PrivateIds, asked: Spot, user: string, question: string): Promise<Place>
  /** The thread that the question with this id went to. */
  find(questionId: string, tenant: string): Promise<Place | undefined>
  /** Where the answers of a private thread may be posted for all: where it was asked. Undefined for other threads. */
  askedIn(root: Place): Promise<Spot | undefined>
}

const claim = 'claimed'
/** A process that dies while it posts holds the others up for that long. */
const claimMs = 5000
const waitMs = 1500
const lookAgainMs = 100

export function createPrivateThreads(deps: {
  readonly platform: ChatPlatform
  readonly redis: Redis
  readonly voice: Voice
  readonly ttlMs: number
  readonly clock: Clock
}): PrivateThreads {
  const { platform, redis, voice, clock } = deps
  const ttlMs = Math.round(deps.ttlMs)
  const rootKey = (id: string): string => `deckhand:${platform}:private:${id}`
  const askedKey = (root: Place): string => `deckhand:${platform}:asked:{${threadAt(root)}}`

  async function read(key: string, tenant: string): Promise<Place | 'claimed' | undefined> {
    const value = await redis.get(key)
    if (value === null || value === claim) return value === null ? undefined : 'claimed'
    const [channel = '', id = ''] = value.split(':').map(decodeURIComponent)
    return { platform, tenant, channel, id, isDirect: true }
  }

  function sayQuestion(asked: Spot, user: string, question: string, root?: Place): Promise<Place> {
    const where = asked.isDirect ? [] : [' in ', { channel: asked }]
    return voice.sayTo(asked, user, ['You asked', ...where, ':', { quote: question }], root)
  }

  async function post(ids: PrivateIds, asked: Spot, user: string, question: string): Promise<Place> {
    const root = await sayQuestion(asked, user, question)
    const place = joined(root.channel, root.id)
    await redis
      .multi()
      .set(
        askedKey(root),
        joined(asked.channel, asked.threadId ?? '', asked.isDirect ? 'direct' : undefined),
        'PX',
        ttlMs,
      )
      .set(rootKey(ids.thread), place, 'PX', ttlMs)
      .set(rootKey(ids.question), place, 'PX', ttlMs)
      .exec()
    return root
  }

  /** A further question of the thread stands in it once, before its answer. */
  async function goOn(ids: PrivateIds, root: Place, asked: Spot, user: string, question: string): Promise<Place> {
    const key = rootKey(ids.question)
    if ((await redis.set(key, joined(root.channel, root.id), 'PX', ttlMs, 'NX')) !== 'OK') return root
    try {
      await redis.pexpire(rootKey(ids.thread), ttlMs)
      await redis.pexpire(askedKey(root), ttlMs)
      await sayQuestion(asked, user, question, root)
      return root
    } catch (error) {
      await redis.unlink(key).catch(() => undefined) // the delivery comes again
      throw error
    }
  }

  return {
    async begin(ids, asked, user, question) {
      const key = rootKey(ids.thread)
      for (const until = clock.now() + waitMs; ;) {
        if ((await redis.set(key, claim, 'PX', claimMs, 'NX')) === 'OK') {
          try {
            return await post(ids, asked, user, question)
          } catch (error) {
            await redis.unlink(key).catch(() => undefined) // it ends by itself
            throw error
          }
        }
        const known = await read(key, asked.tenant)
        if (known !== undefined && known !== 'claimed') return goOn(ids, known, asked, user, question)
        if (clock.now() >= until) {
          throw new MailboxError('unavailable', 'Another process begins the private thread', {
            userMessage: 'Please try again in a moment.',
          })
        }
        await clock.sleep(lookAgainMs)
      }
    },
    async find(questionId, tenant) {
      const known = await read(rootKey(questionId), tenant)
      return known === 'claimed' ? undefined : known
    },
    async askedIn(root) {
      const value = await redis.get(askedKey(root))
      if (value === null) return undefined
      const [channel = '', threadId = '', direct] = value.split(':').map(decodeURIComponent)
      const { tenant } = root
      return { platform, tenant, channel, isDirect: direct === 'direct', ...(threadId === '' ? {} : { threadId }) }
    },
  }
}

/** Ids as one value of Redis, whatever is in them; Slack's stay as they are. */
function joined(...parts: readonly (string | undefined)[]): string {
  return parts.flatMap((part) => (part === undefined ? [] : [encodeURIComponent(part)])).join(':')
}
