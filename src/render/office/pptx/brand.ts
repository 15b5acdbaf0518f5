import type { Picture, Theme } from '../../theme.ts'
import { textWidth } from '../../typography/measure.ts'
import type { Part, Relationship } from '../package.ts'
import type { SlideCanvas } from './slide-canvas.ts'

/** Foot of the page: the slide's number ends at the right edge, the brand stands before it. */
const foot = { topPx: 668, heightPx: 52, brandEndPx: 1172, gapPx: 24, logoPx: 24, sizePx: 13 } as const
const coverLogo = { x: 64, y: 52, h: 48 } as const

/** Width that the brand takes from the line of sources, in px. */
export function brandWidth({ footer, logo }: Theme): number {
  const text = footer === undefined ? 0 : textWidth(footer, foot.sizePx) + foot.gapPx
  return text + (logo === undefined ? 0 : logo.content.ratio * foot.logoPx + foot.gapPx)
}

/** The brand's words and its mark at the foot of content slides. */
export function drawFootBrand(canvas: SlideCanvas, theme: Theme): void {
  const middle = foot.topPx + foot.heightPx / 2
  let end: number = foot.brandEndPx
  if (theme.logo !== undefined) {
    const w = theme.logo.content.ratio * foot.logoPx
    canvas.picture({ x: end - w, y: middle - foot.logoPx / 2, w, h: foot.logoPx }, 'content')
    end -= w + foot.gapPx
  }
  if (theme.footer === undefined) return
  const w = textWidth(theme.footer, foot.sizePx) + 8
  const words = { runs: [{ text: theme.footer }], sizePx: foot.sizePx, linePx: 18, colour: theme.muted }
  canvas.text({ x: end - w, y: middle - 9, w, h: 18 }, [{ ...words, align: 'end' }], { name: 'Brand', isOneLine: true })
}

/** The brand's mark above the title of the cover. */
export function drawCoverBrand(canvas: SlideCanvas, theme: Theme): void {
  if (theme.logo === undefined) return
  canvas.picture({ ...coverLogo, w: theme.logo.cover.ratio * coverLogo.h }, 'cover')
}

export type LogoPlace = 'content' | 'cover'

/** Whose pictures they are: those of a side of the theme, 1 for the deck's own. */
interface LogoOwner {
  readonly number: number
  readonly theme: Theme
}

/** The pictures of the brand as parts of the file. */
export function logoParts(side: LogoOwner): readonly Part[] {
  const { logo } = side.theme
  if (logo === undefined) return []
  return (['content', 'cover'] as const).flatMap((place) => {
    const { type, bytes } = decoded(logo[place])
    const own: Part = { path: logoPath(side, place, type), contentType: type, content: bytes }
    return type === 'image/png'
      ? [own]
      : [own, { path: logoPath(side, place, 'image/png'), contentType: 'image/png', content: transparentPixel }]
  })
}

/** How a layout refers to the picture it shows: `rIdLogo`, and `rIdLogoSvg` where that is a drawing. */
export function logoLinks(side: LogoOwner, place: LogoPlace): readonly Relationship[] {
  const { logo } = side.theme
  if (logo === undefined) return []
  const { type } = decoded(logo[place])
  const png = { id: 'rIdLogo', type: 'image', target: logoPath(side, place, 'image/png') }
  return type === 'image/png' ? [png] : [png, { id: 'rIdLogoSvg', type: 'image', target: logoPath(side, place, type) }]
}

export function isSvg(picture: Picture): boolean {
  return decoded(picture).type !== 'image/png'
}

function logoPath({ number }: LogoOwner, place: LogoPlace, type: string): string {
  return `/ppt/media/${place}-logo${number === 1 ? '' : `-${number}`}.${type === 'image/png' ? 'png' : 'svg'}`
}

function decoded(picture: Picture): { readonly type: string; readonly bytes: Uint8Array } {
  const [head = '', data = ''] = picture.dataUri.split(',')
  return { type: /^data:([^;,]+)/.exec(head)?.[1] ?? '', bytes: Buffer.from(data, 'base64') }
}

/** Programs that know no drawings (PowerPoint before 2016, LibreOffice 7) show this in their place: nothing. */
const transparentPixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAAC0lEQVR42mNgAAIAAAUAAen63NgAAAAASUVORK5CYII=',
  'base64',
)
