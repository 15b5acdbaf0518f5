import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../src/lib/clock.ts'
import { describeError } from '../../../src/lib/errors.ts'
import type { QueryResult } from '../../data/warehouse.ts'
import type { Fault } from '../faults.ts'
import type { Answer, GenieEngine } from './engine.ts'
import type { Space } from './spaces.ts'
import type { Memory } from './understand.ts'

/** Rows one query result has at most. @see https://docs.databricks.com/aws/en/genie/set-up */
export const maxResultRows = 5000

/** Genie's own statuses that occur here. */
export type MessageStatus =
  | 'SUBMITTED'
  | 'FETCHING_METADATA'
  | 'FILTERING_CONTEXT'
  | 'ASKING_AI'
  | 'PENDING_WAREHOUSE'
  | 'EXECUTING_QUERY'
  | 'COMPLETED'
  | 'FAILED'
  | 'CANCELLED'
  | 'QUERY_RESULT_EXPIRED'

const askingFrom = 0.22
const warehouseFrom = 0.7
const executingFrom = 0.78
/** Where in the answer's time each status begins, as a share of it. */
const stages: readonly (readonly [number, MessageStatus])[] = [
  [0, 'SUBMITTED'],
  [0.05, 'FETCHING_METADATA'],
  [0.15, 'FILTERING_CONTEXT'],
  [askingFrom, 'ASKING_AI'],
  [warehouseFrom, 'PENDING_WAREHOUSE'],
  [executingFrom, 'EXECUTING_QUERY'],
]

export interface Ids {
  readonly messageId: string
  readonly queryAttachmentId: string
  readonly queryId: string
  readonly textAttachmentId: string
  readonly textId: string
  readonly suggestionsAttachmentId: string
}

export interface Message {
  readonly ids: Ids
  readonly conversation: Conversation
  readonly content: string
  readonly createdAt: number
  readonly fault: Fault | undefined
  /** Known as soon as the question has been read. */
  answer?: Answer
  failure?: { readonly type: string; readonly error: string; readonly suggestions: readonly string[] }
  result?: QueryResult
  statementId: string
  /** When the work on it began (again), how long that is to take at least, and when it was really over. */
  startedAt: number
  durationMs: number
  finishedAt?: number
  /** How often the query was executed again. */
  reruns: number
  /** Rows asked for to be gone. */
  expired: boolean
  feedback?: { readonly rating: string; readonly comment?: string }
}

export interface Conversation {
  readonly id: string
  readonly space: Space
  readonly title: string
  readonly createdAt: number
  updatedAt: number
  readonly messages: Message[]
  memory: Memory | undefined
}

export interface ConversationsDeps {
  readonly engine: Promise<GenieEngine>
  readonly clock: Clock
  readonly delayMs: number
  readonly resultTtlMs: number
  /** Ends running SQL. */
  readonly signal: AbortSignal
}

/** All conversations of a workspace, and the life of their messages. */
export interface Conversations {
  start(space: Space, content: string, fault: Fault | undefined): Message
  ask(conversation: Conversation, content: string, fault: Fault | undefined): Message
  find(space: Space, conversationId: string): Conversation | undefined
  /** Newest first. */
  list(space: Space): readonly Conversation[]
  delete(conversation: Conversation): void
  /** Where a message is now. */
  statusOf(message: Message): MessageStatus
  /** Runs the SQL of an answered message again. */
  rerun(message: Message): void
}

const newId = (): string => `01f${randomBytes(16).toString('hex').slice(3)}`

export function createConversations({ engine, clock, delayMs, resultTtlMs, signal }: ConversationsDeps): Conversations {
  const all = new Map<string, Conversation>()
  /** Messages being worked on: a follow-up is read after the one before it. */
  const work = new WeakMap<Message, Promise<void>>()
  /** Running a query again takes as long as running it took the first time. */
  const rerunMs = delayMs * (1 - executingFrom)

  function ask(conversation: Conversation, content: string, fault: Fault | undefined): Message {
    const now = clock.now()
    const message: Message = {
      ids: {
        messageId: newId(),
        queryAttachmentId: newId(),
        queryId: newId(),
        textAttachmentId: newId(),
        textId: newId(),
        suggestionsAttachmentId: newId(),
      },
      conversation,
      content,
      createdAt: now,
      fault,
      statementId: newId(),
      startedAt: now,
      durationMs: delayMs,
      reruns: 0,
      expired: false,
    }
    const before = conversation.messages.at(-1)
    conversation.messages.push(message)
    conversation.updatedAt = now
    work.set(message, answer(message, before && work.get(before)))
    return message
  }

  async function answer(message: Message, before: Promise<void> | undefined): Promise<void> {
    const { conversation, fault } = message
    try {
      await before
      const genie = await engine
      const said = genie.answer(message.content, conversation.space.scope, conversation.memory)
      conversation.memory = said.memory
      message.answer = said
    } catch (error) {
      message.failure = { type: 'UNEXPECTED_REPLY_PROCESS_EXCEPTION', error: describeError(error), suggestions: [] }
    }
    if (fault?.kind === 'message-failed') message.failure = { suggestions: [], ...fault }
    if (message.answer?.kind === 'query' && !message.failure) await run(message, message.answer.sql)
    else message.finishedAt = clock.now()
  }

  async function run(message: Message, sql: string): Promise<void> {
    try {
      const genie = await engine
      message.result = await genie.run(sql, maxResultRows, signal)
    } catch (error) {
      message.failure = { type: 'SQL_EXECUTION_EXCEPTION', error: describeError(error), suggestions: [] }
    }
    message.finishedAt = clock.now()
  }

  function statusOf({ answer, failure, fault, ...message }: Message): MessageStatus {
    const { startedAt, finishedAt, durationMs, reruns, expired } = message
    const now = clock.now()
    const elapsed = durationMs === 0 ? 1 : (now - startedAt) / durationMs
    if (fault?.kind === 'message-stuck') return elapsed < askingFrom ? stageAt(elapsed) : 'ASKING_AI'
    if (finishedAt !== undefined && elapsed >= 1) {
      if (failure) return 'FAILED'
      if (fault?.kind === 'message-cancelled') return 'CANCELLED'
      if (answer?.kind !== 'query') return 'COMPLETED'
      const readyAt = Math.max(finishedAt, startedAt + durationMs)
      return expired || now >= readyAt + resultTtlMs ? 'QUERY_RESULT_EXPIRED' : 'COMPLETED'
    }
    if (reruns > 0) return 'EXECUTING_QUERY'
    // Without a query to run, or before the question is read, the model is what takes the time
    return elapsed < warehouseFrom || (answer?.kind === 'query' && !failure) ? stageAt(elapsed) : 'ASKING_AI'
  }

  return {
    start(space, content, fault) {
      const now = clock.now()
      const conversation: Conversation = {
        id: newId(),
        space,
        title: content.slice(0, 200),
        createdAt: now,
        updatedAt: now,
        messages: [],
        memory: undefined,
      }
      all.set(conversation.id, conversation)
      return ask(conversation, content, fault)
    },
    ask,
    find(space, conversationId) {
      const conversation = all.get(conversationId)
      return conversation?.space === space ? conversation : undefined
    },
    list: (space) => [...all.values()].filter((conversation) => conversation.space === space).toReversed(),
    delete: (conversation) => void all.delete(conversation.id),
    statusOf,
    rerun(message) {
      if (message.answer?.kind !== 'query') return
      message.statementId = newId()
      message.startedAt = clock.now()
      message.durationMs = rerunMs
      message.reruns += 1
      message.expired = false
      delete message.finishedAt
      void run(message, message.answer.sql)
    },
  }
}

function stageAt(elapsed: number): MessageStatus {
  return stages.findLast(([from]) => elapsed >= from)?.[1] ?? 'SUBMITTED'
}
