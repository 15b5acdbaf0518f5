import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/lib/secret.ts'
import { createRedactor } from '../../src/mlflow/redact.ts'

describe('createRedactor', () => {
  it('hides each secret wherever it stands, also in JSON and in addresses', () => {
    const redact = createRedactor([new Secret('p@ss "word"')])

    expect(redact('a p@ss "word", p@ss "word"')).toBe('a [secret], [secret]')
    expect(redact(JSON.stringify({ password: 'p@ss "word"' }))).toBe('{"password":"[secret]"}')
    expect(redact(`https://x/?p=${encodeURIComponent('p@ss "word"')}&q=1`)).toBe('https://x/?p=[secret]&q=1')
  })

  it('hides the longer of two secrets whole when one contains the other', () => {
    const redact = createRedactor([new Secret('abcdef'), new Secret('abcdefgh')])

    expect(redact('abcdefgh abcdef')).toBe('[secret] [secret]')
  })

  it('leaves text alone for values too short to be secrets, the empty one included', () => {
    const redact = createRedactor([new Secret(''), new Secret('a'), new Secret('prod')])

    expect(redact('a prod sample')).toBe('a prod sample')
  })
})
