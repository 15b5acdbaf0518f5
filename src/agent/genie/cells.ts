import Big from 'big.js'
import type { Column } from '../../render/table.ts'

/** A cell as it came; null is missing. */
export type RawCell = string | number | boolean | null

/**
 * Reads a cell into the canonical text of its column's type (see `render/table.ts`); null when missing, undefined when
 * it is not of that type. NaN and infinities count as missing: no slide can show them.
 */
export function canonicalCell(cell: RawCell, type: Column['type']): string | null | undefined {
  if (cell === null) return null
  const text = String(cell)
  switch (type) {
    case 'number':
      return canonicalNumber(text.trim())
    case 'date':
      return canonicalDate(text.trim())
    case 'boolean':
      return canonicalBoolean(text.trim())
    case 'text':
      return text
  }
}

/** Plain decimal text that keeps every digit: "1.5E3" is "1500", "+007.50" is "7.50", "-0.0" is "0.0". */
function canonicalNumber(text: string): string | null | undefined {
  if (text === '' || /^[+-]?(?:nan|inf(?:inity)?)$/i.test(text)) return null
  const [, sign = '', whole = '', fraction = '', exponent] =
    /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  if (whole === '' && fraction === '') return undefined
  if (exponent !== undefined) return Math.abs(Number(exponent)) > 400 ? undefined : new Big(text).toFixed()
  const digits = `${whole.replace(/^0+(?=\d)/, '') || '0'}${fraction === '' ? '' : `.${fraction}`}`
  return sign === '-' && /[1-9]/.test(digits) ? `-${digits}` : digits
}

const datePattern = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(:\d{2})?(?:\.(\d+))?\s?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i

/** ISO 8601 with a `T`, seconds, `Z` for UTC, and no trailing zeros in the fraction. */
function canonicalDate(text: string): string | null | undefined {
  if (text === '') return null
  const match = datePattern.exec(text)
  if (!match) return undefined
  const [, day = '', minutes, seconds = ':00', fraction = '', zone = ''] = match
  if (!isInstant(`${day}T${minutes ?? '00:00'}${seconds}`)) return undefined
  if (minutes === undefined) return day
  const kept = fraction.replace(/0+$/, '')
  return `${day}T${minutes}${seconds}${kept === '' ? '' : `.${kept}`}${canonicalZone(zone)}`
}

/** Date rolls 31 February over to March instead of refusing it, which shows in the way back. */
function isInstant(text: string): boolean {
  const at = Date.parse(`${text}Z`)
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text)
}

function canonicalZone(zone: string): string {
  if (zone === '') return ''
  if (/^(?:z|[+-]00(?::?00)?)$/i.test(zone)) return 'Z'
  const [, hours = '', minutes = '00'] = /^([+-]\d{2}):?(\d{2})?$/.exec(zone) ?? []
  return `${hours}:${minutes}`
}

function canonicalBoolean(text: string): string | null | undefined {
  if (text === '') return null
  if (/^(?:true|t|1)$/i.test(text)) return 'true'
  return /^(?:false|f|0)$/i.test(text) ? 'false' : undefined
}
