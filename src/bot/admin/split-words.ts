/** A word as written. Quoted words are never options. */
export interface Word {
  readonly text: string
  readonly isQuoted: boolean
}

/**
 * Words between spaces; quotes keep several together, also the curly ones that phones and Slack write. A dash that an
 * editor made of two hyphens, before a letter, is an option's again.
 */
export function splitWords(text: string): readonly Word[] {
  const words: Word[] = []
  for (const [whole, straight, single, curly] of text.matchAll(
    /"([^"]*)"|(?<=^|\s)'([^']*)'(?=\s|$)|[“„«]([^“”»]*)[“”»]|[^\s"“„«]+/gu,
  )) {
    const inside = straight ?? single ?? curly
    words.push(
      inside === undefined
        ? { text: whole.replace(/^[—–](?=\p{L})/u, '--'), isQuoted: false }
        : { text: inside.trim(), isQuoted: true },
    )
  }
  return words
}
