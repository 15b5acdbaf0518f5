import { describe, expect, it } from 'vitest'
import { packJson, unpackJson } from '../../src/lib/packed-json.ts'

describe('packJson', () => {
  it('gives back what was packed, small or large', () => {
    const small = { a: [1, null, 'ü'], b: {} }
    const large = Array.from({ length: 2000 }, (_, index) => ({ region: 'EMEA', month: index, text: '数字' }))

    expect(unpackJson(packJson(small))).toEqual(small)
    expect(unpackJson(packJson(large))).toEqual(large)
    expect(packJson(large).length).toBeLessThan(JSON.stringify(large).length / 5)
  })

  it('gives undefined for bytes that it did not make', () => {
    const packed = packJson({ text: 'x'.repeat(5000) })

    for (const bytes of ['', '{"a": 1}', '\u0000{', '\u0001abc']) {
      expect(unpackJson(Buffer.from(bytes, 'latin1'))).toBeUndefined()
    }
    expect(unpackJson(packed.subarray(0, -5))).toBeUndefined()
  })
})
