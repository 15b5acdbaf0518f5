import { describe, expect, it } from 'vitest'
import { lineDiff } from '../../src/lib/line-diff.ts'

describe('lineDiff', () => {
  it('shows what changed, with a line around it', () => {
    const before = 'a: 1\nb: 2\nc: 3\nd: 4\ne: 5\nf: 6\ng: 7'
    const after = 'a: 1\nb: 2\nc: 30\nd: 4\ne: 5\nf: 6\ng: 7\nh: 8'

    expect(lineDiff(before, after)).toBe('  b: 2\n- c: 3\n+ c: 30\n  d: 4\n…\n  g: 7\n+ h: 8')
  })

  it('is empty when nothing did', () => {
    expect(lineDiff('a\nb', 'a\nb')).toBe('')
  })

  it('shows a text that is new, and one that is gone', () => {
    expect(lineDiff('', 'a')).toBe('+ a')
    expect(lineDiff('a\nb', 'b')).toBe('- a\n  b')
  })
})
