import { z } from 'zod'
import { badRequest } from '../http/reply.ts'

/** A request's body in its expected form. @throws ApiError 400 */
export function parse<T>(schema: z.ZodType<T>, json: unknown): T {
  const parsed = schema.safeParse(json ?? {})
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw badRequest(`Invalid value for field '${issue?.path.join('.') ?? ''}': ${issue?.message ?? 'unreadable'}`)
}

/** MLflow writes maps as lists of pairs. */
export const Pairs = z
  .array(z.object({ key: z.string().min(1).max(250), value: z.string() }))
  .default([])
  .transform((list) => new Map(list.map(({ key, value }) => [key, value])))

export const toPairs = (map: ReadonlyMap<string, string>): { readonly key: string; readonly value: string }[] =>
  [...map].map(([key, value]) => ({ key, value }))
