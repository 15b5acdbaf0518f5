import type { RichText } from '../../deck.ts'
import type { DeckContext } from '../../html/context.ts'
import { isBlank, richPlain } from '../../html/rich-text.ts'
import type { Theme } from '../../theme.ts'
import { fitText, lineHeightPx, type Box, type TypeScale } from '../../typography/fit.ts'
import type { NativeChart } from './charts/native-chart.ts'
import { isSvg } from './brand.ts'
import { createColours } from './palette.ts'
import { richRuns } from './rich-runs.ts'
import { createSlideCanvas, type SlideCanvas, type TextOptions } from './slide-canvas.ts'
import { clampRuns, plainRuns, type Paragraph, type Run, type TextLook } from './text.ts'
import type { Rect } from './units.ts'

/** A slide while it is laid out: its canvas, the deck it belongs to, and the charts it asks for. */
export interface Stage {
  readonly canvas: SlideCanvas
  readonly context: DeckContext
  readonly theme: Theme
  readonly look: TextLook
  /** Adds a chart part to the deck and returns the id by which the slide refers to it. */
  addChart(chart: NativeChart): string
}

export function createStage(context: DeckContext, addChart: Stage['addChart']): Stage {
  const look = textLook(context)
  return { canvas: createSlideCanvas(look), context, theme: context.theme, look, addChart }
}

export function textLook(context: DeckContext): TextLook {
  const isMirrored = context.direction === 'rtl'
  const { logo } = context.theme
  const places = ['content', 'cover'] as const
  const drawnLogos = new Set(places.filter((place) => logo !== undefined && isSvg(logo[place])))
  return { language: context.language, colour: createColours(context.theme), isMirrored, drawnLogos }
}

/** Width of Inter's semi-bold letters as a share of its bold ones, with a little to spare. */
export const boldShare = 0.955

export interface TextStyle {
  readonly colour: string
  readonly isBold?: boolean
  readonly options: TextOptions
}

/**
 * Text at the largest size that fits, as `fittedBlock` does it for the page; cut with an ellipsis only when nothing helps.
 * Returns the height it takes, in px.
 */
export function fittedText(
  stage: Stage,
  text: RichText,
  at: { readonly x: number; readonly y: number },
  box: Box,
  scale: TypeScale,
  style: TextStyle,
): number {
  // The page sets titles in a weight between regular and bold, which PowerPoint does not know: bold takes more room.
  const room = style.isBold === true ? { ...box, widthPx: box.widthPx * boldShare } : box
  const fit = measure(text, room, scale, stage.context)
  const runs = runsOf(text, stage, style.colour === stage.theme.onCover ? stage.theme.coverAccent : stage.theme.warning)
  const shown = fit.isClipped ? clampRuns(runs, room.widthPx, fit.sizePx, fit.lines) : runs
  const rect = { ...at, w: box.widthPx, h: fit.heightPx }
  stage.canvas.text(rect, [paragraph(shown, fit.sizePx, fit.linePx, style)], style.options)
  return fit.heightPx
}

/** The size and height that {@link fittedText} gives a text. */
export function measure(
  text: RichText,
  box: Box,
  scale: TypeScale,
  context: DeckContext,
): {
  readonly sizePx: number
  readonly lines: number
  readonly linePx: number
  readonly heightPx: number
  readonly isClipped: boolean
} {
  const fit = fitText(richPlain(text, context), box, scale)
  const linePx = lineHeightPx(fit.sizePx, scale.lineHeight)
  return { ...fit, linePx, heightPx: fit.lines * linePx }
}

export function runsOf(text: RichText, stage: Stage, warning = stage.theme.warning): readonly Run[] {
  return isBlank(text, stage.context) ? [] : richRuns(text, stage.context, warning)
}

function paragraph(
  runs: readonly Run[],
  sizePx: number,
  linePx: number,
  style: { readonly colour: string; readonly isBold?: boolean },
): Paragraph {
  return { runs, sizePx, linePx, colour: style.colour, isBold: style.isBold ?? false }
}

/** One line of plain text in a box of that height. */
export function lineOfText(
  stage: Stage,
  text: string,
  rect: Rect,
  style: {
    readonly sizePx: number
    readonly colour: string
    readonly isBold?: boolean
    readonly align?: 'start' | 'centre' | 'end'
  },
  options: TextOptions,
): void {
  const one = paragraph(plainRuns(text), style.sizePx, rect.h, style)
  stage.canvas.text(rect, [style.align === undefined ? one : { ...one, align: style.align }], options)
}
