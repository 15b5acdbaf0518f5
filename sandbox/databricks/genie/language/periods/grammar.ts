import type { Day } from '../../calendar.ts'
import type { Token } from '../tokens.ts'
import type { Atom, Found } from './atom.ts'
import { matchAtom } from './written.ts'

/** What a stretch of a question says about time. `from`-`to` keeps its ends, since "grew from A to B" compares them. */
export type PeriodExpression =
  | { readonly kind: 'at'; readonly atom: Atom }
  | { readonly kind: 'range'; readonly from: Atom; readonly to: Atom }
  | { readonly kind: 'since' | 'after' | 'until' | 'before' | 'end-of'; readonly atom: Atom }
  | { readonly kind: 'all' }

export interface PeriodMatch {
  readonly expression: PeriodExpression
  /** Tokens it takes up. */
  readonly length: number
}

/**
 * The longest statement about time that starts at `at`, or null. `comparing`: the question compares, so that
 * "2022 to 2023" names two times and not the span between them.
 */
export function matchPeriod(
  tokens: readonly Token[],
  at: number,
  options: { readonly today: Day; readonly comparing: boolean },
): PeriodMatch | null {
  const word = (offset: number): string => tokens[at + offset]?.word ?? ''
  const atom = (offset: number, inSpan = false): Found<Atom> | null =>
    matchAtom(tokens, at + offset, options.today, inSpan)

  const relative = word(0) === 'so' ? atom(0) : null
  if (relative) return { expression: { kind: 'at', atom: relative.value }, length: relative.length }
  for (const phrase of [
    'all time',
    'for all time',
    'since the beginning',
    'to date',
    'so far',
    'overall time',
    'over all time',
    'of all time',
    'in all time',
    'ever',
  ]) {
    const words = phrase.split(' ')
    if (words.every((each, index) => word(index) === each)) return { expression: { kind: 'all' }, length: words.length }
  }
  if (word(0) === 'between') {
    const from = atom(1, true)
    const to = from && word(1 + from.length) === 'and' ? atom(2 + from.length, true) : null
    if (from && to) {
      return { expression: { kind: 'range', from: from.value, to: to.value }, length: 2 + from.length + to.length }
    }
    return null
  }
  const opening = openingAt(word)
  if (opening) {
    const found = atom(opening.length, true)
    if (found) {
      const length = opening.length + found.length
      // "from March to June"
      if (opening.kind === 'since' && word(0) === 'from') return spanFrom(tokens, at, 1, found, options)
      return { expression: { kind: opening.kind, atom: found.value }, length }
    }
  }
  const found = atom(0)
  return found ? spanFrom(tokens, at, 0, found, options) : null
}

/** "A to B", "A - B", "A onwards", or A alone. After "from", A alone is an open span, so it needs an end. */
function spanFrom(
  tokens: readonly Token[],
  at: number,
  lead: number,
  from: Found<Atom>,
  { today, comparing }: { readonly today: Day; readonly comparing: boolean },
): PeriodMatch | null {
  const next = lead + from.length
  const word = (offset: number): string => tokens[at + offset]?.word ?? ''
  const joins = word(next) === '-' || ['to', 'until', 'till', 'through', 'thru'].includes(word(next))
  if (joins && !(comparing && word(next) === 'to' && lead === 0)) {
    const up = word(next) === 'up' ? 1 : 0
    const to = matchAtom(tokens, at + next + 1 + up, today, true)
    if (to) {
      return { expression: { kind: 'range', from: from.value, to: to.value }, length: next + 1 + up + to.length }
    }
  }
  for (const tail of [
    'onwards',
    'onward',
    'on',
    'and after',
    'and later',
    'until now',
    'until today',
    'to now',
    'till now',
  ]) {
    const words = tail.split(' ')
    if (words.every((each, index) => word(next + index) === each) && (tail !== 'on' || lead === 1)) {
      return { expression: { kind: 'since', atom: from.value }, length: next + words.length }
    }
  }
  // "from 2023" without an end: orders from 2023 are those of 2023
  return { expression: { kind: 'at', atom: from.value }, length: next }
}

function openingAt(
  word: (offset: number) => string,
): { readonly kind: 'since' | 'after' | 'until' | 'before' | 'end-of'; readonly length: number } | null {
  const phrases = [
    ['since the start of', 'since'],
    ['since the beginning of', 'since'],
    ['since', 'since'],
    ['starting in', 'since'],
    ['starting from', 'since'],
    ['starting', 'since'],
    ['beginning in', 'since'],
    ['from', 'since'],
    ['after', 'after'],
    ['until the end of', 'until'],
    ['up until', 'until'],
    ['until', 'until'],
    ['till', 'until'],
    ['through', 'until'],
    ['up to', 'until'],
    ['before', 'before'],
    ['prior to', 'before'],
    ['at the end of', 'end-of'],
    ['at end of', 'end-of'],
    ['by the end of', 'end-of'],
    ['as of the end of', 'end-of'],
    ['as of end of', 'end-of'],
    ['as of', 'end-of'],
    ['the end of', 'end-of'],
    ['end of', 'end-of'],
  ] as const
  for (const [phrase, kind] of phrases) {
    const words = phrase.split(' ')
    if (words.every((each, index) => word(index) === each)) return { kind, length: words.length }
  }
  return null
}
