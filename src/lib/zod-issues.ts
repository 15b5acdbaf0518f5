import type { z } from 'zod'

/**
 * What a value does wrong, by path: `messages[0].status: expected string, received number`. Never shows the value
 * itself, so that the text may be logged or sent back to a language model. Shows at most `limit` problems.
 */
export function describeIssues(error: z.ZodError, limit = 5): string {
  const lines = error.issues.slice(0, limit).map((issue) => {
    const text = issue.message.replace(/^Invalid (?:input|option): /, '')
    const path = formatPath(issue.path)
    return path === '' ? text : `${path}: ${text}`
  })
  const more = error.issues.length - lines.length
  if (more > 0) lines.push(`and ${more} more`)
  return lines.join('; ')
}

function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    return text === '' ? String(part) : `${text}.${String(part)}`
  }, '')
}
