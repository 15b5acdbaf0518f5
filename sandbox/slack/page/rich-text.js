import { el, outLink } from './dom.js'
import { emojiNode } from './text.js'

/** @typedef {import('./blocks.js').BlockJson} BlockJson */

/**
 * @param {BlockJson} block a `rich_text` block
 * @param {import('./text.js').Names} names
 */
export function renderRichText(block, names) {
  return el(
    'div',
    { class: 'rich' },
    (block.elements ?? []).map((/** @type {BlockJson} */ part) => renderPart(part, names)),
  )
}

/**
 * @param {BlockJson} part
 * @param {import('./text.js').Names} names
 * @returns {Node}
 */
function renderPart(part, names) {
  const inlines = () => (part.elements ?? []).flatMap((/** @type {BlockJson} */ each) => renderInline(each, names))
  switch (part.type) {
    case 'rich_text_list':
      return el(
        part.style === 'ordered' ? 'ol' : 'ul',
        {
          start: part.style === 'ordered' && part.offset ? part.offset + 1 : undefined,
          class: part.indent ? `indent-${part.indent}` : '',
        },
        (part.elements ?? []).map((/** @type {BlockJson} */ item) =>
          el(
            'li',
            {},
            (item.elements ?? []).flatMap((/** @type {BlockJson} */ each) => renderInline(each, names)),
          ),
        ),
      )
    case 'rich_text_preformatted':
      return el('pre', { tabindex: 0 }, [el('code', {}, inlines())])
    case 'rich_text_quote':
      return el('blockquote', {}, inlines())
    default:
      return el('p', {}, inlines())
  }
}

/**
 * @param {BlockJson} element
 * @param {import('./text.js').Names} names
 * @returns {readonly Node[]}
 */
function renderInline(element, names) {
  switch (element.type) {
    case 'link':
      return styled([outLink(element.url, element.text ?? element.url)], element.style)
    case 'emoji':
      return [emojiNode(element.name)]
    case 'user':
      return [el('span', { class: 'mention', text: `@${names.nameOfUser(element.user_id)}` })]
    case 'channel':
      return [el('span', { class: 'mention', text: `#${names.nameOfChannel(element.channel_id)}` })]
    case 'broadcast':
      return [el('span', { class: 'mention', text: `@${element.range}` })]
    case 'date':
      return [document.createTextNode(element.fallback ?? new Date(element.timestamp * 1000).toLocaleString())]
    default: {
      const lines = String(element.text ?? '').split(/(\n)/)
      return styled(
        lines.map((line) => (line === '\n' ? el('br') : document.createTextNode(line))),
        element.style,
      )
    }
  }
}

/**
 * @param {readonly Node[]} nodes
 * @param {BlockJson} style
 * @returns {readonly Node[]}
 */
function styled(nodes, style = {}) {
  let inner = nodes
  for (const [name, tag] of /** @type {const} */ ([
    ['code', 'code'],
    ['strike', 's'],
    ['underline', 'u'],
    ['italic', 'em'],
    ['bold', 'strong'],
  ])) {
    if (style?.[name]) inner = [el(tag, {}, inner)]
  }
  return inner
}
