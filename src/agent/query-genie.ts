import { DeckhandError, isAbort, userMessageOf } from '../lib/errors.ts'
import type { Table } from '../render/table.ts'
import type { ToolDefinition } from './chat-model/chat-model.ts'
import type { AgentEvent, Turn } from './events.ts'
import { refineUnits } from './units.ts'
import { GenieError, type Genie, type GenieAnswer } from './genie/genie.ts'
import type { StageDeps } from './stage.ts'

/** The one tool of the agent: a question in words to the thread's Genie conversation. */
export const queryGenieTool: ToolDefinition = {
  name: 'query_genie',
  description:
    'Ask the governed data space one question in plain words. It remembers the conversation. Returns facts and sample rows.',
  parameters: {
    type: 'object',
    properties: { query: { type: 'string', description: 'The question in plain words' } },
    required: ['query'],
    additionalProperties: false,
  },
}

/** One finished question to Genie within a turn. */
export interface QueryResult {
  readonly query: string
  readonly answer: GenieAnswer
  /** Numbered T1, T2 … within the turn; absent for answers in words. */
  readonly table?: Table
}

/** Asks Genie within one turn: keeps the conversation, numbers the tables, records spans, and tells what happens. */
export interface GenieSession {
  /** @throws GenieError */
  ask(query: string, signal: AbortSignal): Promise<QueryResult>
  readonly results: readonly QueryResult[]
  /** The conversation of the last answer, or the one the thread came with. */
  conversationId(): string | undefined
}

export function createGenieSession(
  turn: Turn,
  deps: StageDeps & { readonly genie: Genie },
  emit: (event: AgentEvent) => void,
  /** Called once, with the first table of the turn that has rows. */
  onFirstRows: (table: Table) => void,
  /** Number of the first table: the tables of a deck that is there keep theirs. */
  firstTable = 1,
): GenieSession {
  const results: QueryResult[] = []
  let asked = 0
  let tableCount = firstTable - 1
  let hasRows = false
  let conversation = turn.memory.spaceId === turn.spaceId ? turn.memory.genieConversationId : undefined

  async function ask(query: string, signal: AbortSignal): Promise<QueryResult> {
    const number = (asked += 1)
    const conversationId = conversation
    const inputs = { query, conversation_id: conversationId ?? '', space_id: turn.spaceId }
    return deps.tracer.span(`tool_call_${number}_query_genie`, 'TOOL', inputs, async (span) => {
      emit({ type: 'query-start', number, query })
      const startedAt = deps.clock.now()
      const answer = await askWithin(conversationId, query, number, signal)
      conversation = answer.conversationId
      const table = answer.kind === 'table' ? refineUnits({ ...answer.table, id: `T${(tableCount += 1)}` }) : undefined
      const rowCount = table?.rows.length ?? 0
      span.setAttributes({
        execution_time: (deps.clock.now() - startedAt) / 1000,
        row_count: rowCount,
        sql: table?.sql ?? '',
        'genie.new_conversation': answer.conversationId !== conversationId,
        'genie.conversation_id': answer.conversationId,
        'genie.message_id': answer.messageId,
      })
      span.setOutputs({
        text: answer.text,
        row_count: rowCount,
        ...(table
          ? { sql: table.sql, columns: table.columns.map((column) => column.name), first_rows: table.rows.slice(0, 20) }
          : {}),
      })
      const result: QueryResult = { query, answer, ...(table ? { table } : {}) }
      results.push(result)
      emit({ type: 'query-end', number, rowCount })
      if (table && rowCount > 0 && !hasRows) {
        hasRows = true
        onFirstRows(table)
      }
      return result
    })
  }
  /**
   * Genie keeps conversations for a while only. One that is gone is started anew, with the question it built on; where
   * that gives no rows, the new question may need none before it.
   */
  async function askWithin(
    conversationId: string | undefined,
    query: string,
    number: number,
    signal: AbortSignal,
  ): Promise<GenieAnswer> {
    const onStatus = (status: string, waitMs?: number): void =>
      emit({ type: 'query-status', number, status, ...(waitMs === undefined ? {} : { waitMs }) })
    const { spaceId } = turn
    if (conversationId === undefined) return deps.genie.ask({ spaceId, question: query, onStatus }, signal)
    try {
      return await deps.genie.ask({ spaceId, question: query, conversationId, onStatus }, signal)
    } catch (error) {
      if (!(error instanceof GenieError) || error.code !== 'not-found') throw error
      deps.log.info({ turn: turn.id }, 'Genie conversation is gone, starting a new one')
      const askAnew = (question: string) => deps.genie.ask({ spaceId, question, onStatus }, signal)
      const earlier = turn.memory.transcript.at(-1)?.question
      if (earlier === undefined) return askAnew(query)
      const answer = await askAnew(`${earlier}\n${query}`)
      if (answer.kind === 'table') return answer
      // Two questions that have nothing to do with each other may be too much for one.
      const alone = await askAnew(query)
      return alone.kind === 'table' ? alone : answer
    }
  }
  return { ask, results, conversationId: () => conversation }
}

/** What the model is told when a further question failed: plain words; the turn goes on with the data it has. */
export function failureForModel(error: unknown): string {
  if (isAbort(error) || !(error instanceof DeckhandError)) throw error
  return `The data space could not answer this: ${userMessageOf(error)}`
}
