import { cut, oneLine, visible } from '../../chat/text.ts'

/**
 * Untrusted text in the text of a message, in which Teams reads Markdown, some HTML and `<at>`. Texts in cards need none
 * of this: they stand in elements that read no markup.
 */

/**
 * Text as a text of Teams shows it, with nothing in it read as markup. A character that could begin markup becomes a
 * numeric entity: Markdown takes those as text by definition, and so does HTML. Line ends become paragraphs, since
 * single ones are not shown.
 */
export function escapeMarkdown(text: string): string {
  return visible(text)
    .replaceAll(/[&<>`*_~[\]\\|]/g, entity)
    .replaceAll(/^[^\S\n]+/gm, '')
    .replaceAll(/^[#+=:-]/gm, entity)
    .replaceAll(/^(\d+)([.)])/gm, (_, digits: string, mark: string) => `${digits}${entity(mark)}`)
    .replaceAll(/\s*\n\s*/g, '\n\n')
}

/** Escaped text in at most `most` UTF-16 units, escapes included. Never half an escape. */
export function escapeWithin(text: string, most: number): string {
  const escaped = escapeMarkdown(text)
  return escaped.length <= most ? escaped : cut(escaped, most, /&#?\d{0,3}$/)
}

/** A link on words of ours; the words alone when the address is none that people can open. */
export function linkTo(address: string, label: string): string {
  const words = escapeMarkdown(oneLine(label))
  const url = URL.parse(address)
  if (!url || !/^https?:$/.test(url.protocol)) return words
  // Round and angle brackets would end the address.
  const safe = url.href.replaceAll(/[()<>\\]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
  return `[${words}](${safe.replaceAll('&', '&amp;')})`
}

function entity(sign: string): string {
  return `&#${sign.charCodeAt(0)};`
}
