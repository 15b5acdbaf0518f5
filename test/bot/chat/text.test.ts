import { describe, expect, it } from 'vitest'
import { clip } from '../../../src/bot/chat/text.ts'

describe('clip', () => {
  it('keeps what fits, and says where something is missing', () => {
    expect(clip('abc', 3)).toBe('abc')
    expect(clip('abcd', 3)).toBe('ab…')
  })

  it('never leaves half a character', () => {
    expect(clip('ab😀cd', 4)).toBe('ab…')
    expect(clip('a\uD83D', 10).isWellFormed()).toBe(true)
  })
})
