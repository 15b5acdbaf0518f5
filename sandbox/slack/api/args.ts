import { invalidArguments } from './error.ts'

/** Arguments of a call: from a form, where structures are JSON in strings, or from a JSON body. */
export interface Args {
  readonly all: Readonly<Record<string, unknown>>
  /** '' when it is missing. */
  text(name: string): string
  /** @throws SlackError `invalid_arguments` when it is missing */
  required(name: string): string
  isSet(name: string): boolean
  flag(name: string): boolean
  /** @throws SlackError `invalid_arguments` when it is no number */
  number(name: string, otherwise: number): number
  /** Parsed where it came as a string; undefined when it is missing or no JSON. */
  structure(name: string): unknown
}

export function createArgs(all: Readonly<Record<string, unknown>>): Args {
  const text = (name: string): string => {
    const value = all[name]
    if (typeof value === 'string') return value
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
  }
  return {
    all,
    text,
    required(name) {
      const value = text(name)
      if (value === '') throw invalidArguments(`missing required field: ${name}`)
      return value
    },
    isSet: (name) => all[name] !== undefined && all[name] !== null,
    flag: (name) => ['true', '1'].includes(text(name)),
    number(name, otherwise) {
      if (text(name) === '') return otherwise
      const value = Number(text(name))
      if (!Number.isFinite(value)) throw invalidArguments(`must be a number [json-pointer:/${name}]`)
      return value
    },
    structure(name) {
      const value = all[name]
      if (typeof value !== 'string') return value ?? undefined
      try {
        return JSON.parse(value)
      } catch {
        return undefined
      }
    },
  }
}

/** The body of a call as arguments; undefined when its JSON is broken. */
export function parseArgs(
  body: string,
  contentType: string,
  query: URLSearchParams,
): Readonly<Record<string, unknown>> | undefined {
  const fromQuery = Object.fromEntries(query)
  if (!contentType.startsWith('application/json'))
    return { ...fromQuery, ...Object.fromEntries(new URLSearchParams(body)) }
  try {
    const value: unknown = JSON.parse(body)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return { ...fromQuery, ...value }
  } catch {
    return undefined
  }
}
