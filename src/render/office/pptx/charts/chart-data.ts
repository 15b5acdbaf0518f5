import { columnName, type WorkbookCell } from '../../workbook.ts'
import { tag, xmlText } from '../../xml.ts'
import { val } from './chart-parts.ts'

export interface SeriesData {
  readonly name: string
  readonly values: readonly (number | null)[]
}

/**
 * Number and name of a series. Its name and values stand in column `index + 1` of the chart's sheet; `number` differs from
 * `index` only where two series read the same column.
 */
export function seriesHead(index: number, name: string, number = index): string {
  const reference = tag(
    'c:strRef',
    {},
    tag('c:f', {}, `Sheet1!$${columnName(index + 1)}$1`),
    tag('c:strCache', {}, val('c:ptCount', 1), point(0, name)),
  )
  return val('c:idx', number) + val('c:order', number) + tag('c:tx', {}, reference)
}

export function categoriesXml(labels: readonly string[]): string {
  const reference = tag('c:f', {}, `Sheet1!$A$2:$A$${labels.length + 1}`)
  const cache = tag('c:strCache', {}, val('c:ptCount', labels.length), ...labels.map((label, at) => point(at, label)))
  return tag('c:cat', {}, tag('c:strRef', {}, reference, cache))
}

/** The dates in the first column, as the days that Excel counts. */
export function datesXml(serials: readonly number[], formatCode: string): string {
  const reference = tag('c:f', {}, `Sheet1!$A$2:$A$${serials.length + 1}`)
  const points = serials.map((serial, at) => point(at, String(serial)))
  const code = tag('c:formatCode', {}, xmlText(formatCode))
  return tag(
    'c:cat',
    {},
    tag('c:numRef', {}, reference, tag('c:numCache', {}, code, val('c:ptCount', serials.length), ...points)),
  )
}

/** Values of the column; a missing one has no point, which is a gap and not a zero. */
export function valuesXml(
  name: 'c:val' | 'c:xVal' | 'c:yVal',
  column: number,
  values: readonly (number | null)[],
  formatCode: string,
): string {
  const letter = columnName(column)
  const points = values.flatMap((value, at) => (value === null ? [] : [point(at, String(value))]))
  return tag(
    name,
    {},
    tag(
      'c:numRef',
      {},
      tag('c:f', {}, `Sheet1!$${letter}$2:$${letter}$${values.length + 1}`),
      tag('c:numCache', {}, tag('c:formatCode', {}, xmlText(formatCode)), val('c:ptCount', values.length), ...points),
    ),
  )
}

function point(index: number, text: string): string {
  return tag('c:pt', { idx: index }, `<c:v>${xmlText(text)}</c:v>`)
}

/** The sheet behind a chart: its categories in the first column, a column for each series. */
export function seriesSheet(
  categories: readonly WorkbookCell[],
  series: readonly SeriesData[],
): readonly (readonly WorkbookCell[])[] {
  const head: WorkbookCell[] = [{ value: '' }, ...series.map((one) => ({ value: one.name }))]
  return [head, ...categories.map((cell, at) => [cell, ...series.map((one) => ({ value: one.values[at] ?? null }))])]
}

export function textCells(labels: readonly string[]): readonly WorkbookCell[] {
  return labels.map((value) => ({ value }))
}
