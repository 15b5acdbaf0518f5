import { type Action, encodeAction } from '../../chat/action.ts'
import { clip, oneLine, visible } from '../../chat/text.ts'
import type { Reply } from '../../reply.ts'
import { decodeThreadId, type ThreadId } from '../../thread.ts'
import type { ActionSet, CardAction, Container, Image, RichTextBlock, Table, TextBlock, TextRun } from './card.ts'
import { limits } from './limits.ts'

const longestCode = 6000

type Style = Omit<TextRun, 'type' | 'text'>

/** All that Teams sends back of a card's buttons; it says that they are ours. */
export const verb = 'deckhand'

/**
 * Words of anybody, with nothing in them read as markup: a run reads no Markdown and no mentions, and what card
 * renderers fill in (`{{DATE(…)}}`, `${…}`) is taken apart by a joiner that nobody sees.
 */
function inert(text: string): string {
  return visible(text).replaceAll(/(?<=[{$])(?=\{)/g, '\u2060')
}

/** A piece of text; of one that is empty nothing would be drawn. */
export function run(text: string, style: Style = {}): TextRun {
  return { type: 'TextRun', text: inert(text) || '–', ...style }
}

/** Pieces of text on one line. */
export function line(...inlines: readonly TextRun[]): RichTextBlock {
  return { type: 'RichTextBlock', inlines }
}

/** A text with its lines; runs do not break at line ends by themselves. */
export function paragraphs(text: string, style: Style = {}, mostLines = 60): RichTextBlock[] {
  const lines = text.split('\n').map((each) => each.trimEnd())
  const shown = lines.filter((each) => each.trim() !== '').slice(0, mostLines)
  const more = lines.filter((each) => each.trim() !== '').length - shown.length
  return [
    ...shown.map((each, index) => ({
      ...line(run(each, style)),
      ...(index > 0 ? { spacing: 'small' as const } : {}),
    })),
    ...(more > 0 ? [small(`and ${more} more lines`)] : []),
  ]
}

/** Small grey text. */
export function small(...parts: readonly (string | TextRun)[]): RichTextBlock {
  const style = { size: 'small', isSubtle: true } as const
  const runs = parts.map((part) => (typeof part === 'string' ? run(part, style) : { ...part, ...style }))
  return { type: 'RichTextBlock', inlines: runs, spacing: 'small' }
}

/** Words of ours that head what follows. */
export function heading(words: string): TextBlock {
  return { type: 'TextBlock', text: words, style: 'heading', wrap: true, weight: 'bolder', size: 'medium' }
}

/** Text in fixed width, as it is written in code. */
export function code(text: string, mostLines: number): Container {
  const lines = paragraphs(clip(text, longestCode), { fontType: 'monospace', size: 'small' }, mostLines)
  return {
    type: 'Container',
    style: 'emphasis',
    spacing: 'small',
    items: lines.map((each) => ({ ...each, spacing: 'none' })),
  }
}

/** A table; its numbers stand at the right. */
export function table(
  columns: readonly { readonly title: string; readonly isNumber: boolean }[],
  rows: readonly (readonly string[])[],
  longestCell: number,
): Table {
  const cell = (text: string, isNumber: boolean, style?: Style) => {
    const shown = clip(oneLine(text), longestCell).trim() || '–'
    const inlines = style ? [run(shown, style)] : [inert(shown)]
    const block = {
      type: 'RichTextBlock' as const,
      inlines,
      ...(isNumber ? { horizontalAlignment: 'right' as const } : {}),
    }
    return { type: 'TableCell' as const, items: [block] }
  }
  return {
    type: 'Table',
    firstRowAsHeader: true,
    showGridLines: false,
    columns: columns.map(({ isNumber }) => ({
      width: isNumber ? 2 : 3,
      ...(isNumber ? { horizontalCellContentAlignment: 'right' as const } : {}),
    })),
    rows: [
      {
        type: 'TableRow',
        style: 'emphasis',
        cells: columns.map(({ title, isNumber }) => cell(title, isNumber, { weight: 'bolder' })),
      },
      ...rows.map((row) => ({
        type: 'TableRow' as const,
        cells: columns.map(({ isNumber }, index) => cell(row[index] ?? '', isNumber)),
      })),
    ],
  }
}

/** A picture of ours; undefined for an address that Teams would not load. */
export function picture(address: string, altText: string): Image | undefined {
  const url = webAddress(address)
  if (url === undefined) return undefined
  return { type: 'Image', url, altText: inert(altText), size: 'stretch', msteams: { allowExpand: true } }
}

type Look = Pick<CardAction, 'style' | 'mode'>

/** A button that comes back to us. Of those that open a window, Teams asks at once what the window shows. */
export function button(reply: Reply, action: Action, label: string, look: Look = {}): CardAction {
  const words = inert(oneLine(label).trim())
  const title = clip(words, limits.buttonText)
  const tooltip = title === words ? {} : { tooltip: clip(words, limits.tooltip) }
  const { root } = decodeThreadId(reply.thread as ThreadId)
  const data = { ...encodeAction(action), root }
  if (!opensWindow(action)) return { type: 'Action.Execute', title, verb, data, ...tooltip, ...look }
  return { type: 'Action.Submit', title, data: { ...data, msteams: { type: 'task/fetch' } }, ...tooltip, ...look }
}

function opensWindow(action: Action): boolean {
  if (action.name === 'slide') return action.command !== 'drop'
  return action.name === 'sql' || (action.name === 'feedback' && action.rating === 'bad')
}

/** A button that opens an address; undefined when people could not open it. */
export function linkButton(label: string, address: string, look: Look = {}): CardAction | undefined {
  const url = webAddress(address)
  return url === undefined ? undefined : { type: 'Action.OpenUrl', title: label, url, ...look }
}

/** Buttons side by side; nothing when there are none. */
export function buttons(...actions: readonly (CardAction | undefined)[]): ActionSet[] {
  const all = actions.filter((each) => each !== undefined)
  return all.length > 0 ? [{ type: 'ActionSet', actions: all }] : []
}

/** The address in its canonical form, in which no character means anything but itself. */
function webAddress(address: string): string | undefined {
  const url = URL.parse(address)
  const isOpen = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.href.length <= limits.url
  if (!isOpen) return undefined
  return url.href.replaceAll('{', '%7B').replaceAll('}', '%7D')
}
