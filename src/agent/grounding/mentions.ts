/** Names in a text that stand for members of the data, or fail to. */
import { stem } from '../facts/words.ts'
import { type Lexicon, type Phrase, keyOf } from './lexicon.ts'
import { initialsOf } from './names.ts'
import type { Span } from './sentences.ts'

export type Mention = Span & { readonly text: string } & (
    | { readonly kind: 'member'; readonly key: string; readonly columns: ReadonlySet<string> }
    /** A name from the question or a query's filter that is no member of a category. */
    | { readonly kind: 'outside'; readonly key: string }
    /** A name that nothing in the data or the question explains. */
    | { readonly kind: 'unknown'; readonly key: string }
  )

/** What a capitalised name that is no member by its spelling stands for. */
export function toMention(name: Span & { readonly text: string }, lexicon: Lexicon): Mention {
  const key = keyOf(name.text)
  // "North America" where the data says NA, and "UK" where it says United Kingdom
  const initials = initialsOf(name.text)
  const short = initials.length >= 2 ? lexicon.phraseOf(initials.toLowerCase()) : undefined
  const long = /^\p{Lu}{2,5}$/u.test(name.text)
    ? [...lexicon.phrases.values()]
        .flat()
        .find((phrase) => phrase.tokens.length > 1 && initialsOf(phrase.text) === name.text)
    : undefined
  const phrase = short ?? long
  if (phrase) return { ...name, kind: 'member', key: phrase.key, columns: phrase.columns }
  const asked =
    ` ${keyOf(lexicon.question)} `.includes(` ${key} `) ||
    lexicon.tables.some((table) => lexicon.isAbout(table.id, name.text))
  return { ...name, kind: asked ? 'outside' : 'unknown', key }
}

/** Members that are ordinary words in lower case, so that only the capital tells. */
const wordLike = new Set(
  'new other others total none all high low medium active direct standard basic yes no open closed first small large mid key main web store mobile paid free returning retail online'.split(
    ' ',
  ),
)

/** All members of the data's categories that a text names, longest names first. */
export function memberMentions(text: string, lexicon: Lexicon): Mention[] {
  const tokens = [...text.matchAll(/[\p{L}\p{N}]+/gu)].map((match) => ({
    word: match[0],
    start: match.index,
    end: match.index + match[0].length,
  }))
  const found: Mention[] = []
  for (let at = 0; at < tokens.length; at += 1) {
    const first = tokens[at]
    if (!first) break
    for (const phrase of lexicon.phrases.get(first.word.toLowerCase().normalize('NFC')) ?? []) {
      const last = matchPhrase(text, tokens, at, phrase)
      const end = tokens[last]?.end
      if (end === undefined || !isNamed(text, first, end, phrase, lexicon)) continue
      found.push({
        kind: 'member',
        key: phrase.key,
        columns: phrase.columns,
        text: text.slice(first.start, end),
        start: first.start,
        end,
      })
      at = last
      break
    }
  }
  return found
}

interface Token extends Span {
  readonly word: string
}

/** Index of the phrase's last token in the text, or -1. "and" may stand or be left out. */
function matchPhrase(text: string, tokens: readonly Token[], at: number, phrase: Phrase): number {
  let index = at
  for (const [place, expected] of phrase.tokens.entries()) {
    if (place > 0) {
      const before = tokens[index]
      index += 1
      if (tokens[index]?.word.toLowerCase() === 'and') index += 1
      const next = tokens[index]
      if (!before || !next || !/^[^.;!?{}]{1,5}$/.test(text.slice(before.end, next.start))) return -1
    }
    const word = tokens[index]?.word.toLowerCase().normalize('NFC')
    if (
      word !== expected &&
      !(
        place === phrase.tokens.length - 1 &&
        word !== undefined &&
        /^\p{L}{4,}$/u.test(word) &&
        stem(word) === stem(expected)
      )
    )
      return -1
  }
  return index
}

/** False for a word that only happens to be spelled like a member: "new customers" where a segment is called New. */
function isNamed(text: string, first: Token, end: number, phrase: Phrase, lexicon: Lexicon): boolean {
  const written = text.slice(first.start, end)
  const before = text.slice(Math.max(0, first.start - 30), first.start)
  const single = phrase.tokens.length === 1
  if (single && (/^\p{N}+$/u.test(written) || written.length === 1)) {
    const named = /([\p{L}]+)\s+#?$/u.exec(before)?.[1]
    return (
      named !== undefined &&
      [...phrase.columns].some((column) => lexicon.columnStems.has(stem(named)) && column.includes(stem(named)))
    )
  }
  if (!single || /^\p{Ll}/u.test(phrase.text)) return true
  if (/^\p{Lu}{1,4}$/u.test(phrase.text)) return written === phrase.text
  return /^\p{Lu}/u.test(written) || !wordLike.has(written.toLowerCase())
}
