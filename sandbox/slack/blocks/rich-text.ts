import { flag, items, number, oneOf, record, text, typed, url, type Check } from './check.ts'
import { blockLimits as limits } from './limits.ts'

const style = record({
  optional: {
    bold: flag,
    italic: flag,
    strike: flag,
    code: flag,
    underline: flag,
    highlight: flag,
    client_highlight: flag,
    unlink: flag,
  },
})
const word = text({ max: 255 })
const styled = { style }

/** What stands in a line of rich text. */
const inline = typed({
  text: record({ required: { text: text({ max: limits.markdown }) }, optional: styled }),
  link: record({
    required: { url: url({ max: limits.url }) },
    optional: { ...styled, text: text({ max: limits.sectionText, min: 0 }), unsafe: flag },
  }),
  emoji: record({ required: { name: word }, optional: { ...styled, unicode: word } }),
  user: record({ required: { user_id: word }, optional: styled }),
  channel: record({ required: { channel_id: word }, optional: styled }),
  broadcast: record({ required: { range: oneOf('here', 'channel', 'everyone') }, optional: styled }),
  color: record({ required: { value: word }, optional: styled }),
  date: record({
    required: { timestamp: number({ min: 0, max: 1e11 }), format: word },
    optional: { ...styled, url: url({ max: limits.url }), fallback: word },
  }),
})

const inlines = items(inline, { min: 0, max: 1000 })
const border = { border: number({ min: 0, max: 1 }) }
const section = record({ required: { elements: inlines } })

/** The elements of a `rich_text` block. */
export const richTextElements: Check = items(
  typed({
    rich_text_section: section,
    rich_text_preformatted: record({ required: { elements: inlines }, optional: { ...border, language: word } }),
    rich_text_quote: record({ required: { elements: inlines }, optional: border }),
    rich_text_list: record({
      required: {
        style: oneOf('bullet', 'ordered'),
        elements: items(typed({ rich_text_section: section }), { min: 1, max: 1000 }),
      },
      optional: { ...border, indent: number({ min: 0, max: 8 }), offset: number({ min: 0, max: 1e6 }) },
    }),
  }),
  { min: 0, max: 1000 },
)
