import type { Chart } from '../deck.ts'
import type { Unit } from '../table.ts'
import { allValues, totalAt } from './chart-model.ts'
import type { SeriesData } from './read-series.ts'

export interface ChosenKind {
  readonly kind: Chart['kind']
  readonly isStacked: boolean
}

/** A donut with more parts cannot be read. */
const mostParts = 6
/** More bars over time than this are a line. */
const mostTimeBars = 24

/**
 * The kind to draw: the wished one where the data allows it, else the nearest honest one. A line needs an order, an area
 * and a donut need parts that add up and are not negative, a stack needs more than one series.
 */
export function chooseKind(wished: Chart['kind'], data: SeriesData, unit: Unit): ChosenKind {
  const plain = (kind: Chart['kind']): ChosenKind => ({ kind, isStacked: false })
  const many = data.series.length > 1
  switch (wished) {
    case 'line':
    case 'area': {
      if (!data.isOrdered || data.categories.length < 2) return chooseKind('bar', data, unit)
      return plain(wished === 'area' && canFill(data, unit) ? 'area' : 'line')
    }
    case 'donut':
      return isWhole(data, unit) ? plain('donut') : chooseKind(many ? 'stacked_bar' : 'bar', data, unit)
    case 'stacked_bar':
      if (!many || !canStack(data, unit)) return chooseKind('bar', data, unit)
      return { kind: 'stacked_bar', isStacked: true }
    case 'horizontal_bar':
      return data.grain === null ? plain('horizontal_bar') : chooseKind('bar', data, unit)
    case 'bar': {
      const isLongTime = data.isOrdered && data.categories.length > mostTimeBars
      return plain(isLongTime ? 'line' : 'bar')
    }
  }
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
