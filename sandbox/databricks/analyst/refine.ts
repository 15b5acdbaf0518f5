import type { ChatBrainRequest } from '../chat-brain.ts'
import { section } from './prompt.ts'

const chartWords: readonly (readonly [RegExp, string])[] = [
  [/\bstacked\b/i, 'stacked_bar'],
  [/\bhorizontal\b/i, 'horizontal_bar'],
  [/\b(small multiples?|one chart (each|per))\b/i, 'small_multiples'],
  [/\bheat ?map\b/i, 'heat_map'],
  [/\bscatter\b/i, 'scatter'],
  [/\b(waterfall|bridge)\b/i, 'waterfall'],
  [/\blines?\b/i, 'line'],
  [/\barea\b/i, 'area'],
  [/\b(donut|pie)\b/i, 'donut'],
  [/\b(bar|column)s?\b/i, 'bar'],
]
const ordinals = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth']

/** A wish about the deck as changes, in the schema `refinement`. Wishes may be joined by commas and "and". */
export function refinement(request: ChatBrainRequest): Record<string, unknown> {
  const question = section(request, 'question')
  const slides = section(request, 'deck').split('\n').filter(Boolean)
  const theme = /\bdark(er)?\b/i.test(question) ? 'dark' : /\blight(er)?\b/i.test(question) ? 'light' : ''
  const changes = question.split(/,|;|\band\b/i).flatMap((wish) => changesOf(wish, slides))
  const understood = changes.length > 0 || theme !== ''
  return { changes, theme, reply: understood ? replyFor(changes, theme) : '' }
}

interface Change {
  readonly action: string
  readonly slide: number
  readonly to: number
  readonly kind: string
  readonly instruction: string
}

function changesOf(wish: string, slides: readonly string[]): Change[] {
  const change = (action: string, slide: number, more: Partial<Change> = {}): Change => ({
    action,
    slide,
    to: 0,
    kind: '',
    instruction: '',
    ...more,
  })
  const named = slideNumbers(wish, slides.length)
  const charted = slides.findIndex((line) => /\[chart(_table)?\]/.test(line)) + 1
  if (/\b(drop|remove|delete|leave out|skip)\b/i.test(wish))
    return named.slice(0, 1).map((slide) => change('drop', slide))
  if (/\bmove\b/i.test(wish) && named.length >= 2) return [change('move', named[0] ?? 0, { to: named[1] ?? 0 })]
  const kind = chartWords.find(([words]) => words.test(wish))?.[1]
  if (kind !== undefined)
    return [named[0] ?? charted].filter((slide) => slide > 0).map((slide) => change('chart', slide, { kind }))
  if (/\btable\b/i.test(wish))
    return [named[0] ?? charted].filter((slide) => slide > 0).map((slide) => change('table', slide))
  if (/\b(rewrite|shorten|shorter|longer|rephrase|title)\b/i.test(wish)) {
    const all = named.length > 0 ? named.slice(0, 1) : slides.map((_line, index) => index + 1)
    return all.map((slide) => change('rewrite', slide, { instruction: wish.trim() }))
  }
  return []
}

function slideNumbers(wish: string, count: number): number[] {
  const found: number[] = []
  const pattern = new RegExp(
    `\\b(?:(?:slide|position|number|to)\\s*#?(\\d{1,2})|(${ordinals.join('|')}|last)\\b)`,
    'gi',
  )
  for (const [, digits, word] of wish.matchAll(pattern)) {
    const number =
      digits === undefined
        ? word?.toLowerCase() === 'last'
          ? count
          : ordinals.indexOf(word?.toLowerCase() ?? '') + 1
        : Number(digits)
    if (number >= 1 && number <= count) found.push(number)
  }
  return found
}

function replyFor(changes: readonly Change[], theme: string): string {
  const words: Record<string, string> = {
    drop: 'left a slide out',
    move: 'moved a slide',
    chart: 'changed a chart',
    table: 'turned a slide into a table',
    rewrite: 'rewrote text',
  }
  const done = [
    ...new Set(changes.map((change) => words[change.action] ?? change.action)),
    ...(theme === '' ? [] : [`switched to the ${theme} theme`]),
  ]
  return `Done: ${done.join(', ')}.`
}
