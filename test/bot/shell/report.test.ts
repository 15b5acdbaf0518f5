import { PassThrough } from 'node:stream'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { AskResult } from '../../../src/bot/shell/ask.ts'
import { UsageError } from '../../../src/bot/shell/ask-request.ts'
import { exitCodeOf, exitCodeOfError, printError, printResult } from '../../../src/bot/shell/report.ts'
import { DeckhandError } from '../../../src/lib/errors.ts'
import { SettingsError } from '../../../src/settings.ts'

const answered: AskResult = {
  answer: 'EMEA leads with $36.7M.',
  status: 'answered',
  slide_count: 2,
  out: join(process.cwd(), 'out'),
  files: { html: 'deck.html', pdf: 'deck.pdf', png: ['slide-1.png', 'slide-2.png'] },
  numbers: { total: 9, verified: 8 },
  sql: ['SELECT 1'],
  suggestions: ['Revenue by month?'],
  genie_conversation_id: 'c1',
  trace_id: 'tr-1',
  trace_url: 'http://mlflow/#/trace',
  run_id: 'r1',
  timings_ms: { first_answer: 900, deck: 2100, total: 2400 },
  tokens: { input: 100, output: 20 },
  cost_usd: 0.0123,
  error: '',
}
const nothing = { slide_count: 0, files: {}, numbers: { total: 0, verified: 0 }, suggestions: [] }

function print(result: Partial<AskResult>, options: { json?: boolean; env?: Record<string, string> } = {}) {
  const streams = { out: new PassThrough(), err: new PassThrough() }
  printResult({ ...answered, ...result }, streams, { json: options.json ?? false, env: options.env ?? {} })
  return { out: String(streams.out.read() ?? ''), err: String(streams.err.read() ?? '') }
}

function printProblem(error: unknown, env: Record<string, string> = {}): string {
  const err = new PassThrough()
  printError(error, { err }, env)
  return String(err.read())
}

class OutOfReach extends DeckhandError {
  readonly code = 'unreachable'
}

describe('printResult', () => {
  it('tells a person the answer, the files, what was checked, time, cost, trace and what to ask next', () => {
    expect(print({}).out).toMatchInlineSnapshot(`
      "EMEA leads with $36.7M.

      Deck     2 slides
        PDF    out/deck.pdf
        HTML   out/deck.html
        PNG    out/slide-1.png … slide-2.png
      Numbers  8 of 9 verified against the data
      Time     first answer 0.9 s, all 2.4 s · $0.0123
      Trace    http://mlflow/#/trace

      Ask next:
        Revenue by month?
      "
    `)
    expect(print({}).err).toBe('')
  })

  it('names the files of every format', () => {
    const files = {
      pptx: 'deck.pptx',
      xlsx: 'deck.xlsx',
      thumbnail: ['thumbnail-1.png', 'thumbnail-2.png'],
      overview: 'overview.png',
      csv: ['T1.csv'],
    }

    expect(print({ files }).out).toContain(
      [
        'Deck     2 slides',
        '  PPTX   out/deck.pptx',
        '  XLSX   out/deck.xlsx',
        '  Small  out/thumbnail-1.png … thumbnail-2.png',
        '  Sheet  out/overview.png',
        '  CSV    out/T1.csv',
      ].join('\n'),
    )
  })

  it('names files by their whole path when they are elsewhere', () => {
    expect(print({ out: '/elsewhere/deck' }).out).toContain('PDF    /elsewhere/deck/deck.pdf')
  })

  it('says where the trace is while MLflow does not answer', () => {
    expect(print({ trace_url: '' }).out).toContain('Trace    kept on disk')
    expect(print({ trace_url: '', trace_id: '' }).out).not.toContain('Trace')
  })

  it('prints exactly one JSON object for a script', () => {
    const { out, err } = print({}, { json: true })

    expect(JSON.parse(out)).toEqual(answered)
    expect(out).toMatch(/^\{[^\n]*\}\n$/)
    expect(err).toBe('')
  })

  it('tells in one line on standard error why a question failed, with or without JSON', () => {
    const failed = { ...nothing, status: 'failed', answer: 'Genie is busy.\nPlease try again.', error: 'busy' } as const

    const asText = print(failed)
    const asJson = print(failed, { json: true, env: { LOG_LEVEL: 'error' } })

    expect(asText.err).toBe('deckhand: Genie is busy. Please try again. (LOG_LEVEL=error tells more)\n')
    expect(asText.out).not.toContain('Genie is busy')
    expect(asText.out).toContain('Trace    http://mlflow')
    expect(asJson.err).toBe('deckhand: Genie is busy. Please try again.\n')
    expect(JSON.parse(asJson.out)).toMatchObject({ status: 'failed', error: 'busy' })
  })

  it('names the document of a deck that could not be drawn', () => {
    const { out } = print({ ...nothing, status: 'failed', files: { html: 'deck.html' } })

    expect(out).toContain('HTML   out/deck.html')
  })

  it('prints nothing but one line for a question that was stopped', () => {
    const stopped = print({ ...nothing, status: 'stopped', answer: 'Stopped. Nothing was changed.' })

    expect(stopped).toEqual({ out: '', err: 'deckhand: Stopped. Nothing was changed.\n' })
  })

  it('lets no text from elsewhere steer the terminal', () => {
    const { out } = print({ answer: 'A\u001B[2J\nB', suggestions: ['\u001B]0;x\u0007?'] })

    expect(out).toContain('A[2J\nB')
    expect(out).not.toContain('\u001B')
  })
})

describe('exitCodeOf', () => {
  it('is 0 for an answer or a question back, 130 when stopped, 1 otherwise', () => {
    const codes = (['answered', 'clarify', 'stopped', 'failed', 'refused'] as const).map((status) =>
      exitCodeOf({ ...answered, status }),
    )

    expect(codes).toEqual([0, 0, 130, 1, 1])
  })
})

describe('exitCodeOfError', () => {
  it('is 2 for what the person has to put right, 1 otherwise', () => {
    expect(exitCodeOfError(new UsageError('x'))).toBe(2)
    expect(exitCodeOfError(new SettingsError(['x']))).toBe(2)
    expect(exitCodeOfError(new OutOfReach('x', { userMessage: 'x' }))).toBe(1)
    expect(exitCodeOfError(new Error('x'))).toBe(1)
  })
})

describe('printError', () => {
  it('says in one line what happened and what the operator needs to know', () => {
    const error = new OutOfReach('Cannot reach Redis at 10.0.0.1:6379\nand more', { userMessage: 'No memory now.' })

    expect(printProblem(error)).toBe('deckhand: No memory now. (Cannot reach Redis at 10.0.0.1:6379)\n')
  })

  it('does not say the same thing twice', () => {
    expect(printProblem(new UsageError('--out is empty.'))).toBe('deckhand: --out is empty.\n')
    expect(printProblem(new SettingsError(['a: is 1']))).toBe('deckhand: The configuration has a problem: a: is 1\n')
    expect(printProblem(new SettingsError(['a: is 1', 'b: is 2']))).toBe(
      'deckhand: The configuration has 2 problems:\n  a: is 1\n  b: is 2\n',
    )
  })

  it('keeps the inside of an unexpected error for those who ask for it', () => {
    const error = new Error('undefined is not a function')

    expect(printProblem(error)).toMatch(/^deckhand: Something went wrong [^\n]*\(LOG_LEVEL=error tells more\)\n$/)
    expect(printProblem(new UsageError('--out is empty.'), { LOG_LEVEL: 'error' })).toBe('deckhand: --out is empty.\n')
    expect(printProblem(error, { LOG_LEVEL: 'error' })).toContain('Error: undefined is not a function')
  })
})
