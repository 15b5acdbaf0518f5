import type { Redis } from 'ioredis'
import { z } from 'zod'
import type { Clock } from '../../lib/clock.ts'
import { parseJson } from '../../lib/json.ts'
import type { ScriptArgument } from '../../lib/redis-script.ts'
import { IncomingMessage } from '../message.ts'
import type { TurnEnd, Write } from '../mailbox.ts'
import type { ThreadId } from '../thread.ts'
import { busyThreads, deadLetters, keysOf } from './keys.ts'
import {
  acceptScript,
  commitScript,
  deliveredScript,
  nextScript,
  putScript,
  releaseScript,
  stopScript,
  writeScript,
} from './scripts.ts'

/** Deliveries come again for minutes, by Slack's delayed events for hours. */
const seenTtlMs = 86_400_000
/** What no turn came back for goes by itself. */
const leftoverTtlMs = 86_400_000
const mostDeadLetters = 1000

const Accepting = z.tuple([z.enum(['new', 'seen', 'full']), z.number()])

const Next = z.union([
  z.tuple([z.enum(['lost', 'nothing', 'more'])]),
  z.tuple([z.literal('deliver'), z.string(), z.string(), z.string()]),
  z.tuple([z.literal('run'), z.string(), z.string(), z.number(), z.number(), z.number()]),
])

/**
 * What a worker has to do next in a thread. `more`: a turn waits. `message` is missing when it cannot be read, as one
 * that another version of this program has stored.
 */
export type NextStep =
  | { readonly kind: 'lost' | 'nothing' | 'more' }
  | {
      readonly kind: 'deliver'
      readonly id: string
      readonly message: IncomingMessage | undefined
      readonly reply: string
    }
  | {
      readonly kind: 'run'
      readonly id: string
      readonly message: IncomingMessage | undefined
      readonly attempt: number
      /** Claims of this turn whose process never came back to it, this one included. */
      readonly deaths: number
      readonly isStopped: boolean
    }

/** The mailbox in Redis, as functions. `token` names the owner of a thread. */
export interface MailboxStore {
  accept(message: IncomingMessage, mostAhead: number): Promise<{ state: 'new' | 'seen' | 'full'; ahead: number }>
  next(thread: ThreadId, token: string, how: { take: boolean; run: boolean }): Promise<NextStep>
  findStep(thread: ThreadId, turnId: string, step: string): Promise<Buffer | null>
  putStep(
    thread: ThreadId,
    token: string,
    turnId: string,
    step: string,
    value: Buffer,
  ): Promise<'lost' | 'kept' | 'stop'>
  /** Writes while the turn goes on; what comes after its end is not written. */
  write(thread: ThreadId, token: string, turnId: string, writes: readonly Write[]): Promise<'lost' | 'ended' | 'done'>
  /** `letter`: what to keep of a turn that is given up. */
  commit(thread: ThreadId, token: string, turnId: string, end: TurnEnd, letter?: string): Promise<'lost' | 'done'>
  delivered(thread: ThreadId, token: string, turnId: string): Promise<'lost' | 'done'>
  release(thread: ThreadId, token: string, turnId: string): Promise<void>
  /** The turn that is to stop, or undefined. */
  stop(thread: ThreadId, turnId: string | undefined): Promise<string | undefined>
  isStopped(thread: ThreadId, turnId: string): Promise<boolean>
}

/** `intake` fails at once while Redis is away; `redis` waits for it. */
export function createMailboxStore(deps: {
  readonly redis: Redis
  readonly intake: Redis
  readonly clock: Clock
}): MailboxStore {
  const { redis, intake, clock } = deps
  return {
    async accept(message, mostAhead) {
      const { id, thread } = message
      const keys = keysOf(thread)
      const [state, ahead] = Accepting.parse(
        await acceptScript.run(
          intake,
          [keys.seen(id), keys.inbox, keys.messages, busyThreads],
          [id, JSON.stringify(message), mostAhead, seenTtlMs, clock.now(), thread],
        ),
      )
      return { state, ahead }
    },

    async next(thread, token, { take, run }) {
      const { lease, inbox, messages, outbox, ends, stops } = keysOf(thread)
      const next = Next.parse(
        await nextScript.run(
          redis,
          [lease, inbox, messages, outbox, ends, stops, busyThreads],
          [token, take ? 'take' : '', run ? 'run' : '', clock.now(), thread],
        ),
      )
      if (next[0] === 'deliver') {
        const [kind, id, message, reply] = next
        return { kind, id, message: readMessage(message), reply }
      }
      if (next[0] !== 'run') return { kind: next[0] }
      const [kind, id, message, attempt, survived, stopped] = next
      return {
        kind,
        id,
        message: readMessage(message),
        attempt,
        deaths: attempt - survived,
        isStopped: stopped === 1,
      }
    },

    findStep: (thread, turnId, step) => redis.hgetBuffer(keysOf(thread).journal(turnId), step),

    async putStep(thread, token, turnId, step, value) {
      const { lease, journal, stops } = keysOf(thread)
      const result = await putScript.run(
        redis,
        [lease, journal(turnId), stops],
        [token, turnId, step, value, leftoverTtlMs],
      )
      return z.enum(['lost', 'kept', 'stop']).parse(result)
    },

    async write(thread, token, turnId, writes) {
      const keys = [keysOf(thread).lease, ...writes.map(({ key }) => key)]
      const result = await writeScript.run(redis, keys, [token, turnId, ...writes.flatMap(toArguments)])
      return z.enum(['lost', 'ended', 'done']).parse(result)
    },

    async commit(thread, token, turnId, end, letter = '') {
      const { lease, inbox, outbox, ends, stops, journal } = keysOf(thread)
      const { writes, additions = [] } = end
      const keys = [...writes, ...additions].map(({ key }) => key)
      const result = await commitScript.run(
        redis,
        [lease, inbox, outbox, ends, stops, journal(turnId), deadLetters, ...keys],
        [
          token,
          turnId,
          end.reply,
          letter,
          mostDeadLetters,
          ...writes.flatMap(toArguments),
          ...additions.flatMap(({ field, add, ttlMs }) => [field, 'add', Math.round(add), Math.round(ttlMs)]),
        ],
      )
      return z.enum(['lost', 'done']).parse(result)
    },

    async delivered(thread, token, turnId) {
      const { lease, messages, outbox, ends } = keysOf(thread)
      const result = await deliveredScript.run(redis, [lease, messages, outbox, ends], [token, turnId])
      return z.enum(['lost', 'done']).parse(result)
    },

    async release(thread, token, turnId) {
      await releaseScript.run(redis, [keysOf(thread).lease], [token, turnId])
    },

    async stop(thread, turnId = '') {
      const { inbox, stops } = keysOf(thread)
      return z.string().parse(await stopScript.run(intake, [inbox, stops], [turnId, leftoverTtlMs])) || undefined
    },

    async isStopped(thread, turnId) {
      return (await redis.sismember(keysOf(thread).stops, turnId)) === 1
    },
  }
}

function toArguments({ field = '', value, ttlMs }: Write): ScriptArgument[] {
  return [field, value === null ? 'remove' : 'set', value ?? '', Math.round(ttlMs)]
}

function readMessage(text: string): IncomingMessage | undefined {
  return IncomingMessage.safeParse(parseJson(text)).data
}
