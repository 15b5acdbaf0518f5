import type { Redis } from 'ioredis'
import type { Clock } from '../../lib/clock.ts'
import { MailboxError } from '../mailbox.ts'
import { escapeWithin } from './mrkdwn.ts'
import { type Place, threadAt } from './origin.ts'
import type { Spot, Voice } from './voice.ts'

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
  find(questionId: string, team: string): Promise<Place | undefined>
  /** Where the answers of a private thread may be posted for all: where it was asked. Undefined for other threads. */
  askedIn(root: Place): Promise<Spot | undefined>
}

const claim = 'claimed'
/** A process that dies while it posts holds the others up for that long. */
const claimMs = 5000
const waitMs = 1500
const lookAgainMs = 100
const longestQuote = 2000

export function createPrivateThreads(deps: {
  readonly redis: Redis
  readonly voice: Voice
  readonly ttlMs: number
  readonly clock: Clock
}): PrivateThreads {
  const { redis, voice, clock } = deps
  const ttlMs = Math.round(deps.ttlMs)
  const rootKey = (id: string): string => `deckhand:slack:private:${id}`
  const askedKey = (root: Place): string => `deckhand:slack:asked:{${threadAt(root)}}`

  async function read(key: string, team: string): Promise<Place | 'claimed' | undefined> {
    const value = await redis.get(key)
    if (value === null || value === claim) return value === null ? undefined : 'claimed'
    const [channel = '', ts = ''] = value.split(':')
    return { team, channel, ts }
  }

  function sayQuestion(at: Spot, asked: Spot, question: string): Promise<Place> {
    const quote = escapeWithin(question, longestQuote).replaceAll('\n', '\n>')
    const where = asked.channel.startsWith('D') ? '' : ` in <#${asked.channel}>`
    return voice.say(at, `You asked${where}:\n>${quote}`)
  }

  async function post(ids: PrivateIds, asked: Spot, user: string, question: string): Promise<Place> {
    const root = await sayQuestion({ team: asked.team, channel: user }, asked, question)
    const place = `${root.channel}:${root.ts}`
    await redis
      .multi()
      .set(askedKey(root), `${asked.channel}:${asked.threadTs ?? ''}`, 'PX', ttlMs)
      .set(rootKey(ids.thread), place, 'PX', ttlMs)
      .set(rootKey(ids.question), place, 'PX', ttlMs)
      .exec()
    return root
  }

  /** A further question of the thread stands in it once, before its answer. */
  async function goOn(ids: PrivateIds, root: Place, asked: Spot, question: string): Promise<Place> {
    const { team, channel, ts } = root
    const key = rootKey(ids.question)
    if ((await redis.set(key, `${channel}:${ts}`, 'PX', ttlMs, 'NX')) !== 'OK') return root
    try {
      await redis.pexpire(rootKey(ids.thread), ttlMs)
      await redis.pexpire(askedKey(root), ttlMs)
      await sayQuestion({ team, channel, threadTs: ts }, asked, question)
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
        const known = await read(key, asked.team)
        if (known !== undefined && known !== 'claimed') return goOn(ids, known, asked, question)
        if (clock.now() >= until) {
          throw new MailboxError('unavailable', 'Another process begins the private thread', {
            userMessage: 'Please try again in a moment.',
          })
        }
        await clock.sleep(lookAgainMs)
      }
    },
    async find(questionId, team) {
      const known = await read(rootKey(questionId), team)
      return known === 'claimed' ? undefined : known
    },
    async askedIn(root) {
      const known = await read(askedKey(root), root.team)
      if (known === undefined || known === 'claimed') return undefined
      const { team, channel, ts } = known
      return { team, channel, ...(ts === '' ? {} : { threadTs: ts }) }
    },
  }
}
