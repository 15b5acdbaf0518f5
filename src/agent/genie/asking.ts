import type { Clock } from '../../lib/clock.ts'
import { DatabricksError } from '../../lib/databricks/error.ts'
import { restPath, type DatabricksRest } from '../../lib/databricks/rest.ts'
import type { Logger } from '../../lib/log.ts'
import { GenieError, type GenieQuestion } from './genie.ts'
import {
  ConversationList,
  CreatedMessage,
  MessageList,
  StartedConversation,
  type Message,
  type MessageRef,
} from './schema.ts'

export const spacesPath = '/api/2.0/genie/spaces'

/** Asking counts against a limit of a few questions a minute, so a question that may have arrived is looked for first. */
const asks = 2
const looksAfterMs = [500, 1500, 3000] as const
/** How far the workspace's clock may be from ours. */
const clockSkewMs = 60_000
const pageSize = 100
const mostPages = 100
/** Conversations looked into for a lost first question, newest first. */
const mostConversations = 20

/** What an asker works with; `isTaken` says that a message already belongs to another question of this process. */
export interface AskingDeps {
  readonly rest: DatabricksRest
  readonly clock: Clock
  readonly log: Logger
  readonly isTaken: (messageId: string) => boolean
}

/**
 * Puts the question to Genie once, unless an earlier asker has. When it stays unclear whether it arrived, it is looked for by its text, and asked
 * again only if it is not there.
 * @throws DatabricksError, GenieError
 */
export async function askOnce(
  question: GenieQuestion,
  deadlineAt: number,
  deps: AskingDeps,
  signal: AbortSignal,
): Promise<MessageRef> {
  const { conversationId, mayBeAskedSince } = question
  if (conversationId !== undefined && mayBeAskedSince !== undefined) {
    // Of this very thread, so it does not matter whether this process has seen it.
    const anyMessage = { ...deps, isTaken: () => false }
    const found = await findInConversation(question, conversationId, mayBeAskedSince, anyMessage, signal)
    if (found) return found
  }
  await question.onAsking?.()
  const askedAt = deps.clock.now()
  for (let ask = 1; ; ask += 1) {
    try {
      return await post(question, deadlineAt, deps, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof DatabricksError) || !error.mayHaveHappened) throw error
      deps.log.warn(
        { code: error.code, status: error.status, ask },
        'Unclear whether Genie got the question, looking for it',
      )
      const found = await findLost(question, askedAt, error, deps, signal)
      if (found) return found
      if (ask >= asks) throw error
    }
  }
}

async function post(
  { spaceId, conversationId, question, onStatus }: GenieQuestion,
  deadlineAt: number,
  { rest, clock }: AskingDeps,
  signal: AbortSignal,
): Promise<MessageRef> {
  const space = restPath(spacesPath, spaceId)
  return rest.call(
    {
      method: 'POST',
      path:
        conversationId === undefined
          ? `${space}/start-conversation`
          : `${restPath(`${space}/conversations`, conversationId)}/messages`,
      body: { content: question },
      schema: conversationId === undefined ? StartedConversation : CreatedMessage,
      timeoutMs: Math.max(1, deadlineAt - clock.now()),
      retry: 'never-after-send',
      onRateLimit: (waitMs) => onStatus?.('WAITING_FOR_RATE_LIMIT', waitMs),
    },
    signal,
  )
}

/** Looks a few times, since a request can be cut off before its work is visible. */
async function findLost(
  question: GenieQuestion,
  askedAt: number,
  lost: DatabricksError,
  deps: AskingDeps,
  signal: AbortSignal,
): Promise<MessageRef | undefined> {
  try {
    for (const pauseMs of looksAfterMs) {
      await deps.clock.sleep(pauseMs, signal)
      const found =
        question.conversationId === undefined
          ? await findInSpace(question, askedAt, deps, signal)
          : await findInConversation(question, question.conversationId, askedAt, deps, signal)
      if (found) return found
    }
    return undefined
  } catch (error) {
    signal.throwIfAborted()
    throw new GenieError('unavailable', 'Cannot tell whether Genie got the question: looking for it failed', {
      cause: error instanceof Error ? new AggregateError([lost, error], error.message) : lost,
      userMessage: 'The connection to Genie was lost while asking. Please try again in a moment.',
    })
  }
}

async function findInSpace(
  question: GenieQuestion,
  askedAt: number,
  deps: AskingDeps,
  signal: AbortSignal,
): Promise<MessageRef | undefined> {
  const { conversations } = await deps.rest.call(
    {
      method: 'GET',
      path: `${restPath(spacesPath, question.spaceId)}/conversations`,
      query: { page_size: pageSize },
      schema: ConversationList,
      timeoutMs: 30_000,
      retry: 'safe',
    },
    signal,
  )
  const recent = conversations
    .filter(({ created_timestamp: at }) => at === undefined || at >= askedAt - clockSkewMs)
    .toSorted((a, b) => (b.created_timestamp ?? 0) - (a.created_timestamp ?? 0))
  for (const { conversation_id: id } of recent.slice(0, mostConversations)) {
    const found = id === undefined ? undefined : await findInConversation(question, id, askedAt, deps, signal)
    if (found) return found
  }
  return undefined
}

async function findInConversation(
  question: GenieQuestion,
  conversationId: string,
  askedAt: number,
  deps: AskingDeps,
  signal: AbortSignal,
): Promise<MessageRef | undefined> {
  const path = `${restPath(`${restPath(spacesPath, question.spaceId)}/conversations`, conversationId)}/messages`
  const isOurs = (message: Message): boolean =>
    message.content?.trim() === question.question.trim() &&
    message.message_id !== undefined &&
    !deps.isTaken(message.message_id) &&
    (message.created_timestamp === undefined || message.created_timestamp >= askedAt - clockSkewMs)
  let pageToken: string | undefined
  for (let page = 0; page < mostPages; page += 1) {
    const list = await deps.rest.call(
      {
        method: 'GET',
        path,
        query: { page_size: pageSize, page_token: pageToken },
        schema: MessageList,
        timeoutMs: 30_000,
        retry: 'safe',
      },
      signal,
    )
    const messageId = list.messages.find(isOurs)?.message_id
    if (messageId !== undefined) return { conversationId, messageId }
    if (!list.next_page_token) return undefined
    pageToken = list.next_page_token
  }
  return undefined
}
