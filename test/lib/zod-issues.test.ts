import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { describeIssues } from '../../src/lib/zod-issues.ts'

const schema = z.object({ rows: z.array(z.object({ state: z.string(), kind: z.enum(['a', 'b']) })), total: z.number() })

describe('describeIssues', () => {
  it('names each place and what is wrong, without the value', () => {
    const { error } = schema.safeParse({ rows: [{ state: 7, kind: 'secret text' }] })

    expect(describeIssues(error!)).toBe(
      'rows[0].state: expected string, received number; ' +
        'rows[0].kind: expected one of "a"|"b"; ' +
        'total: expected number, received undefined',
    )
  })

  it('counts what it does not show', () => {
    const { error } = schema.safeParse({ rows: [{}, {}, {}] })

    expect(describeIssues(error!, 2)).toMatch(/; and 5 more$/)
  })
})
