import { readFileSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import { z } from 'zod'
import { builtInThemes, contrastProblems, themeNamed, type Picture, type Theme, type ThemeFont } from './theme.ts'
import { readFontFile, type AdvanceWidths } from './typography/font-file.ts'
import { interWidth } from './typography/fonts.ts'

/** What a brand may bring, in bytes: every deck carries all of it. */
const most = { logoBytes: 150_000, fontBytes: 1_500_000 } as const

const colour = z
  .string('a colour such as "#1d57a8"')
  .regex(/^#[0-9a-f]{6}$/i, 'a colour such as "#1d57a8"')
  .transform((value) => value.toLowerCase())
const file = z.string('the name of a file beside the theme').min(1, 'the name of a file beside the theme')

const colours = z
  .strictObject({
    background: colour,
    surface: colour,
    ink: colour,
    muted: colour,
    hairline: colour,
    accent: colour,
    warning: colour,
    cover: colour,
    cover_shape: colour,
    on_cover: colour,
    on_cover_muted: colour,
    cover_accent: colour,
    other: colour,
    series: z
      .array(colour, 'a list of four to eight colours')
      .min(4, 'a list of four to eight colours')
      .max(8, 'a list of four to eight colours')
      .refine((list) => new Set(list).size === list.length, 'a list in which no colour stands twice'),
  })
  .partial()

/** What the other side of a brand, dark or light, has of its own. What it leaves out is derived, see `brand-sides.ts`. */
const otherSide = z.strictObject({ colours: colours.optional(), logo: file.optional(), cover_logo: file.optional() })

/** A brand theme as its file says it. What it leaves out is taken from `base`. */
export const BrandThemeFile = z.strictObject({
  base: z.enum(['light', 'dark'], 'light or dark'),
  colours: colours.optional(),
  dark: otherSide.optional(),
  light: otherSide.optional(),
  font: z
    .strictObject({
      name: z.string('the name of a typeface').regex(/^[\p{L}\p{N} ._-]{1,60}$/u, 'the name of a typeface'),
      regular: file.optional(),
      semibold: file.optional(),
      scale: z
        .number('a number from 0.5 to 1.2')
        .min(0.5, 'a number from 0.5 to 1.2')
        .max(1.2, 'a number from 0.5 to 1.2')
        .optional(),
    })
    .refine(
      (font) => (font.regular === undefined) === (font.semibold === undefined),
      'both files, regular and semibold, or none',
    )
    .optional(),
  logo: file.optional(),
  cover_logo: file.optional(),
  footer: z.string('text').max(80, 'a text of at most 80 characters').optional(),
})
export type BrandThemeFile = z.infer<typeof BrandThemeFile>

/**
 * The theme that a file describes. Fonts and logos are read from `folder` and become part of the theme; nothing outside
 * of it is read. What is wrong is added to `problems`, a sentence each, and the answer is then null.
 */
export function createBrandTheme(
  name: string,
  brand: BrandThemeFile,
  folder: string,
  problems: string[],
): Theme | null {
  const before = problems.length
  const attempt = <T>(key: string, read: () => T): T | undefined => {
    try {
      return read()
    } catch (error) {
      problems.push(`${key}: ${error instanceof Error ? error.message : String(error)}`)
      return undefined
    }
  }
  const { cover_shape, on_cover, on_cover_muted, cover_accent, ...plain } = brand.colours ?? {}
  const own = {
    ...plain,
    coverShape: cover_shape,
    onCover: on_cover,
    onCoverMuted: on_cover_muted,
    coverAccent: cover_accent,
  }
  const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined))
  const { font, logo: logoFile, cover_logo: coverFile } = brand
  const face = font === undefined ? undefined : attempt('font', () => readFace(font, folder))
  const content = logoFile === undefined ? undefined : attempt('logo', () => readPicture(folder, logoFile))
  const cover = coverFile === undefined ? content : attempt('cover_logo', () => readPicture(folder, coverFile))
  const theme: Theme = {
    ...themeNamed(brand.base, builtInThemes),
    ...given,
    name,
    ...(face === undefined ? {} : { font: face }),
    ...(content === undefined || cover === undefined ? {} : { logo: { content, cover } }),
    ...(brand.footer === undefined || brand.footer.trim() === '' ? {} : { footer: brand.footer.trim() }),
  }
  problems.push(...contrastProblems(theme).map((problem) => `colours: ${problem}`))
  return problems.length > before ? null : theme
}

function readFace(font: NonNullable<BrandThemeFile['font']>, folder: string): ThemeFont {
  if (font.regular === undefined || font.semibold === undefined) {
    const local = (...styles: readonly string[]): string =>
      styles.map((style) => `local(${JSON.stringify(`${font.name}${style}`)})`).join(',')
    return {
      name: font.name,
      regular: local('', ' Regular'),
      semibold: local(' SemiBold', ' Semibold', ' Demi', ' Bold'),
      scale: font.scale ?? 1,
    }
  }
  const [regular, semibold] = [readFont(folder, font.regular), readFont(folder, font.semibold)]
  const scale = Math.min(1, scaleToInter(regular.widths, 400), scaleToInter(semibold.widths, 600))
  return { name: font.name, regular: regular.source, semibold: semibold.source, scale: font.scale ?? scale }
}

function readFont(folder: string, name: string): { source: string; widths: AdvanceWidths } {
  const bytes = readAsset(folder, name, most.fontBytes)
  try {
    const { format, tags, widths } = readFontFile(bytes)
    if (tags.has('fvar')) throw new Error('it is a variable font, which a PDF cannot embed well; take a static one')
    const type = format === 'truetype' ? 'ttf' : format
    return { source: `url(data:font/${type};base64,${bytes.toString('base64')}) format("${format}")`, widths }
  } catch (error) {
    throw new Error(`cannot use "${name}": ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

/** Kinds of text on a slide; each must fit where Inter fits. */
const samples = [
  'the quick brown fox jumps over the lazy dog and stays there',
  'Revenue EMEA Quarter Growth',
  '0123456789',
]

/** How much smaller a typeface must be to take no more room than Inter; above 1 when it is narrower. */
function scaleToInter(widths: AdvanceWidths, weight: 400 | 600): number {
  const width = (text: string, of: (codePoint: number) => number | undefined): number =>
    Array.from(text).reduce((sum, character) => sum + (of(character.codePointAt(0) ?? 0) ?? 600), 0)
  const scales = samples.map(
    (text) => width(text, (point) => interWidth(point, weight)) / width(text, (point) => widths.get(point)),
  )
  return Math.floor(Math.min(...scales) * 1000) / 1000
}

/** A logo as a picture. An SVG is shown as an image, in which nothing runs and nothing is fetched. */
function readPicture(folder: string, name: string): Picture {
  const bytes = readAsset(folder, name, most.logoBytes)
  const ratio = /\.png$/i.test(name) ? pngRatio(bytes) : /\.svg$/i.test(name) ? svgRatio(bytes.toString('utf8')) : null
  if (ratio === null || !(ratio > 0.1 && ratio < 12)) {
    throw new Error(
      `cannot use "${name}": it should be a PNG, or an SVG with a viewBox, at most 12 times as wide as high`,
    )
  }
  const type = /\.png$/i.test(name) ? 'image/png' : 'image/svg+xml'
  return { dataUri: `data:${type};base64,${bytes.toString('base64')}`, ratio }
}

function pngRatio(bytes: Buffer): number | null {
  const isPng = bytes.length > 24 && bytes.toString('latin1', 0, 8) === '\u0089PNG\r\n\u001a\n'
  return isPng ? bytes.readUInt32BE(16) / bytes.readUInt32BE(20) : null
}

/** What runs in a drawing, holds another page or is fetched from somewhere; entities could hide any of it. */
const reachesOut =
  /<(?:[\w-]+:)?(?:script|foreignObject|iframe|animate|set)\b|\son\w+\s*=|href\s*=\s*(?!["'](?:#|data:image\/(?:png|jpeg);))|url\(\s*(?!["']?#)|@import|<!ENTITY|<\?xml-stylesheet/i

function svgRatio(text: string): number | null {
  if (reachesOut.test(text)) return null
  const [, box = ''] = /<svg\b[^>]*\sviewBox\s*=\s*["']([^"']+)["']/i.exec(text) ?? []
  const [, , width = 0, height = 0] = box
    .trim()
    .split(/[\s,]+/)
    .map(Number)
  return width > 0 && height > 0 ? width / height : null
}

function readAsset(folder: string, name: string, mostBytes: number): Buffer {
  const path = join(folder, name)
  const inside = relative(folder, path)
  if (isAbsolute(name) || inside.startsWith('..')) throw new Error(`is "${name}", should be a file beside the theme`)
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    throw new Error(`cannot read "${name}" in the folder of themes`, { cause: error })
  }
  if (bytes.length > mostBytes) {
    throw new Error(`"${name}" has ${bytes.length} bytes, should have at most ${mostBytes}: every deck carries it`)
  }
  return bytes
}
