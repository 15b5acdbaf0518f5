import type { AgentEvent, Stage, TurnOutcome } from '../agent/events.ts'
import { plainText } from '../agent/turn-as-text.ts'
import type { Deck, RichText } from '../render/deck.ts'
import { formatCell, humanizeName } from '../render/format.ts'
import type { IncomingMessage } from './message.ts'
import { queryStatusInWords, stageWords } from './progress-words.ts'
import type { Reply, ReplyResult } from './reply.ts'

const rowsShown = 10
/** What a deck turn goes through, in a person's order; other turns leave some out. */
const usualPlan: readonly Stage[] = [
  'intent_analysis',
  'tool_execution_loop',
  'narrative_construction',
  'html_generation',
  'render',
]
const order = Object.keys(stageWords) as Stage[]

/** The reply before anything is done, with `ahead` messages of the thread to be answered first. */
export function beginReply(message: IncomingMessage, ahead: number): Reply {
  return {
    turnId: message.id,
    question: message.text,
    thread: message.thread,
    userId: message.user.id,
    phase: ahead > 0 ? 'queued' : 'working',
    ahead,
    steps: usualPlan.map((stage) => ({ id: stage, title: stageWords[stage], state: 'pending', detail: '' })),
    slides: [],
    slideCount: 0,
    traceUrl: '',
  }
}

/** The reply after one more event; the same object when it shows nothing new. */
export function advanceReply(reply: Reply, event: AgentEvent, language: string): Reply {
  switch (event.type) {
    case 'turn-start':
      return { ...reply, phase: 'working', ahead: 0, traceUrl: event.traceUrl }
    case 'stage-start':
      return withStep(reply, event.stage, { state: 'running', detail: '' })
    case 'stage-end':
      return withStep(reply, event.stage, { state: event.ok ? 'done' : 'failed' })
    case 'query-start':
      return withStep(reply, 'tool_execution_loop', { detail: event.query })
    case 'query-status':
      return withStep(reply, 'tool_execution_loop', { detail: queryStatusInWords(event.status, event.waitMs) })
    case 'query-end':
      return withStep(reply, 'tool_execution_loop', {
        detail: event.rowCount === 1 ? '1 row' : `${event.rowCount} rows`,
      })
    case 'first-answer':
      return { ...reply, firstAnswer: firstAnswer(event, language) }
    case 'slide': {
      const { index, total, slide } = event
      const shown = { index, id: slide.id, title: earlyTitle(slide.title), picture: pictureOf(reply, index) }
      const slides = [...reply.slides.filter((other) => other.index !== index), shown].toSorted(
        (a, b) => a.index - b.index,
      )
      const detail = `${slides.length} of ${total}`
      return withStep({ ...reply, slides, slideCount: total }, 'html_generation', { detail })
    }
    case 'deck':
      return withDeck(reply, event.deck)
    case 'preview':
    case 'file':
    case 'done':
      return reply
  }
}

/** The reply with the picture of a slide, as the platform's port knows it. */
export function withPicture(reply: Reply, index: number, picture: string): Reply {
  const slides = reply.slides.map((slide) => (slide.index === index ? { ...slide, picture } : slide))
  return { ...reply, slides }
}

/** What the end adds that is not in the agent's outcome. */
export interface EndDetails {
  /** The thread's deck after this turn, its key, and the links to its files. */
  readonly deck?: { readonly value: Deck; readonly key: string; readonly links: Readonly<Record<string, string>> }
  readonly runId: string
}

/** The reply's end. Steps that were never begun are gone from it. */
export function endReply(reply: Reply, outcome: TurnOutcome, details: EndDetails): Reply {
  const { deck, memory, status } = outcome
  const kept = details.deck
  const result: ReplyResult = {
    status,
    answer: outcome.answer,
    errorCode: outcome.errorCode,
    canRetry: canRetry(outcome),
    readings: outcome.sql.length > 0 && deck ? [...new Set(deck.tables.map((table) => table.title))] : [],
    sql: [...outcome.sql],
    suggestions: [...outcome.suggestions],
    provenance: deck?.provenance ?? '',
    numbers: { total: outcome.numbers.total, verified: outcome.numbers.verified },
    timingsMs: { ...outcome.timingsMs },
    tokens: { input: outcome.usage.inputTokens, output: outcome.usage.outputTokens },
    costUsd: outcome.usage.costUsd,
    traceId: outcome.traceId,
    runId: details.runId,
    genieConversationId: memory.genieConversationId ?? '',
    ...(outcome.askedGenie ? { askedGenie: outcome.askedGenie.map((asked) => ({ ...asked })) } : {}),
    ...(kept
      ? {
          deck: {
            key: kept.key,
            version: kept.value.version,
            title: plainText(kept.value.title, kept.value),
            links: { ...kept.links },
          },
        }
      : {}),
  }
  return {
    ...reply,
    phase: 'ended',
    ahead: 0,
    steps: reply.steps.flatMap((step) => {
      if (step.state === 'pending') return []
      return [step.state === 'running' ? { ...step, state: 'failed' } : step]
    }),
    traceUrl: outcome.traceUrl,
    result,
  }
}

/** An end that no agent has brought about. */
export function endWithoutTurn(
  reply: Reply,
  end: Pick<ReplyResult, 'status' | 'answer'> & Partial<ReplyResult>,
): Reply {
  const result: ReplyResult = {
    errorCode: '',
    canRetry: false,
    readings: [],
    sql: [],
    suggestions: [],
    provenance: '',
    numbers: { total: 0, verified: 0 },
    timingsMs: { firstAnswer: 0, deck: 0, total: 0 },
    tokens: { input: 0, output: 0 },
    costUsd: 0,
    traceId: '',
    runId: '',
    genieConversationId: '',
    ...end,
  }
  return { ...reply, phase: 'ended', ahead: 0, steps: [], result }
}

/** Failures that the same question would meet again. */
const lastingFailures = new Set(['no-access', 'not-found', 'bad-deck', 'browser-missing', 'bad-question'])

function canRetry({ status, errorCode }: TurnOutcome): boolean {
  if (status === 'stopped') return true
  return status === 'failed' && !lastingFailures.has(errorCode)
}

type Step = Reply['steps'][number]

function withStep(reply: Reply, stage: Stage, change: Partial<Step>): Reply {
  const known = reply.steps.find((step) => step.id === stage)
  const step: Step = { ...(known ?? { id: stage, title: stageWords[stage], state: 'pending', detail: '' }), ...change }
  const steps = [...reply.steps.filter((other) => other.id !== stage), step]
  return { ...reply, steps: steps.toSorted((a, b) => placeOf(a) - placeOf(b)) }
}

function placeOf(step: Step): number {
  return order.findIndex((stage) => stage === step.id)
}

function firstAnswer(
  { headline, table, facts }: AgentEvent & { readonly type: 'first-answer' },
  language: string,
): NonNullable<Reply['firstAnswer']> {
  return {
    headline: plainText(headline, { facts: [...facts], language }),
    columns: table.columns.map((column) => ({ title: humanizeName(column.name), isNumber: column.type === 'number' })),
    rows: table.rows
      .slice(0, rowsShown)
      .map((row) => table.columns.map((column, index) => formatCell(column, row[index] ?? null, language))),
    moreRows: Math.max(0, table.rows.length - rowsShown),
  }
}

/** The finished deck's slides; a picture stays with its slide. */
function withDeck(reply: Reply, deck: Deck): Reply {
  const slides = deck.slides.map((slide, index) => {
    const before = reply.slides.find((shown) => shown.index === index && shown.id === slide.id)
    return { index, id: slide.id, title: plainText(slide.title, deck), picture: before?.picture ?? '' }
  })
  return { ...reply, slides, slideCount: slides.length }
}

function pictureOf(reply: Reply, index: number): string {
  return reply.slides.find((slide) => slide.index === index)?.picture ?? ''
}

/** Before the deck is finished the values in a title are not known here; half a sentence would be worse than none. */
function earlyTitle(title: RichText): string {
  return title.every((segment) => typeof segment === 'string') ? title.join('').trim() : ''
}
