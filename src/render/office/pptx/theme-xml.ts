import { isDark, type Theme } from '../../theme.ts'
import { tag, xmlDocument } from '../xml.ts'

/**
 * Inter by name. Where it is not installed, PowerPoint looks for a font of the same class by these numbers: an upright sans
 * serif of normal width. Inter is wider than what it finds then, so texts that were measured with it still fit.
 */
const sans = { panose: '020B0604020202020204', pitchFamily: 34, charset: 0 } as const

/** Fonts of Office for the scripts that Inter does not have. */
const scripts = {
  Jpan: 'Yu Gothic',
  Hang: 'Malgun Gothic',
  Hans: 'Microsoft YaHei',
  Hant: 'Microsoft JhengHei',
  Arab: 'Arial',
  Hebr: 'Arial',
  Thai: 'Leelawadee UI',
  Deva: 'Nirmala UI',
} as const

/** PowerPoint's theme: the palette and the fonts of ours. `isForSlides` is false for printed notes, which are always light. */
export function themeXml(theme: Theme, isForSlides: boolean): string {
  const dark = isForSlides && isDark(theme)
  const light = isForSlides ? theme : { background: '#ffffff', ink: '#000000', surface: '#f3f6fa', cover: '#10233f' }
  const colours = {
    dk1: dark ? theme.background : light.ink,
    lt1: dark ? theme.ink : light.background,
    dk2: dark ? theme.surface : light.cover,
    lt2: dark ? theme.muted : light.surface,
    ...Object.fromEntries(
      [0, 1, 2, 3, 4, 5].map((at) => [`accent${at + 1}`, theme.series[at % theme.series.length] ?? theme.accent]),
    ),
    hlink: theme.accent,
    folHlink: theme.muted,
  }
  const scheme = Object.entries(colours).map(([name, hex]) =>
    tag(`a:${name}`, {}, tag('a:srgbClr', { val: hex.slice(1).toUpperCase() })),
  )
  const font =
    tag('a:latin', { typeface: theme.font?.name ?? 'Inter', ...sans }) +
    tag('a:ea', { typeface: '' }) +
    tag('a:cs', { typeface: '' }) +
    Object.entries(scripts)
      .map(([script, typeface]) => tag('a:font', { script, typeface }))
      .join('')
  return xmlDocument(
    tag(
      'a:theme',
      { 'xmlns:a': 'http://schemas.openxmlformats.org/drawingml/2006/main', name: `Deckhand ${theme.name}` },
      tag(
        'a:themeElements',
        {},
        tag('a:clrScheme', { name: `Deckhand ${theme.name}` }, ...scheme),
        tag('a:fontScheme', { name: 'Deckhand' }, tag('a:majorFont', {}, font), tag('a:minorFont', {}, font)),
        formatScheme,
      ),
    ),
  )
}

const placeholderFill = tag('a:solidFill', {}, tag('a:schemeClr', { val: 'phClr' }))

/** The three strengths of fill, line and effect that the format wants, all plain. */
const formatScheme = tag(
  'a:fmtScheme',
  { name: 'Deckhand' },
  tag('a:fillStyleLst', {}, placeholderFill.repeat(3)),
  tag(
    'a:lnStyleLst',
    {},
    ...[6350, 12_700, 19_050].map((w) => tag('a:ln', { w, cap: 'flat', cmpd: 'sng', algn: 'ctr' }, placeholderFill)),
  ),
  tag('a:effectStyleLst', {}, tag('a:effectStyle', {}, tag('a:effectLst')).repeat(3)),
  tag('a:bgFillStyleLst', {}, placeholderFill.repeat(3)),
)
