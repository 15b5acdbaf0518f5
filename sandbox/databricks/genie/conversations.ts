import { randomBytes } from 'node:crypto'
import type { Clock } from '../../../src/lib/clock.ts'
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

/** Where in the answer's time each status begins, as a share of it. */
const stages: readonly (readonly [number, MessageStatus])[] = [
  [0, 'SUBMITTED'],
  [0.05, 'FETCHING_METADATA'],
  [0.15, 'FILTERING_CONTEXT'],
  [0.22, 'ASKING_AI'],
  [0.7, 'PENDING_WAREHOUSE'],
  [0.78, 'EXECUTING_QUERY'],
]

export interface Ids {
  readonly messageId: string
  readonly queryAttachmentId: string
  readonly textAttachmentId: string
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
  /** When the current run of the SQL began, and when its rows were there. */
  startedAt: number
  finishedAt?: number
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

export const newId = (): string => `01f${randomBytes(16).toString('hex').slice(3)}`

export function createConversations({ engine, clock, delayMs, resultTtlMs, signal }: ConversationsDeps): Conversations {
  const all = new Map<string, Conversation>()

  function ask(conversation: Conversation, content: string, fault: Fault | undefined): Message {
    const message: Message = {
      ids: {
        messageId: newId(),
        queryAttachmentId: newId(),
        textAttachmentId: newId(),
        suggestionsAttachmentId: newId(),
      },
      conversation,
      content,
      createdAt: clock.now(),
      fault,
      statementId: newId(),
      startedAt: clock.now(),
      expired: false,
    }
    const before = conversation.messages.at(-1)
    conversation.messages.push(message)
    conversation.updatedAt = message.createdAt
    const work = work_(message, before)
    pending.set(message, work)
    return message
  }

  /** Messages being worked on: a follow-up is read after the one before it. */
  const pending = new WeakMap<Message, Promise<void>>()

  async function work_(message: Message, before: Message | undefined): Promise<void> {
    try {
      if (before) await pending.get(before)
      const { answer, run } = await engine
      const { conversation } = message
      const said = answer(message.content, conversation.space.scope, conversation.memory)
      conversation.memory = said.memory
      message.answer = said
      if (message.fault?.kind === 'message-failed') {
        message.failure = { suggestions: [], ...message.fault }
      } else if (said.kind === 'query') {
        message.result = await run(said.sql, maxResultRows, signal)
      }
    } catch (error) {
      message.failure = {
        type: 'SQL_EXECUTION_EXCEPTION',
        error: error instanceof Error ? error.message : String(error),
        suggestions: [],
      }
    }
    message.finishedAt = clock.now()
  }

  function statusOf(message: Message): MessageStatus {
    const { answer, failure, finishedAt, fault, startedAt } = message
    const now = clock.now()
    const again = startedAt !== message.createdAt
    const elapsed = delayMs === 0 ? 1 : (now - startedAt) / (again ? delayMs * 0.22 : delayMs)
    const done = finishedAt !== undefined && elapsed >= 1
    if (fault?.kind === 'message-stuck') return elapsed < 0.22 ? stageAt(elapsed) : 'ASKING_AI'
    if (done) {
      if (failure) return 'FAILED'
      if (fault?.kind === 'message-cancelled') return 'CANCELLED'
      if (answer?.kind !== 'query') return 'COMPLETED'
      const readyAt = Math.max(finishedAt, startedAt + (again ? delayMs * 0.22 : delayMs))
      return message.expired || now >= readyAt + resultTtlMs ? 'QUERY_RESULT_EXPIRED' : 'COMPLETED'
    }
    if (again) return 'EXECUTING_QUERY'
    // Without a warehouse's work to do, or before the question is read, the model is what takes the time
    const runs = answer?.kind === 'query' && message.failure === undefined
    return elapsed < 0.7 || runs ? stageAt(elapsed) : 'ASKING_AI'
  }

  function stageAt(elapsed: number): MessageStatus {
    return stages.findLast(([from]) => elapsed >= from)?.[1] ?? 'SUBMITTED'
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
      const { answer } = message
      if (answer?.kind !== 'query') return
      message.statementId = newId()
      message.startedAt = clock.now() + (clock.now() === message.createdAt ? 1 : 0)
      message.expired = false
      delete message.finishedAt
      void engine
        .then(({ run }) => run(answer.sql, maxResultRows, signal))
        .then(
          (result) => {
            message.result = result
          },
          (error: unknown) => {
            message.failure = { type: 'SQL_EXECUTION_EXCEPTION', error: String(error), suggestions: [] }
          },
        )
        .finally(() => {
          message.finishedAt = clock.now()
        })
    },
  }
}
