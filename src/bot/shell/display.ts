import ora from 'ora'
import type { AgentEvent, Stage } from '../../agent/events.ts'
import { plainText } from '../../agent/turn-as-text.ts'
import type { Clock } from '../../lib/clock.ts'
import { formatCell } from '../../render/format.ts'
import type { Table } from '../../render/table.ts'
import { queryStatusInWords, stageWords } from '../progress-words.ts'
import { printable } from './printable.ts'

/** Shows a person what happens while a turn runs. */
export interface Display {
  show(event: AgentEvent): void
}

/** For scripts: nothing but the result. */
export const quietDisplay: Display = { show() {} }

const rowsShown = 12
/** Shorter waits need no clock. */
const quietMs = 3000

/** One line that changes in place, and is gone when it is hidden. */
export interface LiveLine {
  show(text: string): void
  hide(): void
}

/**
 * A live line with a spinner before the text and `after()` behind it, or nothing for a stream that cannot take a line
 * back: no terminal, a dumb one, or one that tells no width (ora would take back endlessly many).
 */
export function createLiveLine(stream: NodeJS.WriteStream, after = (): string => ''): LiveLine | undefined {
  if (!(stream.columns > 0)) return undefined
  // Keys stay with the terminal, where Ctrl-C is.
  const spinner = ora({ stream, discardStdin: false, suffixText: after })
  if (!spinner.isEnabled) return undefined
  return {
    show: (text) => void spinner.start(text),
    hide: () => void spinner.stop(),
  }
}

/**
 * A live line on standard error with what is being done and for how long, and the first answer above it as soon as the
 * rows are there. Nothing of the live line is left at the end.
 */
export function createTerminalDisplay(stream: NodeJS.WriteStream, language: string, clock: Clock): Display {
  let since = clock.now()
  const line = createLiveLine(stream, () => {
    const waitedMs = clock.now() - since
    return waitedMs < quietMs ? '' : `${Math.floor(waitedMs / 1000)} s`
  })
  const running: Stage[] = []
  const details = new Map<Stage, string>()
  let current: Stage | undefined
  const written = new Set<number>()

  /** The stage that started last is the one to tell about, with the last that was heard of it. */
  const redraw = (): void => {
    const stage = running.at(-1)
    if (stage === undefined) return
    if (stage !== current) since = clock.now()
    current = stage
    const detail = details.get(stage)
    line?.show(detail === undefined ? stageWords[stage] : `${stageWords[stage]}: ${detail}`)
  }
  const tell = (stage: Stage, detail: string): void => {
    details.set(stage, detail)
    redraw()
  }

  return {
    show(event) {
      switch (event.type) {
        case 'stage-start':
          running.push(event.stage)
          return redraw()
        case 'stage-end':
          running.splice(running.lastIndexOf(event.stage), 1)
          details.delete(event.stage)
          return redraw()
        case 'query-status':
          return tell('tool_execution_loop', queryStatusInWords(event.status, event.waitMs))
        case 'first-answer': {
          line?.hide()
          const headline = plainText(event.headline, { facts: [...event.facts], language })
          stream.write(`\n${printable(headline)}\n\n`)
          stream.write(`${tableAsLines(event.table, language, stream.columns || 80).join('\n')}\n\n`)
          return redraw()
        }
        case 'slide':
          written.add(event.index)
          return tell('html_generation', `${written.size} of ${event.total}`)
        case 'done':
          line?.hide()
          return
        case 'turn-start':
        case 'query-start':
        case 'query-end':
        case 'preview':
        case 'deck':
        case 'file':
          return
      }
    },
  }
}

/** The first rows in aligned columns, numbers to the right, no line wider than the terminal. */
function tableAsLines(table: Table, language: string, width: number): string[] {
  const rows = table.rows
    .slice(0, rowsShown)
    .map((row) => table.columns.map((column, index) => printable(formatCell(column, row[index] ?? null, language))))
  const head = table.columns.map((column) => printable(column.name))
  const widths = head.map((name, index) => Math.max(name.length, ...rows.map((row) => row[index]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    clip(
      cells
        .map((cell, index) => {
          const cellWidth = widths[index] ?? 0
          return table.columns[index]?.type === 'number' ? cell.padStart(cellWidth) : cell.padEnd(cellWidth)
        })
        .join('   ')
        .trimEnd(),
      width,
    )
  const more = table.rows.length - rows.length
  return [
    line(head),
    clip(widths.map((columnWidth) => '─'.repeat(columnWidth)).join('   '), width),
    ...rows.map(line),
    ...(more > 0 ? [`… ${more} more`] : []),
  ]
}

function clip(line: string, width: number): string {
  return line.length < width ? line : `${line.slice(0, width - 2)}…`
}
