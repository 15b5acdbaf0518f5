/**
 * The words of a column name or a label, lower-case and in order: `avgOrderValue_USD (net)` is
 * avg, order, value, usd, net. A percent or currency sign stands as a word of its own.
 */
export function wordsOf(text: string): string[] {
  const spaced = text
    .replaceAll(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2')
    .replaceAll(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
    .replaceAll(/[%\p{Sc}]/gu, ' $& ')
  return spaced.toLowerCase().match(/[%\p{Sc}]|[\p{L}\p{N}]+/gu) ?? []
}

/**
 * A word without its English plural ending, so that "regions" and "region", "countries" and "country" are one.
 * Rough on purpose: both sides of a comparison go through it.
 */
export function stem(word: string): string {
  const lower = word.toLowerCase()
  if (lower.length > 4 && lower.endsWith('ies')) return `${lower.slice(0, -3)}y`
  if (lower.length > 4 && /(?:s|x|z|ch|sh)es$/.test(lower)) return lower.slice(0, -2)
  if (lower.length > 3 && lower.endsWith('s') && !/(?:ss|us|is)$/.test(lower)) return lower.slice(0, -1)
  return lower
}
