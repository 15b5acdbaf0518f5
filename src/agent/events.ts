import type { Deck, NumberCount, RichText, Slide } from '../render/deck.ts'
import type { Fact } from '../render/fact.ts'
import type { Format, RenderedFile } from '../render/renderer.ts'
import type { Table } from '../render/table.ts'

/** One message in, everything the agent needs to answer it. */
export interface Turn {
  readonly id: string
  readonly question: string
  readonly spaceId: string
  readonly maxSlides: number
  readonly formats: readonly Format[]
  /** The thread, for MLflow's session. */
  readonly sessionId: string
  readonly userId: string
  /** Where it was asked: `slack`, `teams`, `api`, `cli`. */
  readonly platform: string
  readonly memory: ThreadMemory
  /** When it was asked, in milliseconds since the epoch; left out: now. */
  readonly askedAt?: number
  /** Which try to answer it this is, from 1; left out: the first. */
  readonly attempt?: number
  /** An earlier version of the thread's deck; undefined when it is not kept. */
  readonly earlierDeck?: (version: number) => Promise<Deck | undefined>
  /** The address where a version of the thread's deck will be, for the deck to link to itself. */
  readonly deckUrl?: (version: number) => string
  readonly watch?: CallWatch
}

/** Looks on at a turn's calls to the chat model: those that are really made, not those taken from the journal. */
export interface CallWatch {
  /** Asked before a call, with what the turn has spent so far. A DeckhandError that it throws ends the turn. */
  before?(spent: Usage): Promise<void>
  /** How long a call took, whether it was answered or not. */
  after?(ms: number): void
}

/** What a thread remembers between turns. */
export interface ThreadMemory {
  /** Genie's conversation of this thread; absent before the first question to Genie. */
  readonly genieConversationId?: string
  /** The space that conversation is in. */
  readonly spaceId?: string
  /** Earlier turns, oldest first. */
  readonly transcript: readonly { readonly question: string; readonly answer: string }[]
  readonly deck?: Deck
  /** What the person asked the thread's decks to be; the configured ones when absent. */
  readonly language?: string
  readonly theme?: string
}

/** The stages of a turn, in the order a person would tell them; also the span names of the trace. */
export type Stage =
  | 'intent_analysis'
  | 'tool_execution_loop'
  | 'tool_synthesis'
  | 'narrative_construction'
  | 'html_generation'
  | 'render'

/** What happens while a turn runs. The last event is always `done`, exactly once. */
export type AgentEvent =
  | { readonly type: 'turn-start'; readonly traceId: string; readonly traceUrl: string }
  | { readonly type: 'stage-start'; readonly stage: Stage }
  | { readonly type: 'stage-end'; readonly stage: Stage; readonly ok: boolean }
  /** A question goes to Genie; `number` counts from 1 within the turn. */
  | { readonly type: 'query-start'; readonly number: number; readonly query: string }
  /**
   * Genie's own status word, or `WAITING_FOR_RATE_LIMIT` while the shared rate limit holds it back. Of an agent that is
   * deployed: `ENDPOINT_WAKES_UP`, `WAITING_FOR_ENDPOINT`, with no query before.
   */
  | { readonly type: 'query-status'; readonly number: number; readonly status: string; readonly waitMs?: number }
  | { readonly type: 'query-end'; readonly number: number; readonly rowCount: number }
  /** Rows are there: what can be said at once, before any model wrote a word. */
  | {
      readonly type: 'first-answer'
      readonly headline: RichText
      readonly table: Table
      readonly facts: readonly Fact[]
    }
  /** A slide is written; `index` of `total`, in any order. */
  | { readonly type: 'slide'; readonly index: number; readonly total: number; readonly slide: Slide }
  /**
   * A written slide as a picture, `index` of `total`, when it is drawn before the deck is finished; only for turns with
   * `png`. Not every slide has one. The `file` events of the finished deck hold the pictures that count.
   */
  | { readonly type: 'preview'; readonly index: number; readonly total: number; readonly file: RenderedFile }
  | { readonly type: 'deck'; readonly deck: Deck }
  | { readonly type: 'file'; readonly file: RenderedFile }
  | { readonly type: 'done'; readonly outcome: TurnOutcome }

/**
 * How a turn ended. `answered`: an answer, with or without a deck; `clarify`: a question back; `refused`: not something
 * we do; `failed`: `answer` says what went wrong and what to do; `stopped`: the person cancelled.
 */
export type TurnStatus = 'answered' | 'clarify' | 'refused' | 'failed' | 'stopped'

export interface TurnOutcome {
  readonly status: TurnStatus
  /** Plain text for the person. */
  readonly answer: string
  /** Short word for metrics when the turn failed, such as `no-access`; '' otherwise. */
  readonly errorCode: string
  readonly deck?: Deck
  /** Numbers in the answer and on the slides, and how many rest on data. */
  readonly numbers: NumberCount
  /** The queries that the answer rests on, in order; of the whole deck where it was changed or explained. */
  readonly sql: readonly string[]
  /** What this turn asked Genie, in order. */
  readonly askedGenie?: readonly AskedGenie[]
  /** Follow-up questions the person may ask. */
  readonly suggestions: readonly string[]
  readonly memory: ThreadMemory
  readonly traceId: string
  readonly traceUrl: string
  readonly runId: Promise<string>
  readonly usage: Usage
  readonly timingsMs: {
    /** From the start of the turn to the first rows; 0 when there were none. */
    readonly firstAnswer: number
    /** To the last slide written; 0 without a deck. */
    readonly deck: number
    readonly total: number
  }
}

/** A question of the turn as Genie keeps it. */
export interface AskedGenie {
  readonly spaceId: string
  readonly conversationId: string
  readonly messageId: string
}

export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly costUsd: number
}
