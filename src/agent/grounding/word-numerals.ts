/** Numbers written in words: counts, multiples ("doubled"), parts ("a third of"), rough sizes ("hundreds of"). */
import { boundBefore, nounAfter } from './beside-numerals.ts'
import type { WordNumberReader } from './number-words.ts'
import { type Numeral, type NumeralReading, type NumeralUnit, around, toReading } from './numeral.ts'
import { currencyNamed, magnitudeNamed, readUnit } from './units-in-text.ts'

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

export function readWords(text: string, at: number, readWord: WordNumberReader): Numeral | null {
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
