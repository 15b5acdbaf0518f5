import type { Span } from './sentences.ts'

/** A fact that the model refers to, in any of the spellings models use. */
export interface Reference extends Span {
  readonly id: string
  readonly format: 'full' | undefined
  /** False for a bare `F16` without brackets, which may be a name. */
  readonly marked: boolean
}

/**
 * References in a text: `{F12}`, `{{F12}}`, `{f12:full}`, `[F12]`, `(F12)`, `F12`; several in one pair of braces are
 * several references, and what stands between them stays text.
 */
export function findReferences(text: string): Reference[] {
  const found: Reference[] = []
  const forms =
    /\{+([^{}]{0,80})\}+|\[\s*(F\d+)\s*\]|\(\s*(F\d+)\s*\)|(?<![\p{L}\p{N}_-])(F\d{1,7})(?![\p{L}\p{N}_])/giu
  for (const match of text.matchAll(forms)) {
    const [whole, braced, ...others] = match
    const end = match.index + whole.length
    if (braced !== undefined) {
      const ids = [...braced.matchAll(/(?<![\p{L}\p{N}])F(\d{1,7})(?![\p{L}\p{N}])/giu)]
      const format = /full/i.test(braced) ? ('full' as const) : undefined
      ids.forEach((id, place) => {
        const start = place === 0 ? match.index : match.index + whole.indexOf(braced) + id.index
        const last = place === ids.length - 1
        found.push({
          id: `F${Number(id[1])}`,
          format,
          marked: true,
          start,
          end: last ? end : match.index + whole.indexOf(braced) + id.index + id[0].length,
        })
      })
      continue
    }
    const [bracketed, parenthesised, bare] = others
    const id = (bracketed ?? parenthesised ?? bare ?? '').slice(1)
    // A lower-case f12 without brackets is no reference
    if (bare?.startsWith('f')) continue
    found.push({ id: `F${Number(id)}`, format: undefined, marked: bare === undefined, start: match.index, end })
  }
  return found
}
