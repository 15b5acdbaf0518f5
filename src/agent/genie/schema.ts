import { z } from 'zod'

/**
 * What we read of Genie's answers. Every field may be absent or null on the wire, and there are more than these; ids
 * inside paths are the ones named `…_id`, the bare `id` fields are legacy.
 * @see https://docs.databricks.com/api/workspace/genie
 */
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined)
/** Counts and timestamps: int64, so some servers send text. */
const integer = z
  .union([z.number(), z.string().regex(/^\d+$/).transform(Number)])
  .nullish()
  .transform((value) => value ?? undefined)
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false)
const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined)
/** A list that may be null and may hold entries of forms we do not know, which are left out. */
const listOf = <T extends z.ZodType>(schema: T) =>
  z
    .array(z.unknown())
    .nullish()
    .transform((items) =>
      (items ?? []).flatMap((item): z.output<T>[] => {
        const parsed = schema.safeParse(item)
        return parsed.success ? [parsed.data] : []
      }),
    )

export const Attachment = z.object({
  attachment_id: text,
  text: optional(z.object({ content: text, phase: text, purpose: text })),
  query: optional(
    z.object({
      title: text,
      description: text,
      query: text,
      statement_id: text,
      query_result_metadata: optional(z.object({ is_truncated: flag, row_count: integer })),
    }),
  ),
  suggested_questions: optional(z.object({ questions: listOf(z.string()) })),
})
export type Attachment = z.output<typeof Attachment>

export const Message = z
  .object({
    message_id: text,
    id: text,
    conversation_id: text,
    /** The person's question, not the answer. */
    content: text,
    /** Open set: an unknown one means still running. Some answers to the asking POST have none. */
    status: text,
    created_timestamp: integer,
    attachments: listOf(Attachment),
    error: optional(z.object({ error: text, type: text })),
    query_result: optional(z.object({ is_truncated: flag })),
  })
  .transform(({ id, ...message }) => ({ ...message, message_id: message.message_id ?? id }))
export type Message = z.output<typeof Message>

/** Where a question went: the answer to both ways of asking. */
export interface MessageRef {
  readonly conversationId: string
  readonly messageId: string
}

/** Reply of start-conversation. Ids stand on top; older servers have them only inside. */
export const StartedConversation = z
  .object({
    conversation_id: text,
    message_id: text,
    conversation: optional(z.object({ conversation_id: text, id: text })),
    message: optional(Message),
  })
  .transform((reply, context): MessageRef => {
    const conversationId = reply.conversation_id ?? reply.conversation?.conversation_id ?? reply.conversation?.id
    const messageId = reply.message_id ?? reply.message?.message_id
    return requireIds(conversationId ?? reply.message?.conversation_id, messageId, context)
  })

/** Reply of create-message: the message itself. */
export const CreatedMessage = Message.transform((message, context): MessageRef =>
  requireIds(message.conversation_id, message.message_id, context),
)

function requireIds(
  conversationId: string | undefined,
  messageId: string | undefined,
  context: z.RefinementCtx,
): MessageRef {
  if (conversationId !== undefined && messageId !== undefined) return { conversationId, messageId }
  const missing = messageId === undefined ? 'message_id' : 'conversation_id'
  context.addIssue({ code: 'custom', path: [missing], message: 'expected an id, received none' })
  return z.NEVER
}

export const MessageList = z.object({ messages: listOf(Message), next_page_token: text })

export const ConversationList = z.object({
  conversations: listOf(
    z
      .object({ conversation_id: text, id: text, created_timestamp: integer })
      .transform(({ id, ...rest }) => ({ ...rest, conversation_id: rest.conversation_id ?? id })),
  ),
  next_page_token: text,
})

export const Space = z.object({ space_id: z.string(), title: z.string() })

/** One SQL execution, as the statement API has it. State says `CANCELED` with one L, messages say `CANCELLED`. */
export const Statement = z.object({
  statement_id: text,
  status: z.object({
    state: z.string(),
    error: optional(z.object({ error_code: text, message: text })),
  }),
  manifest: optional(
    z.object({
      schema: optional(
        z.object({
          columns: z
            .array(z.object({ name: z.string(), position: integer, type_name: text, type_text: text }))
            .nullish()
            .transform((columns) => columns ?? []),
        }),
      ),
      total_row_count: integer,
      truncated: flag,
    }),
  ),
  result: optional(
    z.object({
      /** Cells are text or null by contract; plain JSON values are taken too. */
      data_array: optional(z.array(z.array(z.union([z.string(), z.null(), z.number(), z.boolean()])))),
      row_count: integer,
      next_chunk_index: integer,
    }),
  ),
})
export type Statement = z.output<typeof Statement>

export const StatementReply = z.object({ statement_response: Statement })
