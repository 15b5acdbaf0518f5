import { randomUUID } from 'node:crypto'
import type { Agent } from '../agent/agent.ts'
import type { TurnOutcome } from '../agent/events.ts'
import { describeError, userMessageOf } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import { describeIssues } from '../lib/zod-issues.ts'
import { noAnswer, Row, type RowAnswer } from './row.ts'

export interface AnswerRowDeps {
  readonly agent: Agent
  readonly defaults: {
    readonly spaceId: string
    /** Ids of spaces by the names people may use. */
    readonly spaces: Readonly<Record<string, string>>
    readonly maxSlides: number
  }
  readonly log: Logger
}

/** One row, one turn. Never throws: what is wrong with a row stands in its `error`, and other rows do not notice. */
export async function answerRow(given: unknown, deps: AnswerRowDeps, signal: AbortSignal): Promise<RowAnswer> {
  const parsed = Row.safeParse(given)
  if (!parsed.success) return { ...noAnswer, error: `The row cannot be read: ${describeIssues(parsed.error)}.` }
  try {
    return await answerParsed(parsed.data, deps, signal)
  } catch (error) {
    deps.log.error({ error: describeError(error) }, 'A row was not answered')
    return { ...noAnswer, error: userMessageOf(error) }
  }
}

async function answerParsed(row: Row, { agent, defaults }: AnswerRowDeps, signal: AbortSignal): Promise<RowAnswer> {
  const { deck, genie_conversation_id: conversationId } = row
  const wanted = row.genie_space_id ?? defaults.spaceId
  const spaceId = defaults.spaces[wanted] ?? wanted
  if (spaceId === '') return { ...noAnswer, error: 'No Genie space was named, and the model has none of its own.' }
  const id = randomUUID()
  const turn = {
    id,
    question: row.question,
    spaceId,
    maxSlides: row.max_slides ?? defaults.maxSlides,
    formats: ['html'] as const,
    // All that the caller keeps of a thread: rows of one conversation are one session.
    sessionId: conversationId ?? id,
    userId: 'endpoint',
    platform: 'endpoint',
    memory: {
      transcript: deck ? [{ question: deck.question, answer: '' }] : [],
      ...(conversationId === undefined ? {} : { genieConversationId: conversationId, spaceId }),
      ...(deck ? { deck } : {}),
    },
  }
  let html = ''
  let outcome: TurnOutcome | undefined
  for await (const event of agent.answer(turn, signal)) {
    if (event.type === 'file' && event.file.format === 'html') html = Buffer.from(event.file.bytes).toString('utf8')
    if (event.type === 'done') outcome = event.outcome
  }
  if (!outcome) throw new Error('The agent ended a turn without an outcome')
  const { status, answer, memory, traceUrl } = outcome
  const now = outcome.deck ?? memory.deck
  const isBroken = status === 'failed' || status === 'stopped'
  return {
    html: isBroken ? '' : html,
    slide_count: html === '' ? 0 : (now?.slides.length ?? 0),
    trace_url: traceUrl,
    error: isBroken ? answer : '',
    genie_conversation_id: memory.genieConversationId ?? '',
    deck: now ? JSON.stringify(now) : '',
    status,
    answer,
  }
}
