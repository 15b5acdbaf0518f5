import type { Theme } from '../theme.ts'

/**
 * The sheet that shows all slides of a deck at once. Its ground, the frames and the numbers are a PDF of one page that is
 * written here and drawn like any other; the small pictures of the slides are laid on it.
 */
export interface Overview {
  readonly widthPx: number
  readonly heightPx: number
  /** Width of each slide's picture; its height is 9/16 of that, rounded. */
  readonly slideWidthPx: number
  /** Where each slide's picture stands, in slide order. */
  readonly places: readonly { readonly leftPx: number; readonly topPx: number }[]
}

/**
 * A card in Teams shows no picture that is wider or higher.
 * @see https://learn.microsoft.com/en-us/microsoftteams/platform/task-modules-and-cards/cards/cards-reference
 */
const mostPx = 1024
/** A lone slide is no larger than its own small picture. */
const mostSlidePx = 640
const marginPx = 24
const gapPx = { between: 16, rows: 12 } as const
/** Below each slide, for its number. */
const labelPx = 22
const fontPx = 13
/** Width of a digit of Helvetica, in parts of its size. */
const digitWidth = 0.556

/**
 * Slides in rows, from the side where reading begins, as large as fits: in the fewest columns that leave the sheet within
 * 1024 × 1024 px, up to the 100 slides that a deck may have.
 */
export function arrangeOverview(slideCount: number, direction: 'ltr' | 'rtl'): Overview {
  for (let columns = Math.min(slideCount, 2); ; columns += 1) {
    const room = mostPx - 2 * marginPx - (columns - 1) * gapPx.between
    const slideWidthPx = Math.min(mostSlidePx, Math.floor(room / columns))
    const rows = Math.ceil(slideCount / columns)
    const rowPx = slideHeight(slideWidthPx) + labelPx + gapPx.rows
    const widthPx = 2 * marginPx + columns * slideWidthPx + (columns - 1) * gapPx.between
    const heightPx = 2 * marginPx + rows * rowPx - gapPx.rows
    if (heightPx > mostPx && columns < slideCount) continue
    const places = Array.from({ length: slideCount }, (_, index) => {
      const fromStart = marginPx + (index % columns) * (slideWidthPx + gapPx.between)
      return {
        leftPx: direction === 'rtl' ? widthPx - fromStart - slideWidthPx : fromStart,
        topPx: marginPx + Math.floor(index / columns) * rowPx,
      }
    })
    return { widthPx, heightPx, slideWidthPx, places }
  }
}

/** The sheet without the slides' pictures: a PDF whose units are pixels. */
export function overviewPdf(overview: Overview, theme: Theme): Uint8Array {
  const { widthPx, heightPx, slideWidthPx, places } = overview
  const slideHeightPx = slideHeight(slideWidthPx)
  const colour = (hex: string): string =>
    [1, 3, 5].map((at) => (Number.parseInt(hex.slice(at, at + 2), 16) / 255).toFixed(4)).join(' ')
  // PDF counts from the bottom.
  const box = (left: number, top: number, width: number, height: number): string =>
    `${left} ${heightPx - top - height} ${width} ${height} re f`
  const frames = places.map(({ leftPx, topPx }) => box(leftPx - 1, topPx - 1, slideWidthPx + 2, slideHeightPx + 2))
  const numbers = places.map(({ leftPx, topPx }, index) => {
    const label = String(index + 1)
    const left = leftPx + (slideWidthPx - label.length * digitWidth * fontPx) / 2
    const base = topPx + slideHeightPx + 17
    return `1 0 0 1 ${left.toFixed(2)} ${heightPx - base} Tm (${label}) Tj`
  })
  return writePdf(widthPx, heightPx, [
    `${colour(theme.surface)} rg ${box(0, 0, widthPx, heightPx)}`,
    `${colour(theme.hairline)} rg`,
    ...frames,
    `${colour(theme.muted)} rg BT /F1 ${fontPx} Tf`,
    ...numbers,
    'ET',
  ])
}

function slideHeight(widthPx: number): number {
  return Math.round((widthPx * 9) / 16)
}

/** A PDF of one page with what `content` draws, and Helvetica as font F1, which every reader has. */
function writePdf(width: number, height: number, content: readonly string[]): Uint8Array {
  const stream = content.join('\n')
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${width} ${height}] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>`,
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ]
  let file = '%PDF-1.4\n'
  const offsets = objects.map((object, index) => {
    const offset = file.length
    file += `${index + 1} 0 obj\n${object}\nendobj\n`
    return `${String(offset).padStart(10, '0')} 00000 n \n`
  })
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join('')}`
  return Buffer.from(
    `${file}${table}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${file.length}\n%%EOF\n`,
    'latin1',
  )
}
