import { slideCommands } from '../../chat/action.ts'
import { slideAlt, slideCommandWords, slideTitle } from '../../chat/reply-words.ts'
import { clip } from '../../chat/text.ts'
import type { Reply } from '../../reply.ts'
import { bytesOf, type CardElement, type Column, type ColumnSet } from './card.ts'
import { button, line, picture, run, small } from './elements.ts'

type Slide = Reply['slides'][number]

const longestTitle = 150
const longestAlt = 300
/** Small enough to see a few at once, large enough to read a headline on a phone; a press opens a picture in full size. */
const perRow = 2

export interface SlidesShown {
  readonly pictures: boolean
  /** With a menu beside each. */
  readonly menus: boolean
}

/** Slides while others are still being written, in at most `room` bytes of JSON. */
export function growingSlides(reply: Reply, room: number): CardElement[] {
  const pictured = reply.slides.filter((slide) => picture(slide.picture, '') !== undefined)
  return strip(reply, pictured, room, { pictures: true, menus: false }, (count) => `and ${count} more`)
}

/** The finished slides, in at most `room` bytes of JSON, and how many more there are. */
export function finishedSlides(reply: Reply, room: number, shown: SlidesShown): CardElement[] {
  return strip(reply, reply.slides, room, shown, (count) => `${count} more in the deck`)
}

function strip(
  reply: Reply,
  slides: readonly Slide[],
  room: number,
  shown: SlidesShown,
  restInWords: (count: number) => string,
): CardElement[] {
  const columns = slides.map((slide) => columnOf(reply, slide, shown))
  let count = columns.length
  let elements = rowsOf(columns)
  while (count > 0 && bytesOf(elements) > room) {
    count -= 1
    elements = [...rowsOf(columns.slice(0, count)), small(restInWords(columns.length - count))]
  }
  return count > 0 ? elements : []
}

function rowsOf(columns: readonly Column[]): CardElement[] {
  const empty: Column = { type: 'Column', width: 'stretch', items: [] }
  const rows: ColumnSet[] = []
  for (let at = 0; at < columns.length; at += perRow) {
    const row = columns.slice(at, at + perRow)
    // A last slide alone is as large as the others.
    while (row.length < perRow) row.push(empty)
    rows.push({ type: 'ColumnSet', spacing: 'medium', columns: row })
  }
  return rows
}

function columnOf(reply: Reply, slide: Slide, { pictures, menus }: SlidesShown): Column {
  const image = pictures ? picture(slide.picture, clip(slideAlt(slide), longestAlt)) : undefined
  const title = line(run(clip(slideTitle(slide), longestTitle), { size: 'small' }))
  const menu: Column[] = menus ? [{ type: 'Column', width: 'auto', items: [menuOf(reply, slide)] }] : []
  return {
    type: 'Column',
    width: 'stretch',
    items: [
      ...(image ? [image] : []),
      {
        type: 'ColumnSet',
        spacing: 'small',
        columns: [{ type: 'Column', width: 'stretch', items: [title] }, ...menu],
      },
    ],
  }
}

function menuOf(reply: Reply, { index }: Slide): CardElement {
  const { turnId } = reply
  const items = slideCommands.map((command) =>
    button(reply, { name: 'slide', turnId, index, command }, slideCommandWords[command], { mode: 'secondary' }),
  )
  return { type: 'ActionSet', actions: items }
}
