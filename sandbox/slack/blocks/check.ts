import { isRecord, string } from '../../local/json.ts'

/** Where blocks are to be shown, and what is known there. */
export interface BlockContext {
  readonly surface: 'message' | 'modal'
  /** A file named by a `slack_file`. */
  fileState(id: string): 'ready' | 'processing' | 'unknown'
}

/** Finds what is wrong with a value; `at` is its JSON pointer. Problems read as Slack words them. */
export type Check = (value: unknown, at: string, context: BlockContext) => readonly string[]

const problem = (text: string, at: string): readonly string[] => [`${text} [json-pointer:${at}]`]

export const text =
  (limits: { readonly max: number; readonly min?: number }): Check =>
  (value, at) => {
    if (typeof value !== 'string') return problem('must be a string', at)
    const min = limits.min ?? 1
    if (value.length < min) return problem(`must be more than ${min - 1} characters`, at)
    return value.length > limits.max ? problem(`must be less than ${limits.max + 1} characters`, at) : []
  }

export const flag: Check = (value, at) => (typeof value === 'boolean' ? [] : problem('must be a boolean', at))

export const number =
  (limits: { readonly min: number; readonly max: number }): Check =>
  (value, at) =>
    typeof value === 'number' && value >= limits.min && value <= limits.max
      ? []
      : problem(`must be a number from ${limits.min} to ${limits.max}`, at)

export const oneOf =
  (...values: readonly string[]): Check =>
  (value, at) =>
    typeof value === 'string' && values.includes(value) ? [] : problem(`must be one of: ${values.join(', ')}`, at)

/** A web address that Slack opens for a person, or, `isFetched`, fetches itself: that one has to be public. */
export const url =
  (options: { readonly max: number; readonly isFetched?: boolean }): Check =>
  (value, at, context) => {
    const tooLong = text({ max: options.max })(value, at, context)
    if (tooLong.length > 0) return tooLong
    const address = URL.parse(string(value))
    if (!address || !['http:', 'https:'].includes(address.protocol)) return problem('invalid_url', at)
    const isLocal =
      /^(localhost|127\.|10\.|192\.168\.|\[::1\])/.test(address.hostname) || !address.hostname.includes('.')
    return options.isFetched === true && isLocal ? problem('downloading image failed', at) : []
  }

export const items =
  (check: Check, limits: { readonly min: number; readonly max: number }): Check =>
  (value, at, context) => {
    if (!Array.isArray(value)) return problem('must be an array', at)
    if (value.length < limits.min) return problem(`no less than ${limits.min} items allowed`, at)
    if (value.length > limits.max) return problem(`no more than ${limits.max} items allowed`, at)
    return value.flatMap((item, index) => check(item, `${at}/${index}`, context))
  }

/** A record with exactly these fields. */
export const record =
  (shape: {
    readonly required?: Readonly<Record<string, Check>>
    readonly optional?: Readonly<Record<string, Check>>
    /** Further rules over the whole. */
    readonly also?: Check
  }): Check =>
  (value, at, context) => {
    if (!isRecord(value)) return problem('must be an object', at)
    const { required = {}, optional = {}, also } = shape
    const problems: string[] = []
    for (const [name, check] of Object.entries(required)) {
      if (value[name] === undefined) problems.push(...problem(`missing required field: ${name}`, at))
      else problems.push(...check(value[name], `${at}/${name}`, context))
    }
    for (const [name, field] of Object.entries(value)) {
      if (name === 'type' || name in required || field === undefined) continue
      const check = optional[name]
      if (check) problems.push(...check(field, `${at}/${name}`, context))
      else problems.push(...problem(`invalid additional property: ${name}`, at))
    }
    if (problems.length === 0 && also) problems.push(...also(value, at, context))
    return problems
  }

/** A record that says its `type`, which has to be one of these. */
export const typed =
  (types: Readonly<Record<string, Check>>): Check =>
  (value, at, context) => {
    if (!isRecord(value)) return problem('must be an object', at)
    if (value['type'] === undefined) return problem('missing required field: type', at)
    const type = string(value['type'])
    const check = types[type]
    return check ? check(value, at, context) : problem(`unsupported type: ${type}`, `${at}/type`)
  }

export const rule =
  (holds: (value: Readonly<Record<string, unknown>>) => boolean, words: string): Check =>
  (value, at) =>
    isRecord(value) && holds(value) ? [] : problem(words, at)

/** All of these checks. */
export const all =
  (...checks: readonly Check[]): Check =>
  (value, at, context) =>
    checks.flatMap((check) => check(value, at, context))
