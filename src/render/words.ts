import { arabic } from './words/ar.ts'
import { german } from './words/de.ts'
import { english, type Words } from './words/en.ts'
import { spanish } from './words/es.ts'
import { french } from './words/fr.ts'
import { japanese } from './words/ja.ts'

export type { Words } from './words/en.ts'

const languages: ReadonlyMap<string, Words> = new Map([
  ['ar', arabic],
  ['de', german],
  ['en', english],
  ['es', spanish],
  ['fr', french],
  ['ja', japanese],
])

/** English, but titles that join the data's own words, which are in another language, with a sign. */
const neutral: Words = {
  ...english,
  by: (values, category) => `${values} · ${category}`,
  against: (up, across) => `${up} · ${across}`,
  change: (values, from, to) => (from === '' ? values : `${values} · ${from} – ${to}`),
}

/** The fixed words of a deck in its language (BCP 47; the region does not matter), in English where there are none. */
export function wordsFor(language: string): Words {
  return languages.get(language.split('-')[0]?.toLowerCase() ?? '') ?? neutral
}

/** True for languages that are written from right to left. */
export function isRightToLeft(language: string): boolean {
  return /^(ar|dv|fa|he|iw|ku|ps|sd|ug|ur|yi)(-|$)/i.test(language)
}
