import { describe, expect, it } from 'vitest'
import { findJson } from '../../../src/agent/chat-model/json-text.ts'

describe('findJson', () => {
  it.each([
    ['alone', '{"a":1}'],
    ['in a code fence', '```json\n{"a":1}\n```'],
    ['with sentences round it', 'Here it is: {"a":1}. Anything else?'],
    ['after a brace in prose', 'I refer to {F12} and then {"a":1}'],
    ['before another object', '{"a":1}\n{"b":2}'],
  ])('finds an object %s', (_where, text) => {
    expect(findJson(text)).toEqual({ a: 1 })
  })

  it('is not fooled by braces and quotes inside strings', () => {
    expect(findJson('x {"a":"} \\" {","b":"\\\\"} y')).toEqual({ a: '} " {', b: '\\' })
  })

  it.each([
    ['no braces', 'I cannot do that.'],
    ['nothing', ''],
    ['a number', '42'],
    ['a cut-off object that holds whole ones', '{"slides":[{"title":"a"},{"tit'],
    ['a broken object that holds whole ones', '{"a":{"b":1},}'],
  ])('finds nothing in %s', (_what, text) => {
    expect(findJson(text)).toBeUndefined()
  })
})
