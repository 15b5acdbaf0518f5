import type { SemanticLayer, TableName } from '../../data/semantic-layer.ts'
import { yearOf } from './calendar.ts'
import { listOf } from './describe.ts'
import type { Intent } from './intent.ts'
import { buildIntent } from './language/build-intent.ts'
import type { Draft } from './language/draft.ts'
import { type Interpretation, interpret } from './language/interpret.ts'
import { type Correction, createLexicon } from './language/lexicon.ts'
import { goesOn, isEmpty, merge } from './language/merge.ts'
import { dataStart } from './sql/base.ts'

/** What a conversation remembers of its last question. */
export interface Memory {
  readonly draft: Draft
  /** It was answered with a question back and waits for the answer. */
  readonly open: boolean
}

export type Understanding =
  | {
      readonly kind: 'intent'
      readonly intent: Intent
      readonly corrections: readonly Correction[]
      readonly memory: Memory
    }
  /** A question back; `memory` keeps what was understood so far. */
  | { readonly kind: 'clarify'; readonly text: string; readonly memory: Memory | undefined }
  /** Not understood, or not to be known from this data. */
  | { readonly kind: 'refuse'; readonly text: string }

/** What one space covers, and what it means when a person leaves the measure out. */
export interface Scope {
  readonly tables: readonly TableName[]
  readonly standardMetric: string
  readonly exampleMetrics: string
}

export interface Understander {
  /** Reads a message in its conversation. Deterministic; touches no data. */
  understand(message: string, scope: Scope, memory?: Memory): Understanding
}

const longest = 1000

/** Reads questions over a semantic layer. `today` is the last day with data. */
export function createUnderstander({
  layer,
  today,
}: {
  readonly layer: SemanticLayer
  readonly today: string
}): Understander {
  const lexicon = createLexicon(layer)
  return {
    understand(message, scope, memory) {
      if (message.length > longest)
        return {
          kind: 'refuse',
          text: `That is too long for me: ${message.length} characters. Please ask one question in a few words.`,
        }
      const year = yearInMind(memory)
      const read = interpret(message, {
        layer,
        lexicon,
        context: { today, dataStart: dataStart.customers, ...(year === undefined ? {} : { year }) },
      })
      const deps = { layer, today, ...scope }
      if (read.leftovers.length > 0 && read.draft.problem?.kind !== 'refuse')
        return { kind: 'refuse', text: notUnderstood(message, read, layer, scope) }
      const continues = memory !== undefined && goesOn(read.draft, memory.draft, memory.open)
      const sameAgain =
        memory !== undefined &&
        !memory.open &&
        isEmpty(read.draft) &&
        /\b(?:chart|graph|table|plot|diagram|again)\b/i.test(message)
      if (isEmpty(read.draft) && !read.draft.marks.pronoun && !read.draft.marks.reset && !sameAgain) {
        return { kind: 'refuse', text: `I found no question in that. ${known(layer, scope)}` }
      }
      if (read.draft.marks.pronoun && !continues && isEmpty(read.draft)) {
        return { kind: 'clarify', text: 'What do you mean by that? Please ask the whole question.', memory: undefined }
      }
      const draft = continues ? merge(memory.draft, read.draft, { layer, open: memory.open }) : read.draft
      if (read.draft.problem) draft.problem = read.draft.problem
      if (!continues && leansOnNothing(read.draft)) {
        return {
          kind: 'clarify',
          text: 'What does that refer to? There is no earlier question in this conversation. Please ask the whole question.',
          memory: undefined,
        }
      }
      if (
        continues &&
        draft.compareWord &&
        !draft.comparing &&
        !draft.growth &&
        read.draft.filters.length === 0 &&
        read.draft.by.length === 0
      ) {
        return {
          kind: 'clarify',
          text: 'What shall I compare with what? For example two regions, two segments, or two years.',
          memory,
        }
      }
      const outcome = buildIntent(draft, deps)
      switch (outcome.kind) {
        case 'intent':
          return {
            kind: 'intent',
            intent: outcome.intent,
            corrections: read.corrections,
            memory: { draft, open: false },
          }
        case 'clarify':
          return { kind: 'clarify', text: outcome.text, memory: { draft, open: true } }
        case 'refuse':
          return { kind: 'refuse', text: outcome.text }
      }
    },
  }
}

/** A pronoun without anything it could stand for. */
const leansOnNothing = (draft: Draft): boolean =>
  (draft.marks.pronoun || draft.listThem) && draft.metrics.length === 0 && !draft.list

function yearInMind(memory: Memory | undefined): number | undefined {
  const period = memory?.draft.periods.at(-1)
  return period === undefined ? undefined : yearOf(period.to)
}

function notUnderstood(
  message: string,
  { leftovers, draft }: Interpretation,
  layer: SemanticLayer,
  scope: Scope,
): string {
  const words = [...new Set(leftovers)].map((text) => `"${text}"`).join(', ')
  const somewhere = leftovers.some((text) =>
    new RegExp(`\\b(?:in|from)\\s+(?:the\\s+)?${text.replaceAll(/\W/g, '.')}`, 'i').test(message),
  )
  const places =
    somewhere && draft.metrics.length > 0
      ? `The countries are ${listOf(Object.keys(layer.dimensions['country']?.values ?? {}))}; the regions are ${listOf(Object.keys(layer.dimensions['region']?.values ?? {}))}.`
      : ''
  const partly = draft.metrics.length > 0 || draft.by.length > 0
  return `I do not understand ${words}${partly ? ' in this question' : ''}, so I will not guess. ${places === '' ? known(layer, scope) : places}`
}

/** One paragraph on what can be asked here. */
function known(layer: SemanticLayer, { tables }: Scope): string {
  const metrics = Object.values(layer.metrics).filter(({ table }) => tables.includes(table))
  const dimensions = Object.values(layer.dimensions).filter(
    ({ columns, words }) => words.length > 0 && tables.some((table) => columns[table] !== undefined),
  )
  return [
    `I know these measures: ${metrics.map(({ label }) => label.replace(/^(?![A-Z]{2})./, (first) => first.toLowerCase())).join(', ')};`,
    `by ${dimensions.map(({ label }) => label).join(', ')}, and by day, week, month, quarter or year.`,
  ].join(' ')
}
