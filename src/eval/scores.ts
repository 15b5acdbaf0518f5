/** What is judged about an answer; each score goes from 0 to 1. */
export const scoreNames = [
  /** The turn ended as it should: answered, asked back, refused. */
  'ending',
  /** Expected numbers that the deck's tables and facts hold, with the right unit. */
  'right_numbers',
  /** Expectations about titles, charts, time, filters and the answer's words that are met. */
  'relevant_slides',
  /** Numbers in the answer and on the slides that rest on data. */
  'grounded',
] as const
export type ScoreName = (typeof scoreNames)[number]

/** Left out where nobody has said what is right. */
export type Scores = Readonly<Partial<Record<ScoreName, number>>>

/** What an expectation came to. */
export interface Judged {
  readonly score: number
  /** What was missing or wrong, in words; empty when nothing was. */
  readonly faults: readonly string[]
}

/** Rows that the deck should hold. */
export interface ExpectedRows {
  readonly columns: readonly { readonly name: string; readonly isNumber: boolean }[]
  /** Numbers as plain decimal text, days as ISO 8601. */
  readonly rows: readonly (readonly (string | null)[])[]
}
