import type { ReplyResult } from '../reply.ts'

/** More than that nobody reads in a window; the deck page has them all. */
const mostQueries = 20

/** The queries that an answer rests on, as Genie wrote them. */
export interface Queries {
  /** `title`: how the question was read; '' when that is not known of each. */
  readonly shown: readonly { readonly title: string; readonly sql: string }[]
  /** How many more there are, in words; '' when these are all. */
  readonly more: string
}

export function queriesOf({ sql, readings }: ReplyResult): Queries {
  const isTold = readings.length === sql.length
  const more = sql.length - mostQueries
  return {
    shown: sql
      .slice(0, mostQueries)
      .map((query, index) => ({ title: isTold ? (readings[index] ?? '') : '', sql: query })),
    more: more > 0 ? `and ${more} more` : '',
  }
}
