import type { Chart } from '../deck.ts'
import type { Unit } from '../table.ts'
import { allValues, totalAt } from './chart-model.ts'
import type { SeriesData } from './read-series.ts'

export interface ChosenKind {
  readonly kind: Chart['kind']
  readonly isStacked: boolean
}

/** More lines or colours in one picture cannot be told apart. */
export const mostSeries = 6
/** A donut with more parts cannot be read. */
const mostParts = 6
/** More bars over time than this are a line. */
const mostTimeBars = 24
/** More bars side by side than this are stacked where that is honest. */
const mostBars = 36
/** A heat map with more columns has cells too narrow to see. */
const mostColumns = 60

/**
 * The kind to draw: the wished one where the data allows it, else the nearest honest one. A line needs an order, an area
 * and a donut need parts that add up and are not negative, a stack, a heat map and small multiples need more than one
 * series. Scatter plots and waterfalls are read before (`toScatter`, `toWaterfall`); here they are what nothing supports.
 */
export function chooseKind(wished: Chart['kind'], data: SeriesData, unit: Unit): ChosenKind {
  const plain = (kind: Chart['kind']): ChosenKind => ({ kind, isStacked: false })
  const many = data.series.length > 1
  switch (wished) {
    case 'line':
    case 'area': {
      if (!data.isOrdered || data.categories.length < 2) return chooseKind('bar', data, unit)
      // What does not add up has no "Other": rather a small picture for each than leaving some out.
      if (data.series.length > mostSeries && !data.isAdditive) return plain('small_multiples')
      return plain(wished === 'area' && canFill(data, unit) ? 'area' : 'line')
    }
    case 'donut':
      return isWhole(data, unit) ? plain('donut') : chooseKind(many ? 'stacked_bar' : 'bar', data, unit)
    case 'stacked_bar':
      if (!many || !canStack(data, unit)) return chooseGrouped(data)
      return { kind: 'stacked_bar', isStacked: true }
    case 'horizontal_bar':
      return data.grain === null ? plain('horizontal_bar') : chooseKind('bar', data, unit)
    case 'bar': {
      const isCrowded = data.series.length > 3 && data.series.length * data.categories.length > mostBars
      return isCrowded && canStack(data, unit) ? { kind: 'stacked_bar', isStacked: true } : chooseGrouped(data)
    }
    case 'heat_map': {
      const isGrid = many && data.categories.length > 1 && data.categories.length <= mostColumns
      return isGrid ? plain('heat_map') : chooseByOrder(data, unit)
    }
    case 'small_multiples':
      return many && data.isOrdered && data.categories.length > 1 ? plain('small_multiples') : chooseByOrder(data, unit)
    case 'scatter':
    case 'waterfall':
      return chooseByOrder(data, unit)
  }
}

function chooseByOrder(data: SeriesData, unit: Unit): ChosenKind {
  return chooseKind(data.grain === null ? 'bar' : 'line', data, unit)
}

function chooseGrouped(data: SeriesData): ChosenKind {
  const isLongTime = data.isOrdered && data.categories.length > mostTimeBars
  return { kind: isLongTime ? 'line' : 'bar', isStacked: false }
}

/** True when the values of one category are parts of a whole: they add up, and none is negative. */
function canStack(data: SeriesData, unit: Unit): boolean {
  return (data.isAdditive || sharesFill(data, unit)) && allValues(data.series).every((value) => value >= 0)
}

function canFill(data: SeriesData, unit: Unit): boolean {
  return data.series.length === 1 ? allValues(data.series).every((value) => value >= 0) : canStack(data, unit)
}

function isWhole(data: SeriesData, unit: Unit): boolean {
  const [only, second] = data.series
  if (only === undefined || second !== undefined || data.grain !== null) return false
  const values = only.values
  if (values.length < 2 || values.length > mostParts || values.some((value) => value === null || value < 0))
    return false
  const total = allValues(data.series).reduce((sum, value) => sum + value, 0)
  return total > 0 && (data.isAdditive || isFull(total, unit))
}

/** Shares may be stacked when each category's shares make up the whole. */
function sharesFill(data: SeriesData, unit: Unit): boolean {
  return data.categories.every((_, index) => isFull(totalAt(data.series, index), unit))
}

function isFull(total: number, unit: Unit): boolean {
  if (unit.kind === 'ratio') return Math.abs(total - 1) < 0.02
  return unit.kind === 'percent' && Math.abs(total - 100) < 2
}
