import { formatDate } from '../dates.ts'
import { cutText } from '../limits.ts'

/**
 * A day for a line that mixes scripts. Arabic dates carry marks that turn their parts around when the line is read from
 * left to right; without them the digits and slashes stay together either way.
 */
export function plainDate(text: string, language: string): string {
  return formatDate(cutText(text, 40), 'day', language).replaceAll('\u200f', '')
}
