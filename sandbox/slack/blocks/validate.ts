import type { Block } from '../contract.ts'
import { isRecord, list, string } from '../../local/json.ts'
import { type BlockContext, type Check, flag, items, number, oneOf, record, rule, text, typed, url } from './check.ts'
import {
  accessory,
  actionElement,
  button,
  contextActionElement,
  contextElement,
  hasPicture,
  image,
  inputElement,
  pictureSource,
} from './elements.ts'
import { blockLimits as limits } from './limits.ts'
import { richTextElements } from './rich-text.ts'
import { anyText, mrkdwn, plain } from './text-objects.ts'

/**
 * What is wrong with these blocks, in Slack's words and with a JSON pointer for each; nothing when Slack takes them.
 * The sum of all texts is not looked at: see {@link sizeOfBlocks}.
 */
export function validateBlocks(blocks: unknown, context: BlockContext): readonly string[] {
  const most = context.surface === 'message' ? limits.perMessage : limits.perView
  const problems = items(context.surface === 'message' ? messageBlock : modalBlock, { min: 0, max: most })(
    blocks,
    '/blocks',
    context,
  )
  return problems.length > 0 ? problems : repeatedIds(list(blocks).filter(isRecord))
}

/** Characters of all blocks together, as far as known what Slack counts: the length of their texts. */
export function sizeOfBlocks(blocks: readonly Block[]): number {
  const sizeOf = (value: unknown): number => {
    if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + sizeOf(item), 0)
    if (!isRecord(value)) return 0
    return Object.entries(value).reduce(
      (sum, [name, field]) => sum + (name === 'text' && typeof field === 'string' ? field.length : sizeOf(field)),
      0,
    )
  }
  return sizeOf(blocks)
}

const blockId = { block_id: text({ max: limits.blockId }) }
const block = (shape: Parameters<typeof record>[0]): Check =>
  record({ ...shape, optional: { ...blockId, ...shape.optional } })

const richText = block({ required: { elements: richTextElements } })
const cell = typed({
  raw_text: record({ required: { text: text({ max: limits.tableText }) } }),
  raw_number: record({
    required: { value: number({ min: -Number.MAX_VALUE, max: Number.MAX_VALUE }) },
    optional: { text: text({ max: limits.tableText }) },
  }),
  rich_text: richText,
})

const table = block({
  required: { rows: items(items(cell, { min: 1, max: limits.tableColumns }), { min: 1, max: limits.tableRows }) },
  optional: {
    column_settings: items(record({ optional: { align: oneOf('left', 'center', 'right'), is_wrapped: flag } }), {
      min: 0,
      max: limits.tableColumns,
    }),
  },
  also: rule(
    ({ rows }) => sizeOfBlocks([{ type: 'rows', rows }]) <= limits.tableText,
    `table must have less than ${limits.tableText + 1} characters`,
  ),
})

const card = block({
  optional: {
    hero_image: typed({ image }),
    icon: typed({ image }),
    title: mrkdwn({ max: limits.cardTitle }),
    subtitle: mrkdwn({ max: limits.cardTitle }),
    body: mrkdwn({ max: limits.cardBody }),
    actions: items(typed({ button }), { min: 1, max: limits.cardActions }),
  },
  also: rule(
    (value) => ['hero_image', 'title', 'actions', 'body'].some((name) => value[name] !== undefined),
    'missing required field: title',
  ),
})

const taskCard = block({
  required: {
    task_id: text({ max: 255 }),
    title: text({ max: limits.sectionText }),
    status: oneOf('pending', 'in_progress', 'complete', 'error'),
  },
  optional: {
    details: typed({ rich_text: richText }),
    output: typed({ rich_text: richText }),
    sources: items(
      typed({ url: record({ required: { url: url({ max: limits.url }), text: text({ max: limits.sectionField }) } }) }),
      { min: 0, max: 50 },
    ),
  },
})

/** Blocks that messages and modals share. */
const shared = {
  actions: block({ required: { elements: items(actionElement, { min: 1, max: limits.actions }) } }),
  alert: block({
    required: { text: anyText({ max: limits.alert }) },
    optional: { level: oneOf('default', 'info', 'warning', 'error', 'success') },
  }),
  context: block({ required: { elements: items(contextElement, { min: 1, max: limits.context }) } }),
  divider: block({}),
  header: block({ required: { text: plain({ max: limits.header }) } }),
  image: block({
    required: { alt_text: text({ max: limits.altText }) },
    optional: { ...pictureSource, title: plain({ max: limits.imageTitle }) },
    also: hasPicture,
  }),
  markdown: block({ required: { text: text({ max: limits.markdown }) } }),
  rich_text: richText,
  section: block({
    optional: {
      text: anyText({ max: limits.sectionText }),
      fields: items(anyText({ max: limits.sectionField }), { min: 1, max: limits.sectionFields }),
      accessory,
      expand: flag,
    },
    also: rule((value) => value['text'] !== undefined || value['fields'] !== undefined, 'missing required field: text'),
  }),
  table,
} satisfies Record<string, Check>

const messageBlock = typed({
  ...shared,
  card,
  carousel: block({ required: { elements: items(typed({ card }), { min: 1, max: limits.carousel }) } }),
  container: block({
    required: { child_blocks: items(typed(shared), { min: 1, max: limits.container }) },
    optional: {
      title: plain({ max: limits.cardTitle }),
      rich_text_title: typed({ rich_text: richText }),
      subtitle: anyText({ max: limits.cardTitle }),
      width: oneOf('narrow', 'standard', 'wide', 'full'),
      icon: typed({ image }),
      is_collapsible: flag,
      default_collapsed: flag,
      has_header_divider: flag,
    },
    also: rule(
      (value) => value['title'] !== undefined || value['rich_text_title'] !== undefined,
      'missing required field: title',
    ),
  }),
  context_actions: block({
    required: { elements: items(contextActionElement, { min: 1, max: limits.contextActions }) },
  }),
  data_table: block({
    required: {
      rows: items(items(cell, { min: 1, max: limits.tableColumns }), { min: 1, max: 1000 }),
      caption: text({ max: limits.imageTitle }),
    },
    optional: {
      page_size: number({ min: 1, max: 100 }),
      row_header_column_index: number({ min: 0, max: limits.tableColumns - 1 }),
    },
  }),
  plan: block({
    required: { title: text({ max: limits.sectionText }) },
    optional: { tasks: items(typed({ task_card: taskCard }), { min: 0, max: limits.perMessage }) },
  }),
  task_card: taskCard,
})

const modalBlock = typed({
  ...shared,
  input: block({
    required: { label: plain({ max: limits.inputLabel }), element: inputElement },
    optional: { hint: plain({ max: limits.inputHint }), optional: flag, dispatch_action: flag },
  }),
})

/** Block ids are unique in a message, action ids in a block. */
function repeatedIds(blocks: readonly Readonly<Record<string, unknown>>[]): readonly string[] {
  const problems: string[] = []
  const blockIds = new Set<string>()
  for (const [index, each] of blocks.entries()) {
    const at = `/blocks/${index}`
    const own = string(each['block_id'])
    if (own !== '' && blockIds.has(own)) problems.push(`block_id "${own}" already exists [json-pointer:${at}/block_id]`)
    blockIds.add(own)
    const actionIds = new Set<string>()
    for (const [position, element] of list(each['elements']).filter(isRecord).entries()) {
      const actionId = string(element['action_id'])
      if (actionId === '') continue
      if (actionIds.has(actionId)) {
        problems.push(`action_id "${actionId}" already exists [json-pointer:${at}/elements/${position}/action_id]`)
      }
      actionIds.add(actionId)
    }
  }
  return problems
}
