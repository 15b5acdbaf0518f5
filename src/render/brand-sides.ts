import { createBrandTheme, type BrandThemeFile } from './brand-theme.ts'
import { contrastRatio, isDark, mixColours, themeNamed, type Shade, type Theme, type Themes } from './theme.ts'

/**
 * Both sides of a brand: `NAME` as its file says it, also as `NAME-light` or `NAME-dark`, and the other one, so that a deck
 * can be asked for in dark and back and stays the brand's. The other side keeps typeface, footer and cover, and takes from
 * the file's `dark` or `light` what stands there; accent and series are moved towards its ink until they read. What is
 * wrong is added to `problems`, a sentence each, and the answer is then empty.
 */
export function createBrandThemes(name: string, brand: BrandThemeFile, folder: string, problems: string[]): Themes {
  const before = problems.length
  if (brand[brand.base] !== undefined) problems.push(`${brand.base}: is the base itself, should stand in colours`)
  const base = createBrandTheme(name, brand, folder, problems)
  if (base === null || problems.length > before) return new Map()
  const shade: Shade = brand.base === 'light' ? 'dark' : 'light'
  const found: string[] = []
  const other = createBrandTheme(`${name}-${shade}`, sideFile(brand, base, shade), folder, found)
  // A member of a chart has the same place in both palettes, also on slides of one deck.
  if (other !== null && other.series.length !== base.series.length)
    found.push(`colours: series has ${other.series.length} colours, should have ${base.series.length} as the base has`)
  problems.push(...found.map((problem) => `${shade}: ${problem}`))
  if (other === null || found.length > 0) return new Map()
  return new Map([
    [name, base],
    [`${name}-${brand.base}`, { ...base, name: `${name}-${brand.base}` }],
    [`${name}-${shade}`, other],
  ])
}

/** The other side as if it had a file of its own. */
function sideFile(brand: BrandThemeFile, base: Theme, shade: Shade): BrandThemeFile {
  const side = brand[shade]
  const plain = themeNamed(shade)
  const { ink = plain.ink, background = plain.background, surface = plain.surface } = side?.colours ?? {}
  // A logo for a dark cover reads on a dark slide; none is known to read on a light one.
  const forDark = isDark({ ...base, background: base.cover }) ? (brand.cover_logo ?? brand.logo) : brand.logo
  const logo = side?.logo ?? (shade === 'dark' ? forDark : undefined)
  const cover = side?.cover_logo ?? brand.cover_logo ?? brand.logo
  const colours = {
    accent: readable(base.accent, [surface], ink, 4.5),
    series: base.series.map((colour) => readable(colour, [background], ink, 3)),
    cover: base.cover,
    cover_shape: base.coverShape,
    on_cover: base.onCover,
    on_cover_muted: base.onCoverMuted,
    cover_accent: base.coverAccent,
    ...side?.colours,
  }
  return {
    base: shade,
    colours,
    ...(brand.font === undefined ? {} : { font: brand.font }),
    ...(brand.footer === undefined ? {} : { footer: brand.footer }),
    ...(logo === undefined ? {} : { logo, ...(cover === undefined ? {} : { cover_logo: cover }) }),
  }
}

/** The colour, moved towards the ink as little as lets it reach the contrast on every ground. */
function readable(colour: string, grounds: readonly string[], ink: string, least: number): string {
  const steps = Array.from({ length: 21 }, (_, step) => mixColours(colour, ink, step / 20))
  return steps.find((step) => grounds.every((ground) => contrastRatio(step, ground) >= least)) ?? ink
}
