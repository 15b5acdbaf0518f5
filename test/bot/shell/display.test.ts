import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { AgentEvent, TurnOutcome } from '../../../src/agent/events.ts'
import { createTerminalDisplay } from '../../../src/bot/shell/display.ts'
import type { Table } from '../../../src/render/table.ts'
import { createManualClock } from '../../support/manual-clock.ts'

const escape = '\u001B'
const tokens = new RegExp(`${escape}\\[\\??[\\d;]*[A-Za-z]|[\\s\\S]`, 'g')

/** A terminal that understands what a live line needs: what a person sees on it at any moment. */
function createTerminal(columns: number) {
  const stream = new PassThrough()
  const control = (text: string): true => stream.write(text) || true
  const terminal = Object.assign(stream, {
    isTTY: true,
    columns,
    cursorTo: (x: number) => control(`\u001B[${x + 1}G`),
    clearLine: () => control('\u001B[2K'),
    moveCursor: (_dx: number, dy: number) => control(dy < 0 ? `\u001B[${-dy}A` : ''),
  })
  let written = ''
  stream.setEncoding('utf8').on('data', (text: string) => {
    written += text
  })
  return {
    // Only what a display uses of a terminal is there.
    stream: terminal as unknown as NodeJS.WriteStream,
    written: () => written,
    /** The lines as they stand now. */
    screen: (): string[] => {
      const lines = ['']
      let [row, column] = [0, 0]
      for (const [token = ''] of written.matchAll(tokens)) {
        if (token === '\n') {
          row += 1
          column = 0
          lines[row] ??= ''
        } else if (token === '\r' || token === '\u001B[1G') column = 0
        else if (token === '\u001B[2K') lines[row] = ''
        else if (token === '\u001B[0K' || token === '\u001B[K') lines[row] = (lines[row] ?? '').slice(0, column)
        else if (token.startsWith(`${escape}[`) && token.endsWith('A')) row -= Number(token.slice(2, -1) || 1)
        else if (!token.startsWith('\u001B[')) {
          const line = (lines[row] ?? '').padEnd(column)
          lines[row] = line.slice(0, column) + token + line.slice(column + 1)
          column += 1
        }
      }
      return lines.map((line) => line.trimEnd())
    },
  }
}

const number = { type: 'number', vendorType: 'DOUBLE', unit: { kind: 'plain' } } as const
const text = { type: 'text', vendorType: 'STRING', unit: { kind: 'plain' } } as const

function firstAnswer(columns: Table['columns'], rows: Table['rows']): AgentEvent {
  const table = { id: 'T1', title: 'Orders', columns, rows, rowCount: rows.length } as unknown as Table
  return { type: 'first-answer', headline: ['EMEA leads'], table, facts: [] }
}

const done: AgentEvent = { type: 'done', outcome: {} as TurnOutcome }

function show(events: readonly AgentEvent[], { columns = 80, clock = createManualClock() } = {}) {
  const terminal = createTerminal(columns)
  const display = createTerminalDisplay(terminal.stream, 'en', clock)
  for (const event of events) display.show(event)
  return { ...terminal, display, clock, end: () => display.show(done) }
}

beforeEach(() => {
  vi.stubEnv('CI', undefined)
  vi.stubEnv('TERM', 'xterm')
})
afterEach(() => {
  vi.unstubAllEnvs()
})

describe('createTerminalDisplay', () => {
  it.each([
    ['writing SQL', { status: 'ASKING_AI' }],
    ['working', { status: 'A_STATUS_OF_NEXT_YEAR' }],
    ['others are asking too, waiting 12 s', { status: 'WAITING_FOR_RATE_LIMIT', waitMs: 11_200 }],
  ])('tells what is being done: %s', async (words, status) => {
    const { screen, end } = show([
      { type: 'stage-start', stage: 'tool_execution_loop' },
      { type: 'query-status', number: 1, ...status },
    ])

    await vi.waitFor(() => expect(screen().at(-1)).toMatch(new RegExp(`Asking Genie: ${words}$`)))
    end()
  })

  it('keeps what it knows of a stage while another one comes and goes', async () => {
    const { screen, end } = show([
      { type: 'stage-start', stage: 'intent_analysis' },
      { type: 'stage-start', stage: 'tool_execution_loop' },
      { type: 'query-status', number: 1, status: 'EXECUTING_QUERY' },
      { type: 'stage-end', stage: 'intent_analysis', ok: true },
    ])

    await vi.waitFor(() => expect(screen().at(-1)).toContain('Asking Genie: running the query'))
    end()
  })

  it('says for how long when it takes a while', async () => {
    const { screen, clock, end } = show([{ type: 'stage-start', stage: 'tool_execution_loop' }])
    await vi.waitFor(() => expect(screen().at(-1)).toMatch(/Asking Genie$/))

    await clock.advance(12_400)

    await vi.waitFor(() => expect(screen().at(-1)).toMatch(/Asking Genie 12 s$/))
    end()
  })

  it('shows the first answer as soon as the rows are there, numbers to the right, and how many rows there are more', () => {
    const columns = [
      { name: 'region', ...text },
      { name: 'orders', ...number },
    ]
    const rows = [['EMEA', '1234567'], ...Array.from({ length: 13 }, (_, index) => [`R${index}`, '7'])]

    const { screen, end } = show([{ type: 'stage-start', stage: 'tool_synthesis' }, firstAnswer(columns, rows)])

    const lines = screen()
    expect(lines.slice(0, 6)).toEqual([
      '',
      'EMEA leads',
      '',
      'region      orders',
      '──────   ─────────',
      'EMEA     1,234,567',
    ])
    expect(lines).toContain('… 2 more')
    expect(lines.at(-1)).toContain('Summing up')
    end()
  })

  it('leaves nothing of its live line behind', () => {
    const { screen, end } = show([
      { type: 'stage-start', stage: 'html_generation' },
      firstAnswer([{ name: 'region', ...text }], [['EMEA']]),
    ])
    end()

    expect(screen().filter((line) => line !== '')).toEqual(['EMEA leads', 'region', '──────', 'EMEA'])
  })

  it('cuts what is wider than the terminal, so that no line wraps', () => {
    const columns = Array.from({ length: 12 }, (_, index) => ({ name: `a_long_column_${index}`, ...text }))

    const { screen, end } = show([firstAnswer(columns, [columns.map(() => 'x'.repeat(20))])], { columns: 60 })
    end()

    expect(Math.max(...screen().map((line) => line.length))).toBeLessThan(60)
    expect(screen().join('\n')).toContain('…')
  })

  it.each([
    ['tells no width', 0, 'xterm'],
    ['cannot take a line back', 80, 'dumb'],
  ])('shows a terminal that %s the first answer and no live line', (_what, columns, term) => {
    vi.stubEnv('TERM', term)

    const { written, end } = show(
      [{ type: 'stage-start', stage: 'render' }, firstAnswer([{ name: 'region', ...text }], [['EMEA']])],
      { columns },
    )
    end()

    expect(written()).toBe('\nEMEA leads\n\nregion\n──────\nEMEA\n\n')
  })

  it('lets no cell steer the terminal', () => {
    const { written, end } = show([firstAnswer([{ name: 'r\u001B[2J', ...text }], [['\u001B]0;renamed\u0007']])])
    end()

    expect(written()).not.toContain('\u001B]0')
    expect(written()).not.toContain('\u001B[2J')
  })
})
