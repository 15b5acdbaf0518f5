import { humanizeName } from '../format.ts'
import type { Table } from '../table.ts'
import type { Theme } from '../theme.ts'
import type { ChartModel } from './chart-model.ts'
import { isAdditiveColumn } from './read-series.ts'

/**
 * Gives series their colours, so that a region, say, keeps its colour through a whole deck and in every format. Make one
 * per deck, with the deck's tables: members are ranked there, so that colours depend neither on which slides there are
 * nor on the order in which they are drawn. Each dimension starts with the first colour of the theme.
 */
export interface SeriesColours {
  of(model: ChartModel): readonly string[]
  /** The same for the other side of the theme: every member keeps its place in the palette. */
  in(theme: Theme): SeriesColours
}

/** Two columns with this many members in common are one dimension under two names. */
const leastShared = 2
/** A column with more members is no dimension that colours could tell apart. */
const mostMembers = 60

export function createSeriesColours(theme: Theme, tables: readonly Table[] = []): SeriesColours {
  const dimensions = new Map<string, Map<string, number>>()
  const count = theme.series.length
  for (const [name, members] of rankedMembers(tables)) {
    const same = [...dimensions.values()].find(
      (known) => [...known.keys()].filter((member) => members.includes(member)).length >= leastShared,
    )
    const places = dimensions.get(name) ?? same ?? new Map<string, number>()
    // Members that are never beside each other may share a colour; those of one table do as late as possible.
    const used = new Set(members.slice(0, count).flatMap((member) => places.get(member) ?? []))
    for (const [rank, member] of members.entries()) {
      if (places.has(member)) continue
      const free = theme.series.findIndex((_, place) => !used.has(place))
      const place = free < 0 ? rank % count : free
      places.set(member, place)
      used.add(place)
    }
    dimensions.set(name, places)
  }

  function assign(
    names: readonly { name: string; isOther: boolean }[],
    dimension: string,
    { series, other, accent }: Theme,
  ): readonly string[] {
    const places = dimensions.get(dimension) ?? new Map<string, number>()
    dimensions.set(dimension, places)
    const taken = new Set<number>()
    return names.map(({ name, isOther }) => {
      if (isOther) return other
      let place = places.get(name) ?? places.size % count
      // Two names of one chart never share a colour, even when a long deck has used them all up.
      for (let tries = 0; taken.has(place) && tries < count; tries += 1) place = (place + 1) % count
      taken.add(place)
      if (!places.has(name)) places.set(name, place)
      return series[place] ?? accent
    })
  }

  const inTheme = (side: Theme): SeriesColours => ({
    in: inTheme,
    of(model) {
      const first = side.series[0] ?? side.accent
      if (model.kind === 'donut') {
        const parts = model.categories.map(({ label, isOther }) => ({ name: label, isOther: isOther === true }))
        return assign(parts, model.colouredBy, side)
      }
      if (model.series.length === 1) return [first]
      // More panels than colours name themselves; one colour then means nothing but "this measure".
      if (model.kind === 'heat_map' || model.series.length > count) return model.series.map(() => first)
      return assign(model.series, model.colouredBy, side)
    },
  })
  return inTheme(theme)
}

/** Text columns of all tables with their members, those with the largest sums first. */
function rankedMembers(
  tables: readonly Table[],
): readonly (readonly [dimension: string, members: readonly string[]])[] {
  return tables.flatMap((table) => {
    const measure = table.columns.findIndex((column) => column.type === 'number' && isAdditiveColumn(column))
    return table.columns.flatMap((column, index) => {
      if (column.type !== 'text') return []
      const sizes = new Map<string, number>()
      for (const row of table.rows) {
        const member = row[index]
        if (member === null || member === undefined) continue
        const size = measure < 0 ? 0 : Math.abs(Number(row[measure] ?? 0))
        sizes.set(member, (sizes.get(member) ?? 0) + (Number.isFinite(size) ? size : 0))
        if (sizes.size > mostMembers) return []
      }
      const members = [...sizes].toSorted(([, a], [, b]) => b - a).map(([member]) => member)
      return [[humanizeName(column.name), members] as const]
    })
  })
}
