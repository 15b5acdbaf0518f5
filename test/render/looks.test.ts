import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger, type Logger } from '../../src/lib/log.ts'
import { createRenderer, type BrowserRenderer } from '../../src/render/create-renderer.ts'
import type { Chart, Deck, Slide } from '../../src/render/deck.ts'
import { deckToHtml } from '../../src/render/html/deck-to-html.ts'
import type { Format } from '../../src/render/renderer.ts'
import { themeInShade, themeNamed, type Shade, type Theme } from '../../src/render/theme.ts'
import { loadThemes } from '../../src/settings.ts'
import { chartsDeck } from '../fixtures/decks/charts.ts'
import { inLooks } from '../fixtures/decks/looks.ts'
import { salesDeck } from '../fixtures/decks/sales.ts'
import { makeTable, number, plain, text } from '../fixtures/decks/tables.ts'
import { browserPath } from './support.ts'

const never = new AbortController().signal
const { loaded: themes } = loadThemes(join(import.meta.dirname, '../../config/themes'), { env: {}, secrets: [] }, [])

let renderer: BrowserRenderer
/** How many slides each job so far has put through the browser for their pictures. */
const drawn: number[] = []
beforeAll(() => {
  const log: Logger = {
    ...silentLogger,
    debug: (fields) => {
      if ('drawn' in fields) drawn.push(Number(fields.drawn))
    },
  }
  renderer = createRenderer({ browserPath, pages: 2, timeoutMs: 60_000, themes, log })
})
afterAll(() => renderer[Symbol.asyncDispose]())

async function pictures(deck: Deck, want: readonly Format[] = ['png']): Promise<string[]> {
  const files = await Array.fromAsync(renderer.render(deck, want, never))
  return files
    .filter((file) => file.mediaType === 'image/png')
    .map((file) => Buffer.from(file.bytes).toString('base64'))
}

/** The sales deck with that look on the slide at that place alone. */
function turned(place: number, look: Shade, deck = salesDeck()): Deck {
  return { ...deck, slides: deck.slides.map((slide, at) => (at === place ? { ...slide, look } : slide)) }
}

describe.each([
  ['light', 'dark'],
  ['dark', 'light'],
  ['harbour', 'dark'],
  ['harbour-dark', 'light'],
] as const)('a slide of a deck in %s that is to be %s', (theme, look) => {
  it.each([salesDeck(), chartsDeck()])('is the picture it is in a deck of that side: $id', async (deck) => {
    const turnedDeck = inLooks({ ...deck, theme }, look)

    const [ours, theirs] = [
      await pictures(turnedDeck, ['png', 'thumbnail']),
      await pictures({ ...deck, theme: themeInShade(theme, look) }, ['png', 'thumbnail']),
    ]

    expect(ours).toHaveLength(deck.slides.length * 2)
    expect(ours.flatMap((picture, at) => (picture === theirs[at] ? [] : [at]))).toEqual([])
  })
})

describe('a look', () => {
  it('changes nothing where the deck has it anyway', () => {
    expect(deckToHtml(inLooks(salesDeck(), 'light'))).toBe(deckToHtml(salesDeck()))
    expect(deckToHtml(inLooks(salesDeck({ theme: 'harbour-dark' }), 'dark'), { themes })).toBe(
      deckToHtml(salesDeck({ theme: 'harbour-dark' }), { themes }),
    )
  })

  it('has that slide drawn again, and no other', async () => {
    const deck = salesDeck({ provenance: 'Not drawn by another test' })
    const before = await pictures(deck, ['pdf', 'png'])
    drawn.length = 0

    const after = await pictures(turned(3, 'dark', deck), ['pdf', 'png'])
    const back = await pictures(deck, ['pdf', 'png'])

    expect(drawn).toEqual([1, 0])
    expect(after.flatMap((picture, at) => (picture === before[at] ? [] : [at]))).toEqual([3])
    expect(back).toEqual(before)
  })

  it('is to be seen in the preview of a slide, which the finished deck takes over', async () => {
    const { slides, ...deck } = inLooks(salesDeck({ provenance: 'Previews in looks' }), 'dark', 'light')
    const [first, ...others] = slides
    if (first === undefined) throw new Error('The deck has no slides')
    const preview = await renderer.preview(deck, first, 0, never)
    drawn.length = 0

    const [picture] = await pictures({ ...deck, slides })

    expect(drawn).toEqual([others.length])
    expect(Buffer.from(preview.bytes).toString('base64')).toBe(picture)
  })

  it('makes another overview', async () => {
    const [own] = await pictures(salesDeck(), ['overview'])
    const [other] = await pictures(turned(3, 'dark'), ['overview'])

    expect(other).not.toBe(own)
  })

  it('colours what is folded away under the slide as well', () => {
    const html = deckToHtml(turned(2, 'dark'))

    const details = html.match(/<details class="backup"[^>]*>/g) ?? []
    expect(details.filter((tag) => tag.includes(`--background:${themeNamed('dark').background}`))).toHaveLength(1)
    expect(details.length).toBeGreaterThan(1)
  })
})

describe('a member of a dimension', () => {
  const table = makeTable(
    'T1',
    'Two measures',
    [text('quarter'), number('planned', plain), number('sold', plain), number('returned', plain)],
    [
      ['Q1', 4, 3, 1],
      ['Q2', 5, 6, 2],
    ],
  )
  const slide = (id: string, look: Shade, y: readonly string[]): Slide => {
    const chart: Chart = { kind: 'bar', table: 'T1', x: 'quarter', y: [...y] }
    return { id, look, layout: 'chart', title: ['A chart'], chart, takeaway: [], notes: [], sources: ['T1'] }
  }
  /** Places in the palette of the bars of a slide, in the order in which its legend names them. */
  const places = (html: string, at: number, theme: Theme): readonly number[] => {
    const svg = /<svg.*?<\/svg>/s.exec(html.split('<section ')[at + 1] ?? '')?.[0] ?? ''
    const fills = [...svg.matchAll(/fill="(#[0-9a-f]{6})"/g)].map(([, fill = '']) => theme.series.indexOf(fill))
    return [...new Set(fills)].filter((place) => place >= 0)
  }

  it('keeps its place in the palette on the other side of the theme', () => {
    const slides = [slide('s1', 'light', ['planned', 'sold', 'returned']), slide('s2', 'dark', ['returned', 'sold'])]

    const html = deckToHtml(salesDeck({ theme: 'light', tables: [table], facts: [], slides, title: ['Colours'] }))

    expect(places(html, 0, themeNamed('light'))).toEqual([0, 1, 2])
    expect(places(html, 1, themeNamed('dark'))).toEqual([2, 1])
  })
})
