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

/** The languages the sandbox's chat model can name; it writes English and German itself. */
const languages: Readonly<Record<string, string>> = {
  english: 'en',
  german: 'de',
  deutsch: 'de',
  french: 'fr',
  spanish: 'es',
  arabic: 'ar',
  japanese: 'ja',
}

interface Change {
  readonly action: string
  readonly slide: number
  readonly to: number
  readonly kind: string
  readonly instruction: string
  readonly question: string
}

function change(action: string, slide: number, more: Partial<Change> = {}): Change {
  return { action, slide, to: 0, kind: '', instruction: '', question: '', ...more }
}

/** A wish about the deck as changes, in the schema `refinement`. Wishes may be joined by commas and "and". */
export function refinement(request: ChatBrainRequest): Record<string, unknown> {
  const question = section(request, 'question')
  const slides = section(request, 'deck').split('\n').filter(Boolean)
  const restore = versionAsked(question)
  const language = languageAsked(question)
  const wishes = question.split(/,|;|\band\b/i)
  const changes = restore === 0 ? wishes.flatMap((wish) => changesOf(wish, slides)) : []
  const wholeDeck = wishes.filter((wish) => slideNumbers(wish, slides.length).length === 0).join(',')
  const theme = /\bdark(er)?\b/i.test(wholeDeck) ? 'dark' : /\b(light|bright)(er)?\b/i.test(wholeDeck) ? 'light' : ''
  const done = [
    ...(restore === 0 ? [] : ['went back to the earlier version']),
    ...whatWasDone(changes),
    ...(theme === '' ? [] : [`switched to the ${theme} theme`]),
    ...(language === '' ? [] : ['wrote the deck in another language']),
  ]
  return { changes, theme, language, title: '', restore, reply: done.length === 0 ? '' : `Done: ${done.join(', ')}.` }
}

/** One phrase for each kind of change; slides by the numbers they had when the person asked. */
function whatWasDone(changes: readonly Change[]): string[] {
  return [...new Set(changes.map(({ action }) => action))].map((action) => {
    const slides = [...new Set(changes.flatMap((each) => (each.action === action ? [each.slide] : [])))]
    const which = slides.length === 1 ? `slide ${slides[0]}` : `slides ${listOf(slides)}`
    return doneWords[action]?.(which) ?? action
  })
}

/** "2", "2 and 3", "2, 3 and 5" */
function listOf(numbers: readonly number[]): string {
  const [last, ...before] = numbers.toSorted((a, b) => b - a)
  return before.length === 0 ? String(last) : `${before.toReversed().join(', ')} and ${last}`
}

const doneWords: Readonly<Record<string, (which: string) => string>> = {
  drop: (which) => `left out ${which}`,
  move: (which) => `moved ${which}`,
  chart: (which) => `changed the chart of ${which}`,
  table: (which) => `turned ${which} into a table`,
  rewrite: (which) => `rewrote ${which}`,
  look: (which) => `changed the look of ${which}`,
  add: () => 'added a slide',
}

/** "undo" is -1, "back to version 2" is 2. */
function versionAsked(question: string): number {
  const version = /\b(?:version|v)\s*(\d{1,3})\b/i.exec(question)?.[1]
  if (version !== undefined && /\b(back|restore|return|revert|undo|use|show)\b/i.test(question)) return Number(version)
  return /\b(undo|revert|as (it was|before)|previous version)\b/i.test(question) ? -1 : 0
}

function languageAsked(question: string): string {
  const named = /\b(?:in|into|to|auf)\s+(\p{L}+)\s*[.!?]?\s*$/iu.exec(question)?.[1]?.toLowerCase() ?? ''
  return languages[named] ?? ''
}

function changesOf(wish: string, slides: readonly string[]): Change[] {
  const named = slideNumbers(wish, slides.length)
  const [first] = named
  const charted = slides.findIndex((line) => /\[chart(_table)?\]/.test(line)) + 1
  const target = first ?? charted
  const about = /\badd (?:a |an |one |another )?(?:(?:new|more) )?slide (?:about|on|with|for|showing) (.+)/i.exec(
    wish,
  )?.[1]
  if (about !== undefined) return [addition(about, named)]
  if (/\b(drop|remove|delete|leave out|skip)\b/i.test(wish))
    return slideRange(wish, slides.length, named).map((slide) => change('drop', slide))
  if (/\bmove\b/i.test(wish) && named.length >= 2) return [change('move', named[0] ?? 0, { to: named[1] ?? 0 })]
  const look = /\b(dark|light|bright)(er)?\b/i.exec(wish)?.[1]?.toLowerCase()
  if (look !== undefined && first !== undefined)
    return [change('look', first, { kind: look === 'dark' ? 'dark' : 'light' })]
  const kind = chartWords.find(([words]) => words.test(wish))?.[1]
  if (kind !== undefined) return target > 0 ? [change('chart', target, { kind })] : []
  if (/\btable\b/i.test(wish)) return target > 0 ? [change('table', target)] : []
  if (/\b(shorten|shorter)\b/i.test(wish) && first === undefined) return shorter(slides)
  if (/\b(rewrite|shorten|shorter|longer|rephrase|title)\b/i.test(wish)) {
    const all = first === undefined ? slides.map((_line, index) => index + 1) : [first]
    return all.map((slide) => change('rewrite', slide, { instruction: wish.trim() }))
  }
  return []
}

/** "discounts by region" is asked as it stands: the data space understands it or says that it does not. */
function addition(about: string, named: readonly number[]): Change {
  const subject = about
    .replace(/\b(?:as|at|to) (?:slide|position) .*$/i, '')
    .replace(/[.!?\s]+$/, '')
    .trim()
  const instruction = `${subject.charAt(0).toUpperCase()}${subject.slice(1)}`
  return change('add', 0, { instruction, question: subject, to: named[0] ?? 0 })
}

/** A shorter deck does without what only repeats: lists, and the chart beside its table where there is a chart. */
function shorter(slides: readonly string[]): Change[] {
  const hasChart = slides.some((line) => line.includes('[chart]'))
  const spare = hasChart ? /\[(bullets|section|chart_table|table)\]/ : /\[(bullets|section)\]/
  const dropped = slides.flatMap((line, index) => (spare.test(line) ? [index + 1] : []))
  return dropped.slice(0, Math.max(0, slides.length - 2)).map((slide) => change('drop', slide))
}

/** "slides 2 to 4" and "slides 2-4" are three slides; else those that are named. */
function slideRange(wish: string, count: number, named: readonly number[]): number[] {
  const [, from, to] = /\bslides\s+(\d{1,2})\s*(?:-|–|to)\s*(\d{1,2})\b/i.exec(wish) ?? []
  if (from === undefined || to === undefined) return named.slice(0, 1)
  const start = Number(from)
  const end = Math.min(Number(to), count + 1)
  return Array.from({ length: Math.max(0, end - start + 1) }, (_, index) => start + index)
}

function slideNumbers(wish: string, count: number): number[] {
  const found: number[] = []
  const pattern = new RegExp(
    `\\b(?:(?:slides?|position|number|to)\\s*#?(\\d{1,2})|(${ordinals.join('|')}|last)\\b)`,
    'gi',
  )
  for (const [, digits, word] of wish.matchAll(pattern)) {
    const number =
      digits === undefined
        ? word?.toLowerCase() === 'last'
          ? count
          : ordinals.indexOf(word?.toLowerCase() ?? '') + 1
        : Number(digits)
    if (number >= 1) found.push(number)
  }
  return found
}
