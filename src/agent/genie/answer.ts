import type { Attachment, Message } from './schema.ts'

/** A finished message's attachments, read as Databricks' own parser does. */
export interface ReadAnswer {
  /** Absent for an answer in words. */
  readonly query?: AnswerQuery
  /** Answer text in order, paragraphs apart; a query's own description when Genie wrote nothing else. */
  readonly text: string
  readonly asksBack: boolean
  readonly suggestions: readonly string[]
}

export interface AnswerQuery {
  readonly attachmentId?: string | undefined
  readonly title: string
  readonly sql: string
  readonly statementId: string
  readonly truncated: boolean
}

interface Indexed<T> {
  readonly at: number
  readonly part: T
}

/**
 * Genie may correct itself and leave several query and text pairs: the last query counts, and text between the first
 * and the last query belongs to attempts that were given up.
 * @see https://github.com/databricks/databricks-ai-bridge `genie.py`
 */
export function readAnswer(message: Message): ReadAnswer {
  const queries = parts(message, (attachment) => attachment.query)
  const first = queries[0]
  const last = queries.at(-1)
  const texts = answerTexts(message, last !== undefined).filter(
    ({ at }) => first === undefined || last === undefined || at < first.at || at > last.at,
  )
  const text = texts.map(({ part }) => part.content?.trim() ?? '').join('\n\n')
  const suggestions = suggestionsOf(message)
  if (!last) return { text, asksBack: asksBack(texts.map(({ part }) => part)), suggestions }

  const { part: query, at } = last
  return {
    query: {
      attachmentId: message.attachments[at]?.attachment_id,
      title: query.title ?? '',
      sql: query.query ?? '',
      statementId: query.statement_id ?? '',
      truncated: query.query_result_metadata?.is_truncated === true || message.query_result?.is_truncated === true,
    },
    text: text === '' ? (query.description?.trim() ?? '') : text,
    asksBack: false,
    suggestions,
  }
}

/** Follow-up questions of a message, each once; a failed message may have them too. */
export function suggestionsOf(message: Message): readonly string[] {
  const questions = message.attachments.flatMap((attachment) => attachment.suggested_questions?.questions ?? [])
  return [...new Set(questions.map((question) => question.trim()).filter((question) => question !== ''))]
}

type TextPart = NonNullable<Attachment['text']>

/**
 * Text with a phase is Genie thinking aloud or checking itself. A phase we do not know may yet be the answer: it is
 * taken when there is nothing else.
 */
function answerTexts(message: Message, hasQuery: boolean): readonly Indexed<TextPart>[] {
  const texts = parts(message, (attachment) => attachment.text).filter(
    ({ part }) => (part.content?.trim() ?? '') !== '',
  )
  const plain = texts.filter(({ part }) => part.phase === undefined || part.phase.endsWith('UNSPECIFIED'))
  if (plain.length > 0 || hasQuery) return plain
  return texts.filter(({ part }) => !/THINKING|VERIFYING/.test(part.phase ?? ''))
}

function parts<T>(message: Message, pick: (attachment: Attachment) => T | undefined): readonly Indexed<T>[] {
  return message.attachments.flatMap((attachment, at) => {
    const part = pick(attachment)
    return part === undefined ? [] : [{ at, part }]
  })
}

/** Genie says so by purpose (its prefix differs on the wire); older answers say nothing and just ask. */
function asksBack(texts: readonly TextPart[]): boolean {
  if (texts.some(({ purpose }) => purpose?.endsWith('FOLLOW_UP_QUESTION'))) return true
  return texts.some(({ purpose, content }) => !purpose?.endsWith('ANSWER') && isQuestion(content ?? ''))
}

/** A sentence or line ends in a question mark of some script. */
function isQuestion(text: string): boolean {
  return /[?？؟][\p{P}\p{S}]*(?:\s|$)/u.test(text)
}
