import { describe, expect, it } from 'vitest'
import { DeckhandError, describeError, isAbort, userMessageOf } from '../../src/lib/errors.ts'

class OvenError extends DeckhandError {
  override readonly name = 'OvenError'
  readonly code = 'cold'
}

describe('userMessageOf', () => {
  it("gives our errors' own words", () => {
    const error = new OvenError('Cannot bake: oven is at 20 °C, expected 180 °C', { userMessage: 'Please wait.' })

    expect(userMessageOf(error)).toBe('Please wait.')
  })

  it.each([new TypeError('x is undefined'), 'text', null, undefined])('says something general for %s', (thrown) => {
    expect(userMessageOf(thrown)).toMatch(/went wrong on our side/)
  })
})

describe('isAbort', () => {
  it('finds the abort however deep it is wrapped', () => {
    const reason = new DOMException('stop', 'AbortError')

    expect(isAbort(reason)).toBe(true)
    expect(isAbort(new Error('outer', { cause: new OvenError('inner', { userMessage: '', cause: reason }) }))).toBe(
      true,
    )
    expect(isAbort(new Error('other'))).toBe(false)
  })
})

describe('describeError', () => {
  it('names the chain of causes in one line', () => {
    const error = new OvenError('Cannot bake', { userMessage: '', cause: new Error('no gas', { cause: 'valve shut' }) })

    expect(describeError(error)).toBe('OvenError: Cannot bake <- Error: no gas <- valve shut')
  })

  it('shows causes that are no errors', () => {
    expect(describeError(new Error('outer', { cause: { status: 500, at: [1, 2] } }))).toBe(
      'Error: outer <- { status: 500, at: [ 1, 2 ] }',
    )
  })

  it('ends on a chain that loops', () => {
    const error = new Error('a')
    error.cause = error

    expect(describeError(error).split(' <- ')).toHaveLength(6)
  })
})
