/** Units, currencies and sizes as people write them beside a number. */
import type { NumeralUnit } from './numeral.ts'

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
