/** Every fixed word that the templates put on a slide. Numbers arrive formatted; lists arrive joined. */
export interface Words {
  readonly source: string
  readonly question: string
  readonly unverified: string
  readonly other: string
  readonly noValue: string
  readonly total: string
  readonly increase: string
  readonly decrease: string
  readonly sourcesAndMethod: string
  /** Names of the links to the record of the turn and to the deck's own page. */
  readonly traceLink: string
  readonly deckLink: string
  /** What stands for download beside the deck page. */
  readonly files: string
  readonly axisNotZero: string
  readonly noData: string
  readonly backup: string
  readonly notes: string
  /** That a slide leaves out what its notes have. */
  readonly moreInNotes: string
  readonly chartData: string
  readonly numbers: string
  readonly sources: string
  /** Headings of the list of numbers: the value, what it is, where it comes from. */
  readonly value: string
  readonly meaning: string
  readonly computed: string
  readonly firstRowsShown: string
  readonly noValues: string
  readonly chart: Readonly<Record<ChartWord, string>>
  rowsShown(shown: string, all: string): string
  latestRowsShown(shown: string, all: string): string
  largestRowsShown(shown: string, all: string, by: string): string
  columnsHidden(count: number): string
  pointsHidden(count: number): string
  pointsWithoutValue(count: number): string
  kpisHidden(count: number): string
  otherAddsCategories(count: number): string
  otherAddsSeries(count: number): string
  categoriesShown(shown: number, all: number): string
  /** `shown` of the categories in order; the earlier ones are left out. */
  latestShown(shown: string, all: string): string
  seriesHidden(count: number): string
  unitsDiffer(names: string): string
  periodRunning(period: string): string
  rowsMissing(here: string, all: string): string
  /** A formatted difference of percentages, in percentage points. */
  points(number: string): string
  rowCount(count: string, isOne: boolean): string
  /** Rows of a table by their numbers; '' for all of them. */
  rowList(rows: string, isOne: boolean): string
  more(count: number): string
  /** Behind the title of a slide that continues the one before; places count from 1. */
  part(place: number, count: number): string
  /** Titles of charts. */
  by(values: string, category: string): string
  against(up: string, across: string): string
  /** `from` is '' for a change that starts from nothing. */
  change(values: string, from: string, to: string): string
  /** Ends of a long row of values, for people who cannot see the picture. */
  range(count: number, first: string, last: string, lowest: string, highest: string): string
}

export type ChartWord =
  | 'bar'
  | 'stacked_bar'
  | 'line'
  | 'area'
  | 'donut'
  | 'scatter'
  | 'heat_map'
  | 'waterfall'
  | 'small_multiples'

export const english: Words = {
  source: 'Source',
  question: 'Question',
  unverified: 'not confirmed by the data',
  other: 'Other',
  noValue: 'No value',
  total: 'Total',
  increase: 'Increase',
  decrease: 'Decrease',
  sourcesAndMethod: 'Where the numbers come from',
  traceLink: 'How this answer came about',
  deckLink: 'This deck online',
  files: 'Files',
  axisNotZero: 'The value axis does not start at zero.',
  noData: 'The query returned no rows.',
  backup: 'Notes, data and numbers of slide',
  notes: 'Speaker notes',
  moreInNotes: 'More in the speaker notes',
  chartData: 'Data behind the chart',
  numbers: 'Numbers on this slide',
  sources: 'Sources',
  value: 'Value',
  meaning: 'What it is',
  computed: 'How it was computed',
  firstRowsShown: 'Where several rows share one category, the first is drawn.',
  noValues: 'no values',
  chart: {
    bar: 'Bar chart',
    stacked_bar: 'Stacked bar chart',
    line: 'Line chart',
    area: 'Area chart',
    donut: 'Donut chart',
    scatter: 'Scatter plot',
    heat_map: 'Heat map',
    waterfall: 'Waterfall chart',
    small_multiples: 'Small line charts',
  },
  rowsShown: (shown, all) => `Showing ${shown} of ${all} rows`,
  latestRowsShown: (shown, all) => `Showing the latest ${shown} of ${all} rows`,
  largestRowsShown: (shown, all, by) => `Showing the ${shown} largest of ${all} rows by ${by}`,
  columnsHidden: (count) => `${count} more ${count === 1 ? 'column' : 'columns'} not shown`,
  pointsHidden: (count) => `${count} more ${count === 1 ? 'point' : 'points'} not shown`,
  pointsWithoutValue: (count) => `${count} ${count === 1 ? 'row has' : 'rows have'} no value to place.`,
  kpisHidden: (count) => `${count} more ${count === 1 ? 'figure' : 'figures'} not shown`,
  otherAddsCategories: (count) => `“Other” adds up the ${count} smallest categories.`,
  otherAddsSeries: (count) => `“Other” adds up the ${count} smallest series.`,
  categoriesShown: (shown, all) => `The ${shown} largest of ${all} are shown.`,
  latestShown: (shown, all) => `The last ${shown} of ${all} are drawn.`,
  seriesHidden: (count) => `${count} more series not shown.`,
  unitsDiffer: (names) => `Not drawn because of a different unit: ${names}.`,
  periodRunning: (period) => `${period} is not over yet.`,
  rowsMissing: (here, all) => `Only ${here} of ${all} rows are in the data.`,
  points: (number) => `${number} ${/^\D?1$/.test(number) ? 'point' : 'points'}`,
  rowCount: (count, isOne) => `${count} ${isOne ? 'row' : 'rows'}`,
  rowList: (rows, isOne) => (rows === '' ? 'all rows' : `${isOne ? 'row' : 'rows'} ${rows}`),
  more: (count) => `and ${count} more`,
  part: (place, count) => `(${place} of ${count})`,
  by: (values, category) => `${values} by ${category.charAt(0).toLowerCase()}${category.slice(1)}`,
  against: (up, across) => `${up} against ${across.charAt(0).toLowerCase()}${across.slice(1)}`,
  change: (values, from, to) => (from === '' ? `What makes up ${values}` : `${values} from ${from} to ${to}`),
  range: (count, first, last, lowest, highest) =>
    `${count} values from ${first} to ${last}, lowest ${lowest}, highest ${highest}`,
}
