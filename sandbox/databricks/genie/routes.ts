import { z } from 'zod'
import type { Clock } from '../../../src/lib/clock.ts'
import { ApiError, badRequest, notFound, ok, type Reply } from '../http/reply.ts'
import type { Route, RouteRequest } from '../http/router.ts'
import type { Conversation, Conversations, Message } from './conversations.ts'
import { type Space, spaces } from './spaces.ts'
import { toConversation, toConversationSummary, toMessage, toSpace, toStatement } from './wire.ts'

const Question = z.object({ content: z.string().trim().min(1).max(30_000) })
const Feedback = z.object({ rating: z.enum(['POSITIVE', 'NEGATIVE', 'NONE']), comment: z.string().exactOptional() })

export interface GenieRoutesDeps {
  readonly conversations: Conversations
  readonly clock: Clock
  /** Questions all spaces take in any minute. */
  readonly questionsPerMinute: number | undefined
}

/** Genie's conversation API in chat mode. */
export function genieRoutes({ conversations, clock, questionsPerMinute }: GenieRoutesDeps): readonly Route[] {
  const askedAt: number[] = []

  /** Only questions count, wherever they are asked. @throws ApiError 429 */
  function countQuestion(): void {
    if (questionsPerMinute === undefined) return
    const now = clock.now()
    while (askedAt[0] !== undefined && askedAt[0] <= now - 60_000) askedAt.shift()
    const [oldest] = askedAt
    if (oldest !== undefined && askedAt.length >= questionsPerMinute) {
      const seconds = Math.max(1, Math.ceil((oldest + 60_000 - now) / 1000))
      throw new ApiError(
        429,
        'RESOURCE_EXHAUSTED',
        `Genie takes ${questionsPerMinute} questions a minute in this workspace`,
        { 'retry-after': String(seconds) },
      )
    }
    askedAt.push(now)
  }

  function spaceOf({ params }: RouteRequest): Space {
    const id = params['space'] ?? ''
    const space = spaces.find((each) => each.id === id)
    if (!space) throw notFound(`Unable to get space [${id}]. Either it does not exist or you have no access to it.`)
    return space
  }

  function conversationOf(request: RouteRequest): Conversation {
    const id = request.params['conversation'] ?? ''
    const conversation = conversations.find(spaceOf(request), id)
    if (!conversation) throw notFound(`Conversation ${id} does not exist.`)
    return conversation
  }

  function messageOf(request: RouteRequest): Message {
    const id = request.params['message'] ?? ''
    const message = conversationOf(request).messages.find(({ ids }) => ids.messageId === id)
    if (!message) throw notFound(`Message ${id} does not exist.`)
    return message
  }

  const show = (message: Message): unknown => toMessage(message, conversations.statusOf(message))

  function queryOf(request: RouteRequest): Message {
    const message = messageOf(request)
    const id = request.params['attachment'] ?? ''
    if (id === message.ids.textAttachmentId || id === message.ids.suggestionsAttachmentId)
      throw badRequest(`Attachment ${id} is no query.`)
    if (id !== message.ids.queryAttachmentId || message.answer?.kind !== 'query')
      throw notFound(`Attachment ${id} does not exist.`)
    return message
  }

  function queryResult(request: RouteRequest): Reply {
    const message = queryOf(request)
    if (request.fault?.kind === 'statement-state') return ok(toStatement(message, request.fault.state))
    const status = conversations.statusOf(message)
    switch (status) {
      case 'EXECUTING_QUERY':
        return ok(toStatement(message, 'RUNNING'))
      case 'COMPLETED':
        return ok(toStatement(message, 'SUCCEEDED'))
      case 'QUERY_RESULT_EXPIRED':
        throw new ApiError(400, 'INVALID_STATE', 'The query result has expired. Execute the query again.')
      default:
        throw new ApiError(400, 'INVALID_STATE', `There is no query result while the message is ${status}.`)
    }
  }

  function executeQuery(request: RouteRequest): Reply {
    const message = queryOf(request)
    const status = conversations.statusOf(message)
    if (status !== 'COMPLETED' && status !== 'QUERY_RESULT_EXPIRED') {
      throw new ApiError(400, 'INVALID_STATE', `The query cannot be executed while the message is ${status}.`)
    }
    conversations.rerun(message)
    return ok(toStatement(message, 'PENDING'))
  }

  const root = '/api/2.0/genie/spaces'
  const one = `${root}/:space/conversations/:conversation`
  const message = `${one}/messages/:message`
  const attachment = `${message}/attachments/:attachment`
  return [
    {
      method: 'GET',
      path: root,
      kind: 'genie.spaces',
      handle: ({ query }) => ok(page('spaces', spaces.map(toSpace), query)),
    },
    { method: 'GET', path: `${root}/:space`, kind: 'genie.space', handle: (request) => ok(toSpace(spaceOf(request))) },
    {
      method: 'POST',
      path: `${root}/:space/start-conversation`,
      kind: 'genie.ask',
      handle(request) {
        const space = spaceOf(request)
        const { content } = parse(Question, request.json)
        countQuestion()
        const asked = conversations.start(space, content, request.fault)
        return ok({
          conversation_id: asked.conversation.id,
          message_id: asked.ids.messageId,
          conversation: toConversation(asked.conversation),
          message: show(asked),
        })
      },
    },
    {
      method: 'GET',
      path: `${root}/:space/conversations`,
      kind: 'genie.conversations',
      handle: (request) =>
        ok(page('conversations', conversations.list(spaceOf(request)).map(toConversationSummary), request.query)),
    },
    {
      method: 'DELETE',
      path: one,
      kind: 'genie.delete',
      handle(request) {
        conversations.delete(conversationOf(request))
        return ok()
      },
    },
    {
      method: 'POST',
      path: `${one}/messages`,
      kind: 'genie.ask',
      handle(request) {
        const conversation = conversationOf(request)
        const { content } = parse(Question, request.json)
        countQuestion()
        return ok(show(conversations.ask(conversation, content, request.fault)))
      },
    },
    {
      method: 'GET',
      path: `${one}/messages`,
      kind: 'genie.messages',
      handle: (request) => ok(page('messages', conversationOf(request).messages.toReversed().map(show), request.query)),
    },
    {
      method: 'GET',
      path: message,
      kind: 'genie.message',
      handle(request) {
        const asked = messageOf(request)
        if (request.fault?.kind === 'result-expired') asked.expired = true
        const shown = show(asked)
        if (request.fault?.kind !== 'message-status' || typeof shown !== 'object') return ok(shown)
        return ok({ ...shown, status: request.fault.status, attachments: null })
      },
    },
    { method: 'GET', path: `${attachment}/query-result`, kind: 'genie.query-result', handle: queryResult },
    { method: 'POST', path: `${attachment}/execute-query`, kind: 'genie.execute-query', handle: executeQuery },
    {
      method: 'POST',
      path: `${message}/feedback`,
      kind: 'genie.feedback',
      handle(request) {
        messageOf(request).feedback = parse(Feedback, request.json)
        return ok()
      },
    },
  ]
}

function parse<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw badRequest(`${issue?.path.join('.') ?? 'body'}: ${issue?.message ?? 'invalid'}`)
}

/** One page of a list under its name; the token says where the next one begins. */
function page(name: string, items: readonly unknown[], query: URLSearchParams): unknown {
  const size = Number(query.get('page_size') ?? 20)
  const from = Number(query.get('page_token') ?? 0)
  if (!Number.isInteger(size) || size < 1 || size > 100) throw badRequest('page_size: expected 1 to 100')
  if (!Number.isInteger(from) || from < 0) throw badRequest('page_token: not one of ours')
  const next = from + size
  return { [name]: items.slice(from, next), ...(next < items.length ? { next_page_token: String(next) } : {}) }
}
