/**
 * Characters that may not stand in a page or would let one text reorder its neighbours: controls other than tab and
 * line ends, non-characters, and the bidirectional overrides (direction comes from `dir="auto"` instead).
 */
// oxlint-disable-next-line no-control-regex -- removing controls is the point
const unwanted = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ufffe\uffff]/g

/** Marks heaped on one letter, which would reach over the lines around it; no language needs as many. */
const heapedMarks = /(\p{M}{6})\p{M}+/gu

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Any text as HTML or SVG, safe between tags and inside quoted attributes. Everything from a deck goes through here. */
export function escapeText(text: string): string {
  return cleanText(text).replace(/[&<>"']/g, (character) => entities[character] ?? '')
}

/** The text without characters that cannot or should not be shown. */
function cleanText(text: string): string {
  return text.toWellFormed().replace(unwanted, '').replace(heapedMarks, '$1')
}
