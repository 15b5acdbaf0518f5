/** Puts facts and marks in the place of what the model wrote. */
import type { RichText, Segment } from '../../render/deck.ts'
import type { FactView } from './lexicon.ts'
import type { GroundingProblemKind } from './match.ts'
import type { Span } from './sentences.ts'

/** What stands in the text instead of an item. */
export type Outcome = Span &
  (
    | { readonly kind: 'fact'; readonly view: FactView; readonly segments: readonly Segment[] }
    | { readonly kind: 'words' }
    | {
        readonly kind: 'unverified'
        readonly shown: string
        readonly problem: GroundingProblemKind
        readonly factId: string | undefined
      }
  )

export const startsIn = (span: Span, sentence: Span): boolean =>
  sentence.start <= span.start && span.start < sentence.end

/** "{F5} ($1.2M)" says the same twice: the literal goes, and the brackets with it. */
export function withoutEchoes(text: string, outcomes: readonly Outcome[]): Outcome[] {
  const kept: Outcome[] = []
  for (const outcome of outcomes) {
    const before = kept.at(-1)
    const same = before?.kind === 'fact' && outcome.kind === 'fact' && before.view.fact.id === outcome.view.fact.id
    const gap = before ? text.slice(before.end, outcome.start) : ''
    if (before && same && /^\s*[(=]?\s*$/.test(gap)) {
      const closes = gap.includes('(') && text[outcome.end] === ')'
      kept[kept.length - 1] = { ...before, end: outcome.end + (closes ? 1 : 0) }
    } else kept.push(outcome)
  }
  return kept
}

/** `blocked` are sentences to leave out. */
export function assemble(text: string, outcomes: readonly Outcome[], blocked: readonly Span[]): RichText {
  const rich: Segment[] = []
  const push = (segment: Segment): void => {
    const last = rich.at(-1)
    if (typeof segment === 'string' && typeof last === 'string') rich[rich.length - 1] = last + segment
    else if (segment !== '') rich.push(segment)
  }
  let at = 0
  const plain = (to: number): void => {
    for (const sentence of blocked) {
      if (sentence.start >= to || sentence.end <= at) continue
      push(text.slice(at, Math.max(at, sentence.start)))
      at = Math.max(at, Math.min(sentence.end, to))
    }
    push(text.slice(at, Math.max(at, to)))
    at = Math.max(at, to)
  }
  for (const outcome of outcomes) {
    plain(outcome.start)
    if (!blocked.some((sentence) => startsIn(outcome, sentence))) {
      if (outcome.kind === 'fact') outcome.segments.forEach(push)
      else if (outcome.kind === 'unverified') push({ unverified: outcome.shown.trim() })
      else push(text.slice(outcome.start, outcome.end))
    }
    at = Math.max(at, outcome.end)
  }
  plain(text.length)
  return trimmed(rich)
}

function trimmed(rich: readonly Segment[]): RichText {
  const result = rich.map((segment, index) => {
    if (typeof segment !== 'string') return segment
    const start = index === 0 ? segment.trimStart() : segment
    return index === rich.length - 1 ? start.trimEnd() : start
  })
  return result.filter((segment) => segment !== '')
}
