/** A piece of a question. `word` is lower-case; numbers also carry their value. */
export interface Token {
  readonly word: string
  readonly number?: number
  /** What stood with a number: $ or %. */
  readonly unit?: 'usd' | 'percent'
}

const contractions: Readonly<Record<string, string>> = {
  "what's": 'what is',
  "who's": 'who is',
  "how's": 'how is',
  "where's": 'where is',
  "which's": 'which is',
  "let's": 'let us',
  "that's": 'that is',
  "there's": 'there is',
  "it's": 'it is',
  "i'm": 'i am',
  "i'd": 'i would',
  "we've": 'we have',
  "we're": 'we are',
  "don't": 'do not',
  "doesn't": 'does not',
  "didn't": 'did not',
  "isn't": 'is not',
  "aren't": 'are not',
  "wasn't": 'was not',
  "weren't": 'were not',
  "haven't": 'have not',
  "hasn't": 'has not',
  "won't": 'will not',
  "can't": 'can not',
}

const numberWords: Readonly<Record<string, number>> = Object.fromEntries(
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'
    .split(' ')
    .map((word, value) => [word, value]),
)
const scales: Readonly<Record<string, number>> = {
  k: 1e3,
  thousand: 1e3,
  m: 1e6,
  mn: 1e6,
  mio: 1e6,
  million: 1e6,
  bn: 1e9,
  billion: 1e9,
}

const shapes = new RegExp(
  [
    /\d{4}-\d{2}-\d{2}/, // a day
    /\d{4}-\d{2}(?!\d)/, // a month
    /\$?\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)/,
    /\$?\d+(?:\.\d+)?(?:st|nd|rd|th)(?![a-z])/,
    /\$?\d+(?:\.\d+)?/,
    /\p{L}+(?:\d+)?/u, // q4, fy2023
    />=|<=|--|[^\s]/,
  ]
    .map((shape) => shape.source)
    .join('|'),
  'gu',
)

/** Splits a question into tokens: words, numbers with their scale ("10k", "ten", "1.5 million"), days and signs. */
export function tokenize(question: string): readonly Token[] {
  let text = question.normalize('NFKC')
  // "US" is a country, "us" is not; in a question all in capitals nobody can tell.
  if (/\p{Ll}/u.test(text)) text = text.replaceAll(/\bUS\b|\bU\.S\.(?:A\.)?/g, 'usa')
  text = text
    .toLowerCase()
    .replaceAll(/[’‘`´]/g, "'")
    .replaceAll(/[–—]/g, '-')
  text = text.replaceAll(/[a-z]+'[a-z]+/g, (word) => contractions[word] ?? word)
  // Genitives say nothing more: "EMEA's revenue", "customers' churn".
  text = text.replaceAll(/(\p{L})'s\b/gu, '$1').replaceAll(/s'(?=\s)/g, 's')
  // "mid-market" is two words; "2021-2023" and "Jan-Mar" stay ranges.
  text = text.replaceAll(/(\p{L}{2,})-(?=\p{L}{2,})/gu, (all, before: string) =>
    isMonth(before) ? `${before} - ` : all.replace('-', ' '),
  )
  text = text.replaceAll(/\by\s*\/\s*y\b/g, 'yoy').replaceAll(/\by-o-y\b/g, 'yoy')
  const words = text.match(shapes) ?? []
  const tokens: Token[] = []
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? ''
    const number = numberOf(word)
    if (number === undefined) {
      tokens.push({ word })
      continue
    }
    const next = words[index + 1] ?? ''
    const scale = /^\d{4}$/.test(word) ? undefined : scales[next]
    if (scale !== undefined) index += 1
    const after = words[index + 1] ?? ''
    const unit = unitAround(word, after)
    if (unit !== undefined && /^(?:%|percent|pct|dollars?|usd)$/.test(after)) index += 1
    tokens.push({
      word,
      number: number * (scale ?? 1),
      ...(unit === undefined ? {} : { unit }),
    })
  }
  return tokens
}

function unitAround(word: string, after: string): Token['unit'] {
  if (/^(?:%|percent|pct)$/.test(after)) return 'percent'
  return word.startsWith('$') || /^(?:dollars?|usd)$/.test(after) ? 'usd' : undefined
}

function numberOf(word: string): number | undefined {
  const spelled = numberWords[word]
  if (spelled !== undefined) return spelled
  return /^\$?\d[\d,]*(?:\.\d+)?$/.test(word) && !/^\d{4}-/.test(word)
    ? Number(word.replaceAll(/[$,]/g, ''))
    : undefined
}

const isMonth = (word: string): boolean => /^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*$/.test(word)
