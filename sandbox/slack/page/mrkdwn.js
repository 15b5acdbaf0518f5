/**
 * Slack's own markup as a tree, without a line of HTML: the page builds elements from it.
 *
 * @typedef {{ kind: 'text', text: string }
 *   | { kind: 'break' }
 *   | { kind: 'bold' | 'italic' | 'strike' | 'quote', children: readonly Inline[] }
 *   | { kind: 'code' | 'pre', text: string }
 *   | { kind: 'link', url: string, text: string }
 *   | { kind: 'user' | 'channel', id: string }
 *   | { kind: 'broadcast', text: string }
 *   | { kind: 'emoji', name: string }} Inline
 */

/** What `<…>` may hold, code, emoji, and the three pairs of signs, in the order in which they win. */
const pattern =
  /```\n?([\s\S]*?)\n?```|`([^`\n]+)`|<([^<>\n]+)>|:([a-z+-][a-z0-9_+-]*):|(?<![\w*])\*(?=\S)([^*\n]*[^*\s])\*(?![\w*])|(?<![\w_])_(?=\S)([^_\n]*[^_\s])_(?![\w_])|(?<![\w~])~(?=\S)([^~\n]*[^~\s])~(?![\w~])/g

/**
 * `mrkdwn` text, with its quotes and line breaks.
 *
 * @param {string} text
 * @returns {readonly Inline[]}
 */
export function parseMrkdwn(text) {
  /** @type {Inline[]} */
  const nodes = []
  for (const part of text.split(/((?:^(?:&gt;|>) ?[^\n]*\n?)+)/m)) {
    if (part === '') continue
    if (/^(&gt;|>)/.test(part)) {
      const inner = part.replace(/\n$/, '').replaceAll(/^(&gt;|>) ?/gm, '')
      nodes.push({ kind: 'quote', children: parseInline(inner) })
    } else {
      nodes.push(...parseInline(part))
    }
  }
  return nodes
}

/**
 * @param {string} text
 * @returns {readonly Inline[]}
 */
function parseInline(text) {
  /** @type {Inline[]} */
  const nodes = []
  let last = 0
  for (const match of text.matchAll(pattern)) {
    nodes.push(...plain(text.slice(last, match.index)))
    last = match.index + match[0].length
    const [, pre, code, angle, emoji, bold, italic, strike] = match
    if (pre !== undefined) nodes.push({ kind: 'pre', text: decode(pre) })
    else if (code !== undefined) nodes.push({ kind: 'code', text: decode(code) })
    else if (angle !== undefined) nodes.push(parseAngle(angle))
    else if (emoji !== undefined) nodes.push({ kind: 'emoji', name: emoji })
    else if (bold !== undefined) nodes.push({ kind: 'bold', children: parseInline(bold) })
    else if (italic !== undefined) nodes.push({ kind: 'italic', children: parseInline(italic) })
    else nodes.push({ kind: 'strike', children: parseInline(strike ?? '') })
  }
  nodes.push(...plain(text.slice(last)))
  return nodes
}

/**
 * What stands in angle brackets: a mention, a channel, `!here`, a date, or a link.
 *
 * @param {string} content
 * @returns {Inline}
 */
function parseAngle(content) {
  const [target = '', label] = content.split('|', 2)
  if (target.startsWith('@')) return { kind: 'user', id: target.slice(1) }
  if (target.startsWith('#')) return { kind: 'channel', id: target.slice(1) }
  if (target.startsWith('!date^')) return { kind: 'text', text: decode(label ?? '') }
  if (target.startsWith('!')) return { kind: 'broadcast', text: `@${target.slice(1)}` }
  const url = decode(target)
  if (!/^(https?:\/\/|mailto:)/.test(url)) return { kind: 'text', text: `<${decode(content)}>` }
  return { kind: 'link', url, text: decode(label ?? target.replace(/^mailto:/, '')) }
}

/**
 * @param {string} text
 * @returns {readonly Inline[]}
 */
function plain(text) {
  return text
    .split(/(\n)/)
    .filter((part) => part !== '')
    .map((part) => (part === '\n' ? { kind: 'break' } : { kind: 'text', text: decode(part) }))
}

/**
 * The three signs that Slack writes as entities.
 *
 * @param {string} text
 */
export function decode(text) {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&')
}
