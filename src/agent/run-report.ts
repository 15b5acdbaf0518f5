import type { TurnReport } from '../mlflow/tracing.ts'
import type { Deck, NumberCount, RichText } from '../render/deck.ts'
import { RenderError, type RenderedFile } from '../render/renderer.ts'
import type { Table } from '../render/table.ts'
import { assessAnswer, assessFailedRender } from './assess-answer.ts'
import type { AgentEvent, Turn, TurnStatus } from './events.ts'
import type { Evidence } from './evidence.ts'
import type { FactSheet } from './facts.ts'
import type { Intent } from './intent.ts'
import type { Outline } from './narrative.ts'
import { plainText } from './turn-as-text.ts'

/**
 * What the stages of a turn leave for its run in MLflow. Everything is kept as it is and written out when the turn is over.
 */
export interface RunReport {
  event(event: AgentEvent): void
  intent(intent: Intent): void
  evidence(evidence: Evidence): void
  outline(outline: Outline, evidence: Evidence): void
  /** The answer in words, as it was grounded. */
  wrote(words: { readonly text: RichText; readonly facts: Deck['facts'] }): void
  answered(result: { readonly status: TurnStatus; readonly deck?: Deck; readonly numbers: NumberCount }): void
  /** The turn ends without an answer. */
  broken(status: 'failed' | 'stopped', error?: unknown): void
}

/** Rows of each table in `data_context.json`; `deck.json` has them all. */
const mostRows = 50

/** `startedAt`: when this run of the turn began; both times in milliseconds since the epoch. */
export function createRunReport(
  turn: Turn,
  sink: TurnReport,
  deps: { readonly startedAt: number; readonly now: () => number; readonly language: string },
): RunReport {
  const { attempt = 1, askedAt = deps.startedAt } = turn
  const seconds = (ms: number): number => ms / 1000
  let hasFirstAnswer = false
  let hasEvidence = false
  let words: Parameters<typeof assessAnswer>[0]['words']
  sink.metric('retries', attempt - 1)
  // Of a turn that was taken up again, the wait was the first run's.
  if (attempt === 1) sink.metric('queue_wait_seconds', Math.max(0, seconds(deps.startedAt - askedAt)))

  function json(path: string, make: () => unknown): void {
    const content = (): string => JSON.stringify(make(), undefined, 2)
    sink.artifact({ path, mediaType: 'application/json', content })
  }

  function data(tables: readonly Table[], sheet: FactSheet): void {
    json('data_context.json', () => ({ space_id: turn.spaceId, tables: tables.map(tableContext) }))
    json('fact_sheet.json', () => sheet)
  }

  function keepFile(file: RenderedFile): void {
    const { mediaType, bytes } = file
    const path = artifactPath(file)
    if (path !== undefined) sink.artifact({ path, mediaType, content: () => bytes })
  }

  return {
    wrote({ text, facts }) {
      words = { text, facts: [...(words?.facts ?? []), ...facts], language: deps.language }
    },
    event(event) {
      if (event.type === 'first-answer' && !hasFirstAnswer) {
        hasFirstAnswer = true
        sink.metric('time_to_first_answer_seconds', Math.max(0, seconds(deps.now() - askedAt)))
      } else if (event.type === 'deck') {
        const { deck } = event
        json('deck.json', () => deck)
        // A deck that was changed rests on what it rested on before.
        if (!hasEvidence) data(deck.tables, { facts: deck.facts, notes: [] })
      } else if (event.type === 'file') {
        keepFile(event.file)
      }
    },
    intent: (intent) => json('intent_analysis.json', () => intent),
    evidence({ tables, sheet }) {
      hasEvidence = true
      data(tables, sheet)
    },
    outline(outline, evidence) {
      const content = (): string => narrative(outline, evidence, deps.language)
      sink.artifact({ path: 'narrative.txt', mediaType: 'text/plain', content })
    },
    answered({ status, deck, numbers }) {
      sink.tag('status', status)
      sink.metric('slide_count', deck?.slides.length ?? 0)
      sink.metric('numbers_verified', numbers.verified)
      sink.metric('numbers_unverified', numbers.total - numbers.verified)
      if (numbers.total > 0) sink.metric('data_accuracy', numbers.verified / numbers.total)
      for (const assessment of assessAnswer({ deck, words, numbers })) sink.assess(assessment)
    },
    broken(status, error) {
      sink.tag('status', status)
      if (error instanceof RenderError) sink.assess(assessFailedRender(error.message))
    },
  }
}

function tableContext(table: Table): object {
  const { id, title, question, sql, columns, truncated, totalRowCount, source, rows } = table
  return { id, title, question, sql, source, columns, totalRowCount, truncated, rows: rows.slice(0, mostRows) }
}

/** The storyline as people read it, each reference replaced by its value, each slide with what it rests on. */
function narrative(outline: Outline, { grounder, sheet }: Evidence, language: string): string {
  const read = (text: string): string => {
    const grounded = grounder.text(text)
    return plainText(grounded.text, { facts: [...sheet.facts, ...grounded.facts], language }) || text
  }
  const slides = outline.slides.map(({ layout, message, table, facts }, index) => {
    const restsOn = [table, ...facts].filter((id) => id !== '').join(', ')
    return `${index + 1}. ${read(message)}\n   ${layout}${restsOn === '' ? '' : ` from ${restsOn}`}`
  })
  return `${read(outline.title)}\n\n${slides.join('\n')}\n`
}

/** Where a rendered file belongs in the run; what people take away in other programs can be made from the deck again. */
function artifactPath({ format, name }: RenderedFile): string | undefined {
  switch (format) {
    case 'html':
      return 'output.html'
    case 'pdf':
      return 'deck.pdf'
    case 'png':
    case 'thumbnail':
    case 'overview':
      return `previews/${name}`
    case 'pptx':
    case 'xlsx':
    case 'csv':
      return undefined
  }
}
