import type { Words } from '../words.ts'
import { totalAt, type Category, type Series } from './chart-model.ts'

export interface Grouped {
  readonly categories: readonly Category[]
  readonly series: readonly Series[]
  readonly notes: readonly string[]
}

interface GroupOptions {
  readonly most: number
  readonly isAdditive: boolean
  readonly words: Words
}

/** Categories from the largest to the smallest by the sum of their series. */
export function sortBySize(categories: readonly Category[], series: readonly Series[]): Omit<Grouped, 'notes'> {
  const order = categories
    .map((_, index) => ({ index, total: totalAt(series, index) }))
    .toSorted((a, b) => b.total - a.total)
    .map((entry) => entry.index)
  return pick(categories, series, order)
}

/**
 * Keeps the first `most` categories. The rest becomes "Other" where adding up means something, and is left out otherwise;
 * a note says which.
 */
export function limitCategories(
  categories: readonly Category[],
  series: readonly Series[],
  options: GroupOptions,
): Grouped {
  if (categories.length <= options.most) return { categories, series, notes: [] }
  const keep = options.isAdditive ? options.most - 1 : options.most
  const kept = pick(categories, series, [...Array(keep).keys()])
  if (!options.isAdditive) return { ...kept, notes: [options.words.categoriesShown(keep, categories.length)] }
  return {
    categories: [...kept.categories, { label: options.words.other, time: null, isOther: true }],
    series: series.map((one, index) => ({
      ...one,
      values: [...(kept.series[index]?.values ?? []), sum(one.values.slice(keep))],
    })),
    notes: [options.words.otherAddsCategories(categories.length - keep)],
  }
}

/** Keeps the `most` series with the largest totals, in their own order; the rest becomes one "Other" or is left out. */
export function limitSeries(
  series: readonly Series[],
  options: GroupOptions,
): { readonly series: readonly Series[]; readonly notes: readonly string[] } {
  if (series.length <= options.most) return { series, notes: [] }
  const keep = options.isAdditive ? options.most - 1 : options.most
  const ranked = series.toSorted((a, b) => Number(a.isOther) - Number(b.isOther) || sizeOf(b) - sizeOf(a))
  const kept = new Set(ranked.slice(0, keep))
  const rest = ranked.slice(keep)
  const restCount = rest.reduce((count, one) => count + (one.memberCount ?? 1), 0)
  const shown = series.filter((one) => kept.has(one))
  if (!options.isAdditive) return { series: shown, notes: [options.words.seriesHidden(restCount)] }
  const length = series[0]?.values.length ?? 0
  const other = Array.from({ length }, (_, index) => sum(rest.map((one) => one.values[index] ?? null)))
  return {
    series: [...shown, { name: options.words.other, values: other, isOther: true }],
    notes: [options.words.otherAddsSeries(restCount)],
  }
}

function pick(
  categories: readonly Category[],
  series: readonly Series[],
  order: readonly number[],
): Omit<Grouped, 'notes'> {
  return {
    categories: order.flatMap((index) => categories[index] ?? []),
    series: series.map((one) => ({ ...one, values: order.map((index) => one.values[index] ?? null) })),
  }
}

/** Null when nothing is there at all: no value is not zero. */
function sum(values: readonly (number | null)[]): number | null {
  const present = values.filter((value) => value !== null)
  return present.length === 0 ? null : present.reduce((total, value) => total + value, 0)
}

function sizeOf(series: Series): number {
  return series.values.reduce<number>((total, value) => total + Math.abs(value ?? 0), 0)
}
