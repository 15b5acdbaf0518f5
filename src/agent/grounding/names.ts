/** Names in text that no data knows: invented regions, products, customers. */
import { isGeneric, telling } from './generic-words.ts'
import { type Span, overlaps, within } from './sentences.ts'

export interface FoundName extends Span {
  readonly text: string
}

const namePattern =
  /(?<![\p{L}\p{N}])\p{Lu}[\p{L}\p{N}&.’'-]*(?:\s+(?:(?:of|and|de|the|&)\s+)?\p{Lu}[\p{L}\p{N}&.’'-]*)*/gu
const kinds =
  'regions?|markets?|segments?|countr(?:y|ies)|territor(?:y|ies)|division|team|store|channel|category|product|brand|city|state|customer|account|area|unit|business|zone|cluster|group|region|markt|région|región'
const kindAfter = new RegExp(`^(?:'s|’s)?\\s+(?:${kinds})(?!\\p{L})`, 'iu')
const kindBefore = new RegExp(`(?<!\\p{L})(?:${kinds})\\s+$`, 'iu')
const placeBefore =
  /(?<!\p{L})(?:in|from|for|across|within|at|to|by|through|outside|like|called|named|aus|für|dans|pour)\s+(?:the\s+)?$/iu

/**
 * Capitalised names outside the masks that neither the data nor ordinary language explains. `isKnown` tells of single
 * words. In titles, and in German, where every noun has a capital, only names in capitals or beside a word such as
 * "region" count.
 */
export function findNames(
  text: string,
  sentences: readonly Span[],
  masks: readonly Span[],
  isKnown: (word: string) => boolean,
  language: string,
): FoundName[] {
  const found: FoundName[] = []
  for (const sentence of sentences) {
    const part = text.slice(sentence.start, sentence.end)
    const titled = language.startsWith('de') || isTitleCase(part)
    for (const match of part.matchAll(namePattern)) {
      for (const name of pieces(match[0], sentence.start + match.index, masks, isKnown)) {
        const before = text.slice(sentence.start, name.start)
        const after = text.slice(name.end, sentence.end)
        if (isEntity(name.text, before, after, titled)) found.push(name)
      }
    }
    for (const quoted of part.matchAll(/["“„«]([^"“”„«»]{2,40})["”»]/gu)) {
      const start = sentence.start + quoted.index + 1
      const span = { text: quoted[1] ?? '', start, end: start + (quoted[1]?.length ?? 0) }
      const free = !masks.some((mask) => overlaps(mask, span)) && !found.some((name) => overlaps(name, span))
      const words = span.text.match(/\p{L}+/gu) ?? []
      if (free && words.length > 0 && !words.every((word) => isKnown(word) || isGeneric(word))) found.push(span)
    }
  }
  return found.filter((name) => sentences.some((sentence) => within(name, sentence)))
}

/** A run of capitalised words without those that are known or ordinary at its ends. */
function pieces(run: string, start: number, masks: readonly Span[], isKnown: (word: string) => boolean): FoundName[] {
  const words = [...run.matchAll(/[\p{L}\p{N}&.’'-]+/gu)].map((match) => {
    const text = match[0].replace(/(?:'s|’s|[.’'-])+$/u, '')
    return { text, start: start + match.index, end: start + match.index + text.length }
  })
  const ordinary = (word: Span & { text: string }): boolean =>
    masks.some((mask) => overlaps(mask, word)) ||
    isKnown(word.text) ||
    isGeneric(word.text) ||
    word.text.length < 2 ||
    /^\p{N}+$/u.test(word.text)
  const first = words.findIndex((word) => !ordinary(word))
  const last = words.findLastIndex((word) => !ordinary(word))
  const [from, to] = [words[first], words[last]]
  return from && to ? [{ text: run.slice(from.start - start, to.end - start), start: from.start, end: to.end }] : []
}

function isEntity(name: string, before: string, after: string, titled: boolean): boolean {
  if (kindAfter.test(after) || kindBefore.test(before)) return true
  if (/^\p{Lu}{2,}(?:\p{N}*)$/u.test(name)) return true
  const sentenceStart = /^[\s"'“(]*$/.test(before)
  if (titled) return false
  if (!sentenceStart) return true
  return (
    telling.test(after) ||
    /^\s+\p{Ll}+(?:s|ed)(?!\p{L})/u.test(after) ||
    /^(?:'s|’s)\s/u.test(after) ||
    /^\s*(?:[:(=]|[–—-]\s)/u.test(after) ||
    placeBefore.test(before) ||
    /\s/.test(name)
  )
}

function isTitleCase(sentence: string): boolean {
  const words = (sentence.match(/\p{L}[\p{L}’'-]*/gu) ?? []).filter((word) => word.length > 3)
  const capital = words.filter((word) => /^\p{Lu}/u.test(word) && word !== word.toUpperCase())
  return words.length >= 3 && capital.length / words.length > 0.7
}

/** "North America" as "NA": the first letters of each word with a capital. */
export function initialsOf(name: string): string {
  return (name.match(/(?<!\p{L})\p{Lu}/gu) ?? []).join('')
}
