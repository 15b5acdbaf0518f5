import { escapeText } from '../escape.ts'

export type Attributes = Readonly<Record<string, string | number | undefined>>

/** One element as text. Attribute values are escaped; `content` must be XML already. Attributes left undefined are not written. */
export function tag(name: string, attributes: Attributes = {}, ...content: readonly string[]): string {
  let written = `<${name}`
  for (const [key, value] of Object.entries(attributes)) {
    if (value !== undefined) written += ` ${key}="${typeof value === 'number' ? value : attribute(value)}"`
  }
  const inner = content.join('')
  return inner === '' ? `${written}/>` : `${written}>${inner}</${name}>`
}

/** A whole file of an office document. */
export function xmlDocument(root: string): string {
  return `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n${root}`
}

/** A text between tags, without the characters that XML forbids. */
export function xmlText(text: string): string {
  return escapeText(text)
}

/** Line ends in an attribute would come back as spaces; written out they are the same for every reader. */
function attribute(value: string): string {
  return escapeText(value.replace(/[\t\r\n]+/g, ' '))
}
