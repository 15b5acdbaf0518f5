import type { z } from 'zod'
import { ApiError, type FieldProblem } from './api-error.ts'
import { GenerateRequest } from './schema.ts'

/** Spaces by the names people may use. */
export type Spaces = Readonly<Record<string, string>>

/** A request's body, checked; every problem is told at once. @throws ApiError `bad-request` */
export function parseGenerateRequest(body: unknown, spaces: Spaces): GenerateRequest {
  const { data, error } = GenerateRequest.safeParse(body)
  const fields = error ? error.issues.flatMap((issue) => problemsOf(issue, body)) : spaceProblems(data, spaces)
  if (data && fields.length === 0) return data
  throw new ApiError('bad-request', fields.map(({ problem }) => problem).join(' '), { fields })
}

function problemsOf(issue: z.core.$ZodIssue, body: unknown): FieldProblem[] {
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(GenerateRequest.shape).join(', ')
    return issue.keys.map((key) => {
      const field = shorten(key)
      return { field, problem: `"${field}" is not a field; there are ${known}.` }
    })
  }
  const field = issue.path.join('.')
  if (field === '') return [{ field: 'body', problem: `The body should be ${issue.message}.` }]
  const isMissing = typeof body === 'object' && body !== null && !Object.hasOwn(body, field)
  return [
    {
      field,
      problem: isMissing
        ? `${field} is missing; it should be ${issue.message}.`
        : `${field} should be ${issue.message}.`,
    },
  ]
}

/** Databricks writes ids in hexadecimal digits; anything else has to be a name that is set up. */
function spaceProblems({ genie_space_id: named }: GenerateRequest, spaces: Spaces): FieldProblem[] {
  if (named === undefined || named === null || Object.hasOwn(spaces, named)) return []
  if (/^[0-9a-f][0-9a-f-]*$/i.test(named)) return []
  const names = Object.keys(spaces)
  const hint = names.length > 0 ? ` Known names: ${names.join(', ')}.` : ''
  const problem = `genie_space_id is neither the id of a Genie space nor a name from the configuration.${hint}`
  return [{ field: 'genie_space_id', problem }]
}

function shorten(text: string): string {
  return text.length <= 40 ? text : `${text.slice(0, 39).toWellFormed()}…`
}
