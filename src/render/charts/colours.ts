import { words } from '../words.ts'
import type { Theme } from '../theme.ts'
import type { ChartModel } from './chart-model.ts'

/**
 * Gives series their colours, so that a region, say, keeps its colour through a whole deck. Make one per deck. Each
 * dimension starts with the first colour of the theme.
 */
export interface SeriesColours {
  of(model: ChartModel): readonly string[]
}

export function createSeriesColours(theme: Theme): SeriesColours {
  const dimensions = new Map<string, Map<string, number>>()

  function assign(names: readonly string[], dimension: string): readonly string[] {
    const places = dimensions.get(dimension) ?? new Map<string, number>()
    dimensions.set(dimension, places)
    const taken = new Set<number>()
    return names.map((name) => {
      if (name === words.other) return theme.other
      const count = theme.series.length
      let place = places.get(name) ?? places.size % count
      // Two names of one chart never share a colour, even when a long deck has used them all up.
      for (let tries = 0; taken.has(place) && tries < count; tries += 1) place = (place + 1) % count
      taken.add(place)
      if (!places.has(name)) places.set(name, place)
      return theme.series[place] ?? theme.accent
    })
  }

  return {
    of(model) {
      if (model.kind === 'donut')
        return assign(
          model.categories.map((category) => category.label),
          model.colouredBy,
        )
      if (model.series.length === 1) return [theme.series[0] ?? theme.accent]
      return assign(
        model.series.map((series) => series.name),
        model.colouredBy,
      )
    },
  }
}
