import { z } from 'zod'

/** What a question may come to; `failed` and `stopped` are never what one hopes for. */
const status = z.enum(['answered', 'clarify', 'refused'])

const oneOrMore = <T extends z.ZodType>(item: T) => z.union([item.transform((value) => [value]), z.array(item).min(1)])

/** Alternatives: one of them has to be there. */
const alternatives = oneOrMore(z.string().min(1))

export const Expectations = z.strictObject({
  /** How the turn may end; several where either is fine. */
  status: oneOrMore(status).prefault('answered'),
  /** One SELECT whose rows the deck has to show, written by hand; its last day is `{today}`. */
  sql: z.string().min(1).optional(),
  /** Rows written down instead of computed: cells as they are in SQL's result. */
  rows: z.array(z.array(z.union([z.string(), z.number(), z.null()]))).optional(),
  /**
   * Unit of the number columns of the expected rows, in order: a currency code, `percent`, `count`, `plain`, or `any`.
   * One stands for all. A rate written as a fraction is the same as its percent.
   */
  unit: oneOrMore(z.string()).prefault('any'),
  /** Most that a number may be off, as a share of it; 0.005 is half a percent. */
  tolerance: z.number().min(0).max(1).default(0.001),
  /** The rows have to be in this order. */
  ordered: z.boolean().default(false),
  /** More rows than expected are no fault, as where a question leaves open how many. */
  more_rows: z.boolean().default(false),
  /** What the slides have to be like. */
  slides: z
    .strictObject({
      /** In the deck's title or a slide's. */
      title: z.array(alternatives).default([]),
      /** Kind of one of the charts. */
      chart: alternatives.optional(),
      /** How the time is named in titles, tables or queries. */
      period: z.array(alternatives).default([]),
      /** What the rows are narrowed to, named there, too. */
      filters: z.array(alternatives).default([]),
    })
    .prefault({}),
  /** In the answer's words. */
  answer: z.array(alternatives).default([]),
})
export type Expectations = z.output<typeof Expectations>

/** One question of an evaluation set, and what a good answer to it is. */
export const EvalCase = z.strictObject({
  /** Short and lasting: comparisons go by it. */
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,60}$/, 'a short name of lower-case letters, digits and dashes'),
  question: z.string().min(1),
  /** What was asked in the thread before, oldest first. */
  after: z.array(z.string().min(1)).default([]),
  /** Genie space: an id or a name of `genie.spaces`; the configured one when left out. */
  space: z.string().optional(),
  /** Language tag of the deck; the configured one when left out. */
  language: z.string().optional(),
  /** Words to select cases by. */
  about: z.array(z.string()).default([]),
  /** Left out where nobody has said what is right: then only grounding, time and cost are scored. */
  expect: Expectations.optional(),
})
export type EvalCase = z.output<typeof EvalCase>

export const EvalSet = z.strictObject({
  name: z.string().regex(/^[\w.-]{1,100}$/, 'a name of letters, digits, dots and dashes'),
  about: z.string().default(''),
  cases: z
    .array(EvalCase)
    .min(1)
    .refine((cases) => new Set(cases.map(({ id }) => id)).size === cases.length, 'cases whose ids differ'),
})
export type EvalSet = z.output<typeof EvalSet>
