/** The text, or its beginning with `…`, in at most `most` UTF-16 units. Never half a character. */
export function clip(text: string, most: number): string {
  const whole = visible(text)
  return whole.length <= most ? whole : cut(whole, most)
}

/** The beginning of a text in at most `most` UTF-16 units, `…` included, without what matches `partial` at its end. */
export function cut(text: string, most: number, partial = /(?!)/): string {
  const kept = text
    .slice(0, Math.max(0, most - 1))
    .replace(partial, '')
    .replace(/[\uD800-\uDBFF]$/, '')
  return `${kept.trimEnd()}…`
}

/** Without what no font can show, and without signs that turn the direction of words around them. */
export function visible(text: string): string {
  // oxlint-disable-next-line no-control-regex -- these are what is taken out
  return text.toWellFormed().replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F\u202A-\u202E\u2066-\u2069]/g, '')
}

/** On one line. */
export function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ')
}
