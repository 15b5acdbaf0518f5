import type { types } from '@slack/bolt'
import { parseJson } from '../../../lib/json.ts'
import { clip } from '../../chat/text.ts'
import { About, type AskingKind } from '../../chat/window.ts'
import { plain } from '../blocks/elements.ts'

/** Modals that come back to us, by what they ask for. */
export const callbackIds = {
  edit: 'deckhand.edit',
  chart: 'deckhand.chart',
  reason: 'deckhand.reason',
} as const satisfies Record<AskingKind, string>
/** The one field that each of them has. */
export const fieldId = 'deckhand.field'
const fieldBlock = 'field'

const limits = { title: 24, button: 24, blocks: 100, preformatted: 2800 } as const

/** Something to read. */
export function readingModal(title: string, blocks: readonly types.KnownBlock[]): types.ModalView {
  return {
    type: 'modal',
    title: plain(title, limits.title),
    close: plain('Close', limits.button),
    blocks: blocks.slice(0, limits.blocks),
  }
}

/** One question to the person. */
export function askingModal(
  title: string,
  kind: AskingKind,
  about: About,
  field: Pick<types.InputBlock, 'label' | 'element'> & { readonly optional?: boolean },
): types.ModalView {
  return {
    type: 'modal',
    callback_id: callbackIds[kind],
    private_metadata: JSON.stringify(about),
    title: plain(title, limits.title),
    submit: plain('Send', limits.button),
    close: plain('Cancel', limits.button),
    blocks: [{ type: 'input', block_id: fieldBlock, ...field }],
  }
}

/** Undefined when it is not what {@link askingModal} put there. */
export function parseAbout(privateMetadata: string): About | undefined {
  return About.safeParse(parseJson(privateMetadata)).data
}

/** The answer to a submission that shows `text` at the field, and leaves the modal open. */
export function fieldError(text: string): { response_action: 'errors'; errors: Record<string, string> } {
  return { response_action: 'errors', errors: { [fieldBlock]: text } }
}

/** Text in fixed width, over several blocks where one is too small; of more than `most` blocks the rest is left out. */
export function preformatted(text: string, most = 10): types.RichTextBlock[] {
  const parts: string[] = []
  let rest = text.toWellFormed()
  while (rest.length > limits.preformatted && parts.length < most - 1) {
    const newline = rest.lastIndexOf('\n', limits.preformatted)
    const end = newline > limits.preformatted / 2 ? newline + 1 : limits.preformatted
    parts.push(rest.slice(0, end))
    rest = rest.slice(end)
  }
  parts.push(clip(rest, limits.preformatted))
  return parts.map((part) => ({
    type: 'rich_text',
    elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'text', text: part.trimEnd() || '–' }] }],
  }))
}
