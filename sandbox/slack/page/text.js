import { el, outLink } from './dom.js'
import { parseMarkdown } from './markdown.js'
import { decode, parseMrkdwn } from './mrkdwn.js'

/** @typedef {import('./blocks.js').BlockJson} BlockJson */

/**
 * Who and what ids stand for.
 *
 * @typedef {{ nameOfUser(id: string): string, nameOfChannel(id: string): string, isMe(id: string): boolean }} Names
 * @typedef {import('./mrkdwn.js').Inline} Inline
 */

/** @type {Readonly<Record<string, string>>} */
const emoji = {
  '+1': '👍',
  '-1': '👎',
  arrow_right: '➡️',
  bar_chart: '📊',
  black_square_for_stop: '⏹️',
  bulb: '💡',
  calendar: '📅',
  chart_with_upwards_trend: '📈',
  clipboard: '📋',
  clock1: '🕐',
  eyes: '👀',
  file_folder: '📁',
  frame_with_picture: '🖼️',
  hammer_and_wrench: '🛠️',
  heavy_check_mark: '✔️',
  heavy_multiplication_x: '✖️',
  hourglass: '⌛',
  hourglass_flowing_sand: '⏳',
  information_source: 'ℹ️',
  link: '🔗',
  lock: '🔒',
  mag: '🔍',
  memo: '📝',
  no_entry: '⛔',
  no_entry_sign: '🚫',
  octagonal_sign: '🛑',
  page_facing_up: '📄',
  pencil2: '✏️',
  repeat: '🔁',
  sparkles: '✨',
  speech_balloon: '💬',
  test_tube: '🧪',
  thumbsdown: '👎',
  thumbsup: '👍',
  warning: '⚠️',
  wave: '👋',
  white_check_mark: '✅',
  white_circle: '⚪',
  wrench: '🔧',
  x: '❌',
  zap: '⚡',
}

/**
 * @param {readonly Inline[]} nodes
 * @param {Names} names
 * @returns {readonly Node[]}
 */
function renderInline(nodes, names) {
  return nodes.map((node) => {
    switch (node.kind) {
      case 'text':
        return document.createTextNode(node.text)
      case 'break':
        return el('br')
      case 'bold':
        return el('strong', {}, renderInline(node.children, names))
      case 'italic':
        return el('em', {}, renderInline(node.children, names))
      case 'strike':
        return el('s', {}, renderInline(node.children, names))
      case 'quote':
        return el('blockquote', {}, renderInline(node.children, names))
      case 'code':
        return el('code', { text: node.text })
      case 'pre':
        return el('pre', { tabindex: 0 }, [el('code', { text: node.text })])
      case 'link':
        return outLink(node.url, node.text)
      case 'user':
        return el('span', {
          class: names.isMe(node.id) ? 'mention me' : 'mention',
          text: `@${names.nameOfUser(node.id)}`,
        })
      case 'channel':
        return el('span', { class: 'mention', text: `#${names.nameOfChannel(node.id)}` })
      case 'broadcast':
        return el('span', { class: 'mention', text: node.text })
      case 'emoji':
        return emojiNode(node.name)
    }
  })
}

/** @param {string} name */
export function emojiNode(name) {
  const sign = emoji[name]
  return sign === undefined
    ? document.createTextNode(`:${name}:`)
    : el('span', { role: 'img', 'aria-label': name.replaceAll('_', ' '), text: sign })
}

/**
 * @param {string} text
 * @param {Names} names
 */
export function renderMrkdwn(text, names) {
  return renderInline(parseMrkdwn(text), names)
}

/**
 * A `plain_text` or `mrkdwn` object.
 *
 * @param {BlockJson} object
 * @param {Names} names
 * @returns {readonly Node[]}
 */
export function renderText(object, names) {
  if (!object) return []
  if (object.type === 'mrkdwn') return renderMrkdwn(String(object.text), names)
  return plainNodes(String(object.text))
}

/**
 * Plain text knows line breaks and emoji only.
 *
 * @param {string} text
 * @returns {readonly Node[]}
 */
function plainNodes(text) {
  return decode(text)
    .split(/(\n|:[a-z+-][a-z0-9_+-]*:)/)
    .map((part) => {
      if (part === '\n') return el('br')
      const name = /^:([a-z+-][a-z0-9_+-]*):$/.exec(part)?.[1]
      return name === undefined ? document.createTextNode(part) : emojiNode(name)
    })
}

/** @param {BlockJson} object a text object, for labels */
export function plainOf(object) {
  return decode(String(object?.text ?? '')).replaceAll(
    /:([a-z+-][a-z0-9_+-]*):/g,
    (typed, name) => emoji[name] ?? typed,
  )
}

/**
 * @param {string} text
 * @param {Names} names
 * @returns {readonly Node[]}
 */
export function renderMarkdown(text, names) {
  return parseMarkdown(text).map((section) => {
    switch (section.kind) {
      case 'paragraph':
        return el('p', {}, renderInline(section.children, names))
      case 'heading':
        return el('p', { class: `heading h${section.level}` }, renderInline(section.children, names))
      case 'quote':
        return el('blockquote', {}, renderInline(section.children, names))
      case 'code':
        return el('pre', { tabindex: 0 }, [el('code', { text: section.text })])
      case 'rule':
        return el('hr')
      case 'list':
        return el(
          section.isOrdered ? 'ol' : 'ul',
          {},
          section.items.map((item) => el('li', {}, renderInline(item, names))),
        )
      case 'table': {
        const [head = [], ...body] = section.rows
        const align = (/** @type {number} */ index) => (section.isRight[index] ? 'right' : '')
        const cells = (/** @type {typeof head} */ row, /** @type {'th' | 'td'} */ tag) =>
          row.map((cell, index) => el(tag, { class: align(index) }, renderInline(cell, names)))
        return el('div', { class: 'table', tabindex: 0 }, [
          el('table', {}, [
            el('thead', {}, [el('tr', {}, cells(head, 'th'))]),
            el(
              'tbody',
              {},
              body.map((row) => el('tr', {}, cells(row, 'td'))),
            ),
          ]),
        ])
      }
    }
  })
}
