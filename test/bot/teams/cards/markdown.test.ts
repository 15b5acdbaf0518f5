import { describe, expect, it } from 'vitest'
import { escapeMarkdown, escapeWithin } from '../../../../src/bot/teams/cards/markdown.ts'

describe('escapeMarkdown', () => {
  it.each([
    ['* one', '&#42; one'],
    ['- one', '&#45; one'],
    ['+ one', '&#43; one'],
    ['12. one', '12&#46; one'],
    ['3) one', '3&#41; one'],
    ['Title\n===', 'Title\n\n&#61;=='],
    ['    code', 'code'],
    ['a - b + c = 1.5 (x)!', 'a - b + c = 1.5 (x)!'],
    ['&lt;', '&#38;lt;'],
  ])('makes text of %j', (text, escaped) => {
    expect(escapeMarkdown(text)).toBe(escaped)
  })
})

describe('escapeWithin', () => {
  it.each([5, 6, 7, 8, 9, 10, 11])('never leaves half an escape in %i characters', (most) => {
    const text = escapeWithin('a<b>c&d<e', most)

    expect(text.length).toBeLessThanOrEqual(most)
    expect(text.replaceAll(/&#\d+;/g, '')).not.toContain('&')
  })
})
