import { describe, expect, it } from 'vitest'
import { contentDisposition } from '../../../src/bot/http/content-disposition.ts'

describe('contentDisposition', () => {
  it.each([
    [
      'Q4 sales by region',
      'deck.pdf',
      `inline; filename="Q4 sales by region.pdf"; filename*=UTF-8''Q4%20sales%20by%20region.pdf`,
    ],
    ['Q4', 'slide-12.png', `inline; filename="Q4, slide 12.png"; filename*=UTF-8''Q4%2C%20slide%2012.png`],
    ['Q4', 'overview.png', `inline; filename="Q4, overview.png"; filename*=UTF-8''Q4%2C%20overview.png`],
    ['Q4', 'T1.csv', `attachment; filename="Q4, T1.csv"; filename*=UTF-8''Q4%2C%20T1.csv`],
    [
      'Umsätze (2023)',
      'deck.pptx',
      `attachment; filename="Umsatze (2023).pptx"; filename*=UTF-8''Ums%C3%A4tze%20%282023%29.pptx`,
    ],
    ['売上', 'deck.xlsx', `attachment; filename="__.xlsx"; filename*=UTF-8''%E5%A3%B2%E4%B8%8A.xlsx`],
    ['', 'deck.html', `inline; filename="deck.html"; filename*=UTF-8''deck.html`],
    [' ../..\\ ', 'deck.html', `inline; filename="deck.html"; filename*=UTF-8''deck.html`],
  ])('names the file after the deck: %s, %s', (title, file, header) => {
    expect(contentDisposition(title, file)).toBe(header)
  })

  it.each(['a"; filename="b.exe', 'a\r\nset-cookie: x=1', 'a\u0000b', '\u202Efdp.exe', 'a/b\\c:d*e?f<g>h|i', '\uD800'])(
    'lets nothing through that means something to headers, file systems or readers: %j',
    (title) => {
      const header = contentDisposition(title, 'deck.pdf')

      expect(header).toMatch(/^inline; filename="[^"\\/:*?<>|\r\n]*\.pdf"; filename\*=UTF-8''[\w%.~!-]+$/)
      expect(decodeURIComponent(header.split("''")[1] ?? '')).not.toMatch(/[\p{C}"\\/:*?<>|]/u)
    },
  )

  it('keeps long names short', () => {
    expect(contentDisposition('long '.repeat(100), 'deck.pdf').length).toBeLessThan(300)
  })
})
