import { isDark, type Theme } from '../../theme.ts'
import type { Part, Relationship } from '../package.ts'
import { tag, xmlDocument, xmlText } from '../xml.ts'
import { drawCoverBrand, drawFootBrand, logoLinks, logoParts } from './brand.ts'
import { createSlideCanvas, type Placeholder, type SlideCanvas } from './slide-canvas.ts'
import type { TextLook } from './text.ts'
import { themeXml } from './theme-xml.ts'
import { emu, type Rect } from './units.ts'

export type LayoutName = 'cover' | 'section' | 'content'
const layoutNames: readonly LayoutName[] = ['cover', 'section', 'content']

export const namespaces = {
  'xmlns:a': 'http://schemas.openxmlformats.org/drawingml/2006/main',
  'xmlns:r': 'http://schemas.openxmlformats.org/officeDocument/2006/relationships',
  'xmlns:p': 'http://schemas.openxmlformats.org/presentationml/2006/main',
} as const

export const typeOf = (kind: string): string =>
  `application/vnd.openxmlformats-officedocument.presentationml.${kind}+xml`

/**
 * A side of the theme that slides of the deck show: PowerPoint has a slide master for it, with a theme, a mapping of colours
 * and layouts of its own, so that texts and charts in the theme's colours find those of their side.
 */
export interface Side {
  /** 1 for the deck's own side, 2 for the other. */
  readonly number: 1 | 2
  readonly theme: Theme
  readonly look: TextLook
}

export function layoutPath(name: LayoutName, side: Side): string {
  return `/ppt/slideLayouts/slideLayout${(side.number - 1) * layoutNames.length + layoutNames.indexOf(name) + 1}.xml`
}

const page = { x: 0, y: 0, w: 1280, h: 720 } as const
const masterPath = ({ number }: Side): string => `/ppt/slideMasters/slideMaster${number}.xml`
/** The second theme is that of the printed notes. */
const themePath = ({ number }: Side): string => `/ppt/theme/theme${number === 1 ? 1 : 3}.xml`
const notesThemePath = '/ppt/theme/theme2.xml'
/** Masters and layouts share one range of ids. */
const masterId = ({ number }: Side): number => 2_147_483_648 + (number - 1) * (layoutNames.length + 1)
const masterLink = ({ number }: Side): string => `rIdMaster${number === 1 ? '' : number}`
export const notesMasterPath = '/ppt/notesMasters/notesMaster1.xml'

/**
 * Everything of a presentation but its slides: what it is made of, its theme, its layouts and how notes are printed. The
 * other side of the theme is there when a slide shows it.
 */
export function presentationParts(own: Side, other: Side | null, slideCount: number): readonly Part[] {
  const { language, isMirrored } = own.look
  const sides = other === null ? [own] : [own, other]
  const slides = Array.from({ length: slideCount }, (_, index) => ({
    id: `rIdSlide${index + 1}`,
    type: 'slide',
    target: `/ppt/slides/slide${index + 1}.xml`,
  }))
  const presentation = tag(
    'p:presentation',
    { ...namespaces, saveSubsetFonts: 1, rtl: isMirrored ? 1 : undefined },
    tag(
      'p:sldMasterIdLst',
      {},
      ...sides.map((side) => tag('p:sldMasterId', { id: masterId(side), 'r:id': masterLink(side) })),
    ),
    tag('p:notesMasterIdLst', {}, tag('p:notesMasterId', { 'r:id': 'rIdNotes' })),
    tag('p:sldIdLst', {}, ...slides.map((slide, index) => tag('p:sldId', { id: 256 + index, 'r:id': slide.id }))),
    tag('p:sldSz', { cx: emu(page.w), cy: emu(page.h) }),
    tag('p:notesSz', { cx: emu(page.h), cy: emu(page.w) }),
    tag('p:defaultTextStyle', {}, tag('a:defPPr', {}, tag('a:defRPr', { lang: language }))),
  )
  return [
    {
      path: '/ppt/presentation.xml',
      contentType: typeOf('presentation.main'),
      content: xmlDocument(presentation),
      relationships: [
        ...sides.map((side) => ({ id: masterLink(side), type: 'slideMaster', target: masterPath(side) })),
        { id: 'rIdNotes', type: 'notesMaster', target: notesMasterPath },
        { id: 'rIdTheme', type: 'theme', target: themePath(own) },
        { id: 'rIdProperties', type: 'presProps', target: '/ppt/presProps.xml' },
        { id: 'rIdView', type: 'viewProps', target: '/ppt/viewProps.xml' },
        { id: 'rIdTables', type: 'tableStyles', target: '/ppt/tableStyles.xml' },
        ...slides,
      ],
    },
    simplePart('/ppt/presProps.xml', 'presProps', tag('p:presentationPr', namespaces)),
    simplePart('/ppt/viewProps.xml', 'viewProps', tag('p:viewPr', namespaces)),
    simplePart(
      '/ppt/tableStyles.xml',
      'tableStyles',
      tag('a:tblStyleLst', { 'xmlns:a': namespaces['xmlns:a'], def: '{5C22544A-7EE6-4342-B048-85BDC9FD1C3A}' }),
    ),
    themePart(themePath(own), themeXml(own.theme, true)),
    themePart(notesThemePath, themeXml(own.theme, false)),
    ...sideParts(own),
    notesMasterPart(language),
    ...logoParts(own),
    ...(other === null
      ? []
      : [themePart(themePath(other), themeXml(other.theme, true)), ...sideParts(other), ...logoParts(other)]),
  ]
}

function themePart(path: string, content: string): Part {
  return { path, contentType: 'application/vnd.openxmlformats-officedocument.theme+xml', content }
}

/** The master of a side and its layouts. */
function sideParts(side: Side): readonly Part[] {
  return [masterPart(side), ...layoutNames.map((name) => layoutPart(name, side))]
}

function simplePart(path: string, kind: string, root: string): Part {
  return { path, contentType: typeOf(kind), content: xmlDocument(root) }
}

/** The tree of objects of a slide, a layout or a master. */
export function shapeTree(shapes: string): string {
  const none = tag('a:off', { x: 0, y: 0 }) + tag('a:ext', { cx: 0, cy: 0 })
  const children = tag('a:chOff', { x: 0, y: 0 }) + tag('a:chExt', { cx: 0, cy: 0 })
  return tag(
    'p:spTree',
    {},
    tag('p:nvGrpSpPr', {}, tag('p:cNvPr', { id: 1, name: '' }), tag('p:cNvGrpSpPr'), tag('p:nvPr')),
    tag('p:grpSpPr', {}, tag('a:xfrm', {}, none, children)),
    shapes,
  )
}

function background(colour: string): string {
  return tag('p:bg', {}, tag('p:bgPr', {}, tag('a:solidFill', {}, colour), tag('a:effectLst')))
}

function masterPart(side: Side): Part {
  const { theme, look } = side
  const { colour, language } = look
  const canvas = createSlideCanvas(look)
  frame(canvas, 'title', { x: 64, y: 50, w: 1152, h: 100 }, theme)
  frame(canvas, 'ftr', { x: 64, y: 685, w: 1100, h: 18 }, theme)
  frame(canvas, 'sldNum', { x: 1176, y: 685, w: 40, h: 18 }, theme)
  const dark = isDark(theme)
  const map = {
    bg1: dark ? 'dk1' : 'lt1',
    tx1: dark ? 'lt1' : 'dk1',
    bg2: dark ? 'dk2' : 'lt2',
    tx2: dark ? 'lt2' : 'dk2',
  }
  const accents = Object.fromEntries([1, 2, 3, 4, 5, 6].map((number) => [`accent${number}`, `accent${number}`]))
  const root = tag(
    'p:sldMaster',
    namespaces,
    tag('p:cSld', {}, background(colour(theme.background)), shapeTree(canvas.xml())),
    tag('p:clrMap', { ...map, ...accents, hlink: 'hlink', folHlink: 'folHlink' }),
    tag(
      'p:sldLayoutIdLst',
      {},
      ...layoutNames.map((name, index) =>
        tag('p:sldLayoutId', { id: masterId(side) + 1 + index, 'r:id': `rId-${name}` }),
      ),
    ),
    tag(
      'p:txStyles',
      {},
      tag('p:titleStyle', {}, levelXml(38, true, '+mj-lt', language)),
      tag('p:bodyStyle', {}, levelXml(24, false, '+mn-lt', language)),
      tag('p:otherStyle', {}, levelXml(18, false, '+mn-lt', language)),
    ),
  )
  return {
    path: masterPath(side),
    contentType: typeOf('slideMaster'),
    content: xmlDocument(root),
    relationships: [
      ...layoutNames.map((name): Relationship => ({
        id: `rId-${name}`,
        type: 'slideLayout',
        target: layoutPath(name, side),
      })),
      { id: 'rIdTheme', type: 'theme', target: themePath(side) },
    ],
  }
}

function levelXml(sizePx: number, isBold: boolean, font: string, language: string): string {
  const fonts = ['latin', 'ea', 'cs'].map((script) =>
    tag(`a:${script}`, { typeface: script === 'latin' ? font : font.replace('lt', script) }),
  )
  const run = tag(
    'a:defRPr',
    { lang: language, sz: sizePx * 75, b: isBold ? 1 : 0, kern: 1200 },
    tag('a:solidFill', {}, tag('a:schemeClr', { val: 'tx1' })),
    ...fonts,
  )
  return tag('a:lvl1pPr', { marL: 0, algn: 'l' }, tag('a:buNone'), run)
}

/** A place that slides made from the layout later can fill. */
function frame(canvas: SlideCanvas, placeholder: Placeholder, rect: Rect, theme: Theme): void {
  const isSmall = placeholder === 'ftr' || placeholder === 'sldNum'
  const isCover = placeholder === 'ctrTitle'
  const style = {
    colour: isCover ? theme.onCover : isSmall ? theme.muted : theme.ink,
    sizePx: isSmall ? 13 : isCover ? 60 : placeholder === 'subTitle' ? 24 : 38,
    isBold: isCover || placeholder === 'title',
  }
  const names: Readonly<Record<Placeholder, string>> = {
    title: 'Title',
    ctrTitle: 'Title',
    subTitle: 'Subtitle',
    ftr: 'Source',
    sldNum: '‹#›',
  }
  const run = { text: names[placeholder], isSlideNumber: placeholder === 'sldNum' }
  const align = placeholder === 'sldNum' ? { align: 'end' as const } : {}
  canvas.text(rect, [{ runs: [run], ...style, linePx: Math.ceil(style.sizePx * 1.3), ...align }], {
    name: names[placeholder],
    placeholder,
  })
}

const titles: Readonly<Record<LayoutName, { readonly name: string; readonly type: string }>> = {
  cover: { name: 'Cover', type: 'title' },
  section: { name: 'Section', type: 'secHead' },
  content: { name: 'Content', type: 'titleOnly' },
}

function layoutPart(name: LayoutName, side: Side): Part {
  const { theme, look } = side
  const { colour } = look
  const canvas = createSlideCanvas(look)
  if (name === 'cover') {
    coverArt(canvas, theme)
    drawCoverBrand(canvas, theme)
    frame(canvas, 'ctrTitle', { x: 64, y: 178, w: 820, h: 220 }, theme)
    frame(canvas, 'subTitle', { x: 64, y: 420, w: 820, h: 100 }, { ...theme, ink: theme.onCoverMuted })
  } else {
    canvas.rectangle({ x: 64, y: 668, w: 1152, h: 1 }, theme.hairline, { name: 'Line' })
    drawFootBrand(canvas, theme)
    const isSection = name === 'section'
    frame(canvas, 'title', isSection ? { x: 110, y: 250, w: 920, h: 120 } : { x: 64, y: 50, w: 1152, h: 100 }, theme)
    if (isSection) frame(canvas, 'subTitle', { x: 110, y: 390, w: 920, h: 100 }, { ...theme, ink: theme.muted })
    frame(canvas, 'ftr', { x: 64, y: 685, w: 1100, h: 18 }, theme)
    frame(canvas, 'sldNum', { x: 1176, y: 685, w: 40, h: 18 }, theme)
  }
  const ground = name === 'cover' ? theme.cover : name === 'section' ? theme.surface : theme.background
  const root = tag(
    'p:sldLayout',
    { ...namespaces, type: titles[name].type, preserve: 1 },
    tag('p:cSld', { name: titles[name].name }, background(colour(ground)), shapeTree(canvas.xml())),
    tag('p:clrMapOvr', {}, tag('a:masterClrMapping')),
  )
  return {
    path: layoutPath(name, side),
    contentType: typeOf('slideLayout'),
    content: xmlDocument(root),
    relationships: [
      { id: 'rIdMaster', type: 'slideMaster', target: masterPath(side) },
      ...logoLinks(side, name === 'cover' ? 'cover' : 'content'),
    ],
  }
}

/** Quiet shapes at the right edge of the cover, and the rule above its title. */
function coverArt(canvas: SlideCanvas, theme: Theme): void {
  const heights = [96, 168, 132, 236, 300, 264, 388, 470]
  heights.forEach((height, index) => {
    const fill = index === heights.length - 1 ? theme.coverAccent : theme.coverShape
    canvas.rectangle({ x: page.w - 336 + index * 44, y: page.h - height, w: 28, h: height }, fill)
  })
  canvas.rectangle({ x: 64, y: 140, w: 64, h: 6 }, theme.coverAccent, { name: 'Rule' })
}

const notesPage = { image: { x: 60, y: 80, w: 600, h: 337.5 }, text: { x: 60, y: 460, w: 600, h: 740 } } as const

/** Notes are printed dark on white, whatever the theme of the slides. */
function notesMasterPart(language: string): Part {
  const root = tag(
    'p:notesMaster',
    namespaces,
    tag('p:cSld', {}, background(tag('a:schemeClr', { val: 'bg1' })), shapeTree(notesShapes([], language))),
    tag('p:clrMap', {
      bg1: 'lt1',
      tx1: 'dk1',
      bg2: 'lt2',
      tx2: 'dk2',
      ...Object.fromEntries([1, 2, 3, 4, 5, 6].map((number) => [`accent${number}`, `accent${number}`])),
      hlink: 'hlink',
      folHlink: 'folHlink',
    }),
    tag('p:notesStyle', {}, levelXml(16, false, '+mn-lt', language)),
  )
  return {
    path: notesMasterPath,
    contentType: typeOf('notesMaster'),
    content: xmlDocument(root),
    relationships: [{ id: 'rIdTheme', type: 'theme', target: notesThemePath }],
  }
}

/** The picture of the slide and, under it, what the speaker says: a paragraph for each line. */
export function notesShapes(lines: readonly string[], language: string): string {
  const paragraphs = lines.map((text) =>
    tag('a:p', {}, tag('a:r', {}, tag('a:rPr', { lang: language, dirty: 0 }), tag('a:t', {}, xmlText(text)))),
  )
  const box = (rect: Rect): string =>
    tag(
      'p:spPr',
      {},
      tag(
        'a:xfrm',
        {},
        tag('a:off', { x: emu(rect.x), y: emu(rect.y) }),
        tag('a:ext', { cx: emu(rect.w), cy: emu(rect.h) }),
      ),
      tag('a:prstGeom', { prst: 'rect' }, '<a:avLst/>'),
    )
  const head = (id: number, name: string, locks: string, placeholder: string): string =>
    tag('p:nvSpPr', {}, tag('p:cNvPr', { id, name }), tag('p:cNvSpPr', {}, locks), tag('p:nvPr', {}, placeholder))
  const image = tag(
    'p:sp',
    {},
    head(
      2,
      'Slide',
      tag('a:spLocks', { noGrp: 1, noRot: 1, noChangeAspect: 1 }),
      tag('p:ph', { type: 'sldImg', idx: 2 }),
    ),
    box(notesPage.image),
  )
  const body = tag(
    'p:sp',
    {},
    head(3, 'Notes', tag('a:spLocks', { noGrp: 1 }), tag('p:ph', { type: 'body', idx: 3 })),
    box(notesPage.text),
    tag('p:txBody', {}, '<a:bodyPr/><a:lstStyle/>', paragraphs.join('') || '<a:p/>'),
  )
  return image + body
}
