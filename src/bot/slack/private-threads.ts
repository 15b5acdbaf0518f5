import type { Redis } from 'ioredis'
import type { Clock } from '../../lib/clock.ts'
import { MailboxError } from '../mailbox.ts'
import { escapeWithin } from './mrkdwn.ts'
import { type Place, threadAt } from './origin.ts'
import type { Spot, Voice } from './voice.ts'

/** Threads in a person's direct message that answer what was asked elsewhere. */
export interface PrivateThreads {
  /**
   * The first message of the thread for one question; posted now when there is none. All copies and repetitions of a
   * delivery give the same `id` and get the same thread. `asked` is where answers may be posted for all later.
   * @throws PortError, MailboxError `unavailable` while another process begins it
   */
  begin(id: string, asked: Spot, user: string, question: string): Promise<Place>
  /** The thread begun with this id. */
  find(id: string, team: string): Promise<Place | undefined>
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

  async function post(id: string, asked: Spot, user: string, question: string): Promise<Place> {
    const at = { team: asked.team, channel: user }
    const quote = escapeWithin(question, longestQuote).replaceAll('\n', '\n>')
    const where = asked.channel.startsWith('D') ? '' : ` in <#${asked.channel}>`
    const root = await voice.say(at, `You asked${where}:\n>${quote}`)
    await redis
      .multi()
      .set(askedKey(root), `${asked.channel}:${asked.threadTs ?? ''}`, 'PX', ttlMs)
      .set(rootKey(id), `${root.channel}:${root.ts}`, 'PX', ttlMs)
      .exec()
    return root
  }

  return {
    async begin(id, asked, user, question) {
      const key = rootKey(id)
      for (const until = clock.now() + waitMs; ;) {
        if ((await redis.set(key, claim, 'PX', claimMs, 'NX')) === 'OK') {
          try {
            return await post(id, asked, user, question)
          } catch (error) {
            await redis.unlink(key).catch(() => undefined) // it ends by itself
            throw error
          }
        }
        const known = await read(key, asked.team)
        if (known !== undefined && known !== 'claimed') return known
        if (clock.now() >= until) {
          throw new MailboxError('unavailable', 'Another process begins the private thread', {
            userMessage: 'Please try again in a moment.',
          })
        }
        await clock.sleep(lookAgainMs)
      }
    },
    async find(id, team) {
      const known = await read(rootKey(id), team)
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
