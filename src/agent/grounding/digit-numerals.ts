/** Numbers written in digits, with sign, currency, magnitude and unit. */
import { boundBefore, nounAfter } from './beside-numerals.ts'
import { type Numeral, type NumeralUnit, around, toReading } from './numeral.ts'
import type { Span } from './sentences.ts'
import { currencyNamed, magnitudeNamed, readUnit } from './units-in-text.ts'

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

export function readDigitsAt(text: string, at: number, masks: readonly Span[]): Numeral | null {
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
