import { describe, expect, it } from 'vitest'
import { printable } from '../../../src/bot/shell/printable.ts'

describe('printable', () => {
  it('leaves letters of every script as they are', () => {
    expect(printable('Zürich 東京 שלום 😀 – 1 234,5 %')).toBe('Zürich 東京 שלום 😀 – 1 234,5 %')
  })

  it('takes away what a terminal would obey', () => {
    expect(printable('\u001B[2J\u001B]0;renamed\u0007A\u009BmB\u0000\u007F')).toBe('[2J]0;renamedAmB')
    expect(printable('100\u202E001\u2069')).toBe('100001')
  })

  it('makes one line of several', () => {
    expect(printable('a\r\nb\u2028c\td')).toBe('a b c d')
  })
})
