import { describe, expect, it } from 'vitest'
import { createSealer, SealedError } from '../../src/lib/sealed.ts'
import { Secret } from '../../src/lib/secret.ts'

const sealer = (key: string) => createSealer(new Secret(key))

describe('createSealer', () => {
  it('opens what it sealed, and shows nothing of it before', () => {
    const sealed = sealer('k1').seal('made-up-träum-süß', 'slack:T1')

    expect(sealer('k1').open(sealed, 'slack:T1')).toBe('made-up-träum-süß')
    expect(sealed).toMatch(/^v1\.[0-9a-f]{8}\.[\w-]+$/)
    expect(sealed).not.toContain('xoxb')
    expect(Buffer.from(sealed.split('.')[2] ?? '', 'base64url').toString()).not.toContain('xoxb')
  })

  it('seals the same text differently each time', () => {
    const k1 = sealer('k1')

    expect(k1.seal('x', 'p')).not.toBe(k1.seal('x', 'p'))
  })

  it('opens with an earlier key, and seals with the first', () => {
    const old = sealer('old').seal('x', 'p')
    const both = sealer(' new , old ')

    expect(both.open(old, 'p')).toBe('x')
    expect(sealer('new').open(both.seal('y', 'p'), 'p')).toBe('y')
  })

  it.each([
    ['another place', (sealed: string) => ({ sealed, place: 'slack:T2' }), 'damaged'],
    ['one altered character', (sealed: string) => ({ sealed: flip(sealed), place: 'slack:T1' }), 'damaged'],
    ['a shortened text', (sealed: string) => ({ sealed: sealed.slice(0, 20), place: 'slack:T1' }), 'damaged'],
    ['no envelope', () => ({ sealed: '{"token":"x"}', place: 'slack:T1' }), 'damaged'],
    [
      'an envelope of another key',
      () => ({ sealed: sealer('k2').seal('x', 'slack:T1'), place: 'slack:T1' }),
      'unknown-key',
    ],
  ])('does not open %s', (_what, change, code) => {
    const { sealed, place } = change(sealer('k1').seal('made-up-1', 'slack:T1'))

    const open = () => sealer('k1').open(sealed, place)

    expect(open).toThrow(SealedError)
    expect(open).toThrow(expect.objectContaining({ code }))
  })

  it('does not work without a key', () => {
    expect(() => sealer(' , ')).toThrow('Cannot seal without a key')
  })
})

/** Changes a bit in the middle of what is encrypted. */
function flip(sealed: string): string {
  const at = sealed.length - 10
  return sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1)
}
