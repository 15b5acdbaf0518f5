import { describe, expect, it } from 'vitest'
import { parseAction } from '../../../../src/bot/chat/action.ts'
import type { Reply } from '../../../../src/bot/reply.ts'
import { type Form, forms, type ReplyActivity, replyToActivity } from '../../../../src/bot/teams/cards/reply-card.ts'
import { createRandomReplies } from '../../../support/random-replies.ts'
import { samples, withPictures } from '../../slack/sample-replies.ts'
import { AdaptiveCardSchema } from './card-schema.ts'
import { objectsIn, ofType, outline, textsIn } from './reading-cards.ts'

const mostBytes = 28 * 1024
const pictures = Array.from({ length: 5 }, (_, index) => `https://deckhand.test/d/k1/1/slide-${index + 1}.png`)
const answered = withPictures(samples.answered, pictures)

const show = (reply: Reply, isPrivate = false, form: Form = 'full'): ReplyActivity =>
  replyToActivity(reply, { isPrivate, form })
const cardOf = ({ attachments: [attachment] }: ReplyActivity) => attachment?.content ?? expect.fail('no card')
const read = (activity: ReplyActivity): string[] => outline(cardOf(activity).body)

/** What Teams would say against it. */
function problemsOf(activity: ReplyActivity): string[] {
  const { error } = AdaptiveCardSchema.safeParse(cardOf(activity))
  const bytes = Buffer.byteLength(JSON.stringify(activity))
  return [
    ...(error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? []),
    ...(bytes >= mostBytes ? [`${bytes} bytes`] : []),
    ...(activity.summary === '' ? ['no summary'] : []),
    ...((activity.text ?? '').length > 8000 ? ['a long text'] : []),
    ...('text' in activity && activity.text === '' ? ['an empty text'] : []),
    ...(textsIn(activity).every((text) => text.isWellFormed()) ? [] : ['half a character']),
  ]
}

/** The same reply with `text` wherever somebody else's words stand. */
function saying(text: string, reply: Reply): Reply {
  const ours = new Set(['id', 'turnId', 'thread', 'state', 'phase', 'status', 'picture', 'traceId', 'traceUrl', 'key'])
  const replace = (name: string, value: unknown): unknown => {
    if (ours.has(name) || name === 'links') return value
    if (Array.isArray(value)) return value.map((each) => (typeof each === 'string' ? text : each))
    return typeof value === 'string' && name !== '' ? text : value
  }
  return JSON.parse(JSON.stringify(reply, (name, value: unknown) => replace(name, value))) as Reply
}

describe('replyToActivity', () => {
  it('says how many come first, and lets the person leave', () => {
    expect(show(samples.queued)).toMatchInlineSnapshot(`
      {
        "attachments": [
          {
            "content": {
              "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
              "body": [
                {
                  "inlines": [
                    {
                      "text": "In line",
                      "type": "TextRun",
                      "weight": "bolder",
                    },
                    {
                      "text": " behind 2 earlier messages of this thread.",
                      "type": "TextRun",
                    },
                  ],
                  "type": "RichTextBlock",
                },
                {
                  "actions": [
                    {
                      "data": {
                        "deckhand": {
                          "name": "stop",
                          "turnId": "slack-T0001-C0001-1700000000.000100",
                        },
                        "root": "1700000000.000100",
                      },
                      "title": "Cancel",
                      "type": "Action.Execute",
                      "verb": "deckhand",
                    },
                  ],
                  "type": "ActionSet",
                },
              ],
              "fallbackText": "This app is too old to show the answer. Please update Microsoft Teams.",
              "msteams": {
                "width": "Full",
              },
              "type": "AdaptiveCard",
              "version": "1.5",
            },
            "contentType": "application/vnd.microsoft.card.adaptive",
          },
        ],
        "channelData": {},
        "entities": [],
        "summary": "In line",
        "type": "message",
      }
    `)
  })

  it('shows the plan while it works, and lets the person stop it', () => {
    const activity = show(samples.working)

    expect(activity).not.toHaveProperty('text')
    expect(activity.summary).toBe('Asking Genie · running the query …')
    expect(read(activity)).toMatchInlineSnapshot(`
      [
        "# Working on your question",
        "✓",
        "/ Reading the question",
        "▸",
        "/ Asking Genie · running the query",
        "○",
        "/ Planning the deck",
        "○",
        "/ Writing slides",
        "○",
        "/ Making the files",
        "(Stop)",
      ]
    `)
  })

  it('shows the first answer as soon as there is one, and one line about the rest', () => {
    expect(read(show(samples.firstAnswer))).toMatchInlineSnapshot(`
      [
        "EMEA led Q4 2023 with $4.2M, 38 % of all revenue; APAC grew fastest.",
        "| Region | Revenue | Share | Growth",
        "| EMEA | $4,210,300 | 38 % | +6.1 %",
        "| Americas | $3,980,120 | 36 % | +2.4 %",
        "| APAC | $1,870,450 | 17 % | +14.8 %",
        "| LATAM | $720,900 | 7 % | −1.2 %",
        "| Middle East | $210,450 | 2 % | –",
        "| Africa | $98,300 | 1 % | +3.3 %",
        "Planning the deck …",
        "(Stop)",
      ]
    `)
  })

  it('shows slides as they come', () => {
    expect(read(show(withPictures(samples.growing, pictures))).slice(-8)).toMatchInlineSnapshot(`
      [
        "| Middle East | $210,450 | 2 % | –",
        "| Africa | $98,300 | 1 % | +3.3 %",
        "[picture: Slide 1: Q4 2023 revenue: EMEA in front, APAC catching up]",
        "1  ·  Q4 2023 revenue: EMEA in front, APAC catching up",
        "/ [picture: Slide 2: EMEA brought in 38 % of revenue]",
        "/ 2  ·  EMEA brought in 38 % of revenue",
        "Writing slides · 2 of 5 …",
        "(Stop)",
      ]
    `)
  })

  it('shows answer, numbers, slides, evidence and what to do next, from top to bottom', () => {
    const activity = show(answered)

    expect(activity).not.toHaveProperty('text')
    expect(activity.summary).toMatch(/^EMEA led the fourth quarter/)
    expect(read(activity)).toMatchInlineSnapshot(`
      [
        "EMEA led the fourth quarter of 2023 with $4.2M, 38 % of all revenue, ahead of Americas with $4.0M. APAC grew fastest, by 14.8 % over the quarter before. November was the strongest month in every region.",
        "| Region | Revenue | Share | Growth",
        "| EMEA | $4,210,300 | 38 % | +6.1 %",
        "| Americas | $3,980,120 | 36 % | +2.4 %",
        "| APAC | $1,870,450 | 17 % | +14.8 %",
        "| LATAM | $720,900 | 7 % | −1.2 %",
        "| Middle East | $210,450 | 2 % | –",
        "| Africa | $98,300 | 1 % | +3.3 %",
        "[picture: Slide 1: Q4 2023 revenue: EMEA in front, APAC catching up]",
        "1  ·  Q4 2023 revenue: EMEA in front, APAC catching up",
        "/ (Edit this slide… …) (Change the chart… …) (Drop this slide …) (Why these numbers? …)",
        "/ [picture: Slide 2: EMEA brought in 38 % of revenue]",
        "/ 2  ·  EMEA brought in 38 % of revenue",
        "/ / (Edit this slide… …) (Change the chart… …) (Drop this slide …) (Why these numbers? …)",
        "[picture: Slide 3: APAC grew by 14.8 %, twice as fast as any other region]",
        "3  ·  APAC grew by 14.8 %, twice as fast as any other region",
        "/ (Edit this slide… …) (Change the chart… …) (Drop this slide …) (Why these numbers? …)",
        "/ [picture: Slide 4: November was the strongest month everywhere]",
        "/ 4  ·  November was the strongest month everywhere",
        "/ / (Edit this slide… …) (Change the chart… …) (Drop this slide …) (Why these numbers? …)",
        "[picture: Slide 5: What to watch in Q1]",
        "5  ·  What to watch in Q1",
        "/ (Edit this slide… …) (Change the chart… …) (Drop this slide …) (Why these numbers? …)",
        "Read as: revenue by region, 2023-10-01 to 2023-12-31; revenue by month and region, same period",
        "Powered by Genie · Sales (sandbox data) · sandbox-analyst · 24 of 25 numbers verified · 8.1 s · $0.03",
        "(Open deck!)",
        "(PDF) (PowerPoint) (Excel …) (CSV …) (SQL …) (Trace …)",
        "(Only EMEA, by country)",
        "(Compare with Q4 2022)",
        "(Which products drove APAC’s growth?)",
        "(Good answer) (Bad answer)",
      ]
    `)
  })

  it('says the answer beside the card where a message takes a text', () => {
    const activity = replyToActivity(answered, { isPrivate: false, hasText: true })

    expect(activity.text).toMatchInlineSnapshot(
      `"EMEA led the fourth quarter of 2023 with $4.2M, 38 % of all revenue, ahead of Americas with $4.0M. APAC grew fastest, by 14.8 % over the quarter before. November was the strongest month in every region. [1]"`,
    )
    expect(read(activity)[0]).toBe('| Region | Revenue | Share | Growth')
  })

  it('says the first answer there, too, and a failure with its sign', () => {
    const first = replyToActivity(samples.firstAnswer, { isPrivate: false, hasText: true })
    const failure = replyToActivity(samples.failed, { isPrivate: false, hasText: true })

    expect(first.text).toBe('EMEA led Q4 2023 with $4.2M, 38 % of all revenue; APAC grew fastest.')
    expect(read(first)[0]).toBe('| Region | Revenue | Share | Growth')
    expect(failure.text).toMatch(/^⚠ Genie took longer/)
    expect(replyToActivity(samples.working, { isPrivate: false, hasText: true })).not.toHaveProperty('text')
  })

  it('says that a model wrote it, and cites the Genie space', () => {
    expect(show(answered).entities).toMatchInlineSnapshot(`
      [
        {
          "@context": "https://schema.org",
          "@id": "",
          "@type": "Message",
          "additionalType": [
            "AIGeneratedContent",
          ],
          "citation": [
            {
              "@type": "Claim",
              "appearance": {
                "@type": "DigitalDocument",
                "abstract": "Read as: revenue by region, 2023-10-01 to 2023-12-31; revenue by month and region, same period",
                "name": "Powered by Genie · Sales (sandbox data) · sandbox-analyst",
                "url": "http://127.0.0.1:3000/d/k1/1/deck.html",
              },
              "position": 1,
            },
          ],
          "type": "https://schema.org/Message",
        },
      ]
    `)
  })

  it('asks for an opinion by buttons that edits keep, and by Teams’ own where there are no edits', () => {
    const card = show(answered)
    const beside = replyToActivity(answered, { isPrivate: false, hasText: true })

    expect(card.channelData).toEqual({})
    expect(read(card).at(-1)).toBe('(Good answer) (Bad answer)')
    expect(ofType('Action.Execute', card).at(-1)).toMatchObject({
      title: 'Good answer',
      data: { deckhand: { name: 'feedback', turnId: answered.turnId, rating: 'good' } },
    })
    expect(beside.channelData).toEqual({ feedbackLoop: { type: 'default' } })
    expect(read(beside).at(-1)).not.toContain('Good answer')
  })

  it('claims no source for what rests on no query', () => {
    const { text, entities } = replyToActivity(samples.clarify, { isPrivate: false, hasText: true })

    expect(text).toBe('Do you mean booked or recognised revenue?')
    expect(entities).toEqual([expect.objectContaining({ additionalType: ['AIGeneratedContent'] })])
    expect(objectsIn(entities).some((each) => 'citation' in each)).toBe(false)
  })

  it('warns of a failure by a sign and a frame, in words of ours, and offers to try again', () => {
    const activity = show(samples.failed)

    expect(activity).toMatchObject({ entities: [], channelData: {} })
    expect(read(activity)).toMatchInlineSnapshot(`
      [
        "warning:",
        "  ⚠ Genie took longer than 10 minutes for this question. Please try again, or ask for a shorter period.",
        "8.1 s",
        "(Try again!) (Trace)",
      ]
    `)
  })

  it('offers to ask again after it was stopped', () => {
    const activity = show(samples.stopped)

    expect(activity.entities).toEqual([])
    expect(read(activity)).toEqual(['Stopped, as you asked.', '8.1 s', '(Ask again!) (Trace)'])
  })

  it('offers no earlier deck beside a failure or a question back', () => {
    const withDeck = (reply: Reply): Reply => ({
      ...reply,
      ...(reply.result ? { result: { ...reply.result, deck: samples.answered.result?.deck } } : {}),
    })
    const opensDeck = (reply: Reply): boolean => JSON.stringify(show(withDeck(reply))).includes('Open deck')

    expect([samples.answered, samples.failed, samples.clarify].map(opensDeck)).toEqual([true, false, false])
  })

  it('offers a private answer to the channel, and no other', () => {
    expect(read(show(answered, true))).toContain('(Open deck!) (Post to channel)')
    expect(read(show(answered, false)).join()).not.toContain('Post to channel')
  })

  it('repeats the question in copies, and leaves out what would go on with the thread', () => {
    const copy = replyToActivity(answered, { isPrivate: false, isCopy: true })
    const actions = objectsIn(copy).flatMap((each) => (each['deckhand'] ? [parseAction(each)?.name] : []))

    expect(read(copy).slice(0, 2)).toEqual([
      'Asked: How did revenue by region develop in Q4 2023?',
      expect.stringMatching(/^EMEA led/),
    ])
    expect(actions).toEqual(['sql', 'feedback', 'feedback'])
  })

  it('repeats the question above the words beside a card', () => {
    const where = { isPrivate: false, saysQuestion: true, hasText: true }

    expect(replyToActivity(answered, where).text).toMatch(/^\*\*Asked:\*\* How did revenue .*\?\n\nEMEA led/)
  })

  it('says what a button asked while it works', () => {
    const activity = replyToActivity(samples.working, { isPrivate: false, saysQuestion: true })

    expect(read(activity)[0]).toBe('Asked: How did revenue by region develop in Q4 2023?')
  })

  it('gives every picture words, a place on the web and a full size', () => {
    const images = ofType('Image', show(answered))

    expect(images).toHaveLength(5)
    expect(images[1]).toEqual({
      type: 'Image',
      url: pictures[1],
      altText: 'Slide 2: EMEA brought in 38 % of revenue',
      size: 'stretch',
      msteams: { allowExpand: true },
    })
  })

  it('lets every slide be changed where it stands', () => {
    const slides = objectsIn(show(answered)).flatMap((each) => {
      const action = each['deckhand'] ? parseAction(each) : undefined
      return action?.name === 'slide' ? [`${action.index} ${action.command}`] : []
    })

    expect(slides).toEqual(
      [0, 1, 2, 3, 4].flatMap((index) => ['edit', 'chart', 'drop', 'why'].map((c) => `${index} ${c}`)),
    )
  })

  it('opens windows as dialogs, and does everything else at once', () => {
    const dialogs = ofType('Action.Submit', show(answered)).map(({ title, data }) => [title, data])
    const [first] = dialogs

    expect(new Set(dialogs.map(([title]) => title))).toEqual(
      new Set(['SQL', 'Edit this slide…', 'Change the chart…', 'Why these numbers?', 'Bad answer']),
    )
    expect(first?.[1]).toEqual({
      deckhand: { name: 'slide', turnId: answered.turnId, index: 0, command: 'edit' },
      root: '1700000000.000100',
      msteams: { type: 'task/fetch' },
    })
  })

  it('leaves out for the Playground what breaks it', () => {
    const activity = replyToActivity(answered, { isPrivate: false, client: 'playground' })

    expect(objectsIn(activity).filter((each) => 'msteams' in each)).toEqual([])
    expect(ofType('Action.Submit', activity)).toEqual([])
    expect(read(activity)).toEqual(read(show(answered)))
    expect(problemsOf(activity)).toEqual([])
  })

  it('aligns numbers to the right, in head and body', () => {
    const [table] = ofType('Table', show(answered))
    const rows = table?.['rows'] as { cells: { items: { horizontalAlignment?: string }[] }[] }[]

    expect(rows.length).toBe(7)
    for (const { cells } of rows) {
      expect(cells.map(({ items }) => items[0]?.horizontalAlignment)).toEqual([undefined, 'right', 'right', 'right'])
    }
  })

  it('becomes plainer where a client takes less', () => {
    const compact = show(answered, false, 'compact')
    const plain = show(answered, false, 'plain')

    expect(ofType('Image', compact)).toHaveLength(0)
    expect(read(compact)).toContain('1  ·  Q4 2023 revenue: EMEA in front, APAC catching up')
    expect(ofType('Table', plain)).toHaveLength(0)
    expect(read(plain)).toMatchInlineSnapshot(`
      [
        "EMEA led the fourth quarter of 2023 with $4.2M, 38 % of all revenue, ahead of Americas with $4.0M. APAC grew fastest, by 14.8 % over the quarter before. November was the strongest month in every region.",
        "Read as: revenue by region, 2023-10-01 to 2023-12-31; revenue by month and region, same period",
        "Powered by Genie · Sales (sandbox data) · sandbox-analyst · 24 of 25 numbers verified · 8.1 s · $0.03",
        "(Open deck!)",
        "(PDF) (PowerPoint) (Excel …) (CSV …) (SQL …) (Trace …)",
        "(Only EMEA, by country)",
        "(Compare with Q4 2022)",
        "(Which products drove APAC’s growth?)",
      ]
    `)
  })

  it('shows as many slides as there is room for, and says how many more there are', () => {
    const slides = Array.from({ length: 40 }, (_, index) => ({
      index,
      id: `slide-${index}`,
      title: `Slide about region ${index + 1}`,
      picture: `https://deckhand.test/d/k1/1/slide-${index + 1}.png?s=${'a'.repeat(120)}`,
    }))
    const activity = show({ ...samples.answered, slides })
    const images = ofType('Image', activity).length

    expect(problemsOf(activity)).toEqual([])
    expect(images).toBeGreaterThan(8)
    expect(read(activity)).toContain(`${40 - images} more in the deck`)
  })

  it('makes a message that Teams takes out of any reply, in every form', () => {
    const next = createRandomReplies(7)
    for (let count = 0; count < 100; count += 1) {
      const made = next()
      const long = `https://deckhand.test/d/${'p'.repeat(200)}`
      const slides = made.slides.map((slide) => ({ ...slide, picture: slide.picture === 'F1' ? long : slide.picture }))
      const reply = { ...made, slides }
      for (const form of forms) {
        for (const where of [{ isPrivate: true }, { isPrivate: false, isCopy: true, hasText: true }]) {
          const activity = replyToActivity(reply, { ...where, form })
          expect(problemsOf(activity), JSON.stringify({ count, form })).toEqual([])
          for (const each of objectsIn(activity)) {
            if (each['deckhand']) expect(parseAction(each)?.turnId).toBe(reply.turnId)
          }
        }
      }
    }
  })
})

describe('words of others in a reply', () => {
  const hostile: readonly (readonly [what: string, text: string])[] = [
    ['links and emphasis', '[click me](https://evil.test) **bold** _it_ `code` ~~gone~~'],
    ['pictures', '![x](https://evil.test/track.png)'],
    [
      'mentions and HTML',
      '<at>Everyone</at> <b>b</b> <a href="javascript:alert(1)">x</a> <img src=x onerror=alert(1)>',
    ],
    ['blocks of Markdown', '# Head\n- a list\n1. one\n> quoted\n---\n| a | b |\n|---|---|'],
    ['indented code', '    indented code\n\ttabbed'],
    ['script addresses', 'javascript:alert(1)'],
    ['templates and dates', '${secret} {{DATE(2026-01-01T00:00:00Z,LONG)}} {{TIME(2026-01-01T00:00:00Z)}} $${{x}}'],
    ['invisible characters', 'abc\u202Egnp.exe\u2066 \u0000\u0007\u001B[31m'],
    ['entities and citations', '&lt;b&gt; &#60;at&#62; [1] [2]'],
    ['ten thousand lines', 'line\n'.repeat(10_000)],
    ['escapes', '\\[x](y) \\<at>'],
  ]
  const states = { ...samples, answered }

  it.each(hostile)('stay text: %s', (_, text) => {
    for (const sample of Object.values(states)) {
      const reply = saying(text, sample)
      for (const form of forms) {
        const where = { isPrivate: true, saysQuestion: true, form }
        const activity = replyToActivity(reply, where)
        const { text: said = '' } = replyToActivity(reply, { ...where, hasText: true })

        expect(problemsOf(activity)).toEqual([])
        // Only headings of ours stand where Markdown is read.
        const headings = ofType('TextBlock', activity).map((each) => each['text'])
        expect(headings.filter((words) => words !== 'Working on your question')).toEqual([])
        expect(ofType('FactSet', activity)).toEqual([])
        const known = new Set(['http:', 'https:'])
        for (const { url } of ofType('Action.OpenUrl', activity)) {
          expect(known).toContain(new URL(String(url)).protocol)
          expect(String(url)).toMatch(/^http:\/\/127\.0\.0\.1:(3000|5000)\//)
        }
        expect(ofType('mention', activity)).toEqual([])
        for (const each of textsIn(cardOf(activity))) {
          expect(each).not.toMatch(/[$]\{|\{\{/)
          // oxlint-disable-next-line no-control-regex -- nothing of the kind may be left
          expect(each).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u202A-\u202E\u2066-\u2069]/)
        }
        const ours = said.replace(/^\*\*Asked:\*\* /, '').replace(/ \[1\]$/, '')
        expect(ours.replaceAll(/&#\d+;/g, '')).not.toMatch(/[<>*_`~[\]\\|&]/)
        expect(ours).not.toMatch(/^\s*([#+=:-]|\d+[.)] )/m)
        expect(ours).not.toMatch(/^( {4}|\t)/m)
      }
    }
  })

  it('are shown as they were written', () => {
    const reply = { ...answered, result: { ...samples.answered.result, answer: '5 * 3 < 20 & more' } }
    const { text } = replyToActivity(reply, { isPrivate: false, hasText: true })

    expect(read(show(reply))[0]).toBe('5 * 3 < 20 & more')
    expect(text).toBe('5 &#42; 3 &#60; 20 &#38; more [1]')
  })
})
