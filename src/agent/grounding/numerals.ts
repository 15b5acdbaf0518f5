/** Numbers written out in text, as digits or in words, with what their spelling says about unit and precision. */
import { readDigitsAt } from './digit-numerals.ts'
import { wordNumberReader } from './number-words.ts'
import type { Numeral } from './numeral.ts'
import { type Span, overlaps } from './sentences.ts'
import { readWords } from './word-numerals.ts'

/** Every number in the text outside the masked spans, left to right. */
export function findNumerals(text: string, masks: readonly Span[], language: string): Numeral[] {
  const found: Numeral[] = []
  const free = (span: Span): boolean =>
    !masks.some((mask) => overlaps(mask, span)) && !found.some((other) => overlaps(other, span))
  const readWord = wordNumberReader(language)
  for (const at of text.matchAll(/[\d\p{No}\p{Nl}]|(?<![\p{L}\p{N}])[.,]\d|(?<![\p{L}\p{N}])\p{L}+/gu)) {
    if (!free({ start: at.index, end: at.index + at[0].length })) continue
    const numeral = /^\p{L}/u.test(at[0]) ? readWords(text, at.index, readWord) : readDigitsAt(text, at.index, masks)
    if (numeral && free(numeral)) found.push(numeral)
  }
  return shareUnits(
    text,
    found.toSorted((a, b) => a.start - b.start),
  )
}

/** In "5–10%" and "between 5 and 10 percent" the first number is a percentage too. */
function shareUnits(text: string, numerals: readonly Numeral[]): Numeral[] {
  return numerals.map((numeral, index) => {
    const next = numerals[index + 1]
    if (!next || numeral.unit.kind !== 'none' || next.unit.kind !== 'percent') return numeral
    return /^(?:\s?[-–—]\s?| to | and | or )$/.test(text.slice(numeral.end, next.start))
      ? { ...numeral, unit: next.unit }
      : numeral
  })
}
