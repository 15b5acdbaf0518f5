import { z } from 'zod'

/**
 * A number between the bounds. Values from the environment arrive as text. `should` completes "should be …";
 * it stands on each check because zod reports the innermost one.
 */
export function number(should: string, min: number, max: number): z.ZodType<number> {
  const check = z.number(should).min(min, should).max(max, should)
  return z.preprocess((value) => (typeof value === 'string' && value.trim() !== '' ? Number(value) : value), check)
}

export function whole(should: string, min: number, max: number): z.ZodType<number> {
  return number(should, min, max).refine(Number.isInteger, should)
}

export const flag = z.preprocess(
  (value) => (value === 'true' ? true : value === 'false' ? false : value),
  z.boolean('true or false'),
)

export const text = z.string('text')
export const name = z.string('text').min(1, 'text, not empty')

export function address(should: string): z.ZodType<string> {
  return z.string(should).refine((value) => /^https?:\/\/[^/\s]+/.test(value), should)
}

/** The parts of a comma-separated list. */
export function listOf(value: string | undefined): string[] {
  return (value ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
