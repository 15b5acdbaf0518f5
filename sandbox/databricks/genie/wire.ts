import type { Conversation, Message, MessageStatus } from './conversations.ts'
import { maxResultRows } from './conversations.ts'
import type { Space } from './spaces.ts'

/** Genie's JSON, field by field as documented. Timestamps are milliseconds since the epoch, ids 32 hex digits. */

const userId = 1001

export const toSpace = ({ id, title, description }: Space): unknown => ({
  space_id: id,
  title,
  description,
  warehouse_id: 'sandbox-warehouse',
})

export function toConversation({ id, space, title, createdAt, updatedAt }: Conversation): unknown {
  return {
    id,
    conversation_id: id,
    space_id: space.id,
    title,
    user_id: userId,
    created_timestamp: createdAt,
    last_updated_timestamp: updatedAt,
  }
}

export const toConversationSummary = ({ id, title, createdAt }: Conversation): unknown => ({
  conversation_id: id,
  title,
  created_timestamp: createdAt,
  agent_type: 'GENIE_CONVERSATION_TYPE_CHAT',
})

export function toMessage(message: Message, status: MessageStatus): unknown {
  const { ids, conversation, content, createdAt, finishedAt, failure, feedback } = message
  const attachments = attachmentsOf(message, status)
  return {
    id: ids.messageId,
    message_id: ids.messageId,
    space_id: conversation.space.id,
    conversation_id: conversation.id,
    content,
    user_id: userId,
    created_timestamp: createdAt,
    last_updated_timestamp: finishedAt ?? createdAt,
    status,
    attachments: attachments.length > 0 ? attachments : null,
    ...(status === 'FAILED' && failure ? { error: { type: failure.type, error: failure.error } } : {}),
    ...(feedback ? { feedback } : {}),
  }
}

function attachmentsOf(message: Message, status: MessageStatus): readonly unknown[] {
  const { answer, ids, failure, fault } = message
  if (status === 'FAILED')
    return failure && failure.suggestions.length > 0
      ? [suggestions(ids.suggestionsAttachmentId, failure.suggestions)]
      : []
  const running = status === 'EXECUTING_QUERY'
  const over = status === 'COMPLETED' || status === 'QUERY_RESULT_EXPIRED'
  if (!answer || (!running && !over)) return []
  if (answer.kind === 'text') {
    if (!over) return []
    const text = {
      id: ids.textId,
      content: answer.text,
      purpose: answer.asksBack ? 'FOLLOW_UP_QUESTION' : 'TEXT_ATTACHMENT_PURPOSE_ANSWER',
    }
    return [
      { attachment_id: ids.textAttachmentId, text },
      ...(answer.suggestions.length > 0 ? [suggestions(ids.suggestionsAttachmentId, answer.suggestions)] : []),
    ]
  }
  const query = {
    attachment_id: ids.queryAttachmentId,
    query: {
      id: ids.queryId,
      title: answer.title,
      description: answer.description,
      query: answer.sql,
      statement_id: message.statementId,
      thoughts: answer.thoughts.map(({ type, text }) => ({ thought_type: type, content: text })),
      ...(over && message.result
        ? {
            query_result_metadata: {
              row_count: Math.min(message.result.totalRowCount, maxResultRows),
              is_truncated: message.result.totalRowCount > maxResultRows,
            },
          }
        : {}),
    },
  }
  const superseded = fault?.kind === 'self-correction' ? supersededAttempt(message) : []
  return [
    ...superseded,
    query,
    ...(over && answer.suggestions.length > 0 ? [suggestions(ids.suggestionsAttachmentId, answer.suggestions)] : []),
  ]
}

const suggestions = (id: string, questions: readonly string[]): unknown => ({
  attachment_id: id,
  suggested_questions: { questions },
})

/** A first try that Genie took back: its query is not the one that counts, and neither is what was said about it. */
function supersededAttempt({ ids }: Message): readonly unknown[] {
  const attemptId = ids.messageId.replace(/^.{4}/, '01fe')
  return [
    {
      attachment_id: attemptId,
      query: {
        id: attemptId,
        title: 'First attempt',
        description: 'Superseded.',
        query: 'SELECT 1 AS wrong',
        statement_id: attemptId,
      },
    },
    {
      attachment_id: ids.textAttachmentId,
      text: {
        id: ids.textId,
        content: 'That query was not right, let me correct it.',
        phase: 'RESPONSE_PHASE_VERIFYING',
      },
    },
  ]
}

/** The SQL API's statement object, as query-result wraps it. Rows only when it succeeded; every cell is text or null. */
export function toStatement(message: Message, state: string): unknown {
  const { statementId, result } = message
  if (state !== 'SUCCEEDED' || !result) {
    const error = state === 'FAILED' ? { error: { error_code: 'BAD_REQUEST', message: 'The statement failed' } } : {}
    return { statement_response: { statement_id: statementId, status: { state, ...error } } }
  }
  const rows = result.rows.slice(0, maxResultRows)
  const columns = result.columns.map(({ name, typeName, typeText, precision, scale }, position) => ({
    name,
    position,
    type_name: typeName,
    type_text: typeText,
    ...(precision === undefined ? {} : { type_precision: precision, type_scale: scale }),
  }))
  const truncated = result.totalRowCount > maxResultRows
  const chunk = { chunk_index: 0, row_offset: 0, row_count: rows.length }
  return {
    statement_response: {
      statement_id: statementId,
      status: { state },
      manifest: {
        format: 'JSON_ARRAY',
        schema: { column_count: columns.length, columns },
        total_chunk_count: rows.length > 0 ? 1 : 0,
        chunks: rows.length > 0 ? [chunk] : [],
        total_row_count: rows.length,
        truncated,
      },
      result: rows.length > 0 ? { ...chunk, data_array: rows } : {},
    },
  }
}
