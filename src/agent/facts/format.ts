import type { Fact } from '../../render/fact.ts'

/**
 * A fact's value in full for the model and for text that carries a mark; slides have the renderer's own formatting.
 * An unknown language tag falls back to English.
 */
export function formatFact(fact: Fact, language: string): string {
  if (fact.valueType !== 'number') return fact.value
  const { unit, value } = fact
  // Decimal text keeps every digit in Intl.NumberFormat; a number type would not
  const text = value as Intl.StringNumericLiteral
  switch (unit.kind) {
    case 'currency': {
      const whole = /^-?\d+(?:\.0*)?$/.test(value) || Math.abs(Number(value)) >= 1000
      return format(
        language,
        {
          style: 'currency',
          currency: unit.code,
          minimumFractionDigits: whole ? 0 : 2,
          maximumFractionDigits: whole ? 0 : 2,
        },
        text,
      )
    }
    case 'percent':
      return `${format(language, { maximumFractionDigits: 2 }, text)}%`
    case 'ratio':
      return format(language, { style: 'percent', maximumFractionDigits: 2 }, text)
    case 'duration':
      return `${format(language, { maximumFractionDigits: 2 }, text)} ${unit.unit}`
    case 'count':
    case 'plain':
      return format(language, { maximumFractionDigits: Math.abs(Number(value)) < 1 ? 6 : 2 }, text)
  }
}

function format(language: string, options: Intl.NumberFormatOptions, value: Intl.StringNumericLiteral): string {
  try {
    return new Intl.NumberFormat(language, options).format(value)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return new Intl.NumberFormat('en', options).format(value)
  }
}
