import type { types } from '@slack/bolt'
import { clip } from '../../chat/text.ts'
import type { Action } from '../../chat/action.ts'
import { encodeAction } from '../actions.ts'
import { limits } from '../limits.ts'

export type Block = types.KnownBlock
export type Button = types.Button

/** Text in which nothing is markup. An empty one, which Slack refuses, becomes `–`. */
export function plain(text: string, most: number): types.PlainTextElement {
  return { type: 'plain_text', text: shown(text, most), emoji: false }
}

/** Text of at most `most` characters that Slack does not call empty. */
export function shown(text: string, most: number): string {
  const clipped = clip(text.trim(), most)
  return clipped === '' ? '–' : clipped
}

export function section(text: string, more: Omit<types.SectionBlock, 'type' | 'text'> = {}): types.SectionBlock {
  return { type: 'section', text: plain(text, limits.section), ...more }
}

/** Small grey text. `parts` stand side by side; a part in markup comes as an element. */
export function context(...parts: readonly (string | types.MrkdwnElement)[]): types.ContextBlock {
  const elements = parts.map((part) => (typeof part === 'string' ? plain(part, limits.section) : part))
  return { type: 'context', elements: elements.slice(0, limits.contextElements) }
}

/** Markup of our own making; what others wrote in it has to be escaped. */
export function markup(text: string): types.MrkdwnElement {
  return { type: 'mrkdwn', text, verbatim: true }
}

/** Words of others as they are, in body size. */
export function words(text: string, style?: { readonly bold: boolean }): types.RichTextBlock {
  const element = { type: 'text' as const, text, ...(style ? { style } : {}) }
  return { type: 'rich_text', elements: [{ type: 'rich_text_section', elements: [element] }] }
}

export function button(action: Action, label: string, style?: 'primary' | 'danger'): Button {
  return { type: 'button', text: plain(label, limits.buttonText), ...encodeAction(action), ...(style ? { style } : {}) }
}

/** A button that opens an address; undefined when Slack would not. `place` differs for all of a message. */
export function linkButton(place: string, label: string, url: string, style?: 'primary'): Button | undefined {
  if (!/^https?:$/.test(URL.parse(url)?.protocol ?? '') || url.length > limits.url) return undefined
  const { action_id } = encodeAction({ name: 'link' }, place)
  return { type: 'button', text: plain(label, limits.buttonText), action_id, url, ...(style ? { style } : {}) }
}

/** A row of buttons; none when there is nothing in it. */
export function row(buttons: readonly (Button | undefined)[]): types.ActionsBlock[] {
  const elements = buttons.filter((each) => each !== undefined).slice(0, limits.actions)
  return elements.length > 0 ? [{ type: 'actions', elements }] : []
}
