import { describe, expect, it } from 'vitest'
import { parseMarkdown } from '../../../sandbox/slack/page/markdown.js'
import { parseMrkdwn } from '../../../sandbox/slack/page/mrkdwn.js'

const text = (value: string) => ({ kind: 'text', text: value })

describe('parseMrkdwn', () => {
  it.each([
    [
      '*bold* and _italic_ and ~gone~',
      [
        { kind: 'bold', children: [text('bold')] },
        text(' and '),
        { kind: 'italic', children: [text('italic')] },
        text(' and '),
        { kind: 'strike', children: [text('gone')] },
      ],
    ],
    ['2 * 3 * 4 and snake_case_name', [text('2 * 3 * 4 and snake_case_name')]],
    ['`a *b* c`', [{ kind: 'code', text: 'a *b* c' }]],
    ['```\nSELECT *\n```', [{ kind: 'pre', text: 'SELECT *' }]],
    ['<@U1> in <#C1|sales>', [{ kind: 'user', id: 'U1' }, text(' in '), { kind: 'channel', id: 'C1' }]],
    [
      '<https://a.example/?x=1&amp;y=2|Trace &amp; run>',
      [{ kind: 'link', url: 'https://a.example/?x=1&y=2', text: 'Trace & run' }],
    ],
    ['<javascript:alert(1)|click>', [text('<javascript:alert(1)|click>')]],
    ['&lt;b&gt; a &amp;amp; b', [text('<b> a &amp; b')]],
    [':mag: 10:30:45', [{ kind: 'emoji', name: 'mag' }, text(' 10:30:45')]],
    ['one\ntwo', [text('one'), { kind: 'break' }, text('two')]],
    ['> said\nplain', [{ kind: 'quote', children: [text('said')] }, text('plain')]],
    [
      '*<https://a.example|bold link>*',
      [{ kind: 'bold', children: [{ kind: 'link', url: 'https://a.example', text: 'bold link' }] }],
    ],
  ])('reads %j', (source, nodes) => {
    expect(parseMrkdwn(source)).toEqual(nodes)
  })
})

describe('parseMarkdown', () => {
  it('reads headings, paragraphs, lists, quotes, rules and code', () => {
    expect(
      parseMarkdown('# Sales\nUp **12%**\nagain\n\n- one\n- `two`\n\n1. first\n\n> said\n\n---\n```sql\nSELECT 1\n```'),
    ).toEqual([
      { kind: 'heading', level: 1, children: [text('Sales')] },
      {
        kind: 'paragraph',
        children: [text('Up '), { kind: 'bold', children: [text('12%')] }, { kind: 'break' }, text('again')],
      },
      { kind: 'list', isOrdered: false, items: [[text('one')], [{ kind: 'code', text: 'two' }]] },
      { kind: 'list', isOrdered: true, items: [[text('first')]] },
      { kind: 'quote', children: [text('said')] },
      { kind: 'rule' },
      { kind: 'code', text: 'SELECT 1' },
    ])
  })

  it('reads tables with their alignment', () => {
    expect(parseMarkdown('| Region | Sales |\n|---|--:|\n| EMEA | 4 |')).toEqual([
      {
        kind: 'table',
        isRight: [false, true],
        rows: [
          [[text('Region')], [text('Sales')]],
          [[text('EMEA')], [text('4')]],
        ],
      },
    ])
  })

  it('comes to an end with any text', () => {
    for (const odd of ['#', '|', '```', '> ', '-', '1.', '|a|', '####### seven', '\n\n', '*', '[a](b)']) {
      expect(() => parseMarkdown(odd)).not.toThrow()
    }
  })
})
