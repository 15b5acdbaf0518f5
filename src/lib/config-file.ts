import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseDocument } from 'yaml'
import type { z } from 'zod'

/** Environment variables. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * Reads one YAML file, fills in `${NAME}` and `${NAME:-default}` from `env`, and checks it. What is wrong is added to
 * `problems`, a line each: file, key, what it is, what it should be; values that hold one of `secrets` are masked.
 * @returns undefined when there was a problem
 */
export function readConfigFile<T>(
  folder: string,
  file: string,
  schema: z.ZodType<T>,
  { env, secrets }: { readonly env: Environment; readonly secrets: readonly string[] },
  problems: string[],
): T | undefined {
  let source: string
  try {
    source = readFileSync(join(folder, file), 'utf8')
  } catch {
    problems.push(`${file}: cannot be read in the configuration folder`)
    return undefined
  }
  const document = parseDocument(source)
  if (document.errors.length > 0) {
    for (const error of document.errors) problems.push(`${file}: ${error.message.split('\n')[0]}`)
    return undefined
  }
  const before = problems.length
  const value = fillIn(document.toJS() as unknown, env, (key, problem) => problems.push(`${file} ${key}: ${problem}`))
  const parsed = schema.safeParse(value)
  if (!parsed.success) {
    for (const issue of parsed.error.issues) problems.push(...describeIssue(file, issue, value, secrets))
  }
  return parsed.success && problems.length === before ? parsed.data : undefined
}

/** Replaces `${NAME}` and `${NAME:-default}` in every text of a parsed YAML value. */
function fillIn(value: unknown, env: Environment, report: (key: string, problem: string) => void, key = ''): unknown {
  if (Array.isArray(value)) return value.map((item, index) => fillIn(item, env, report, `${key}[${index}]`))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value).map(([child, item]) => [
        child,
        fillIn(item, env, report, key === '' ? child : `${key}.${child}`),
      ]),
    )
  }
  if (typeof value !== 'string') return value
  return value.replace(
    /\$\{([A-Z_][A-Z0-9_]*)(?::-((?:[^{}]|\{[^{}]*\})*))?\}/g,
    (_all, variable: string, fallback?: string) => {
      const given = env[variable]
      if (given !== undefined && given !== '') return given
      if (fallback === undefined) report(key, `needs the environment variable ${variable}, which is not set`)
      return fallback ?? ''
    },
  )
}

function describeIssue(file: string, issue: z.core.$ZodIssue, root: unknown, secrets: readonly string[]): string[] {
  const key = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((extra) => `${file} ${key === '' ? extra : `${key}.${extra}`}: is not a setting; remove it`)
  }
  const value = issue.path.reduce<unknown>(
    (current, part) => (typeof current === 'object' && current !== null ? Reflect.get(current, part) : undefined),
    root,
  )
  if (value === undefined) return [`${file} ${key}: is missing, should be ${issue.message}`]
  const json = JSON.stringify(value)
  const hidden = secrets.some((secret) => json.includes(JSON.stringify(secret).slice(1, -1)))
  const shown = hidden ? '[secret]' : json.length > 60 ? `${json.slice(0, 57)}…` : json
  return [`${file} ${key}: is ${shown}, should be ${issue.message}`]
}
