import type { Theme } from '../../theme.ts'
import { tag } from '../xml.ts'

/** Colours of the theme that have a place in PowerPoint's own palette, so that a change of theme recolours the deck. */
export type ColourXml = (hex: string, alpha?: number) => string

/** Writes colours of `theme` by their place in PowerPoint's palette, all others as they are. `alpha` from 0 to 1. */
export function createColours(theme: Theme): ColourXml {
  const places = new Map([
    ...theme.series.slice(0, 6).map((hex, index) => [hex, `accent${index + 1}`] as const),
    [theme.surface, 'bg2'],
    [theme.ink, 'tx1'],
    [theme.background, 'bg1'],
  ])
  return (hex, alpha) => {
    const opacity = alpha === undefined ? '' : tag('a:alpha', { val: Math.round(alpha * 100_000) })
    const place = places.get(hex)
    return place === undefined
      ? tag('a:srgbClr', { val: hex.slice(1).toUpperCase() }, opacity)
      : tag('a:schemeClr', { val: place }, opacity)
  }
}
