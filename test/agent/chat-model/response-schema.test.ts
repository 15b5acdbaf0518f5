import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { fitsStrict, toResponseSchema } from '../../../src/agent/chat-model/response-schema.ts'

describe('toResponseSchema', () => {
  it('writes a flat schema whose limits stand in words', () => {
    const schema = z.object({
      kind: z.enum(['chart', 'table']).nullable(),
      title: z.string().min(1).max(80).describe('The message.'),
      bullets: z.array(z.string()).min(1).max(5),
      count: z.number().int().min(0),
      share: z.number().gt(0).lt(1),
      layout: z.literal('kpis'),
      side: z.object({ note: z.string().nullable() }).nullable(),
      trimmed: z.string().transform((text) => text.trim()),
    })

    expect(toResponseSchema(schema)).toEqual({
      type: 'object',
      properties: {
        kind: { type: ['string', 'null'], enum: ['chart', 'table', null] },
        title: { type: 'string', description: 'The message. Not empty. At most 80 characters.' },
        bullets: { type: 'array', description: 'At least 1 item. At most 5 items.', items: { type: 'string' } },
        count: { type: 'integer', description: 'At least 0.' },
        share: { type: 'number', description: 'More than 0. Less than 1.' },
        layout: { type: 'string', enum: ['kpis'] },
        side: {
          type: ['object', 'null'],
          properties: { note: { type: ['string', 'null'] } },
          required: ['note'],
          additionalProperties: false,
        },
        trimmed: { type: 'string' },
      },
      required: ['kind', 'title', 'bullets', 'count', 'share', 'layout', 'side', 'trimmed'],
      additionalProperties: false,
    })
  })

  it.each([
    ['a union', z.object({ a: z.union([z.string(), z.number()]) }), 'union at answer.a'],
    [
      'a union of objects',
      z.object({ a: z.union([z.object({ b: z.string() }), z.object({ c: z.string() })]) }),
      'anyOf at answer.a',
    ],
    [
      'a tagged union',
      z.object({
        a: z.array(z.discriminatedUnion('t', [z.object({ t: z.literal('x') }), z.object({ t: z.literal('y') })])),
      }),
      'Of at answer.a[]',
    ],
    ['a pattern', z.object({ a: z.string().regex(/^F\d+$/) }), 'pattern at answer.a'],
    ['a format with a pattern', z.object({ a: z.email() }), 'pattern at answer.a'],
    ['a map', z.object({ a: z.record(z.string(), z.string()) }), 'answer.a'],
    ['a tuple', z.object({ a: z.tuple([z.string()]) }), 'prefixItems at answer.a'],
    ['anything', z.object({ a: z.unknown() }), 'allows anything at answer.a'],
    ['a list of anything', z.object({ a: z.array(z.any()) }), 'allows anything at answer.a[]'],
    ['a list as the answer', z.array(z.string()), 'is array, expected an object'],
    ['a date', z.object({ a: z.date() }), 'Date'],
    [
      'more than 64 keys',
      z.object(Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`k${i}`, z.string()]))),
      '65 keys, expected at most 64',
    ],
  ])('refuses %s and says where', (_what, schema, where) => {
    expect(() => toResponseSchema(schema)).toThrow(where)
  })

  it('refuses a schema that contains itself', () => {
    const Tree = z.object({
      name: z.string(),
      get children() {
        return z.array(Tree)
      },
    })

    expect(() => toResponseSchema(Tree)).toThrow(/\$ref/)
  })
})

describe('fitsStrict', () => {
  it('asks that every key is required, at every depth', () => {
    expect(fitsStrict(toResponseSchema(z.object({ a: z.array(z.object({ b: z.string() })) })))).toBe(true)
    expect(fitsStrict(toResponseSchema(z.object({ a: z.array(z.object({ b: z.string().optional() })) })))).toBe(false)
    expect(fitsStrict(toResponseSchema(z.object({ a: z.string().default('x') })))).toBe(false)
  })
})
