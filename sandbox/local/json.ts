/** Reading values of unknown shape, such as blocks and arguments that the app sends. */

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The items of an array; none of anything else. */
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** A string, or `otherwise` where there is none. */
export const string = (value: unknown, otherwise = ''): string => (typeof value === 'string' ? value : otherwise)

/** The record in a JSON text; an empty one for anything else. */
export function parseRecord(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? value : {}
  } catch {
    return {}
  }
}
