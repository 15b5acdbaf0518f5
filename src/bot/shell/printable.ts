/**
 * Text from elsewhere (cells, Genie's and the model's words) made fit for a terminal, on one line: control characters
 * could move the cursor, rename the window or paint over what stands there, and direction marks make a text read as
 * another one.
 */
export function printable(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\t\n\v\f\r\u2028\u2029]+/g, ' ')
    .replaceAll(/[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu, '')
}
