import { z } from 'zod'
import { grains, Period } from './calendar.ts'

/** Rows whose dimension has one of these values; with `exclude`, those that have none of them. */
export const Filter = z.object({
  dimension: z.string(),
  values: z.array(z.string()).min(1),
  exclude: z.boolean(),
  /** How people call these values together: "Europe". */
  label: z.string().optional(),
})
export type Filter = z.infer<typeof Filter>

/** A condition on a number. For rows, `field` is a column people speak of; for groups, it is a metric. */
export const Amount = z.object({
  field: z.string(),
  operator: z.enum(['>', '>=', '<', '<=']),
  value: z.number(),
})
export type Amount = z.infer<typeof Amount>

/** How the numbers are looked at. */
export const View = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('plain') }),
  /** Each group's percentage of the total (of its time, where there is a grain). */
  z.object({ kind: z.literal('share') }),
  /** The part within these filters as a percentage of everything else that is asked. */
  z.object({ kind: z.literal('share-of'), part: z.array(Filter).min(1) }),
  /** Times side by side, in order. `likeForLike` says that an unfinished one was met with the same days before. */
  z.object({ kind: z.literal('compare'), periods: z.array(Period).min(2), likeForLike: z.boolean() }),
  /** Change from step to step (`previous`) or against the year before; needs a grain. */
  z.object({ kind: z.literal('growth'), base: z.enum(['previous', 'year']) }),
  z.object({ kind: z.literal('cumulative') }),
  /** Mean of whole days, weeks, months … */
  z.object({ kind: z.literal('average-over'), grain: z.enum(grains) }),
])
export type View = z.infer<typeof View>

/** A question about measures. */
export const MeasureIntent = z.object({
  kind: z.literal('measure'),
  /** Names in the semantic layer; the first one ranks. */
  metrics: z.array(z.string()).min(1).max(5),
  by: z.array(z.string()).max(3),
  grain: z.enum(grains).optional(),
  filters: z.array(Filter),
  amounts: z.array(Amount),
  having: z.array(Amount),
  /** All data when left out. With a compare view, the times are in the view. */
  period: Period.optional(),
  view: View,
  /** Only groups that grew, or only those that shrank. */
  change: z.enum(['rise', 'fall']).optional(),
  /** `count` rows at that end, per group where `perGroup`; without `count`, only the order. */
  top: z
    .object({
      count: z.number().int().positive().optional(),
      /** The dimension or grain whose values are ranked. */
      of: z.string(),
      end: z.enum(['high', 'low']),
      /** Ranked within all other dimensions and the grain. */
      perGroup: z.boolean(),
      /** Ranked by the change, in percent or as an amount, instead of the value. */
      growth: z.enum(['percent', 'amount']).optional(),
      /** The metric that ranks, when it is not the first. */
      by: z.string().optional(),
    })
    .optional(),
})
export type MeasureIntent = z.infer<typeof MeasureIntent>

/** A wish to see rows. */
export const ListIntent = z.object({
  kind: z.literal('list'),
  list: z.enum(['orders', 'customers', 'products']),
  /** For customers: those who left, came, or are there. */
  state: z.enum(['churned', 'new', 'active']).optional(),
  filters: z.array(Filter),
  amounts: z.array(Amount),
  period: Period.optional(),
  sort: z.enum(['size', 'latest', 'earliest', 'name']),
  end: z.enum(['high', 'low']),
  count: z.number().int().positive().optional(),
})
export type ListIntent = z.infer<typeof ListIntent>

/** A wish to know which values a dimension has. */
export const ValuesIntent = z.object({
  kind: z.literal('values'),
  dimension: z.string(),
  filters: z.array(Filter),
})
export type ValuesIntent = z.infer<typeof ValuesIntent>

/** A question as the sandbox's Genie understood it: everything the SQL and its description are made from. */
export const Intent = z.discriminatedUnion('kind', [MeasureIntent, ListIntent, ValuesIntent])
export type Intent = z.infer<typeof Intent>
