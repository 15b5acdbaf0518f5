import { join, relative } from 'node:path'
import type { AskResult } from './ask.ts'

/** A finished turn as a person reads it in a terminal. */
export function reportAsText(result: AskResult): string {
  const lines = [result.answer]
  const { html, pdf, png } = result.files
  const folder = relative(process.cwd(), result.out) || '.'
  const shown = (name: string): string => join(folder.startsWith('..') ? result.out : folder, name)
  if (result.slide_count > 0) {
    lines.push('', `Deck     ${result.slide_count} ${result.slide_count === 1 ? 'slide' : 'slides'}`)
    if (pdf) lines.push(`  PDF    ${shown(pdf)}`)
    if (html) lines.push(`  HTML   ${shown(html)}`)
    if (png) lines.push(`  PNG    ${png.map(shown).join(' ')}`)
  }
  if (result.numbers.total > 0) {
    lines.push(`Numbers  ${result.numbers.verified} of ${result.numbers.total} verified against the data`)
  }
  const { first_answer: first, total } = result.timings_ms
  const cost = result.tokens.input > 0 ? ` · $${result.cost_usd.toFixed(4)}` : ''
  lines.push(`Time     ${first > 0 ? `first answer ${seconds(first)}, ` : ''}all ${seconds(total)}${cost}`)
  if (result.trace_url !== '') lines.push(`Trace    ${result.trace_url}`)
  if (result.suggestions.length > 0)
    lines.push('', 'Ask next:', ...result.suggestions.map((question) => `  ${question}`))
  return lines.join('\n')
}

/** 0 for an answer or a question back, 130 when cancelled, 1 otherwise. */
export function exitCodeOf(result: AskResult): number {
  if (result.status === 'answered' || result.status === 'clarify') return 0
  return result.status === 'stopped' ? 130 : 1
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
