import type { Chart } from '../deck.ts'
import { humanizeName } from '../format.ts'
import type { Table } from '../table.ts'
import { wordsFor, type Words } from '../words.ts'
import { totalAt, type Category, type ChartModel } from './chart-model.ts'
import { readSeries, type SeriesData } from './read-series.ts'

/** Steps between the totals; the smallest of more become "Other". */
const mostSteps = 9
/** Periods of a bridge over time; more are a line. */
const mostPeriods = 12

interface Step {
  readonly label: string
  readonly value: number
  readonly isOther?: boolean
}

/** What leads from one total to another. `start` is null for steps that start from nothing. */
interface Bridge {
  readonly start: Step | null
  readonly steps: readonly Step[]
  readonly end: Step
}

/**
 * The change of a sum, step by step: between two columns or two members of `series` (a step per category), from the first
 * to the last period (a step per member of `series`, or per period when there is none), or the steps as they are. A row
 * that one side lacks counts as zero there. Null where nothing adds up or nothing changes.
 */
export function toWaterfall(chart: Chart, table: Table, language: string, today?: string): ChartModel | null {
  const words = wordsFor(language)
  const data = readSeries(chart, table, language, today)
  const bridge = data.isAdditive ? bridgeOf(data, words) : null
  if (bridge === null || bridge.steps.length === 0) return null
  const { steps, grouped } = limitSteps(bridge.steps, words)
  const all = [...(bridge.start === null ? [] : [bridge.start]), ...steps, bridge.end]
  const totals = new Set([bridge.start, bridge.end])
  const shared = chart.y.length > 1 && bridge.start !== null ? sharedWords(bridge.start.label, bridge.end.label) : ''
  const nameOf = (step: Step): string => (totals.has(step) ? step.label.slice(shared.length).trim() : step.label)
  const categories: Category[] = all.map((step) => ({
    label: nameOf(step),
    time: null,
    ...(totals.has(step) ? { isTotal: true } : {}),
    ...(step.isOther === true ? { isOther: true } : {}),
  }))
  const valueName = shared === '' ? humanizeName(data.y.name) : shared
  return {
    kind: 'waterfall',
    isStacked: false,
    title:
      chart.title?.trim() ||
      words.change(valueName, bridge.start === null ? '' : nameOf(bridge.start), nameOf(bridge.end)),
    valueName,
    unit: data.y.unit,
    xName: data.xName,
    categories,
    grain: null,
    series: [{ name: valueName, values: all.map((step) => step.value), isOther: false }],
    colouredBy: '',
    isAdditive: true,
    horizontal: null,
    notes: [...data.notes, ...(grouped > 0 ? [words.otherAddsCategories(grouped)] : [])],
  }
}

/** The words that two names begin with, such as "Revenue" for "Revenue 2022" and "Revenue 2023"; never all of a name. */
function sharedWords(first: string, second: string): string {
  const [one, other] = [first.split(' '), second.split(' ')]
  let count = 0
  while (count < Math.min(one.length, other.length) - 1 && one[count] === other[count]) count += 1
  return one.slice(0, count).join(' ')
}

function bridgeOf(data: SeriesData, words: Words): Bridge | null {
  const { series, categories } = data
  if (data.isOrdered && categories.length >= 2) return bridgeOverTime(data)
  const [before, after, more] = series
  if (before === undefined || more !== undefined) return null
  if (after === undefined) {
    const steps = categories.map((category, at) => ({ label: category.label, value: before.values[at] ?? 0 }))
    // Only amounts of one sign are parts, and a bar chart says more about them.
    if (!steps.some((step) => step.value < 0)) return null
    return { start: null, steps, end: { label: words.total, value: sum(steps) } }
  }
  const steps = categories.map((category, at) => ({
    label: category.label,
    value: (after.values[at] ?? 0) - (before.values[at] ?? 0),
  }))
  const start = { label: before.name, value: total(before.values) }
  return { start, steps: bySize(steps), end: { label: after.name, value: total(after.values) } }
}

function bridgeOverTime(data: SeriesData): Bridge | null {
  const { series } = data
  // A period that is not over would look like a fall.
  const categories = data.categories.filter((category) => category.isPartial !== true)
  const last = categories.length - 1
  const end = (at: number): Step => ({ label: categories[at]?.label ?? '', value: totalAt(series, at) })
  if (last < 1) return null
  if (series.length > 1) {
    const steps = series.map((one) => ({ label: one.name, value: (one.values[last] ?? 0) - (one.values[0] ?? 0) }))
    return { start: end(0), steps: bySize(steps), end: end(last) }
  }
  if (last > mostPeriods || categories.some((_, at) => typeof series[0]?.values[at] !== 'number')) return null
  const steps = categories
    .slice(1)
    .map((category, at) => ({ label: category.label, value: totalAt(series, at + 1) - totalAt(series, at) }))
  return { start: end(0), steps, end: end(last) }
}

/** What added most comes first, what took most away last. */
function bySize(steps: readonly Step[]): readonly Step[] {
  return steps.toSorted((a, b) => b.value - a.value)
}

function limitSteps(steps: readonly Step[], words: Words): { steps: readonly Step[]; grouped: number } {
  if (steps.length <= mostSteps + 3) return { steps, grouped: 0 }
  const bySteps = steps.toSorted((a, b) => Math.abs(b.value) - Math.abs(a.value))
  const kept = new Set(bySteps.slice(0, mostSteps))
  const rest = steps.filter((step) => !kept.has(step))
  const other = { label: words.other, value: sum(rest), isOther: true }
  return { steps: [...steps.filter((step) => kept.has(step)), other], grouped: rest.length }
}

function sum(steps: readonly Step[]): number {
  return steps.reduce((total, step) => total + step.value, 0)
}

function total(values: readonly (number | null)[]): number {
  return values.reduce<number>((sum, value) => sum + (value ?? 0), 0)
}
