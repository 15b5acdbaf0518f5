import type { Table } from '../../render/table.ts'
import type { Clock } from '../../lib/clock.ts'
import { DatabricksError } from '../../lib/databricks/error.ts'
import { restPath, type DatabricksRest } from '../../lib/databricks/rest.ts'
import { silentLogger, type Logger } from '../../lib/log.ts'
import { readAnswer } from './answer.ts'
import { askOnce, spacesPath } from './asking.ts'
import { failedMessage, toGenieError } from './failures.ts'
import { GenieError, type Genie, type GenieAnswer, type GenieQuestion } from './genie.ts'
import { waitForMessage, waitForRows } from './pending.ts'
import { readResult } from './result.ts'
import { Space } from './schema.ts'

/** Messages remembered as answered, so that a lost question is not mixed up with an equal one of another thread. */
const rememberedMessages = 1000

export interface GenieDeps {
  readonly rest: DatabricksRest
  readonly clock: Clock
  /** Longest wait for one answer, from the asking to the rows. */
  readonly timeoutMs: number
  readonly log?: Logger
}

/** Genie's conversation API in chat mode. Aborting stops our waiting only: Genie has no way to cancel a message. */
export function createGenie({ rest, clock, timeoutMs, log = silentLogger }: GenieDeps): Genie {
  const taken = new Set<string>()
  const asking = { rest, clock, log, isTaken: (messageId: string) => taken.has(messageId) }

  function take(messageId: string): void {
    taken.add(messageId)
    const [oldest] = taken
    if (taken.size > rememberedMessages && oldest !== undefined) taken.delete(oldest)
  }

  async function answer(question: GenieQuestion, signal: AbortSignal): Promise<GenieAnswer> {
    const { spaceId } = question
    const deadlineAt = clock.now() + timeoutMs
    const ref = question.asked ?? (await askOnce(question, deadlineAt, asking, signal))
    take(ref.messageId)
    if (!question.asked) await question.onAsked?.(ref)
    const pending = { ...ref, spaceId, rest, clock, deadlineAt, timeoutMs }
    const message = await waitForMessage(pending, question.onStatus, signal)
    if (message.status === 'FAILED' || message.status === 'CANCELLED') throw failedMessage(message)

    const { query, text, asksBack, suggestions } = readAnswer(message)
    const base = { ...ref, text, suggestions }
    if (!query && text === '') throw failedMessage(message)
    if (!query) return { ...base, kind: 'text', asksBack }

    const { attachmentId } = query
    if (attachmentId === undefined) {
      throw new DatabricksError('bad-answer', 'query attachment has no attachment_id, expected one')
    }
    const statement = await waitForRows(pending, attachmentId, message.status === 'QUERY_RESULT_EXPIRED', signal)
    const rows = readResult(statement)
    const table: Table = {
      id: '',
      title: query.title || question.question,
      question: question.question,
      sql: query.sql,
      ...rows,
      truncated: rows.truncated || query.truncated,
      source: { spaceId, ...ref, attachmentId, statementId: statement.statement_id ?? query.statementId },
    }
    return { ...base, kind: 'table', table }
  }

  return {
    async ask(question, signal) {
      try {
        return await answer(question, signal)
      } catch (error) {
        signal.throwIfAborted()
        throw toGenieError(error)
      }
    },

    async getSpace(spaceId, signal) {
      const path = restPath(spacesPath, spaceId)
      try {
        const space = await rest.call({ method: 'GET', path, schema: Space, timeoutMs: 30_000, retry: 'safe' }, signal)
        return { spaceId: space.space_id, title: space.title }
      } catch (error) {
        signal.throwIfAborted()
        // No space and no access look alike on the wire, and are the same to the person.
        if (error instanceof DatabricksError && (error.code === 'no-access' || error.code === 'not-found')) {
          throw new GenieError('not-found', `Cannot use Genie space "${spaceId}": ${error.message}`, {
            cause: error,
            userMessage:
              'There is no such Genie space, or this bot may not see it. Please check with the owner of the space.',
          })
        }
        throw toGenieError(error)
      }
    },
  }
}
