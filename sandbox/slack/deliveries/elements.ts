import type { Block } from '../contract.ts'
import { isRecord, list, string } from '../../local/json.ts'

/** Something in a block that a person can use. */
export interface Element {
  readonly type: string
  readonly actionId: string
  readonly blockId: string
  readonly block: Block
  readonly raw: Readonly<Record<string, unknown>>
}

/** Every element with an action id in these blocks, also in cards and containers. */
export function elementsOf(blocks: readonly Block[]): readonly Element[] {
  return blocks.flatMap((block) => {
    const blockId = string(block['block_id'])
    const candidates = [...list(block['elements']), ...list(block['actions']), block['accessory'], block['element']]
    const own = candidates.filter(isRecord).flatMap((raw): readonly Element[] => {
      if (raw['type'] === 'card') return []
      const actionId = raw['action_id']
      return typeof actionId === 'string' ? [{ type: string(raw['type']), actionId, blockId, block, raw }] : []
    })
    const nested = [...list(block['child_blocks']), ...list(block['elements'])].filter(isCard)
    return [...own, ...elementsOf(nested)]
  })
}

/** The element a person means, as Slack names it in a payload, with what they picked. Undefined when nothing fits. */
export function toAction(element: Element, value: string | undefined, ts: string): Record<string, unknown> | undefined {
  const { raw, type } = element
  const base = { type, action_id: element.actionId, block_id: element.blockId, action_ts: ts }
  switch (type) {
    case 'button':
    case 'icon_button':
      return { ...base, text: raw['text'], ...(raw['value'] === undefined ? {} : { value: raw['value'] }) }
    case 'feedback_buttons': {
      const buttons = [raw['positive_button'], raw['negative_button']].filter(isRecord)
      const pressed = buttons.find((button) => value === undefined || button['value'] === value)
      return pressed && { ...base, value: pressed['value'], text: pressed['text'] }
    }
    case 'overflow':
    case 'static_select':
    case 'radio_buttons': {
      const options = [
        ...list(raw['options']),
        ...list(raw['option_groups']).flatMap((group) => (isRecord(group) ? list(group['options']) : [])),
      ]
      const picked = options.filter(isRecord).find((option) => value === undefined || option['value'] === value)
      return picked && { ...base, selected_option: picked }
    }
    case 'checkboxes': {
      const wanted = (value ?? '').split(',')
      const picked = list(raw['options'])
        .filter(isRecord)
        .filter((option) => wanted.includes(string(option['value'])))
      return { ...base, selected_options: picked }
    }
    case 'users_select':
      return { ...base, selected_user: value }
    case 'conversations_select':
      return { ...base, selected_conversation: value }
    case 'channels_select':
      return { ...base, selected_channel: value }
    default:
      return { ...base, value: value ?? '' }
  }
}

const isCard = (value: unknown): value is Block =>
  isRecord(value) && (value['type'] === 'card' || Array.isArray(value['elements']))
