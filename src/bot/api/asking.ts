import { createHash, randomUUID } from 'node:crypto'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import { acknowledge } from '../acknowledge.ts'
import type { ChatPort } from '../chat-port.ts'
import { MailboxError, type Mailbox } from '../mailbox.ts'
import type { IncomingMessage } from '../message.ts'
import type { Metrics } from '../metrics.ts'
import type { PostedReplies } from '../posted-replies.ts'
import { encodeThreadId, type ThreadId } from '../thread.ts'
import { ApiError, unavailable } from './api-error.ts'
import type { ApiCaller } from './api-keys.ts'
import type { GenerateRequest } from './schema.ts'
import { fingerprintOf, type Ticket, type Tickets } from './tickets.ts'
import type { TurnStates } from './turn-states.ts'

export interface AskingDeps {
  readonly mailbox: Pick<Mailbox, 'accept'>
  readonly tickets: Tickets
  readonly states: TurnStates
  readonly port: ChatPort
  readonly posted: PostedReplies
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

/**
 * Puts a question into its thread's mailbox. The same request with the same idempotency key is the same question: it is
 * not asked again, however often it comes.
 * @returns the turn's id and ticket
 * @throws ApiError `key-reused` for another request under that key, `unavailable`; MailboxError
 */
export async function askQuestion(
  request: GenerateRequest,
  caller: ApiCaller,
  idempotencyKey: string | undefined,
  deps: AskingDeps,
): Promise<{ readonly id: string; readonly ticket: Ticket }> {
  const { mailbox, tickets, states, clock } = deps
  const { question, max_slides: maxSlides, genie_space_id: spaceId, thread: threadName } = request
  const id = `api-${idempotencyKey === undefined ? randomUUID() : hash(`${caller.id} ${idempotencyKey}`)}`
  const wanted: Ticket = {
    caller: caller.id,
    thread: threadOf(caller, threadName ?? id),
    threadName: threadName ?? id,
    fingerprint: fingerprintOf(caller.id, [question, maxSlides ?? 0, spaceId ?? '', threadName ?? '']),
  }
  const ticket = await reach(tickets.claim(id, wanted))
  if (ticket.fingerprint !== wanted.fingerprint) {
    throw new ApiError(
      'key-reused',
      'This Idempotency-Key was used for another request; a new request needs a new one.',
    )
  }
  if (idempotencyKey !== undefined && (await reach(states.find(id))) !== 'unseen') return { id, ticket }

  const message: IncomingMessage = {
    id,
    thread: ticket.thread,
    text: question,
    user: { id: `key-${caller.id}` },
    sentAt: clock.now(),
    ...(typeof spaceId === 'string' ? { spaceId } : {}),
    ...(typeof maxSlides === 'number' ? { maxSlides } : {}),
    // The other files are drawn when somebody opens their links.
    formats: ['html'],
    origin: {},
  }
  try {
    const { isNew, ahead } = await mailbox.accept(message)
    if (isNew) void acknowledge(message, ahead, deps)
  } catch (error) {
    if (error instanceof MailboxError && error.code === 'full') await tickets.drop(id).catch(() => undefined)
    throw error
  }
  return { id, ticket }
}

/** A caller's names lead to that caller's threads only, whatever they are. */
function threadOf(caller: ApiCaller, name: string): ThreadId {
  return encodeThreadId({ platform: 'api', tenant: caller.id, channel: 'generate-slides', root: hash(name) })
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64url').slice(0, 22)
}

/** What Redis does not answer in time becomes a refusal that says when to come again. */
export async function reach<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (error) {
    throw unavailable(error)
  }
}
