/**
 * Colours of a deck, as sRGB hex. Text colours reach a contrast of 4.5 on the backgrounds they are used on, and the
 * series colours stay apart for people with any of the three colour vision deficiencies (tests check both).
 */
export interface Theme {
  readonly name: string
  readonly background: string
  /** Cards and panels. */
  readonly surface: string
  readonly ink: string
  readonly muted: string
  readonly hairline: string
  readonly accent: string
  /** Full-bleed background of the title and section slides. */
  readonly cover: string
  readonly coverShape: string
  readonly onCover: string
  readonly onCoverMuted: string
  readonly coverAccent: string
  /** Marks what nothing could confirm. */
  readonly warning: string
  /** One per series; a single series takes the first. */
  readonly series: readonly string[]
  /** For what is grouped as "Other". */
  readonly other: string
  /** The brand's typeface; Inter when left out. */
  readonly font?: ThemeFont
  /** The brand's mark: on content slides, and on the cover. */
  readonly logo?: { readonly content: Picture; readonly cover: Picture }
  /** Stands in the footer of every slide, such as "ACME · Confidential". */
  readonly footer?: string
}

/** A typeface. The name is what PowerPoint asks for; the page uses the faces. */
export interface ThemeFont {
  readonly name: string
  /** `src` of an @font-face rule for each weight: a data URI, or the names of an installed font. */
  readonly regular: string
  readonly semibold: string
  /**
   * Texts are fitted with Inter's widths. A wider typeface is drawn this much smaller (0.5 to 1.2), so that it takes no
   * more room than was measured.
   */
  readonly scale: number
}

/** A picture that a page may hold without asking anyone for it. */
export interface Picture {
  readonly dataUri: string
  /** Width by height. */
  readonly ratio: number
}

const light: Theme = {
  name: 'light',
  background: '#ffffff',
  surface: '#f3f6fa',
  ink: '#14202e',
  muted: '#55616f',
  hairline: '#dbe1e8',
  accent: '#1d57a8',
  cover: '#10233f',
  coverShape: '#1b3963',
  onCover: '#ffffff',
  onCoverMuted: '#b9c8de',
  coverAccent: '#f0a04b',
  warning: '#9c4600',
  series: ['#1d57a8', '#dd7a1a', '#2a8f86', '#882f4a', '#9582da', '#151e41'],
  other: '#b9c1cb',
}

const dark: Theme = {
  name: 'dark',
  background: '#0f1b2d',
  surface: '#18283f',
  ink: '#eef3fa',
  muted: '#a9b7ca',
  hairline: '#2c3d57',
  accent: '#6ea0f5',
  cover: '#0a1322',
  coverShape: '#142643',
  onCover: '#ffffff',
  onCoverMuted: '#b9c8de',
  coverAccent: '#f0a04b',
  warning: '#ffb45c',
  series: ['#6ea0f5', '#e7833b', '#7fe6dc', '#c05a6e', '#fbd372', '#7564c0'],
  other: '#a9b1bd',
}

/** Themes by name. */
export type Themes = ReadonlyMap<string, Theme>

/** The themes that are always there, `light` and `dark`. */
export const builtInThemes: Themes = new Map([light, dark].map((theme) => [theme.name, theme]))

/** Names of the themes that are always there. */
export const themeNames: readonly string[] = [...builtInThemes.keys()]

/** The theme of that name; a built-in one when there is none, because a deck must stay readable by later versions. */
export function themeNamed(name: string, themes: Themes = builtInThemes): Theme {
  return themes.get(name) ?? builtInThemes.get(name) ?? (name.endsWith('-dark') ? dark : light)
}

/** The two sides of every theme. */
export type Shade = 'light' | 'dark'

/** The name of the same theme in light or dark: `harbour-dark` for `harbour`, `dark` for `light`. */
export function themeInShade(name: string, shade: Shade): string {
  const brand = name.replace(/-(light|dark)$/, '')
  return builtInThemes.has(brand) ? shade : `${brand}-${shade}`
}

/** True when light text stands on a dark background. */
export function isDark(theme: Theme): boolean {
  return luminance(theme.background) < 0.4
}

/** What a theme must not be: pairs of colours too close to read or to tell apart, each as a sentence. */
export function contrastProblems(theme: Theme): readonly string[] {
  const texts = [
    ['ink', 'background'],
    ['ink', 'surface'],
    ['muted', 'background'],
    ['muted', 'surface'],
    ['accent', 'surface'],
    ['warning', 'background'],
    ['warning', 'surface'],
    ['onCover', 'cover'],
    ['onCoverMuted', 'cover'],
    ['coverAccent', 'cover'],
  ] as const
  const problem = (first: string, second: string, names: string, least: number): readonly string[] => {
    const ratio = contrastRatio(first, second)
    if (ratio >= least) return []
    return [`${names} is ${first} on ${second} with a contrast of ${ratio.toFixed(1)}, should be at least ${least}`]
  }
  return [
    ...texts.flatMap(([text, ground]) => problem(theme[text], theme[ground], `${text} on ${ground}`, 4.5)),
    ...theme.series.flatMap((colour, at) => problem(colour, theme.background, `series[${at}] on background`, 3)),
  ]
}

/** WCAG 2 contrast ratio of two hex colours, 1 to 21. */
export function contrastRatio(first: string, second: string): number {
  const [light, dark] = [luminance(first), luminance(second)].sort((a, b) => b - a)
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05)
}

/** A colour between two, by `share` of the second (0 to 1), as sRGB hex. */
export function mixColours(first: string, second: string, share: number): string {
  const channel = (hex: string, at: number): number => Number.parseInt(hex.slice(at, at + 2), 16)
  const mixed = [1, 3, 5].map((at) => Math.round(channel(first, at) * (1 - share) + channel(second, at) * share))
  return `#${mixed.map((value) => value.toString(16).padStart(2, '0')).join('')}`
}

/** White or nearly black, whichever reads better on a series colour. */
export function textOn(background: string): string {
  return contrastRatio('#ffffff', background) >= contrastRatio(nearBlack, background) ? '#ffffff' : nearBlack
}

const nearBlack = '#06090e'

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
