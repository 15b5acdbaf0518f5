import { describe, expect, it } from 'vitest'
import { blockLimits as limits } from '../../../sandbox/slack/blocks/limits.ts'
import { validateBlocks } from '../../../sandbox/slack/blocks/validate.ts'
import { button, section } from './app.ts'

const check = (blocks: unknown, surface: 'message' | 'modal' = 'message') =>
  validateBlocks(blocks, {
    surface,
    fileState: (id) => (id === 'FREADY' ? 'ready' : id === 'FNEW' ? 'processing' : 'unknown'),
  })
const plain = (text: string) => ({ type: 'plain_text', text })
const long = (length: number) => 'x'.repeat(length)
const many = <T>(count: number, item: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => item(index))
const image = (more: object) => ({ type: 'image', alt_text: 'Slide 1', ...more })
const cell = (text: string) => ({ type: 'raw_text', text })
const feedback = {
  type: 'feedback_buttons',
  action_id: 'fb',
  positive_button: { text: plain('Good'), value: '1' },
  negative_button: { text: plain('Bad'), value: '0' },
}
const input = { type: 'input', label: plain('Why'), element: { type: 'plain_text_input', action_id: 'why' } }

describe('validateBlocks', () => {
  it.each<[string, unknown[], ('message' | 'modal')?]>([
    ['text at its longest', [section(long(limits.sectionText)), { type: 'header', text: plain(long(limits.header)) }]],
    ['fifty blocks', many(limits.perMessage, () => ({ type: 'divider' }))],
    ['a hundred blocks in a modal', many(limits.perView, () => ({ type: 'divider' })), 'modal'],
    ['a processed file', [image({ slack_file: { id: 'FREADY' }, title: plain('Slide 1') })]],
    ['a picture on the web', [image({ image_url: 'https://example.com/a.png' })]],
    [
      'a full table',
      [
        {
          type: 'table',
          rows: many(limits.tableRows, () => many(limits.tableColumns, () => cell('1'))),
          column_settings: [{ align: 'right' }],
        },
      ],
    ],
    ['feedback buttons', [{ type: 'context_actions', elements: [feedback] }]],
    [
      'a menu beside text',
      [
        {
          ...section('a'),
          accessory: { type: 'overflow', action_id: 'm', options: [{ text: plain('a'), value: 'a' }] },
        },
      ],
    ],
    ['as many buttons as fit', [{ type: 'actions', elements: many(limits.actions, (index) => button(`b${index}`)) }]],
    ['the same action in two blocks', many(2, () => ({ type: 'actions', elements: [button('go')] }))],
    [
      'a plan with its tasks',
      [
        {
          type: 'plan',
          title: 'Working',
          tasks: [{ type: 'task_card', task_id: '1', title: 'a', status: 'complete' }],
        },
      ],
    ],
    [
      'rich text',
      [
        {
          type: 'rich_text',
          elements: [
            {
              type: 'rich_text_list',
              style: 'bullet',
              elements: [
                {
                  type: 'rich_text_section',
                  elements: [
                    { type: 'text', text: 'a', style: { bold: true } },
                    { type: 'user', user_id: 'U1' },
                  ],
                },
              ],
            },
          ],
        },
      ],
    ],
    ['a field in a modal', [input], 'modal'],
  ])('takes %s', (_what, blocks, surface) => {
    expect(check(blocks, surface)).toEqual([])
  })

  it.each<[string, unknown, string, ('message' | 'modal')?]>([
    ['too many blocks', many(51, () => ({ type: 'divider' })), 'no more than 50 items allowed [json-pointer:/blocks]'],
    ['a block without type', [{}], 'missing required field: type [json-pointer:/blocks/0]'],
    ['a block nobody knows', [{ type: 'hologram' }], 'unsupported type: hologram [json-pointer:/blocks/0/type]'],
    [
      'a field nobody knows',
      [{ type: 'divider', color: 'red' }],
      'invalid additional property: color [json-pointer:/blocks/0]',
    ],
    ['a long section', [section(long(3001))], 'must be less than 3001 characters [json-pointer:/blocks/0/text/text]'],
    ['an empty section', [section('')], 'must be more than 0 characters [json-pointer:/blocks/0/text/text]'],
    ['a section with nothing', [{ type: 'section' }], 'missing required field: text [json-pointer:/blocks/0]'],
    [
      'eleven fields',
      [{ type: 'section', fields: many(11, () => plain('a')) }],
      'no more than 10 items allowed [json-pointer:/blocks/0/fields]',
    ],
    [
      'a long header',
      [{ type: 'header', text: plain(long(151)) }],
      'must be less than 151 characters [json-pointer:/blocks/0/text/text]',
    ],
    [
      'a header in mrkdwn',
      [{ type: 'header', text: { type: 'mrkdwn', text: 'a' } }],
      'unsupported type: mrkdwn [json-pointer:/blocks/0/text/type]',
    ],
    [
      'long Markdown',
      [{ type: 'markdown', text: long(12_001) }],
      'must be less than 12001 characters [json-pointer:/blocks/0/text]',
    ],
    [
      '26 buttons',
      [{ type: 'actions', elements: many(26, (index) => button(`b${index}`)) }],
      'no more than 25 items allowed [json-pointer:/blocks/0/elements]',
    ],
    [
      'no button',
      [{ type: 'actions', elements: [] }],
      'no less than 1 items allowed [json-pointer:/blocks/0/elements]',
    ],
    [
      'eleven context elements',
      [{ type: 'context', elements: many(11, () => plain('a')) }],
      'no more than 10 items allowed [json-pointer:/blocks/0/elements]',
    ],
    [
      'six feedback elements',
      [{ type: 'context_actions', elements: many(6, (index) => ({ ...feedback, action_id: `${index}` })) }],
      'no more than 5 items allowed [json-pointer:/blocks/0/elements]',
    ],
    [
      'a plain button among feedback',
      [{ type: 'context_actions', elements: [button('go')] }],
      'unsupported type: button [json-pointer:/blocks/0/elements/0/type]',
    ],
    [
      'a long button',
      [{ type: 'actions', elements: [button('go', { text: plain(long(76)) })] }],
      'must be less than 76 characters [json-pointer:/blocks/0/elements/0/text/text]',
    ],
    [
      'a long value',
      [{ type: 'actions', elements: [button('go', { value: long(2001) })] }],
      'must be less than 2001 characters [json-pointer:/blocks/0/elements/0/value]',
    ],
    [
      'a script as address',
      [{ type: 'actions', elements: [button('go', { url: 'javascript:alert(1)' })] }],
      'invalid_url [json-pointer:/blocks/0/elements/0/url]',
    ],
    [
      'a long action id',
      [{ type: 'actions', elements: [button(long(256))] }],
      'must be less than 256 characters [json-pointer:/blocks/0/elements/0/action_id]',
    ],
    [
      'an action id twice',
      [{ type: 'actions', elements: [button('go'), button('go')] }],
      'action_id "go" already exists [json-pointer:/blocks/0/elements/1/action_id]',
    ],
    [
      'a block id twice',
      many(2, () => ({ type: 'divider', block_id: 'b' })),
      'block_id "b" already exists [json-pointer:/blocks/1/block_id]',
    ],
    [
      'a file still in work',
      [image({ slack_file: { id: 'FNEW' } })],
      'invalid slack file [json-pointer:/blocks/0/slack_file]',
    ],
    [
      'a file there is not',
      [image({ slack_file: { id: 'F404' } })],
      'invalid slack file [json-pointer:/blocks/0/slack_file]',
    ],
    [
      'a picture Slack cannot reach',
      [image({ image_url: 'http://127.0.0.1:8080/a.png' })],
      'downloading image failed [json-pointer:/blocks/0/image_url]',
    ],
    [
      'a picture without words',
      [{ type: 'image', slack_file: { id: 'FREADY' } }],
      'missing required field: alt_text [json-pointer:/blocks/0]',
    ],
    ['a picture from nowhere', [image({})], 'must have either image_url or slack_file [json-pointer:/blocks/0]'],
    [
      '101 rows',
      [{ type: 'table', rows: many(101, () => [cell('a')]) }],
      'no more than 100 items allowed [json-pointer:/blocks/0/rows]',
    ],
    [
      '21 columns',
      [{ type: 'table', rows: [many(21, () => cell('a'))] }],
      'no more than 20 items allowed [json-pointer:/blocks/0/rows/0]',
    ],
    [
      'an empty cell',
      [{ type: 'table', rows: [[cell('')]] }],
      'must be more than 0 characters [json-pointer:/blocks/0/rows/0/0/text]',
    ],
    [
      'a long table',
      [{ type: 'table', rows: [[cell(long(6000))], [cell(long(6000))]] }],
      'table must have less than 10001 characters [json-pointer:/blocks/0]',
    ],
    [
      'six entries in a menu',
      [
        {
          ...section('a'),
          accessory: {
            type: 'overflow',
            action_id: 'm',
            options: many(6, (index) => ({ text: plain('a'), value: `${index}` })),
          },
        },
      ],
      'no more than 5 items allowed [json-pointer:/blocks/0/accessory/options]',
    ],
    [
      'eleven cards',
      [{ type: 'carousel', elements: many(11, () => ({ type: 'card', title: { type: 'mrkdwn', text: 'a' } })) }],
      'no more than 10 items allowed [json-pointer:/blocks/0/elements]',
    ],
    [
      'a task in no state',
      [{ type: 'task_card', task_id: '1', title: 'a', status: 'done' }],
      'must be one of: pending, in_progress, complete, error [json-pointer:/blocks/0/status]',
    ],
    ['a field in a message', [input], 'unsupported type: input [json-pointer:/blocks/0/type]'],
  ])('refuses %s', (_what, blocks, problem, surface) => {
    expect(check(blocks, surface)).toEqual([problem])
  })
})
