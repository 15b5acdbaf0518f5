import { tag } from '../xml.ts'
import { paragraphXml, type Paragraph, type TextLook } from './text.ts'
import { emu, type Rect } from './units.ts'

/** Where a text belongs in the outline of the deck. Its place and look are on the shape itself. */
export type Placeholder = 'title' | 'ctrTitle' | 'subTitle' | 'ftr' | 'sldNum'

export interface TextOptions {
  /** Shown in PowerPoint's list of objects. */
  readonly name: string
  readonly placeholder?: Placeholder
  readonly anchor?: 'top' | 'middle' | 'bottom'
  /** Keeps a text that was measured for one line on it, whatever font stands in. */
  readonly isOneLine?: boolean
}

const slideWidthPx = 1280

/** Collects the objects of one slide, back to front. */
export interface SlideCanvas {
  text(rect: Rect, paragraphs: readonly Paragraph[], options: TextOptions): void
  rectangle(rect: Rect, fill: string, options?: { readonly radiusPx?: number; readonly name?: string }): void
  /** A chart or a table. `content` is its `a:graphicData`; `description` is read to people who cannot see it. */
  graphic(rect: Rect, name: string, description: string, content: string): void
  /** The logo that `brand.ts` links for a layout. */
  picture(rect: Rect, logo: 'content' | 'cover'): void
  xml(): string
}

/** Identifies PowerPoint's placeholders within the slides made here. */
const placeholderIndex: Readonly<Record<Placeholder, number | undefined>> = {
  title: undefined,
  ctrTitle: undefined,
  subTitle: 1,
  ftr: 11,
  sldNum: 12,
}

/** Ids start at 2: the first is the slide itself. A deck that reads from right to left is laid out as in a mirror. */
export function createSlideCanvas(look: TextLook): SlideCanvas {
  const placed = (rect: Rect): Rect => (look.isMirrored ? { ...rect, x: slideWidthPx - rect.x - rect.w } : rect)
  const shapes: string[] = []
  const nextId = (): number => shapes.length + 2
  return {
    text(rect, paragraphs, options) {
      const { placeholder } = options
      const properties = tag(
        'p:nvSpPr',
        {},
        tag('p:cNvPr', { id: nextId(), name: options.name }),
        placeholder === undefined
          ? tag('p:cNvSpPr', { txBox: 1 })
          : tag('p:cNvSpPr', {}, tag('a:spLocks', { noGrp: 1 })),
        tag('p:nvPr', {}, placeholder === undefined ? '' : placeholderXml(placeholder)),
      )
      const frame = tag('p:spPr', {}, transformXml('a:xfrm', placed(rect)), geometryXml('rect'), tag('a:noFill'))
      const anchors = { top: 't', middle: 'ctr', bottom: 'b' } as const
      const body = tag(
        'a:bodyPr',
        {
          wrap: options.isOneLine === true ? 'none' : 'square',
          lIns: 0,
          tIns: 0,
          rIns: 0,
          bIns: 0,
          rtlCol: 0,
          anchor: anchors[options.anchor ?? 'top'],
        },
        // Where a wider font stands in for ours, a title rather gets smaller than runs into what is under it.
        tag(placeholder === 'title' || placeholder === 'ctrTitle' ? 'a:normAutofit' : 'a:noAutofit'),
      )
      const text = paragraphs.map((paragraph) => paragraphXml(paragraph, look)).join('')
      shapes.push(tag('p:sp', {}, properties, frame, tag('p:txBody', {}, body, '<a:lstStyle/>', text || '<a:p/>')))
    },
    rectangle(rect, fill, { radiusPx = 0, name = 'Shape' } = {}) {
      const properties = tag(
        'p:nvSpPr',
        {},
        tag('p:cNvPr', { id: nextId(), name }, decorative),
        tag('p:cNvSpPr'),
        tag('p:nvPr'),
      )
      shapes.push(
        tag(
          'p:sp',
          {},
          properties,
          tag(
            'p:spPr',
            {},
            transformXml('a:xfrm', placed(rect)),
            radiusPx === 0 ? geometryXml('rect') : roundedXml(rect, radiusPx),
            tag('a:solidFill', {}, look.colour(fill)),
            tag('a:ln', {}, tag('a:noFill')),
          ),
          tag(
            'p:txBody',
            {},
            tag('a:bodyPr'),
            '<a:lstStyle/>',
            tag('a:p', {}, tag('a:endParaRPr', { lang: look.language })),
          ),
        ),
      )
    },
    graphic(rect, name, description, content) {
      shapes.push(
        tag(
          'p:graphicFrame',
          {},
          tag(
            'p:nvGraphicFramePr',
            {},
            tag('p:cNvPr', { id: nextId(), name, descr: description }),
            tag('p:cNvGraphicFramePr', {}, tag('a:graphicFrameLocks', { noGrp: 1 })),
            tag('p:nvPr'),
          ),
          transformXml('p:xfrm', placed(rect)),
          tag('a:graphic', {}, content),
        ),
      )
    },
    picture(rect, logo) {
      const drawing = look.drawnLogos.has(logo)
        ? tag(
            'a:extLst',
            {},
            tag(
              'a:ext',
              { uri: '{96DAC541-7B7A-43D3-8B79-37D633B846F1}' },
              tag('asvg:svgBlip', {
                'xmlns:asvg': 'http://schemas.microsoft.com/office/drawing/2016/SVG/main',
                'r:embed': 'rIdLogoSvg',
              }),
            ),
          )
        : ''
      shapes.push(
        tag(
          'p:pic',
          {},
          tag(
            'p:nvPicPr',
            {},
            tag('p:cNvPr', { id: nextId(), name: 'Logo' }, decorative),
            tag('p:cNvPicPr', {}, tag('a:picLocks', { noChangeAspect: 1 })),
            tag('p:nvPr'),
          ),
          tag(
            'p:blipFill',
            {},
            tag('a:blip', { 'r:embed': 'rIdLogo' }, drawing),
            tag('a:stretch', {}, '<a:fillRect/>'),
          ),
          tag('p:spPr', {}, transformXml('a:xfrm', placed(rect)), geometryXml('rect')),
        ),
      )
    },
    xml: () => shapes.join(''),
  }
}

/** Screen readers pass over a shape that is only there to look at. */
const decorative = tag(
  'a:extLst',
  {},
  tag(
    'a:ext',
    { uri: '{C183D7F6-B498-43B3-948B-1728B52AA6E4}' },
    tag('adec:decorative', { 'xmlns:adec': 'http://schemas.microsoft.com/office/drawing/2017/decorative', val: 1 }),
  ),
)

function placeholderXml(type: Placeholder): string {
  return tag('p:ph', { type, idx: placeholderIndex[type] })
}

function transformXml(name: 'a:xfrm' | 'p:xfrm', rect: Rect): string {
  return tag(
    name,
    {},
    tag('a:off', { x: emu(rect.x), y: emu(rect.y) }),
    tag('a:ext', { cx: Math.max(0, emu(rect.w)), cy: Math.max(0, emu(rect.h)) }),
  )
}

function geometryXml(preset: 'rect'): string {
  return tag('a:prstGeom', { prst: preset }, '<a:avLst/>')
}

function roundedXml(rect: Rect, radiusPx: number): string {
  const share = Math.round((radiusPx / Math.max(1, Math.min(rect.w, rect.h))) * 100_000)
  return tag(
    'a:prstGeom',
    { prst: 'roundRect' },
    tag('a:avLst', {}, tag('a:gd', { name: 'adj', fmla: `val ${Math.min(50_000, share)}` })),
  )
}
