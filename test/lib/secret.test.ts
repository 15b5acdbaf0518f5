import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/lib/secret.ts'

const secret = new Secret('dapi-1234567890')

describe('Secret', () => {
  it.each([
    ['string conversion', () => String(secret)],
    ['template text', () => `${secret}`],
    ['JSON', () => JSON.stringify({ token: secret })],
    ['inspect', () => inspect({ nested: { token: secret } }, { depth: 9, showHidden: true })],
    ['concatenation', () => `token: ${['a', secret].join(' ')}`],
    ['an error message', () => new Error(`bad ${secret}`).message],
    ['its keys and values', () => JSON.stringify([Object.keys(secret), Object.values(secret), { ...secret }])],
  ])('hides its value in %s', (_way, show) => {
    expect(show()).not.toContain('dapi')
  })

  it('gives the value to who asks for it', () => {
    expect(secret.reveal()).toBe('dapi-1234567890')
  })
})
