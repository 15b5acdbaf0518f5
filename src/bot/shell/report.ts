import { join, relative } from 'node:path'
import { DeckhandError, describeError, userMessageOf } from '../../lib/errors.ts'
import type { Environment } from '../../lib/config-file.ts'
import type { AskResult } from './ask.ts'
import { printable } from './printable.ts'

/** Where a command prints: results on `out`; on `err` the one line that says why there is none. */
export interface Streams {
  readonly out: NodeJS.WritableStream
  readonly err: NodeJS.WritableStream
}

/** Prints a finished question for a person, or as one JSON object. Whenever the exit code is not 0, one line says why. */
export function printResult(
  result: AskResult,
  streams: Streams,
  options: { readonly json: boolean; readonly env: Environment },
): void {
  const exitCode = exitCodeOf(result)
  if (exitCode !== 0) {
    const hint = result.status === 'failed' ? detailHint(options.env) : ''
    streams.err.write(`deckhand: ${linesOf(result.answer).join(' ')}${hint}\n`)
  }
  if (options.json) streams.out.write(`${JSON.stringify(result)}\n`)
  else if (result.status !== 'stopped') streams.out.write(`${reportAsText(result)}\n`)
}

/** Prints in one line why a command could not even ask; what the operator's message adds stands behind it in brackets. */
export function printError(error: unknown, streams: Pick<Streams, 'err'>, env: Environment): void {
  const said = userMessageOf(error)
  const cause = error instanceof DeckhandError ? (error.message.split('\n')[0] ?? '') : ''
  const detail = cause === '' || said.startsWith(cause) ? '' : ` (${printable(cause)})`
  const hint = error instanceof DeckhandError ? '' : detailHint(env)
  streams.err.write(`deckhand: ${linesOf(said).join('\n')}${detail}${hint}\n`)
  if (env['LOG_LEVEL'] && exitCodeOfError(error) === 1) streams.err.write(`${describeError(error)}\n`)
}

/** 0 for an answer or a question back, 130 when cancelled, 1 otherwise. */
export function exitCodeOf(result: AskResult): number {
  if (result.status === 'answered' || result.status === 'clarify') return 0
  return result.status === 'stopped' ? 130 : 1
}

/** 2 for words or settings that have to be put right, 1 otherwise. */
export function exitCodeOfError(error: unknown): number {
  return error instanceof DeckhandError && (error.code === 'usage' || error.code === 'bad-settings') ? 2 : 1
}

/** A finished turn as a person reads it in a terminal. */
function reportAsText(result: AskResult): string {
  const lines = exitCodeOf(result) === 0 ? linesOf(result.answer) : []
  const { html, pdf, pptx, xlsx, png = [], thumbnail = [], overview, csv = [] } = result.files
  const folder = relative(process.cwd(), result.out) || '.'
  const shown = (name: string): string => join(folder.startsWith('..') ? result.out : folder, name)
  const deck: string[] = []
  if (result.slide_count > 0)
    deck.push(`Deck     ${result.slide_count} ${result.slide_count === 1 ? 'slide' : 'slides'}`)
  if (pdf) deck.push(`  PDF    ${shown(pdf)}`)
  if (html) deck.push(`  HTML   ${shown(html)}`)
  if (pptx) deck.push(`  PPTX   ${shown(pptx)}`)
  if (xlsx) deck.push(`  XLSX   ${shown(xlsx)}`)
  const range = ([first = '', ...rest]: readonly string[]): string =>
    `${shown(first)}${rest.length > 0 ? ` … ${rest.at(-1)}` : ''}`
  if (png.length > 0) deck.push(`  PNG    ${range(png)}`)
  if (thumbnail.length > 0) deck.push(`  Small  ${range(thumbnail)}`)
  if (overview) deck.push(`  Sheet  ${shown(overview)}`)
  if (csv.length > 0) deck.push(`  CSV    ${range(csv)}`)
  if (deck.length > 0) lines.push(...(lines.length > 0 ? [''] : []), ...deck)
  if (result.numbers.total > 0) {
    lines.push(`Numbers  ${result.numbers.verified} of ${result.numbers.total} verified against the data`)
  }
  const { first_answer: firstMs, total } = result.timings_ms
  const cost = result.tokens.input > 0 ? ` · $${result.cost_usd.toFixed(4)}` : ''
  lines.push(`Time     ${firstMs > 0 ? `first answer ${seconds(firstMs)}, ` : ''}all ${seconds(total)}${cost}`)
  if (result.trace_url !== '') lines.push(`Trace    ${result.trace_url}`)
  else if (result.trace_id !== '') lines.push('Trace    kept on disk; it is sent when MLflow answers again')
  if (result.suggestions.length > 0) {
    lines.push('', 'Ask next:', ...result.suggestions.map((question) => `  ${printable(question)}`))
  }
  return lines.join('\n')
}

function linesOf(text: string): string[] {
  return text.split('\n').map(printable)
}

/** People at a shell see sentences and no log, until they ask for one. */
function detailHint(env: Environment): string {
  return env['LOG_LEVEL'] ? '' : ' (LOG_LEVEL=error tells more)'
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
