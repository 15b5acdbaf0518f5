import type { Deck } from '../../render/deck.ts'
import { linksOf } from '../deck-links.ts'
import type { Decks } from '../decks.ts'
import type { Links } from '../links.ts'
import type { Reply } from '../reply.ts'
import type { Answer, Progress, Running } from './schema.ts'

/** How a caller names a question. */
export interface Asked {
  readonly id: string
  readonly thread: string
}

/** What there is before a worker or the intake has shown anything. */
const unseen: Pick<Reply, 'phase' | 'ahead' | 'steps' | 'traceUrl' | 'slides' | 'slideCount'> = {
  phase: 'queued',
  ahead: 0,
  steps: [],
  traceUrl: '',
  slides: [],
  slideCount: 0,
}

/** How far the question is; undefined: nothing is known of it yet. */
export function toProgress({ id, thread }: Asked, reply: Reply | undefined): Progress {
  const { phase, ahead, steps, traceUrl } = reply ?? unseen
  return { id, thread, status: phase === 'queued' ? 'queued' : 'running', ahead, steps, trace_url: traceUrl }
}

export function toFirstAnswer({
  headline,
  columns,
  rows,
  moreRows,
}: NonNullable<Reply['firstAnswer']>): NonNullable<Running['first_answer']> {
  return {
    headline,
    columns: columns.map(({ title, isNumber }) => ({ title, is_number: isNumber })),
    rows,
    more_rows: moreRows,
  }
}

export function toSlideNews({ index, title }: Reply['slides'][number], total: number): Running['slides'][number] {
  return { number: index + 1, total, title }
}

export function toRunning(asked: Asked, reply: Reply | undefined): Running {
  const shown = reply ?? unseen
  return {
    ...toProgress(asked, reply),
    ...(reply?.firstAnswer ? { first_answer: toFirstAnswer(reply.firstAnswer) } : {}),
    slides: shown.slides.map((slide) => toSlideNews(slide, shown.slideCount)),
  }
}

/**
 * The end of a question, with links that are made now: they work as long as links do, however long ago it was asked.
 * @throws TypeError when the reply has not ended
 */
export async function toAnswer(
  { id, thread }: Asked,
  reply: Reply,
  { decks, links }: { readonly decks: Decks; readonly links: Links },
): Promise<Answer> {
  const { result } = reply
  if (!result) throw new TypeError(`Turn "${reply.turnId}" has not ended`)
  // A question about the deck, or one that failed, leaves the thread's deck as it was: it made none.
  const isMade = result.status === 'answered' && reply.slides.length > 0
  const made = isMade ? result.deck : undefined
  const deck = made && (await decks.get(made.key, made.version))
  const { firstAnswer, deck: written, total } = result.timingsMs
  return {
    id,
    thread,
    status: result.status,
    answer: result.answer,
    slide_count: deck?.slides.length ?? 0,
    files: made && deck ? filesOf(deck, made.key, links) : {},
    numbers: result.numbers,
    readings: result.readings,
    sql: result.sql,
    suggestions: result.suggestions,
    provenance: result.provenance,
    genie_conversation_id: result.genieConversationId,
    trace_id: result.traceId,
    trace_url: reply.traceUrl,
    run_id: result.runId,
    timings_ms: { first_answer: Math.round(firstAnswer), deck: Math.round(written), total: Math.round(total) },
    tokens: result.tokens,
    cost_usd: Number(result.costUsd.toFixed(6)),
    error: result.errorCode,
    can_retry: result.canRetry,
  }
}

function filesOf(deck: Deck, key: string, links: Links): Answer['files'] {
  const { html, pdf, pptx, xlsx } = linksOf(deck, key, links)
  const to = (file: string): string => links.to(key, deck.version, file)
  const pictures = (kind: string): string[] => deck.slides.map((_, index) => to(`${kind}-${index + 1}.png`))
  return {
    ...(html === undefined ? {} : { html }),
    ...(pdf === undefined ? {} : { pdf }),
    ...(pptx === undefined ? {} : { pptx }),
    ...(xlsx === undefined ? {} : { xlsx }),
    png: pictures('slide'),
    thumbnail: pictures('thumbnail'),
    overview: to('overview.png'),
    csv: deck.tables.map((table) => to(`${table.id}.csv`)),
  }
}
