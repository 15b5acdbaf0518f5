import ora, { type Ora } from 'ora'
import type { AgentEvent, Stage } from '../../agent/events.ts'
import { plainText } from '../../agent/turn-as-text.ts'
import { formatCell } from '../../render/format.ts'
import type { Table } from '../../render/table.ts'

/** Shows a person what happens while a turn runs. */
export interface Display {
  show(event: AgentEvent): void
}

/** For scripts: nothing but the result. */
export const quietDisplay: Display = { show() {} }

const stageWords: Record<Stage, string> = {
  intent_analysis: 'Reading the question',
  tool_execution_loop: 'Asking Genie',
  tool_synthesis: 'Summing up',
  narrative_construction: 'Planning the deck',
  html_generation: 'Writing slides',
  render: 'Making PDF and pictures',
}

const genieWords: Record<string, string> = {
  SUBMITTED: 'question sent',
  FETCHING_METADATA: 'reading the data model',
  FILTERING_CONTEXT: 'choosing tables',
  ASKING_AI: 'writing SQL',
  PENDING_WAREHOUSE: 'waiting for the warehouse',
  EXECUTING_QUERY: 'running the query',
}

const rowsShown = 8

/** A live line on standard error, and the first answer above it as soon as the rows are there. */
export function createTerminalDisplay(stream: NodeJS.WriteStream, language: string): Display {
  const spinner: Ora = ora({ stream, discardStdin: false })
  const running: Stage[] = []
  let slides = 0
  const retitle = (detail?: string): void => {
    const stage = running.at(-1)
    if (stage) spinner.start(detail === undefined ? stageWords[stage] : `${stageWords[stage]}: ${detail}`)
  }
  return {
    show(event) {
      switch (event.type) {
        case 'stage-start':
          running.push(event.stage)
          return retitle()
        case 'stage-end':
          running.splice(running.lastIndexOf(event.stage), 1)
          return retitle()
        case 'query-status':
          if (event.waitMs !== undefined) {
            return retitle(`others are asking too, waiting ${Math.ceil(event.waitMs / 1000)} s`)
          }
          return retitle(genieWords[event.status] ?? 'working')
        case 'first-answer': {
          spinner.stop()
          stream.write(`\n${plainText(event.headline, { facts: [...event.facts], language })}\n\n`)
          stream.write(`${tableAsLines(event.table, language).join('\n')}\n\n`)
          return retitle()
        }
        case 'slide':
          slides += 1
          return retitle(`${slides} of ${event.total}`)
        case 'done':
          spinner.stop()
          return
        case 'turn-start':
        case 'query-start':
        case 'query-end':
        case 'deck':
        case 'file':
          return
      }
    },
  }
}

/** The first rows in aligned columns, numbers to the right. */
function tableAsLines(table: Table, language: string): string[] {
  const rows = table.rows
    .slice(0, rowsShown)
    .map((row) => table.columns.map((column, index) => formatCell(column, row[index] ?? null, language)))
  const head = table.columns.map((column) => column.name)
  const widths = head.map((name, index) => Math.max(name.length, ...rows.map((row) => row[index]?.length ?? 0)))
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => {
        const width = widths[index] ?? 0
        return table.columns[index]?.type === 'number' ? cell.padStart(width) : cell.padEnd(width)
      })
      .join('   ')
      .trimEnd()
  const more = table.rows.length - rows.length
  return [
    line(head),
    widths.map((width) => '─'.repeat(width)).join('   '),
    ...rows.map(line),
    ...(more > 0 ? [`… ${more} more`] : []),
  ]
}
