/** A stretch of text by its ends, `start` included and `end` not. */
export interface Span {
  readonly start: number
  readonly end: number
}

const abbreviation =
  /(?:^|[\s(])(?:vs|e\.g|i\.e|etc|approx|ca|no|nr|inc|ltd|corp|co|st|mr|mrs|ms|dr|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|u\.s|u\.k|z\.b|bzw|\p{L})\.$/iu

/** The sentences of a text, together covering all of it. */
export function sentencesOf(text: string): Span[] {
  const spans: Span[] = []
  let start = 0
  for (const match of text.matchAll(/[.!?…。！？]+["'”’)\]]*(?:\s+|$)/gu)) {
    const end = match.index + match[0].length
    const head = text.slice(start, match.index + 1)
    if (end < text.length && (abbreviation.test(head) || !/[\p{Lu}\p{N}{["'“‘(\p{Sc}+−-]/u.test(text[end] ?? '')))
      continue
    spans.push({ start, end })
    start = end
  }
  if (start < text.length) spans.push({ start, end: text.length })
  return spans
}

/** Within a sentence, the parts that speak of different things: "EMEA grew, while APAC fell" has two. */
export function clausesOf(text: string, sentence: Span): Span[] {
  const breaks = /;\s|\s[–—]\s|,?\s(?:while|whereas|but|although|though|however|yet|aber|während|mais|pero)\s/giu
  const spans: Span[] = []
  let { start } = sentence
  const part = text.slice(sentence.start, sentence.end)
  for (const match of part.matchAll(breaks)) {
    const end = sentence.start + match.index
    if (end > start) spans.push({ start, end })
    start = end
  }
  spans.push({ start, end: sentence.end })
  return spans
}

export const within = (inner: Span, outer: Span): boolean => outer.start <= inner.start && inner.end <= outer.end
export const overlaps = (a: Span, b: Span): boolean => a.start < b.end && b.start < a.end
