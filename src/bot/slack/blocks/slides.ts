import type { types } from '@slack/bolt'
import { slideCommands } from '../../chat/action.ts'
import { slideAlt, slideCommandWords, slideTitle } from '../../chat/reply-words.ts'
import type { Reply } from '../../reply.ts'
import { encodeAction } from '../actions.ts'
import { limits } from '../limits.ts'
import { type Block, context, plain, section } from './elements.ts'

type Slide = Reply['slides'][number]

const longestTitle = 150

/** Pictures of slides while others are still being written; as many as `room` blocks hold, one line about the rest. */
export function growingSlides({ slides }: Reply, room: number): Block[] {
  const pictures = slides.filter(({ picture }) => picture !== '')
  const all = pictures.map((slide) => pictureOf(slide, { title: plain(titleOf(slide), longestTitle) }))
  if (all.length <= room) return all
  return room > 0 ? [...all.slice(0, room - 1), context(`and ${all.length - room + 1} more`)] : []
}

/**
 * The finished slides: title with a menu, and picture, as wanted and where there is one. As many as fit into `room` blocks, and how many
 * more there are.
 */
export function finishedSlides(
  reply: Reply,
  room: number,
  show: { readonly pictures: boolean; readonly menus: boolean },
): Block[] {
  const shown = reply.slides.map((slide) => [
    section(titleOf(slide), show.menus ? menuOf(reply.turnId, slide) : {}),
    ...(show.pictures && slide.picture !== '' ? [pictureOf(slide)] : []),
  ])
  const all = shown.flat()
  if (all.length <= room) return all
  let count = 0
  const fitting: Block[] = []
  for (const blocks of shown) {
    if (fitting.length + blocks.length > room - 1) break
    fitting.push(...blocks)
    count += 1
  }
  return room > 0 ? [...fitting, context(`${reply.slides.length - count} more in the deck`)] : []
}

function titleOf(slide: Slide): string {
  return slideTitle(slide).slice(0, longestTitle * 2)
}

function pictureOf(slide: Slide, more: { readonly title?: types.PlainTextElement } = {}): Block {
  const alt = plain(slideAlt(slide), limits.altText).text
  return { type: 'image', slack_file: { id: slide.picture }, alt_text: alt, ...more }
}

/** Nothing where a value would not fit: Slack allows menus less than buttons. */
function menuOf(turnId: string, { index }: Slide): { readonly accessory?: types.Overflow } {
  const options = slideCommands.map((command) => ({
    command,
    ...encodeAction({ name: 'slide', turnId, index, command }),
  }))
  const [first] = options
  if (!first || options.some(({ value }) => value.length > limits.optionValue)) return {}
  return {
    accessory: {
      type: 'overflow',
      action_id: first.action_id,
      options: options.map(({ command, value }) => ({
        text: plain(slideCommandWords[command], limits.optionText),
        value,
      })),
    },
  }
}
