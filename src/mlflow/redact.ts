import type { Secret } from '../lib/secret.ts'

/** Replaces every known secret in a text with `[secret]`. */
export type Redact = (text: string) => string

/** Shorter values are ordinary words too often: hiding `prod` or `1234` everywhere would garble traces and protect nothing. */
const minSecretLength = 6

/**
 * A redactor for the given secrets. Besides the value itself it hides the forms a value takes inside other texts:
 * percent-encoded as in an address, and escaped as in JSON.
 */
export function createRedactor(secrets: readonly Secret[]): Redact {
  const forms = new Set<string>()
  for (const secret of secrets) {
    const value = secret.reveal()
    if (value.length < minSecretLength) continue
    forms.add(value)
    forms.add(encodeURIComponent(value.toWellFormed()))
    forms.add(JSON.stringify(value).slice(1, -1))
  }
  if (forms.size === 0) return (text) => text
  // One pass over a text however many secrets there are. Longest first, so that a secret which contains another is
  // hidden whole.
  const ordered = [...forms].toSorted((a, b) => b.length - a.length)
  const pattern = new RegExp(ordered.map((form) => RegExp.escape(form)).join('|'), 'g')
  return (text) => text.replace(pattern, '[secret]')
}
