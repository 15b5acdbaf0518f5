/**
 * Standard Markdown as far as `markdown` blocks need it, as a tree.
 *
 * @typedef {import('./mrkdwn.js').Inline} Inline
 * @typedef {{ kind: 'paragraph', children: readonly Inline[] }
 *   | { kind: 'heading', level: number, children: readonly Inline[] }
 *   | { kind: 'list', isOrdered: boolean, items: readonly (readonly Inline[])[] }
 *   | { kind: 'quote', children: readonly Inline[] }
 *   | { kind: 'code', text: string }
 *   | { kind: 'table', rows: readonly (readonly (readonly Inline[])[])[], isRight: readonly boolean[] }
 *   | { kind: 'rule' }} Section
 */

/**
 * @param {string} text
 * @returns {readonly Section[]}
 */
export function parseMarkdown(text) {
  const lines = text.split('\n')
  /** @type {Section[]} */
  const sections = []
  let at = 0
  /** @param {(line: string) => boolean} fits */
  const take = (fits) => {
    const from = at
    while (at < lines.length && fits(lines[at] ?? '')) at += 1
    return lines.slice(from, at)
  }
  while (at < lines.length) {
    const line = lines[at] ?? ''
    const heading = /^(#{1,6})\s+(.*)$/.exec(line)
    if (line.trim() === '') {
      at += 1
    } else if (heading) {
      at += 1
      sections.push({ kind: 'heading', level: heading[1]?.length ?? 1, children: parseInline(heading[2] ?? '') })
    } else if (line.startsWith('```')) {
      at += 1
      sections.push({ kind: 'code', text: take((each) => !each.startsWith('```')).join('\n') })
      at += 1
    } else if (/^(-{3,}|\*{3,})$/.test(line.trim())) {
      at += 1
      sections.push({ kind: 'rule' })
    } else if (line.startsWith('>')) {
      const quoted = take((each) => each.startsWith('>')).map((each) => each.replace(/^> ?/, ''))
      sections.push({ kind: 'quote', children: parseInline(quoted.join('\n')) })
    } else if (/^\s*([-*+]|\d+[.)])\s+/.test(line)) {
      const items = take((each) => /^\s*([-*+]|\d+[.)])\s+/.test(each))
      sections.push({
        kind: 'list',
        isOrdered: /^\s*\d/.test(line),
        items: items.map((item) => parseInline(item.replace(/^\s*([-*+]|\d+[.)])\s+/, ''))),
      })
    } else if (/^\|.*\|\s*$/.test(line) && /^\|[\s:|-]+\|\s*$/.test(lines[at + 1] ?? '')) {
      sections.push(toTable(take((each) => /^\|.*\|\s*$/.test(each))))
    } else {
      const paragraph = take((each) => each.trim() !== '' && !/^(#{1,6}\s|```|>|\s*([-*+]|\d+[.)])\s+)/.test(each))
      sections.push({
        kind: 'paragraph',
        children: parseInline((paragraph.length > 0 ? paragraph : [lines[at++] ?? '']).join('\n')),
      })
    }
  }
  return sections
}

/**
 * @param {readonly string[]} lines the second one is the ruler with the alignment
 * @returns {Section}
 */
function toTable(lines) {
  const cells = lines.map((line) =>
    line
      .trim()
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  )
  const [head = [], ruler = [], ...body] = cells
  return {
    kind: 'table',
    isRight: ruler.map((cell) => /^-+:$/.test(cell)),
    rows: [head, ...body].map((row) => row.map(parseInline)),
  }
}

const pattern =
  /`([^`\n]+)`|\[([^\]\n]+)\]\((https?:[^\s)]+)\)|\*\*([^\n]+?)\*\*|~~([^\n]+?)~~|(?<!\w)[*_]([^*_\n]+)[*_](?!\w)|(https?:\/\/[^\s<>]+[^\s<>.,;:!?)])/g

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
    const [, code, label, url, bold, strike, italic, bare] = match
    if (code !== undefined) nodes.push({ kind: 'code', text: code })
    else if (label !== undefined) nodes.push({ kind: 'link', url: url ?? '', text: label })
    else if (bold !== undefined) nodes.push({ kind: 'bold', children: parseInline(bold) })
    else if (strike !== undefined) nodes.push({ kind: 'strike', children: parseInline(strike) })
    else if (italic !== undefined) nodes.push({ kind: 'italic', children: parseInline(italic) })
    else nodes.push({ kind: 'link', url: bare ?? '', text: bare ?? '' })
  }
  nodes.push(...plain(text.slice(last)))
  return nodes
}

/**
 * @param {string} text
 * @returns {readonly Inline[]}
 */
function plain(text) {
  return text
    .split(/(\n)/)
    .filter((part) => part !== '')
    .map((part) => (part === '\n' ? { kind: 'break' } : { kind: 'text', text: part }))
}
