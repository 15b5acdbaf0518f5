/** What one deck may hold. More is refused (slides, points) or cut with an ellipsis (texts); the data itself is never changed. */
export const limits = {
  /** A deck with more slides is refused. */
  slides: 100,
  /** Points of a list, figures of a slide or columns of a chart; a deck with more in one place is refused. */
  items: 1_000,
  /** Characters of a title, takeaway or bullet. */
  text: 2_000,
  /** Characters of a slide's notes, where what no slide has room for ends up. */
  notes: 20_000,
  /** Characters of a label, heading or cell. */
  label: 300,
  /** Characters of a query in the list of sources. */
  sql: 20_000,
  /** Rows of a table in the part of the page that is only on screen. */
  screenRows: 200,
  /** Columns of any table. */
  columns: 40,
} as const

/** The text, or its first `most` characters and an ellipsis. */
export function cutText(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most).toWellFormed()}…`
}
