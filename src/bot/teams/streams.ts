import type { Redis } from 'ioredis'
import { z } from 'zod'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import { defineScript } from '../../lib/redis-script.ts'
import type { PortError } from '../chat-port.ts'
import { clip } from '../chat/text.ts'
import type { ThreadId } from '../thread.ts'
import { TeamsRefusal } from './errors.ts'
import { limits, pace } from './limits.ts'
import type { BudgetedWire } from './teams-wire.ts'
import { channelOf } from './references.ts'
import type { ConversationRef, OutgoingActivity } from './wire.ts'

/**
 * Messages in personal chats that begin as a stream: a line that says what is being done, in Teams' own place for that,
 * until there is something to show. Then the stream ends with the message itself, which is edited from there on.
 *
 * What a stream has come to is kept in Redis under its message's id, before the next call that depends on it, so that
 * any process can go on. Teams has three rules that shape it: one stream for each chat, two minutes for each stream, and
 * no call to a stream that has ended, for whatever reason.
 */
export interface Streams {
  /** → the message's id; undefined when there can be none now: another runs in this chat, or Teams does not want one. */
  begin(ref: ConversationRef, turn: StreamedTurn, text: string, signal: AbortSignal): Promise<string | undefined>
  /**
   * Shows what is being done. `ended`: the stream is over, the message has to be edited instead.
   * @throws PortError, or the signal's reason
   */
  inform(ref: ConversationRef, id: string, text: string, signal: AbortSignal): Promise<'shown' | 'ended'>
  /**
   * Ends the stream with its message. `ended`: it was over before, the message has to be edited instead.
   * @throws PortError, or the signal's reason
   */
  finish(ref: ConversationRef, id: string, activity: OutgoingActivity, signal: AbortSignal): Promise<'shown' | 'ended'>
  /** Whether it is still open, and has time left. */
  isOpen(id: string): Promise<boolean>
}

export interface StreamsDeps {
  readonly redis: Redis
  readonly wire: BudgetedWire
  readonly clock: Clock
  readonly log: Logger
  /** The person has pressed Teams' own Stop while this turn was being streamed. */
  readonly onStopped: (turn: StreamedTurn) => void
}

/** What is being streamed. */
const StreamedTurn = z.object({ id: z.string(), thread: z.string().transform((value) => value as ThreadId) })
export type StreamedTurn = z.infer<typeof StreamedTurn>

const State = z.object({ turn: StreamedTurn, startedAt: z.number(), isOver: z.boolean(), text: z.string() })
type State = z.infer<typeof State>

/** The next place in a stream, whose first part was sent already. */
const countScript = defineScript(`
local count = redis.call('INCR', KEYS[1])
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return count + 1
`)

/** Longer than any turn; afterwards the message is one like any other. */
const ttlMs = 86_400_000
/** A little longer than Teams allows: a process that died leaves the chat without a stream for that long. */
const chatMs = 130_000

export function createStreams({ redis, wire, clock, log, onStopped }: StreamsDeps): Streams {
  const stateKey = (id: string): string => `deckhand:teams:stream:${id}`
  const countKey = (id: string): string => `deckhand:teams:stream-count:${id}`
  const chatKey = ({ conversationId }: ConversationRef): string =>
    `deckhand:teams:streaming:${encodeURIComponent(channelOf(conversationId))}`

  async function load(id: string): Promise<State | undefined> {
    const stored = await redis.get(stateKey(id))
    return stored === null ? undefined : State.parse(JSON.parse(stored))
  }

  async function save(id: string, state: State): Promise<void> {
    await redis.set(stateKey(id), JSON.stringify(state), 'PX', ttlMs)
  }

  async function end(ref: ConversationRef, id: string, state: State): Promise<void> {
    await save(id, { ...state, isOver: true })
    await redis.unlink(chatKey(ref), countKey(id))
  }

  const hasTime = (state: State | undefined): state is State =>
    state !== undefined && !state.isOver && clock.now() - state.startedAt < pace.streamMs

  /** Nothing that Teams says of a stream is the end of the turn: the message is edited from there on. */
  async function endedBy(error: unknown, ref: ConversationRef, id: string, state: State): Promise<'ended'> {
    if (!(error instanceof TeamsRefusal) || error.isRemoval || !isFinal(error)) throw error
    log.info({ turn: state.turn.id, why: error.refusal.message }, 'A stream in Teams is over')
    await end(ref, id, state)
    if (/cancel+ed by user/i.test(error.refusal.message)) onStopped(state.turn)
    return 'ended'
  }

  return {
    async begin(ref, { id: turnId, thread }, text, signal) {
      const isFree = await redis.set(chatKey(ref), turnId, 'PX', chatMs, 'NX')
      if (isFree === null) return undefined
      try {
        const { id } = await wire.send(ref, informative(text, { streamSequence: 1 }), signal)
        await save(id, { turn: { id: turnId, thread }, startedAt: clock.now(), isOver: false, text })
        return id
      } catch (error) {
        await redis.unlink(chatKey(ref))
        if (!(error instanceof TeamsRefusal) || error.isRemoval || !isFinal(error)) throw error
        log.info({ turn: turnId, why: error.refusal.message }, 'Teams does not stream here')
        return undefined
      }
    },

    async inform(ref, id, text, signal) {
      const state = await load(id)
      if (!hasTime(state)) return 'ended'
      if (state.text === text) return 'shown'
      const streamSequence = Number(await countScript.run(redis, [countKey(id)], [ttlMs]))
      try {
        await wire.trySend(ref, informative(text, { streamId: id, streamSequence }), signal)
      } catch (error) {
        return endedBy(error, ref, id, state)
      }
      await save(id, { ...state, text })
      return 'shown'
    },

    async finish(ref, id, activity, signal) {
      const state = await load(id)
      if (!state || state.isOver) return 'ended'
      const { text = '', summary = '', entities = [] } = activity
      const last: OutgoingActivity = {
        ...activity,
        // A stream has to end with words, also where the card says everything.
        text: text === '' ? summary : text,
        entities: [...entities, { type: 'streaminfo', streamId: id, streamType: 'final' }],
      }
      try {
        await wire.send(ref, last, signal)
      } catch (error) {
        return endedBy(error, ref, id, state)
      }
      await end(ref, id, state)
      return 'shown'
    },

    isOpen: async (id) => hasTime(await load(id)),
  }
}

function informative(text: string, info: Readonly<Record<string, unknown>>): OutgoingActivity {
  return {
    type: 'typing',
    text: clip(text, limits.informative),
    entities: [{ type: 'streaminfo', streamType: 'informative', ...info }],
  }
}

/** Teams' word on a stream, rather than on a moment: 429 and outages pass. */
function isFinal(error: PortError): error is TeamsRefusal {
  return error instanceof TeamsRefusal && error.code !== 'busy' && error.code !== 'unavailable'
}
