import { describe, expect, it } from 'vitest'
import { messageLimits } from '../../../sandbox/slack/blocks/limits.ts'
import type { Block } from '../../../sandbox/slack/contract.ts'
import { sizeOfBlocks, validateBlocks } from '../../../sandbox/slack/blocks/validate.ts'
import type { Reply } from '../../../src/bot/reply.ts'
import { parseAction } from '../../../src/bot/slack/actions.ts'
import { type Form, forms, replyToMessage, type SlackMessage } from '../../../src/bot/slack/blocks.ts'
import { createRandomReplies } from '../../support/random-replies.ts'
import { samples, withPictures } from './sample-replies.ts'

const show = (reply: Reply, isPrivate = false, form: Form = 'full'): SlackMessage =>
  replyToMessage(reply, { isPrivate, form })

/** What Slack would say against it. */
function problemsOf({ text, blocks }: SlackMessage): string[] {
  const problems = [...validateBlocks(blocks, { surface: 'message', fileState: () => 'ready' })]
  const size = sizeOfBlocks(blocks as unknown as readonly Block[])
  if (size > messageLimits.blocksTotal) problems.push(`msg_blocks_too_long: ${size}`)
  if (blocks.filter(({ type }) => type === 'table').length > 1) problems.push('only_one_table_allowed')
  if (text === '' || text.length > messageLimits.updatedText) problems.push(`text of ${text.length} characters`)
  if (blocks.length === 0) problems.push('no blocks')
  return problems
}

/** All values at a name, anywhere inside. */
function valuesAt(name: string, value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, field]) => [...(key === name ? [field] : []), ...valuesAt(name, field)])
}

/** Blocks as a person reads them, one line each. */
function outline({ blocks }: SlackMessage): string[] {
  return blocks.map((block) => {
    const texts = valuesAt('text', block).filter((text) => typeof text === 'string')
    const words = block.type === 'image' ? block.alt_text : texts.join(' | ')
    return `${block.type}: ${words.length > 100 ? `${words.slice(0, 99)}…` : words}`
  })
}

const pictures = ['F1', 'F2', 'F3', 'F4', 'F5']

describe('replyToMessage', () => {
  it('says how many come first, and lets the person leave', () => {
    expect(show(samples.queued)).toMatchInlineSnapshot(`
      {
        "blocks": [
          {
            "elements": [
              {
                "text": "*In line* behind 2 earlier messages of this thread.",
                "type": "mrkdwn",
                "verbatim": true,
              },
            ],
            "type": "context",
          },
          {
            "elements": [
              {
                "action_id": "deckhand.stop",
                "text": {
                  "emoji": false,
                  "text": "Cancel",
                  "type": "plain_text",
                },
                "type": "button",
                "value": "slack-T0001-C0001-1700000000.000100",
              },
            ],
            "type": "actions",
          },
        ],
        "text": "In line",
      }
    `)
  })

  it('shows the plan while it works, and lets the person stop it', () => {
    expect(show(samples.working)).toMatchInlineSnapshot(`
      {
        "blocks": [
          {
            "tasks": [
              {
                "status": "complete",
                "task_id": "1",
                "title": "Reading the question",
                "type": "task_card",
              },
              {
                "status": "in_progress",
                "task_id": "2",
                "title": "Asking Genie · running the query",
                "type": "task_card",
              },
              {
                "status": "pending",
                "task_id": "3",
                "title": "Planning the deck",
                "type": "task_card",
              },
              {
                "status": "pending",
                "task_id": "4",
                "title": "Writing slides",
                "type": "task_card",
              },
              {
                "status": "pending",
                "task_id": "5",
                "title": "Making the files",
                "type": "task_card",
              },
            ],
            "title": "Working on your question",
            "type": "plan",
          },
          {
            "elements": [
              {
                "action_id": "deckhand.stop",
                "text": {
                  "emoji": false,
                  "text": "Stop",
                  "type": "plain_text",
                },
                "type": "button",
                "value": "slack-T0001-C0001-1700000000.000100",
              },
            ],
            "type": "actions",
          },
        ],
        "text": "Asking Genie · running the query …",
      }
    `)
  })

  it('shows the first answer as soon as there is one, and one line about the rest', () => {
    expect(show(samples.firstAnswer)).toMatchInlineSnapshot(`
      {
        "blocks": [
          {
            "elements": [
              {
                "elements": [
                  {
                    "style": {
                      "bold": true,
                    },
                    "text": "EMEA led Q4 2023 with $4.2M, 38 % of all revenue; APAC grew fastest.",
                    "type": "text",
                  },
                ],
                "type": "rich_text_section",
              },
            ],
            "type": "rich_text",
          },
          {
            "column_settings": [
              {
                "align": "left",
              },
              {
                "align": "right",
              },
              {
                "align": "right",
              },
              {
                "align": "right",
              },
            ],
            "rows": [
              [
                {
                  "text": "Region",
                  "type": "raw_text",
                },
                {
                  "text": "Revenue",
                  "type": "raw_text",
                },
                {
                  "text": "Share",
                  "type": "raw_text",
                },
                {
                  "text": "Growth",
                  "type": "raw_text",
                },
              ],
              [
                {
                  "text": "EMEA",
                  "type": "raw_text",
                },
                {
                  "text": "$4,210,300",
                  "type": "raw_text",
                },
                {
                  "text": "38 %",
                  "type": "raw_text",
                },
                {
                  "text": "+6.1 %",
                  "type": "raw_text",
                },
              ],
              [
                {
                  "text": "Americas",
                  "type": "raw_text",
                },
                {
                  "text": "$3,980,120",
                  "type": "raw_text",
                },
                {
                  "text": "36 %",
                  "type": "raw_text",
                },
                {
                  "text": "+2.4 %",
                  "type": "raw_text",
                },
              ],
              [
                {
                  "text": "APAC",
                  "type": "raw_text",
                },
                {
                  "text": "$1,870,450",
                  "type": "raw_text",
                },
                {
                  "text": "17 %",
                  "type": "raw_text",
                },
                {
                  "text": "+14.8 %",
                  "type": "raw_text",
                },
              ],
              [
                {
                  "text": "LATAM",
                  "type": "raw_text",
                },
                {
                  "text": "$720,900",
                  "type": "raw_text",
                },
                {
                  "text": "7 %",
                  "type": "raw_text",
                },
                {
                  "text": "−1.2 %",
                  "type": "raw_text",
                },
              ],
              [
                {
                  "text": "Middle East",
                  "type": "raw_text",
                },
                {
                  "text": "$210,450",
                  "type": "raw_text",
                },
                {
                  "text": "2 %",
                  "type": "raw_text",
                },
                {
                  "text": "–",
                  "type": "raw_text",
                },
              ],
              [
                {
                  "text": "Africa",
                  "type": "raw_text",
                },
                {
                  "text": "$98,300",
                  "type": "raw_text",
                },
                {
                  "text": "1 %",
                  "type": "raw_text",
                },
                {
                  "text": "+3.3 %",
                  "type": "raw_text",
                },
              ],
            ],
            "type": "table",
          },
          {
            "elements": [
              {
                "text": "*Planning the deck* …",
                "type": "mrkdwn",
                "verbatim": true,
              },
            ],
            "type": "context",
          },
          {
            "elements": [
              {
                "action_id": "deckhand.stop",
                "text": {
                  "emoji": false,
                  "text": "Stop",
                  "type": "plain_text",
                },
                "type": "button",
                "value": "slack-T0001-C0001-1700000000.000100",
              },
            ],
            "type": "actions",
          },
        ],
        "text": "EMEA led Q4 2023 with $4.2M, 38 % of all revenue; APAC grew fastest.",
      }
    `)
  })

  it('shows slides while others are being written', () => {
    expect(outline(show(withPictures(samples.growing, ['F1', 'F2'])))).toMatchInlineSnapshot(`
      [
        "rich_text: EMEA led Q4 2023 with $4.2M, 38 % of all revenue; APAC grew fastest.",
        "table: Region | Revenue | Share | Growth | EMEA | $4,210,300 | 38 % | +6.1 % | Americas | $3,980,120 | 36 …",
        "image: Slide 1: Q4 2023 revenue: EMEA in front, APAC catching up",
        "image: Slide 2: EMEA brought in 38 % of revenue",
        "context: *Writing slides · 2 of 5* …",
        "actions: Stop",
      ]
    `)
  })

  it('ends with answer, data, slides, what they can be trusted for, and what to do next', () => {
    expect(outline(show(withPictures(samples.answered, pictures)))).toMatchInlineSnapshot(`
      [
        "rich_text: EMEA led the fourth quarter of 2023 with $4.2M, 38 % of all revenue, ahead of Americas with $4.0M. …",
        "table: Region | Revenue | Share | Growth | EMEA | $4,210,300 | 38 % | +6.1 % | Americas | $3,980,120 | 36 …",
        "section: 1  ·  Q4 2023 revenue: EMEA in front, APAC catching up | Edit this slide… | Change the chart… | Dro…",
        "image: Slide 1: Q4 2023 revenue: EMEA in front, APAC catching up",
        "section: 2  ·  EMEA brought in 38 % of revenue | Edit this slide… | Change the chart… | Drop this slide | Wh…",
        "image: Slide 2: EMEA brought in 38 % of revenue",
        "section: 3  ·  APAC grew by 14.8 %, twice as fast as any other region | Edit this slide… | Change the chart……",
        "image: Slide 3: APAC grew by 14.8 %, twice as fast as any other region",
        "section: 4  ·  November was the strongest month everywhere | Edit this slide… | Change the chart… | Drop thi…",
        "image: Slide 4: November was the strongest month everywhere",
        "section: 5  ·  What to watch in Q1 | Edit this slide… | Change the chart… | Drop this slide | Why these numb…",
        "image: Slide 5: What to watch in Q1",
        "context: Read as: revenue by region, 2023-10-01 to 2023-12-31; revenue by month and region, same period",
        "context: Powered by Genie · Sales (sandbox data) · sandbox-analyst · *24 of 25 numbers verified* · 8.1 s · $…",
        "actions: Open deck | PDF | PowerPoint | Excel | CSV | SQL",
        "actions: Only EMEA, by country | Compare with Q4 2022 | Which products drove APAC’s growth?",
        "context_actions: Good answer | Bad answer",
      ]
    `)
  })

  it('shows what was read, verified, spent, and how it came to be', () => {
    const { blocks } = show(samples.answered)

    expect(blocks.filter(({ type }) => type === 'context')).toMatchInlineSnapshot(`
      [
        {
          "elements": [
            {
              "emoji": false,
              "text": "Read as: revenue by region, 2023-10-01 to 2023-12-31; revenue by month and region, same period",
              "type": "plain_text",
            },
          ],
          "type": "context",
        },
        {
          "elements": [
            {
              "text": "Powered by Genie · Sales (sandbox data) · sandbox-analyst · *24 of 25 numbers verified* · 8.1 s · $0.03 · <http://127.0.0.1:5000/#/experiments/1/traces?selectedEvaluationId=tr-1|Trace>",
              "type": "mrkdwn",
              "verbatim": true,
            },
          ],
          "type": "context",
        },
      ]
    `)
  })

  it('gives each slide its picture and a menu', () => {
    const { blocks } = show(withPictures(samples.answered, pictures))
    const at = blocks.findIndex(({ type }) => type === 'section')

    expect(blocks.slice(at, at + 2)).toMatchInlineSnapshot(`
      [
        {
          "accessory": {
            "action_id": "deckhand.slide",
            "options": [
              {
                "text": {
                  "emoji": false,
                  "text": "Edit this slide…",
                  "type": "plain_text",
                },
                "value": "slack-T0001-C0001-1700000000.000100:0:edit",
              },
              {
                "text": {
                  "emoji": false,
                  "text": "Change the chart…",
                  "type": "plain_text",
                },
                "value": "slack-T0001-C0001-1700000000.000100:0:chart",
              },
              {
                "text": {
                  "emoji": false,
                  "text": "Drop this slide",
                  "type": "plain_text",
                },
                "value": "slack-T0001-C0001-1700000000.000100:0:drop",
              },
              {
                "text": {
                  "emoji": false,
                  "text": "Why these numbers?",
                  "type": "plain_text",
                },
                "value": "slack-T0001-C0001-1700000000.000100:0:why",
              },
            ],
            "type": "overflow",
          },
          "text": {
            "emoji": false,
            "text": "1  ·  Q4 2023 revenue: EMEA in front, APAC catching up",
            "type": "plain_text",
          },
          "type": "section",
        },
        {
          "alt_text": "Slide 1: Q4 2023 revenue: EMEA in front, APAC catching up",
          "slack_file": {
            "id": "F1",
          },
          "type": "image",
        },
      ]
    `)
  })

  it('offers files, SQL and suggestions as buttons that carry no text of others', () => {
    const rows = show(samples.answered).blocks.filter(({ type }) => type === 'actions')

    expect(rows).toMatchInlineSnapshot(`
      [
        {
          "elements": [
            {
              "action_id": "deckhand.link.html",
              "style": "primary",
              "text": {
                "emoji": false,
                "text": "Open deck",
                "type": "plain_text",
              },
              "type": "button",
              "url": "http://127.0.0.1:3000/d/k1/1/deck.html",
            },
            {
              "action_id": "deckhand.link.pdf",
              "text": {
                "emoji": false,
                "text": "PDF",
                "type": "plain_text",
              },
              "type": "button",
              "url": "http://127.0.0.1:3000/d/k1/1/deck.pdf",
            },
            {
              "action_id": "deckhand.link.pptx",
              "text": {
                "emoji": false,
                "text": "PowerPoint",
                "type": "plain_text",
              },
              "type": "button",
              "url": "http://127.0.0.1:3000/d/k1/1/deck.pptx",
            },
            {
              "action_id": "deckhand.link.xlsx",
              "text": {
                "emoji": false,
                "text": "Excel",
                "type": "plain_text",
              },
              "type": "button",
              "url": "http://127.0.0.1:3000/d/k1/1/deck.xlsx",
            },
            {
              "action_id": "deckhand.link.csv",
              "text": {
                "emoji": false,
                "text": "CSV",
                "type": "plain_text",
              },
              "type": "button",
              "url": "http://127.0.0.1:3000/d/k1/1/deck.csv",
            },
            {
              "action_id": "deckhand.sql",
              "text": {
                "emoji": false,
                "text": "SQL",
                "type": "plain_text",
              },
              "type": "button",
              "value": "slack-T0001-C0001-1700000000.000100",
            },
          ],
          "type": "actions",
        },
        {
          "elements": [
            {
              "action_id": "deckhand.ask.0",
              "text": {
                "emoji": false,
                "text": "Only EMEA, by country",
                "type": "plain_text",
              },
              "type": "button",
              "value": "slack-T0001-C0001-1700000000.000100:0",
            },
            {
              "action_id": "deckhand.ask.1",
              "text": {
                "emoji": false,
                "text": "Compare with Q4 2022",
                "type": "plain_text",
              },
              "type": "button",
              "value": "slack-T0001-C0001-1700000000.000100:1",
            },
            {
              "action_id": "deckhand.ask.2",
              "text": {
                "emoji": false,
                "text": "Which products drove APAC’s growth?",
                "type": "plain_text",
              },
              "type": "button",
              "value": "slack-T0001-C0001-1700000000.000100:2",
            },
          ],
          "type": "actions",
        },
      ]
    `)
  })

  it('offers to post to the channel only what is private and an answer', () => {
    const canPublish = (reply: Reply, isPrivate: boolean): boolean =>
      valuesAt('action_id', show(reply, isPrivate).blocks).includes('deckhand.publish')

    expect(canPublish(samples.answered, true)).toBe(true)
    expect(canPublish(samples.answered, false)).toBe(false)
    expect(canPublish(samples.failed, true)).toBe(false)
    expect(canPublish(samples.clarify, true)).toBe(false)
  })

  it('offers no earlier deck beside a failure or a question back', () => {
    const withDeck = (reply: Reply): Reply => ({
      ...reply,
      ...(reply.result ? { result: { ...reply.result, deck: samples.answered.result?.deck } } : {}),
    })
    const opensDeck = (reply: Reply): boolean => JSON.stringify(show(withDeck(reply)).blocks).includes('Open deck')

    expect([samples.answered, samples.failed, samples.clarify].map(opensDeck)).toEqual([true, false, false])
  })

  it('says who asked what where nobody wrote it, in words of others that stay words', () => {
    const reply = { ...samples.answered, question: '*drop*\n<!channel> slide 3' }
    const first = (moment: Reply, userId = 'U0001') =>
      replyToMessage({ ...moment, userId, question: reply.question }, { isPrivate: false, saysQuestion: true })
        .blocks[0]

    const elements = [
      { type: 'mrkdwn', text: '<@U0001> asked:', verbatim: true },
      { type: 'plain_text', text: '*drop* <!channel> slide 3', emoji: false },
    ]
    expect([samples.queued, samples.working, samples.answered].map((moment) => first(moment))).toEqual(
      Array.from({ length: 3 }, () => ({ type: 'context', elements })),
    )
    expect(first(reply, 'U1><!here>')).toMatchObject({ elements: [{ text: 'Asked:' }, elements[1]] })
    expect(replyToMessage(reply, { isPrivate: false, isCopy: true }).blocks[0]).toMatchObject({ elements })
    expect(outline(show(reply)).join()).not.toContain('drop')
  })

  it('says what went wrong, and offers to try again', () => {
    expect(show(samples.failed)).toMatchInlineSnapshot(`
      {
        "blocks": [
          {
            "elements": [
              {
                "elements": [
                  {
                    "name": "warning",
                    "type": "emoji",
                  },
                  {
                    "text": " Genie took longer than 10 minutes for this question. Please try again, or ask for a shorter period.",
                    "type": "text",
                  },
                ],
                "type": "rich_text_section",
              },
            ],
            "type": "rich_text",
          },
          {
            "elements": [
              {
                "text": "8.1 s · <http://127.0.0.1:5000/#/experiments/1/traces?selectedEvaluationId=tr-1|Trace>",
                "type": "mrkdwn",
                "verbatim": true,
              },
            ],
            "type": "context",
          },
          {
            "elements": [
              {
                "action_id": "deckhand.retry",
                "style": "primary",
                "text": {
                  "emoji": false,
                  "text": "Try again",
                  "type": "plain_text",
                },
                "type": "button",
                "value": "slack-T0001-C0001-1700000000.000100",
              },
            ],
            "type": "actions",
          },
        ],
        "text": "Genie took longer than 10 minutes for this question. Please try again, or ask for a shorter period.",
      }
    `)
  })

  it('does without a retry where it would not help', () => {
    const { result } = samples.failed
    const ids = valuesAt('action_id', show({ ...samples.failed, result: { ...result, canRetry: false } }).blocks)

    expect(ids).toEqual([])
  })

  it('offers the possible meanings of a question', () => {
    expect(outline(show(samples.clarify))).toMatchInlineSnapshot(`
      [
        "rich_text: Do you mean booked or recognised revenue?",
        "context: Powered by Genie · Sales (sandbox data) · sandbox-analyst · 8.1 s · <http://127.0.0.1:5000/#/experi…",
        "actions: Booked revenue | Recognised revenue",
      ]
    `)
  })

  it('offers a stopped question again', () => {
    expect(outline(show(samples.stopped))).toMatchInlineSnapshot(`
      [
        "rich_text: Stopped, as you asked.",
        "context: 8.1 s · <http://127.0.0.1:5000/#/experiments/1/traces?selectedEvaluationId=tr-1|Trace>",
        "actions: Ask again",
      ]
    `)
  })

  it('shows as many slides as fit, and counts the others', () => {
    const many = Array.from({ length: 40 }, (_, index) => ({
      index,
      id: `s${index}`,
      title: 'T',
      picture: `F${index}`,
    }))
    const message = show({ ...samples.answered, slides: many, slideCount: 40 })
    const shown = message.blocks.filter(({ type }) => type === 'image').length

    expect(problemsOf(message)).toEqual([])
    expect(message.blocks.length).toBeGreaterThan(45)
    expect(outline(message)).toContain(`context: ${40 - shown} more in the deck`)
  })

  it('writes the table in fixed width, and steps as words, where the workspace has nothing better', () => {
    const compact = show(withPictures(samples.answered, pictures), false, 'compact')

    expect(valuesAt('slack_file', compact.blocks)).toEqual([])
    expect(compact.blocks.find(({ type, ...rest }) => JSON.stringify(rest).includes('preformatted') && type))
      .toMatchInlineSnapshot(`
      {
        "elements": [
          {
            "elements": [
              {
                "text": "Region          Revenue  Share   Growth
      EMEA         $4,210,300   38 %   +6.1 %
      Americas     $3,980,120   36 %   +2.4 %
      APAC         $1,870,450   17 %  +14.8 %
      LATAM          $720,900    7 %   −1.2 %
      Middle East    $210,450    2 %
      Africa          $98,300    1 %   +3.3 %",
                "type": "text",
              },
            ],
            "type": "rich_text_preformatted",
          },
        ],
        "type": "rich_text",
      }
    `)
    expect(show(samples.working, false, 'compact').blocks[0]).toMatchInlineSnapshot(`
      {
        "elements": [
          {
            "elements": [
              {
                "style": {
                  "bold": false,
                },
                "text": "✓  Reading the question",
                "type": "text",
              },
              {
                "style": {
                  "bold": true,
                },
                "text": "
      ▸  Asking Genie · running the query",
                "type": "text",
              },
              {
                "style": {
                  "bold": false,
                },
                "text": "
      ○  Planning the deck",
                "type": "text",
              },
              {
                "style": {
                  "bold": false,
                },
                "text": "
      ○  Writing slides",
                "type": "text",
              },
              {
                "style": {
                  "bold": false,
                },
                "text": "
      ○  Making the files",
                "type": "text",
              },
            ],
            "type": "rich_text_section",
          },
        ],
        "type": "rich_text",
      }
    `)
  })

  it('keeps the way to the deck in its plainest form', () => {
    expect(outline(show(samples.answered, false, 'plain'))).toMatchInlineSnapshot(`
      [
        "rich_text: EMEA led the fourth quarter of 2023 with $4.2M, 38 % of all revenue, ahead of Americas with $4.0M. …",
        "context: Read as: revenue by region, 2023-10-01 to 2023-12-31; revenue by month and region, same period",
        "context: Powered by Genie · Sales (sandbox data) · sandbox-analyst · *24 of 25 numbers verified* · 8.1 s · $…",
        "actions: Open deck | PDF | PowerPoint | Excel | CSV | SQL",
        "actions: Only EMEA, by country | Compare with Q4 2022 | Which products drove APAC’s growth?",
      ]
    `)
  })

  it('shows words of others as words', () => {
    const evil = '<!channel> *bold* <https://evil.test|click> :tada: `x` & _y_'
    const { result } = samples.answered
    const reply: Reply = {
      ...samples.answered,
      slides: [{ index: 0, id: 's', title: evil, picture: '' }],
      result: { ...result, answer: evil, readings: [evil], suggestions: [evil], provenance: evil },
    }

    const message = show(reply)

    expect(problemsOf(message)).toEqual([])
    const markup = [message.text, ...markupIn(message.blocks)].join('\n')
    expect(markup).not.toContain('<!channel>')
    expect(markup).not.toContain('<https://evil.test')
    expect(message.blocks[0]).toMatchObject({ elements: [{ elements: [{ type: 'text', text: evil }] }] })
  })

  it('makes a message that Slack takes out of any reply, in every form', () => {
    const randomReply = createRandomReplies(20_261_122)
    for (let round = 0; round < 1000; round += 1) {
      const reply = randomReply()
      for (const form of forms) {
        const where = { isPrivate: round % 2 === 0, saysQuestion: round % 3 === 0, isCopy: round % 5 === 0 }
        const message = replyToMessage(reply, { ...where, form })
        const problems = problemsOf(message)
        if (problems.length > 0)
          expect.fail(`round ${round}, ${form}: ${problems.join('; ')}\n${JSON.stringify(reply)}`)
        expect(message.blocks.every((block) => JSON.stringify(block).isWellFormed())).toBe(true)
      }
    }
  })

  it('names its turn, and nothing else, in everything that can be pressed', () => {
    const randomReply = createRandomReplies(7)
    let pressed = 0
    for (let round = 0; round < 500; round += 1) {
      const reply = randomReply()
      for (const element of pressable(show(reply, true).blocks)) {
        const action = parseAction(element.action_id, element.value)
        expect(action, JSON.stringify(element)).toMatchObject({ turnId: reply.turnId })
        pressed += 1
      }
    }
    expect(pressed).toBeGreaterThan(2000)
  })
})

function markupIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  if ('type' in value && value.type === 'mrkdwn' && 'text' in value) return [String(value.text)]
  return Object.values(value).flatMap(markupIn)
}

/** Ids and values of buttons, menu options and feedback, without those that only open an address. */
function pressable(value: unknown, id = ''): { action_id: string; value: string }[] {
  if (typeof value !== 'object' || value === null || 'url' in value) return []
  const own = 'action_id' in value ? String(value.action_id) : id
  const here = 'value' in value && 'text' in value ? [{ action_id: own, value: String(value.value) }] : []
  return [...here, ...Object.values(value).flatMap((field) => pressable(field, own))]
}
