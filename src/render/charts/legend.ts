import { textWidth, truncateText } from '../typography/measure.ts'
import { chartText, type Canvas } from './canvas.ts'
import { label, rectangle } from './svg.ts'

const swatchPx = 12
const rowPx = 24

export interface Legend {
  readonly svg: string
  readonly heightPx: number
}

/** Swatches and names in rows along the top, from `left` on; at most two rows, longer names are cut. */
export function drawLegend(names: readonly string[], left: number, canvas: Canvas): Legend {
  const room = canvas.widthPx - left
  const most = Math.max(80, (room * 2) / Math.max(1, names.length) - swatchPx - 40)
  let x = left
  let row = 0
  let svg = ''
  names.forEach((name, index) => {
    const text = truncateText(name, Math.min(most, 260), chartText.legend)
    const width = swatchPx + 8 + textWidth(text, chartText.legend) + 24
    if (x > left && x + width - 24 > canvas.widthPx) {
      x = left
      row += 1
    }
    const y = row * rowPx
    svg += rectangle(x, y + 2, swatchPx, swatchPx, canvas.colours[index] ?? canvas.theme.other, 2)
    svg += label(text, { x: x + swatchPx + 8, y: y + 13, sizePx: chartText.legend, fill: canvas.theme.ink })
    x += width
  })
  return { svg, heightPx: (row + 1) * rowPx + 6 }
}
