/** Numbers written out in text, as digits or in words, with what their spelling says about unit and precision. */
import { type Span, overlaps } from './sentences.ts'
import { type WordNumberReader, wordNumberReader } from './number-words.ts'

export type NumeralUnit =
  | { readonly kind: 'none' }
  | { readonly kind: 'percent' }
  /** Percentage points. */
  | { readonly kind: 'points' }
  /** ISO codes that the sign may stand for; empty: some currency we do not know. */
  | { readonly kind: 'currency'; readonly codes: readonly string[] }
  | { readonly kind: 'duration'; readonly unit: string }
  /** "doubled", "3x": the whole is now so many times what it was. */
  | { readonly kind: 'multiple' }
  /** "half of", "a third of". */
  | { readonly kind: 'part' }
  /** "#2", "2nd largest". */
  | { readonly kind: 'rank' }

export interface Numeral extends Span {
  readonly text: string
  /** What it may mean: 1.234 is both 1234 and 1.234. Sizes without sign; empty when it cannot be read as a number. */
  readonly readings: readonly NumeralReading[]
  /** `maybe`: in brackets, as accountants write. */
  readonly negative: 'yes' | 'no' | 'maybe'
  readonly unit: NumeralUnit
  readonly form: 'digits' | 'word'
  /** All digits written, so show all digits. */
  readonly full: boolean
  /** The words that follow as long as they belong to it, lower-case: "new customers". */
  readonly noun: readonly string[]
  /** A limiting word before it ("over", "nearly") and where it starts. */
  readonly bound: { readonly side: 'above' | 'below' | 'around'; readonly start: number } | null
}

/** The true size lies between, ends included. */
export interface NumeralReading {
  readonly low: number
  readonly high: number
}

const dollarCodes = ['USD', 'CAD', 'AUD', 'NZD', 'SGD', 'HKD', 'MXN', 'TWD']
const currencyNames: Readonly<Record<string, readonly string[]>> = {
  $: dollarCodes,
  '€': ['EUR'],
  '£': ['GBP'],
  '¥': ['JPY', 'CNY'],
  '₹': ['INR'],
  '₩': ['KRW'],
  '₺': ['TRY'],
  '₽': ['RUB'],
  '₪': ['ILS'],
  '฿': ['THB'],
  '₫': ['VND'],
  '₴': ['UAH'],
  '₦': ['NGN'],
  us$: ['USD'],
  a$: ['AUD'],
  c$: ['CAD'],
  ca$: ['CAD'],
  nz$: ['NZD'],
  s$: ['SGD'],
  hk$: ['HKD'],
  mx$: ['MXN'],
  dollar: dollarCodes,
  dollars: dollarCodes,
  buck: dollarCodes,
  bucks: dollarCodes,
  euro: ['EUR'],
  euros: ['EUR'],
  pound: ['GBP'],
  pounds: ['GBP'],
  quid: ['GBP'],
  sterling: ['GBP'],
  yen: ['JPY'],
  yuan: ['CNY'],
  renminbi: ['CNY'],
  rupee: ['INR'],
  rupees: ['INR'],
  franc: ['CHF'],
  francs: ['CHF'],
  franken: ['CHF'],
  won: ['KRW'],
  peso: ['MXN'],
  pesos: ['MXN'],
  krona: ['SEK'],
  kronor: ['SEK'],
}
const isoCodes = new Set(
  'usd eur gbp jpy chf aud nzd cny inr brl cad mxn sek nok dkk pln czk huf zar sgd hkd krw thb idr myr vnd aed sar ils try clp cop ars uah php rub ron bgn'.split(
    ' ',
  ),
)

/** The ISO codes a sign or word may stand for, or undefined when it names no currency. Codes count in capitals only. */
export function currencyNamed(word: string): readonly string[] | undefined {
  const lower = word.toLowerCase()
  if (isoCodes.has(lower) && word === word.toUpperCase()) return [lower.toUpperCase()]
  if (Object.hasOwn(currencyNames, lower)) return currencyNames[lower]
  return /^\p{Sc}$/u.test(word) ? [] : undefined
}

const magnitudes: Readonly<Record<string, number>> = {
  k: 1e3,
  thousand: 1e3,
  thousands: 1e3,
  tsd: 1e3,
  tausend: 1e3,
  mille: 1e3,
  mil: 1e3,
  m: 1e6,
  mn: 1e6,
  mm: 1e6,
  mio: 1e6,
  million: 1e6,
  millions: 1e6,
  millionen: 1e6,
  millón: 1e6,
  millones: 1e6,
  b: 1e9,
  bn: 1e9,
  mrd: 1e9,
  billion: 1e9,
  billions: 1e9,
  milliarde: 1e9,
  milliarden: 1e9,
  milliard: 1e9,
  milliards: 1e9,
  t: 1e12,
  tn: 1e12,
  trn: 1e12,
  trillion: 1e12,
  trillions: 1e12,
  hundred: 100,
  hundert: 100,
  dozen: 12,
  lakh: 1e5,
  crore: 1e7,
}

/** The factor a word after a number stands for. Single letters must stick to it: "12 m" may be metres. */
export function magnitudeNamed(word: string, attached: boolean): number | undefined {
  const lower = word.toLowerCase()
  if (!Object.hasOwn(magnitudes, lower)) return undefined
  return lower.length === 1 && !attached && word === lower ? undefined : magnitudes[lower]
}

const durationNames: Readonly<Record<string, string>> = {
  day: 'days',
  days: 'days',
  tag: 'days',
  tage: 'days',
  tagen: 'days',
  jours: 'days',
  días: 'days',
  hour: 'hours',
  hours: 'hours',
  hrs: 'hours',
  stunden: 'hours',
  heures: 'hours',
  horas: 'hours',
  minute: 'minutes',
  minutes: 'minutes',
  min: 'minutes',
  mins: 'minutes',
  minuten: 'minutes',
  minutos: 'minutes',
  second: 'seconds',
  seconds: 'seconds',
  secs: 'seconds',
  sekunden: 'seconds',
  secondes: 'seconds',
  week: 'weeks',
  weeks: 'weeks',
  wochen: 'weeks',
  month: 'months',
  months: 'months',
  monate: 'months',
  monaten: 'months',
  mois: 'months',
  meses: 'months',
  quarter: 'quarters',
  quarters: 'quarters',
  quartale: 'quarters',
  year: 'years',
  years: 'years',
  jahre: 'years',
  jahren: 'years',
  ans: 'years',
  años: 'years',
}
export const durationNamed = (word: string): string | undefined =>
  Object.hasOwn(durationNames, word.toLowerCase()) ? durationNames[word.toLowerCase()] : undefined

const vulgar: Readonly<Record<string, number>> = {
  '½': 1 / 2,
  '⅓': 1 / 3,
  '⅔': 2 / 3,
  '¼': 1 / 4,
  '¾': 3 / 4,
  '⅕': 1 / 5,
  '⅖': 2 / 5,
  '⅗': 3 / 5,
  '⅘': 4 / 5,
  '⅙': 1 / 6,
  '⅚': 5 / 6,
  '⅛': 1 / 8,
  '⅜': 3 / 8,
  '⅝': 5 / 8,
  '⅞': 7 / 8,
  '⅐': 1 / 7,
  '⅑': 1 / 9,
  '⅒': 1 / 10,
}

const space = '[ \\u00A0\\u2009\\u202F]'
/** Sign, currency, digits in any grouping, exponent; what follows is read by hand. */
const digitForm = new RegExp(
  `(?<sign>[+\\-−–‒])?${space}?(?<currency>(?:US|CA|HK|MX|NZ|[ACS])?\\p{Sc}|(?<!\\p{L})[A-Z]{3}(?=${space}?[\\d.]))?${space}?(?<sign2>[-−])?` +
    `(?<core>\\d{1,3}(?:[ \\u00A0\\u2009\\u202F'’]\\d{3})+(?:[.,]\\d+)?(?!\\d)|\\d+(?:[.,]\\d+)*|(?<![\\d\\p{L}])[.,]\\d+)?` +
    `(?<vulgar>${space}?[${Object.keys(vulgar).join('')}])?(?<exponent>[eE][+-]?\\d{1,3}(?![\\p{L}\\d])|${space}?[x×·*]${space}?10\\^?[+\\-−]?[\\d⁰¹²³⁴-⁹]+)?`,
  'uy',
)

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

function readDigitsAt(text: string, at: number, masks: readonly Span[]): Numeral | null {
  const name = /[\p{L}\p{N}_]*\p{L}$/u.exec(text.slice(Math.max(0, at - 40), at))?.[0]
  if (name !== undefined && !currencyNamed(name)) return oddity(text, at - name.length)
  const head = /(?:[+\-−–‒]?\s?(?:(?:US|CA|HK|MX|NZ|[ACS])?\p{Sc}|(?<!\p{L})[A-Z]{3})?\s?[-−]?[.,]?)$/u.exec(
    text.slice(Math.max(0, at - 8), at),
  )
  const offset = Math.max(0, at - 8) + (head?.index ?? at)
  let match: RegExpExecArray | null = null
  // The sign and currency before the digits belong to it; try the longest head first
  for (let start = offset; start <= at && !match?.groups?.['core'] && !match?.groups?.['vulgar']; start += 1) {
    if (masks.some((mask) => mask.start <= start && start < mask.end)) continue
    digitForm.lastIndex = start
    match = digitForm.exec(text)
    if (match && match.index + match[0].length <= at) match = null
    if (match?.groups && isDash(text, start, match.groups)) match = null
  }
  if (!match?.groups || (match.groups['core'] === undefined && match.groups['vulgar'] === undefined)) {
    return oddity(text, at)
  }
  const lead = /^\s*/.exec(match[0])?.[0].length ?? 0
  return finish(text, match.index + lead, match.index + match[0].length, match.groups)
}

/** In "2022–2023" or "EMEA - 12" the dash joins; it is a sign only where a number may begin. */
function isDash(text: string, start: number, groups: Readonly<Record<string, string | undefined>>): boolean {
  const { sign } = groups
  if (sign === undefined || sign === '+') return false
  const before = text.slice(Math.max(0, start - 2), start)
  if (/[\p{L}\p{N})\]%]$/u.test(before)) return true
  return /\s$/.test(text[start + 1] ?? '')
}

/** A digit that is part of no readable number: "①", "Ⅻ", "x²", "B2B". */
function oddity(text: string, at: number): Numeral {
  const tail = /^[\p{L}\p{N}_]*/u.exec(text.slice(at))?.[0] ?? ''
  const end = at + Math.max(tail.length, 1)
  return {
    text: text.slice(at, end),
    start: at,
    end,
    readings: [],
    negative: 'no',
    unit: { kind: 'none' },
    form: 'digits',
    full: true,
    noun: [],
    bound: null,
  }
}

function finish(
  text: string,
  start: number,
  coreEnd: number,
  groups: Readonly<Record<string, string | undefined>>,
): Numeral {
  const cores = readCore(groups['core'] ?? '', groups['vulgar']?.trim() ?? '', groups['exponent'] ?? '')
  const suffix = readSuffix(text, coreEnd)
  const negative =
    groups['sign'] !== undefined && groups['sign'] !== '+' ? 'yes' : groups['sign2'] === undefined ? 'no' : 'yes'
  const currency = groups['currency'] === undefined ? undefined : (currencyNamed(groups['currency']) ?? [])
  const unit = suffix.unit ?? (currency ? { kind: 'currency' as const, codes: currency } : { kind: 'none' as const })
  const clash =
    currency !== undefined &&
    suffix.unit !== null &&
    (suffix.unit.kind !== 'currency' || !sameCodes(suffix.unit.codes, currency))
  const bracketed = text[start - 1] === '(' && text[suffix.end] === ')'
  const bound = boundBefore(text, start)
  const glued = /^[\p{L}\p{N}^]/u.test(text.slice(suffix.end)) || clash
  const end = glued ? suffix.end + (/^[\p{L}\p{N}^]*/u.exec(text.slice(suffix.end))?.[0].length ?? 0) : suffix.end
  return {
    text: text.slice(start, end),
    start,
    end,
    unit,
    bound,
    form: 'digits',
    readings: glued
      ? []
      : unit.kind === 'multiple' && cores.every(({ step }) => step === 1)
        ? cores.map((core) => around(core.value, bound?.side))
        : cores.map((core) =>
            toReading(core.value * suffix.factor, core.step * suffix.factor, bound?.side, core.zeros * suffix.factor),
          ),
    negative: bracketed && negative === 'no' ? 'maybe' : negative,
    full: suffix.factor === 1 && (groups['core'] ?? '').replaceAll(/\D/g, '').length > 3,
    noun: nounAfter(text, end),
  }
}

const sameCodes = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === 0 || b.length === 0 || a.some((code) => b.includes(code))

/** `step` is the place of the last digit written, `zeros` that of the last one that is not zero. */
interface Core {
  readonly value: number
  readonly step: number
  readonly zeros: number
}

function readCore(core: string, vulgarSign: string, exponent: string): Core[] {
  const part = vulgar[vulgarSign] ?? 0
  const power =
    exponent === ''
      ? 0
      : Number(
          superscripts(exponent)
            .replace(/^.*?(?:e|10\^?)/i, '')
            .replace('−', '-'),
        )
  if (!Number.isFinite(power)) return []
  return spellings(core).map((plain) => {
    const decimals = plain.split('.')[1]?.length ?? 0
    const digits = plain.replace('.', '')
    const trailing = decimals === 0 ? (/0*$/.exec(digits)?.[0].length ?? 0) : 0
    const step = 10 ** (power - decimals)
    const value = Number(`${plain === '' ? '0' : plain}e${power}`) + part
    return {
      value,
      step: part > 0 ? 0.02 : step,
      zeros: part > 0 ? 0.02 : step * 10 ** (digits.length > trailing ? trailing : 0),
    }
  })
}

const superscripts = (text: string): string =>
  text.replaceAll(/[⁰¹²³⁴-⁹]/g, (digit) => String('⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(digit)))

/** A number as plain decimal text; more than one where a separator may group or divide. None when it is no number. */
function spellings(core: string): string[] {
  const tight = core.replaceAll(/[ \u00A0\u2009\u202F'’]/g, '')
  const marks = [...new Set(tight.match(/[.,]/g) ?? [])]
  if (marks.length === 0) return [tight]
  const groups = (mark: string): boolean =>
    new RegExp(`^\\d{1,3}(?:\\${mark}\\d{2,3})*\\${mark}\\d{3}(?!\\d)`).test(tight)
  if (marks.length === 2) {
    const [group = '', point = ''] = marks
    const once = tight.split(point).length === 2
    return once && groups(group) ? [tight.replaceAll(group, '').replace(point, '.')] : []
  }
  const [mark = ''] = marks
  const count = tight.split(mark).length - 1
  const results: string[] = []
  if (groups(mark) && !tight.startsWith('0')) results.push(tight.replaceAll(mark, ''))
  if (count === 1) results.push(tight.replace(mark, '.'))
  return results
}

function toReading(
  value: number,
  step: number,
  side: 'above' | 'below' | 'around' | undefined,
  zeros: number,
): NumeralReading {
  const half = (side === undefined ? step : Math.max(step, zeros)) / 2
  const slack = Math.abs(value) * 1e-9
  if (side === 'above') return { low: value - slack, high: value * 1.25 + slack }
  if (side === 'below') return { low: value * 0.8 - slack, high: value + slack }
  return { low: value - half - slack, high: value + half + slack }
}

interface Suffix {
  readonly end: number
  readonly factor: number
  readonly unit: NumeralUnit | null
}

/** Magnitude, then unit: "M", " million euros", "%", " percentage points", "x", " days", "nd". */
function readSuffix(text: string, from: number): Suffix {
  let [end, factor] = [from, 1]
  const ordinal = /^(?:st|nd|rd|th)(?![\p{L}\p{N}])/u.exec(text.slice(end))
  if (ordinal) return { end: end + 2, factor, unit: { kind: 'rank' } }
  const scale = /^([\s-]?)(\p{L}+)\.?/u.exec(text.slice(end))
  const size = scale ? magnitudeNamed(scale[2] ?? '', scale[1] === '') : undefined
  if (scale && size !== undefined) [end, factor] = [end + scale[0].replace(/\.$/, '').length, size]
  const unit = readUnit(text, end)
  if (!unit) return { end, factor, unit: null }
  return { end: unit.end, factor: factor * unit.factor, unit: unit.unit }
}

/** The unit that stands at a place of the text, with or without a space before it. */
export function readUnit(
  text: string,
  from: number,
): { readonly unit: NumeralUnit; readonly end: number; readonly factor: number } | null {
  const rest = text.slice(from, from + 40)
  const forms: readonly (readonly [RegExp, NumeralUnit, number])[] = [
    [
      /^[\s-]?(?:percentage[ -]points?|percent points?|%[ -]?points?|pp|ppts?|prozentpunkten?|prozentpunkte|points? de pourcentage)(?!\p{L})/iu,
      { kind: 'points' },
      1,
    ],
    [/^\s?(?:basis points?|bps)(?!\p{L})/iu, { kind: 'points' }, 0.01],
    [
      /^[\s-]?(?:%|percent(?!\p{L})|per cent(?!\p{L})|pct(?!\p{L})|prozent(?!\p{L})|pour ?cent(?!\p{L})|por ciento(?!\p{L}))/iu,
      { kind: 'percent' },
      1,
    ],
    [/^\s?‰/u, { kind: 'percent' }, 0.1],
    [/^\s?[x×](?![\p{L}\d])/iu, { kind: 'multiple' }, 1],
    [/^[\s-]?(?:fold|times|mal|fach|fois|veces)(?!\p{L})/iu, { kind: 'multiple' }, 1],
  ]
  for (const [form, unit, factor] of forms) {
    const match = form.exec(rest)
    if (match) return { unit, end: from + match[0].length, factor }
  }
  const word = /^[\s-]?(\p{Sc}|\p{L}+)/u.exec(rest)
  const name = word?.[1] ?? ''
  const codes = currencyNamed(name)
  if (word && codes) return { unit: { kind: 'currency', codes }, end: from + word[0].length, factor: 1 }
  const duration = durationNamed(name)
  return word && duration ? { unit: { kind: 'duration', unit: duration }, end: from + word[0].length, factor: 1 } : null
}

const stops = new Set(
  'in on at of for from to by with and or but as than is was were are be been had has have via per vs versus while which that the a an this its their our due over under up down since during between across among after before into against so then it they we each all both only just not compared who where when more less higher lower fewer above below ahead behind across plus minus respectively alone overall combined total in grew rose fell declined dropped increased decreased made came led sold won lost went remained reached generated contributed accounted followed driven up annually yearly monthly quarterly today now again'.split(
    ' ',
  ),
)

/** What is counted: the words after a number up to the first that cannot belong to it, three at most. */
export function nounAfter(text: string, from: number): string[] {
  const words: string[] = []
  for (const match of text.slice(from, from + 60).matchAll(/(?<gap>^|[\s-]+)(?<word>\p{L}[\p{L}'’-]*)|[^\s]/gu)) {
    const word = match.groups?.['word']?.toLowerCase()
    if (word === undefined || (words.length === 0 && match.index > 1) || stops.has(word)) break
    words.push(word)
    if (words.length === 3) break
  }
  return words
}

const bounds: readonly (readonly [RegExp, 'above' | 'below' | 'around'])[] = [
  [
    /(?:(?:just|slightly|well|a little|a bit) )?(?:more than|over|above|exceeding|exceeds|exceeded|at least|north of|upwards of|mehr als|über|plus de|más de) $/iu,
    'above',
  ],
  [
    /(?:(?:just|slightly|a little) )?(?:less than|under|below|nearly|almost|close to|at most|fewer than|fast|knapp|weniger als|presque|moins de|casi|menos de) $/iu,
    'below',
  ],
  [/(?:about|around|approximately|approx\.|roughly|some|circa|ca\.|~|≈|rund|etwa|environ|unos) ?$/iu, 'around'],
]

function boundBefore(text: string, start: number): Numeral['bound'] {
  const head = text.slice(Math.max(0, start - 30), start)
  for (const [form, side] of bounds) {
    const match = form.exec(head)
    if (match && !/\p{L}$/u.test(head.slice(0, match.index))) return { side, start: start - head.length + match.index }
  }
  return null
}

const multiples: Readonly<Record<string, number>> = {
  doubled: 2,
  doubles: 2,
  doubling: 2,
  double: 2,
  twice: 2,
  twofold: 2,
  tripled: 3,
  triples: 3,
  tripling: 3,
  triple: 3,
  thrice: 3,
  threefold: 3,
  quadrupled: 4,
  quadruple: 4,
  fourfold: 4,
  fivefold: 5,
  sixfold: 6,
  tenfold: 10,
  halved: 0.5,
  halves: 0.5,
  halving: 0.5,
  verdoppelt: 2,
  verdoppelte: 2,
  verdreifacht: 3,
  verdreifachte: 3,
  halbiert: 0.5,
  halbierte: 0.5,
  doublé: 2,
  triplé: 3,
  duplicó: 2,
  triplicó: 3,
}
const partWords: Readonly<Record<string, number>> = {
  half: 2,
  hälfte: 2,
  halben: 2,
  moitié: 2,
  mitad: 2,
  third: 3,
  thirds: 3,
  drittel: 3,
  tiers: 3,
  tercio: 3,
  quarter: 4,
  quarters: 4,
  viertel: 4,
  fifth: 5,
  fifths: 5,
  fünftel: 5,
  sixth: 6,
  sixths: 6,
  eighth: 8,
  eighths: 8,
  tenth: 10,
  tenths: 10,
  zehntel: 10,
}
const vague: Readonly<Record<string, readonly [number, number]>> = {
  dozens: [24, 120],
  hundreds: [100, 1000],
  thousands: [1000, 1e6],
  millions: [1e6, 1e9],
  billions: [1e9, 1e12],
  trillions: [1e12, 1e15],
  hunderte: [100, 1000],
  tausende: [1000, 1e6],
}
const digitIdioms: Readonly<Record<string, readonly [number, number]>> = {
  single: [0, 10],
  double: [10, 100],
  triple: [100, 1000],
}

function readWords(text: string, at: number, readWord: WordNumberReader): Numeral | null {
  const word = /^\p{L}+/u.exec(text.slice(at))?.[0] ?? ''
  const lower = word.toLowerCase()
  const after = text.slice(at + word.length)
  const base = {
    start: at,
    negative: /(?:minus|negative) $/i.test(text.slice(Math.max(0, at - 9), at)) ? ('yes' as const) : ('no' as const),
    form: 'word' as const,
    full: false,
    bound: boundBefore(text, at),
  }
  const build = (end: number, readings: readonly NumeralReading[], unit: NumeralUnit): Numeral => ({
    ...base,
    text: text.slice(at, end),
    end,
    readings,
    unit,
    noun: nounAfter(text, end),
  })

  const idiom = Object.hasOwn(digitIdioms, lower) ? digitIdioms[lower] : undefined
  const digit = idiom && /^[ -]digits?(?!\p{L})/iu.exec(after)
  if (idiom && digit)
    return build(at + word.length + digit[0].length, [{ low: idiom[0], high: idiom[1] - 1e-9 }], { kind: 'percent' })

  const scale = /^half an? (\p{L}+)/iu.exec(text.slice(at))
  const size = lower === 'half' && scale ? magnitudeNamed(scale[1] ?? '', false) : undefined
  if (scale && size !== undefined) {
    const unit = readUnit(text, at + scale[0].length)
    return build(
      unit?.end ?? at + scale[0].length,
      [around(size / 2, base.bound?.side)],
      unit?.unit ?? { kind: 'none' },
    )
  }

  const multiple = Object.hasOwn(multiples, lower) ? multiples[lower] : undefined
  if (multiple !== undefined) return build(at + word.length, [around(multiple, base.bound?.side)], { kind: 'multiple' })

  const range = Object.hasOwn(vague, lower) ? vague[lower] : undefined
  if (range) {
    const unit = /^ of (\p{Sc}|\p{L}+)/u.exec(after)
    const codes = unit ? currencyNamed(unit[1] ?? '') : undefined
    const end = at + word.length + (codes && unit ? unit[0].length : 0)
    const numeral = build(
      end,
      [{ low: range[0], high: range[1] }],
      codes ? { kind: 'currency', codes } : { kind: 'none' },
    )
    return codes ? numeral : { ...numeral, noun: nounAfter(text, end + (/^ of(?= )/.exec(after)?.[0].length ?? 0)) }
  }
  return readPart(text, at, readWord, build) ?? readCount(text, at, readWord, build)
}

type Build = (end: number, readings: readonly NumeralReading[], unit: NumeralUnit) => Numeral

function around(value: number, side: 'above' | 'below' | 'around' | undefined): NumeralReading {
  const wide = side === 'around' ? 0.1 : 0.05
  if (side === 'above') return { low: value, high: value * 1.3 }
  if (side === 'below') return { low: value * 0.85, high: value }
  return { low: value * (1 - wide), high: value * (1 + wide) }
}

/** "half of", "half the", "a third of", "two thirds", "three-quarters of"; "the last three quarters" is time. */
function readPart(text: string, at: number, readWord: WordNumberReader, build: Build): Numeral | null {
  const rest = text.slice(at)
  const lone = /^(?:(an?|one|the)\s+)?(\p{L}+)(?=\s+(?:of|der|des|du|de)\s|\s+(?:the|our|all|its|their)\s)/iu.exec(rest)
  const name = lone?.[2]?.toLowerCase() ?? ''
  const before = text.slice(Math.max(0, at - 12), at)
  if (lone && Object.hasOwn(partWords, name) && !isPeriodPart(before, rest.slice(lone[0].length), name)) {
    // "the third of" and "quarter the" are no parts; "half the revenue" is
    const counted = name === 'half' || /^(?:hälfte|moitié|mitad)$/.test(name) || /^(?:an?|one)$/i.test(lone[1] ?? '')
    if (counted)
      return build(at + lone[0].length, [around(1 / (partWords[name] ?? 1), boundSide(text, at))], { kind: 'part' })
  }
  const top = readWord(text, at)
  const many = top && /^[\s-](\p{L}+)/u.exec(text.slice(top.end))
  const bottom = many?.[1]?.toLowerCase() ?? ''
  if (top && many && Object.hasOwn(partWords, bottom) && bottom.endsWith('s') && top.value < (partWords[bottom] ?? 0)) {
    const time =
      bottom === 'quarters' &&
      (!/^\s+of\s/.test(text.slice(top.end + many[0].length)) ||
        /(?:last|past|first|next|these|those|all|for) $/i.test(before))
    if (!time)
      return build(top.end + many[0].length, [around(top.value / (partWords[bottom] ?? 1), boundSide(text, at))], {
        kind: 'part',
      })
  }
  return null
}

const boundSide = (text: string, at: number): 'above' | 'below' | 'around' | undefined => boundBefore(text, at)?.side

function isPeriodPart(before: string, after: string, name: string): boolean {
  if (/(?:first|second|third|fourth|last|this|next|each|every|per|previous|final|other|one) $/i.test(before))
    return true
  return (
    /^\s+of\s+(?:the\s+)?(?:(?:fiscal\s+)?(?:year|quarter|month)|FY|H[12]|Q[1-4]|20\d\d|19\d\d)/i.test(after) &&
    name !== 'fifth'
  )
}

function readCount(text: string, at: number, readWord: WordNumberReader, build: Build): Numeral | null {
  const number = readWord(text, at)
  if (!number) return null
  const unit = readUnit(text, number.end)
  const end = unit?.end ?? number.end
  const factor = unit?.factor ?? 1
  // Words round as digits do: "twenty percent" is 19.5 to 20.5, "two million" 1.5 to 2.5 million
  const step =
    [1e12, 1e9, 1e6, 1e3].find((size) => number.value >= size && number.value % size === 0) ??
    (number.value === 0 ? 0 : 1)
  return build(
    end,
    [toReading(number.value * factor, step * factor, boundSide(text, at), step * factor)],
    unit?.unit ?? { kind: 'none' },
  )
}
