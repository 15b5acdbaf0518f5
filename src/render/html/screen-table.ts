import { escapeText } from '../escape.ts'
import { cutText, limits } from '../limits.ts'

export interface ScreenColumn {
  readonly heading: string
  readonly isNumber: boolean
}

/** A plain table for the part of the page that is only on screen: as wide and long as it is, up to the limits. */
export function screenTable(columns: readonly ScreenColumn[], rows: readonly (readonly string[])[]): string {
  const head = columns.map(
    (column) => `<th scope="col"${column.isNumber ? ' class="number"' : ''}>${write(column.heading)}</th>`,
  )
  const body = rows.slice(0, limits.screenRows).map((row) => {
    const cells = columns.map(
      (column, index) => `<td${column.isNumber ? ' class="number"' : ' dir="auto"'}>${write(row[index] ?? '')}</td>`,
    )
    return `<tr>${cells.join('')}</tr>`
  })
  return (
    `<div class="scroll" tabindex="0"><table class="plain"><thead><tr>${head.join('')}</tr></thead>` +
    `<tbody>${body.join('')}</tbody></table></div>`
  )
}

function write(text: string): string {
  return escapeText(cutText(text, limits.label))
}
