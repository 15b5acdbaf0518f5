/** What a model wrote right next to a reference although the value brings its own unit: `${F12}M`, `-{F12} %`. */
import { stem, wordsOf } from '../facts/words.ts'
import type { FactView } from './lexicon.ts'
import { isPoints } from './match.ts'
import type { Span } from './sentences.ts'
import { currencyNamed, magnitudeNamed, readUnit } from './units-in-text.ts'

export interface Beside extends Span {
  /** False when sign, size or unit contradict the fact. `start` and `end` then hold all that was written. */
  readonly agrees: boolean
  /** True when a word before the number says the sign: "minus {F1}". */
  readonly saysMinus: boolean
}

/** Looks left and right of a reference. What repeats the fact is taken in, to be left out of the text. */
export function readBeside(text: string, span: Span, view: FactView): Beside {
  const left = lookLeft(text, span.start, view)
  const right = lookRight(text, span.end, view)
  return { start: left.at, end: right.at, agrees: left.agrees && right.agrees, saysMinus: left.saysMinus }
}

function lookLeft(text: string, start: number, view: FactView): { at: number; agrees: boolean; saysMinus: boolean } {
  const { unit } = view.fact
  const result = { at: start, agrees: true, saysMinus: false }
  const before = text.slice(Math.max(0, start - 16), start)
  if (/[\d.,]$/.test(before) && !/\s[.,]$|[\p{L})][.,]$/u.test(before)) return { ...result, agrees: false }
  const money = /(?:((?:US|CA|HK|MX|NZ|[ACS])?\p{Sc})|(?<!\p{L})([A-Z]{3}))\s?$/u.exec(before)
  const codes = money ? currencyNamed(money[1] ?? money[2] ?? '') : undefined
  if (money && codes) {
    result.at -= money[0].length
    result.agrees = unit.kind === 'currency' && codes.includes(unit.code)
  }
  const rest = text.slice(Math.max(0, result.at - 12), result.at)
  const sign = /(?<![\p{L}\p{N})\]}%])([+−–‒-])$/u.exec(rest)
  if (sign) {
    result.at -= 1
    result.agrees &&= sign[1] === '+' ? view.value >= 0 : view.value < 0
  } else if (/(?<!\p{L})(?:minus|negative)\s$/iu.test(rest)) {
    result.agrees &&= view.value < 0
    result.saysMinus = true
  }
  return result
}

function lookRight(text: string, end: number, view: FactView): { at: number; agrees: boolean } {
  const { fact, value } = view
  const after = text.slice(end, end + 40)
  if (/^(?:\d|[.,]\d)/.test(after)) return { at: end, agrees: false }
  let at = end
  let agrees = true
  if (fact.kind === 'rank' && /^(?:st|nd|rd|th)(?!\p{L})/u.test(after)) return { at: end + 2, agrees: true }
  const scale = /^([\s-]?)(\p{L}+)(?!\p{L})/u.exec(after)
  const size = scale ? magnitudeNamed(scale[2] ?? '', scale[1] === '') : undefined
  if (scale && size !== undefined) {
    at += scale[0].length
    agrees = Math.abs(value) >= size && Math.abs(value) < size * 1000
  } else if (scale && scale[1] === '' && !readUnit(text, end)) {
    return { at: end + scale[0].length, agrees: false } // letters stuck to the value
  }
  const unit = readUnit(text, at)
  // "{F1} year over year" and "{F1} quarter on quarter" compare; "{F1} year" would be a unit
  if (!unit || /^[ -](?:over|on|to|ago|earlier|before)(?!\p{L})/iu.test(text.slice(unit.end))) return { at, agrees }
  const [keep, fits] = unitAgrees(view, unit.unit, text.slice(at, unit.end))
  return { at: keep && fits ? at : unit.end, agrees: agrees && fits }
}

/** Whether the unit is the fact's own, and whether the words stay because the formatted value does not bring them. */
function unitAgrees(
  { fact }: FactView,
  unit: NonNullable<ReturnType<typeof readUnit>>['unit'],
  words: string,
): readonly [keep: boolean, fits: boolean] {
  switch (unit.kind) {
    case 'percent':
      return [false, fact.unit.kind === 'percent' || fact.unit.kind === 'ratio']
    case 'points':
      return [true, isPoints(fact) && !/basis|bps/i.test(words)]
    case 'currency':
      return [false, fact.unit.kind === 'currency' && unit.codes.includes(fact.unit.code)]
    case 'duration': {
      if (fact.unit.kind === 'duration') return [false, fact.unit.unit === unit.unit]
      // "{F3} quarters" for the number of quarters; any other fact has nothing to do with time
      return [true, wordsOf(fact.label).map(stem).includes(stem(unit.unit))]
    }
    case 'multiple':
    case 'part':
    case 'rank':
    case 'none':
      return [true, false]
  }
}
