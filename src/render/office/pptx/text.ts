import { cutText, limits } from '../../limits.ts'
import { isRightToLeft } from '../../html/data-table.ts'
import { textWidth, wrapText } from '../../typography/measure.ts'
import { tag, xmlText } from '../xml.ts'
import type { ColourXml } from './palette.ts'
import { emu } from './units.ts'

/** A piece of text in one look. Colours are sRGB hex. */
export interface Run {
  readonly text: string
  readonly isBold?: boolean
  readonly colour?: string
  readonly sizePx?: number
  /** Colour of a dotted line under it, which marks what nothing could confirm. */
  readonly underline?: string
  readonly isRaised?: boolean
  /** Kept up to date by PowerPoint when slides move. */
  readonly isSlideNumber?: boolean
  /** The relationship of its slide that names where a click leads. */
  readonly linkId?: string
}

export interface Paragraph {
  readonly runs: readonly Run[]
  readonly sizePx: number
  readonly linePx: number
  readonly colour: string
  readonly isBold?: boolean
  /** `end` is right in a left-to-right text. Left out: where its own script starts. */
  readonly align?: 'start' | 'centre' | 'end'
  /** Space above it. */
  readonly beforePx?: number
  readonly bullet?: { readonly colour: string; readonly indentPx: number }
}

/** What all text of a deck shares. */
export interface TextLook {
  /** BCP 47. */
  readonly language: string
  readonly colour: ColourXml
  /** True for a deck in a language that is written from right to left. */
  readonly isMirrored: boolean
  /** Logos that are drawings and no pixels. */
  readonly drawnLogos: ReadonlySet<'content' | 'cover'>
}

/** A paragraph as DrawingML. Its direction follows its first letter that has one. */
export function paragraphXml(paragraph: Paragraph, look: TextLook): string {
  const plain = paragraph.runs.map((run) => run.text).join('')
  const align = paragraph.align ?? 'start'
  // Numbers and other texts without letters follow the deck.
  const isRtl = /\p{L}/u.test(plain) ? isRightToLeft(plain) : look.isMirrored
  const isRight = align === 'end' ? !look.isMirrored : align === 'start' && isRtl
  const { bullet } = paragraph
  const properties = tag(
    'a:pPr',
    {
      ...(bullet === undefined
        ? {}
        : { [isRtl ? 'marR' : 'marL']: emu(bullet.indentPx), indent: -emu(bullet.indentPx) }),
      algn: align === 'centre' ? 'ctr' : isRight ? 'r' : 'l',
      rtl: isRtl ? 1 : 0,
    },
    tag('a:lnSpc', {}, tag('a:spcPts', { val: Math.round(paragraph.linePx * 75) })),
    tag('a:spcBef', {}, tag('a:spcPts', { val: Math.round((paragraph.beforePx ?? 0) * 75) })),
    bullet === undefined
      ? tag('a:buNone')
      : tag('a:buClr', {}, look.colour(bullet.colour)) +
          tag('a:buFont', { typeface: 'Arial' }) +
          tag('a:buChar', { char: '▪' }),
  )
  const runs = paragraph.runs.filter((run) => run.text !== '')
  return tag('a:p', {}, properties, ...runs.map((run) => runXml(run, paragraph, look)), endXml(paragraph, look))
}

/** The fonts of the theme by name, so that text boxes and tables take them in every program. */
const themeFonts = ['latin', 'ea', 'cs']
  .map((script) => tag(`a:${script}`, { typeface: `+mn-${script === 'latin' ? 'lt' : script}` }))
  .join('')

/** A link in the colour of its text: the theme's own for links is not readable on every ground. */
const keepsColour = tag(
  'a:extLst',
  {},
  tag(
    'a:ext',
    { uri: '{A12FA001-AC4F-418D-AE19-62706E023703}' },
    tag('ahyp:hlinkClr', {
      'xmlns:ahyp': 'http://schemas.microsoft.com/office/drawing/2018/hyperlinkcolor',
      val: 'tx',
    }),
  ),
)

function runXml(run: Run, paragraph: Paragraph, look: TextLook): string {
  return tag(
    run.isSlideNumber === true ? 'a:fld' : 'a:r',
    run.isSlideNumber === true ? { id: '{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}', type: 'slidenum' } : {},
    tag(
      'a:rPr',
      {
        lang: look.language,
        sz: Math.round((run.sizePx ?? paragraph.sizePx) * 75),
        b: run.isBold === true || paragraph.isBold === true ? 1 : 0,
        u: run.underline !== undefined ? 'dotted' : undefined,
        baseline: run.isRaised === true ? 30_000 : undefined,
        dirty: 0,
      },
      tag('a:solidFill', {}, look.colour(run.colour ?? paragraph.colour)),
      run.underline === undefined ? '' : tag('a:uFill', {}, tag('a:solidFill', {}, look.colour(run.underline))),
      themeFonts,
      run.linkId === undefined ? '' : tag('a:hlinkClick', { 'r:id': run.linkId }, keepsColour),
    ),
    tag('a:t', {}, xmlText(run.text.replace(/\s+/g, ' '))),
  )
}

/** Gives an empty paragraph its height, and what a person adds at its end the same look. */
function endXml(paragraph: Paragraph, look: TextLook): string {
  return tag('a:endParaRPr', { lang: look.language, sz: Math.round(paragraph.sizePx * 75), dirty: 0 }, themeFonts)
}

/** One piece of text, bounded like everything else on a slide. */
export function plainRuns(text: string): readonly Run[] {
  return [{ text: cutText(text, limits.text) }]
}

/** The runs, cut to so many lines at a width with an ellipsis at their end. */
export function clampRuns(runs: readonly Run[], widthPx: number, sizePx: number, lines: number): readonly Run[] {
  const plain = runs.map((run) => run.text).join('')
  const wrapped = wrapText(plain, widthPx * 0.97, sizePx, 600)
  if (wrapped.length <= lines) return runs
  let last = wrapped[lines - 1] ?? ''
  while (last !== '' && textWidth(`${last}…`, sizePx, 600) > widthPx * 0.97) last = last.slice(0, -1)
  let end = 0
  for (const line of [...wrapped.slice(0, lines - 1), last]) end = plain.indexOf(line, end) + line.length
  const kept: Run[] = []
  for (const run of runs) {
    if (end <= 0) break
    kept.push({
      ...run,
      text: run.text
        .slice(0, end)
        .toWellFormed()
        .replace(/\ufffd$/, ''),
    })
    end -= run.text.length
  }
  return [...kept, { text: '…' }]
}
