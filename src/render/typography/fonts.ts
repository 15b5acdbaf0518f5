import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { readAdvanceWidths, type AdvanceWidths } from './font-file.ts'

/** The two weights the templates use; each costs about 24 KB in a deck. */
export const weights = [400, 600] as const
export type Weight = (typeof weights)[number]

/**
 * Static files only: Chromium embeds them in the PDF as TrueType, while variable and CFF fonts end up as nameless Type 3
 * fonts (observed with Chromium 156). Names and ranges are @fontsource/inter's own.
 */
const subsets = ['latin', 'latin-ext', 'cyrillic', 'cyrillic-ext', 'greek', 'greek-ext', 'vietnamese'] as const
type Subset = (typeof subsets)[number]

const require = createRequire(import.meta.url)

// Contents of an installed package, which never change while the process runs: read once each.
const ranges = readRanges()
const patterns = Object.fromEntries(subsets.map((subset) => [subset, characterClass(ranges[subset])])) as Record<
  Subset,
  RegExp
>
const widthsByFile = new Map<string, AdvanceWidths>()
const facesByFile = new Map<string, string>()

/** `@font-face` rules with the fonts as data URIs, for those subsets of Inter that `text` needs. Latin is always there. */
export function fontFaces(text: string): string {
  const needed = subsetsFor(text)
  return weights.flatMap((weight) => needed.map((subset) => fontFace(subset, weight))).join('\n')
}

/** Width of one character of Inter in thousandths of the font size; undefined when Inter does not have it. */
export function interWidth(codePoint: number, weight: Weight): number | undefined {
  for (const subset of subsets) {
    if (contains(subset, codePoint)) {
      const width = widthsOf(subset, weight).get(codePoint)
      if (width !== undefined) return width
    }
  }
  return undefined
}

function subsetsFor(text: string): readonly Subset[] {
  const beyondLatin = text.replace(patterns.latin, '')
  return subsets.filter((subset) => subset === 'latin' || beyondLatin.search(patterns[subset]) >= 0)
}

function fontFace(subset: Subset, weight: Weight): string {
  const name = `inter-${subset}-${weight}-normal.woff2`
  let face = facesByFile.get(name)
  if (face === undefined) {
    const data = readFont(name).toString('base64')
    const range = ranges[subset].map(([from, to]) => `U+${from.toString(16)}-${to.toString(16)}`).join(',')
    face =
      `@font-face{font-family:Inter;font-style:normal;font-weight:${weight};` +
      `src:url(data:font/woff2;base64,${data}) format("woff2");unicode-range:${range}}`
    facesByFile.set(name, face)
  }
  return face
}

function widthsOf(subset: Subset, weight: Weight): AdvanceWidths {
  const name = `inter-${subset}-${weight}-normal.woff`
  let widths = widthsByFile.get(name)
  if (widths === undefined) {
    widths = readAdvanceWidths(readFont(name))
    widthsByFile.set(name, widths)
  }
  return widths
}

function readFont(name: string): Buffer {
  return readFileSync(require.resolve(`@fontsource/inter/files/${name}`))
}

function contains(subset: Subset, codePoint: number): boolean {
  return ranges[subset].some(([from, to]) => codePoint >= from && codePoint <= to)
}

function characterClass(list: readonly Range[]): RegExp {
  const members = list.map(([from, to]) => `\\u{${from.toString(16)}}-\\u{${to.toString(16)}}`)
  return new RegExp(`[${members.join('')}]+`, 'gu')
}

type Range = readonly [from: number, to: number]

function readRanges(): Readonly<Record<Subset, readonly Range[]>> {
  // The package's own file: subset name to "U+0000-00FF,U+0131,…".
  const text = JSON.parse(readFileSync(require.resolve('@fontsource/inter/unicode.json'), 'utf8')) as Record<
    Subset,
    string
  >
  const parse = (list: string): Range[] =>
    list.split(',').map((item) => {
      const [from = '', to = from] = item.replace('U+', '').split('-')
      return [Number.parseInt(from, 16), Number.parseInt(to, 16)]
    })
  return Object.fromEntries(subsets.map((subset) => [subset, parse(text[subset])])) as Record<Subset, Range[]>
}
