import type { Deck } from '../render/deck.ts'
import type { RowAnswer } from '../served-agent/row.ts'
import type { AskedGenie, ThreadMemory, Turn, TurnOutcome } from './events.ts'
import { countNumbers } from './grounding.ts'
import { queriesOf, transcriptWith } from './turn.ts'

/** An answer of the deployed agent; `deck` is one that this turn made or changed. */
export interface Answered {
  readonly answer: RowAnswer
  readonly deck?: Deck
}

/** An answer of the deployed agent as a turn's outcome. What it cost is not told, and counts as nothing. */
export function toOutcome(
  turn: Turn,
  { answer, deck }: Answered,
  times: { readonly deckMs: number; readonly totalMs: number },
): TurnOutcome {
  return {
    status: answer.status === 'clarify' || answer.status === 'refused' ? answer.status : 'answered',
    answer: answer.answer,
    errorCode: '',
    ...(deck ? { deck } : {}),
    numbers: deck ? countNumbers(deck) : { total: 0, verified: 0 },
    sql: deck ? queriesOf(deck) : [],
    askedGenie: deck ? askedFor(deck, turn.memory.deck) : [],
    suggestions: [],
    memory: memoryAfter(turn, answer, deck),
    ...traceOf(answer),
    runId: Promise.resolve(''),
    usage: { inputTokens: 0, outputTokens: 0, costUsd: 0 },
    timingsMs: { firstAnswer: 0, deck: deck ? times.deckMs : 0, total: times.totalMs },
  }
}

/** The trace that the deployed agent wrote; its id stands in the link, whichever MLflow made that. */
export function traceOf({ trace_url: traceUrl }: RowAnswer): { readonly traceId: string; readonly traceUrl: string } {
  const [, id = ''] = /[?&](?:traceId|selectedEvaluationId)=([^&#]+)/.exec(traceUrl) ?? []
  return { traceId: URL.parse(`http://x/?id=${id}`)?.searchParams.get('id') ?? '', traceUrl }
}

function memoryAfter(turn: Turn, answer: RowAnswer, deck: Deck | undefined): ThreadMemory {
  const { genie_conversation_id: genieConversationId } = answer
  const isChanged = deck !== undefined && deck.id === turn.memory.deck?.id
  return {
    ...turn.memory,
    ...(genieConversationId === '' ? {} : { genieConversationId, spaceId: turn.spaceId }),
    ...(deck ? { deck } : {}),
    ...(isChanged ? { language: deck.language, theme: deck.theme } : {}),
    transcript: transcriptWith(turn, answer.answer),
  }
}

/** The questions to Genie behind the tables that an earlier deck did not have. */
function askedFor(deck: Deck, earlier: Deck | undefined): readonly AskedGenie[] {
  const known = new Set(earlier?.tables.map(({ source }) => source.messageId))
  const asked = new Map<string, AskedGenie>()
  for (const { source } of deck.tables) {
    const { spaceId, conversationId, messageId } = source
    if (!known.has(messageId)) asked.set(messageId, { spaceId, conversationId, messageId })
  }
  return [...asked.values()]
}
