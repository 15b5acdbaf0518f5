import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger, type Logger } from '../../src/lib/log.ts'
import { createRenderer, type BrowserRenderer } from '../../src/render/create-renderer.ts'
import type { Deck } from '../../src/render/deck.ts'
import { arrangeOverview } from '../../src/render/rasterize/overview.ts'
import type { Format, RenderedFile } from '../../src/render/renderer.ts'
import { themeNamed } from '../../src/render/theme.ts'
import { languageDecks } from '../fixtures/decks/languages.ts'
import { salesDeck } from '../fixtures/decks/sales.ts'
import { uglyDeck } from '../fixtures/decks/ugly.ts'
import { browserPath } from './support.ts'

const never = new AbortController().signal

/** Slides that each job so far has put through the browser or PDFium for their pictures. */
const drawn: number[] = []
const log: Logger = {
  ...silentLogger,
  debug: (fields) => {
    if ('drawn' in fields) drawn.push(Number(fields.drawn))
  },
}
const brand = { ...themeNamed('light'), name: 'brand', surface: '#f7efe0' }

let renderer: BrowserRenderer
beforeAll(() => {
  renderer = createRenderer({ browserPath, timeoutMs: 30_000, themes: new Map([['brand', brand]]), log })
})
afterAll(() => renderer[Symbol.asyncDispose]())

async function filesOf(deck: Deck, want: readonly Format[]): Promise<RenderedFile[]> {
  drawn.length = 0
  return await Array.fromAsync(renderer.render(deck, want, never))
}

async function overviewOf(deck: Deck): Promise<RenderedFile> {
  const [file, ...more] = await filesOf(deck, ['overview'])
  if (file === undefined || more.length > 0) throw new Error('Expected one file')
  return file
}

function deckOf(slideCount: number, more: Partial<Deck> = {}): Deck {
  const { slides } = salesDeck()
  const repeated = Array.from({ length: slideCount }, (_, index) => slides[index % slides.length] ?? slides[0])
  return salesDeck({ ...more, slides: repeated as Deck['slides'] })
}

interface Area {
  readonly left: number
  readonly top: number
  readonly width: number
  readonly height: number
}

/** RGB bytes of a picture, or of an area of it, at a size. */
async function pixels(file: Uint8Array, area?: Area, size?: { width: number; height: number }): Promise<Buffer> {
  const whole = sharp(file)
  const part = area ? whole.extract(area) : whole
  return await (size ? part.resize(size.width, size.height) : part).removeAlpha().raw().toBuffer()
}

/** Mean difference of two pictures, of 255. */
function difference(one: Buffer, other: Buffer): number {
  expect(other.length).toBe(one.length)
  return one.reduce((sum, value, at) => sum + Math.abs(value - (other[at] ?? 0)), 0) / one.length
}

/** Where the slides stand on an overview of that many, in slide order. */
function areasOf(slideCount: number, direction: 'ltr' | 'rtl' = 'ltr'): Area[] {
  const { places, slideWidthPx: width } = arrangeOverview(slideCount, direction)
  return places.map(({ leftPx: left, topPx: top }) => ({ left, top, width, height: Math.round((width * 9) / 16) }))
}

describe('thumbnails', () => {
  it('are the slides at half of their size, after the large pictures, whatever else is made', async () => {
    const files = await filesOf(salesDeck(), ['thumbnail', 'png', 'pdf'])
    const alone = await filesOf(salesDeck({ theme: 'brand' }), ['thumbnail'])

    const { length } = salesDeck().slides
    const names = Array.from({ length }, (_, index) => [`thumbnail-${index + 1}.png`, 'thumbnail', index])
    expect(files.slice(1 + length).map(({ name, format, slide }) => [name, format, slide])).toEqual(names)
    expect(alone.map(({ name, format, slide }) => [name, format, slide])).toEqual(names)
    const size = { width: 640, height: 360 }
    for (const index of salesDeck().slides.keys()) {
      const [large, small] = [files[1 + index], files[1 + length + index]]
      expect(small?.mediaType).toBe('image/png')
      expect(await sharp(small?.bytes).metadata()).toMatchObject({ ...size, format: 'png' })
      const resampled = await pixels(large?.bytes ?? new Uint8Array(), undefined, size)
      const apart = difference(await pixels(small?.bytes ?? new Uint8Array()), resampled)
      expect(apart, `slide ${index + 1}`).toBeLessThan(5)
    }
  })

  it('keep a line of one pixel in its colour, which no resampled picture does', async () => {
    const deck = salesDeck({ slides: salesDeck().slides.slice(1, 2) })
    const [large, small] = await filesOf(deck, ['png', 'thumbnail'])

    // The line above the footer, and nothing else, on white: its darkest value of red.
    const darkest = async (file: Uint8Array): Promise<number> =>
      Math.min(...(await pixels(file, { left: 300, top: 328, width: 1, height: 12 })))
    const resampled = await sharp(large?.bytes).resize(640, 360).png().toBuffer()

    expect(await darkest(small?.bytes ?? new Uint8Array())).toBe(0xdb)
    expect(await darkest(resampled)).toBeGreaterThan(0xe4)
  })
})

describe('the overview', () => {
  it.each([
    [1, 688, 430],
    [2, 1024, 340],
    [4, 1024, 644],
    [11, 1022, 880],
    [30, 1022, 852],
    [100, 1022, 846],
  ])('shows %i slides on one sheet of %i × %i px that a chat accepts', async (slideCount, width, height) => {
    const file = await overviewOf(deckOf(slideCount))

    expect(file).toMatchObject({ name: 'overview.png', format: 'overview', mediaType: 'image/png' })
    expect(file.slide).toBeUndefined()
    expect(await sharp(file.bytes).metadata()).toMatchObject({ width, height, format: 'png' })
    expect(file.bytes.length).toBeLessThan(1_000_000)
  })

  it('stays below a megabyte with the busiest slides', async () => {
    expect((await overviewOf(uglyDeck())).bytes.length).toBeLessThan(600_000)
  })

  it.each([
    ['from left to right', salesDeck(), 'ltr'],
    ['from right to left in Arabic', languageDecks().find(({ language }) => language === 'ar') ?? salesDeck(), 'rtl'],
  ] as const)('shows each slide at its place, %s', async (_, deck, direction) => {
    const [overview, slides] = [await overviewOf(deck), await filesOf(deck, ['png'])]

    const areas = areasOf(deck.slides.length, direction)
    expect(areas.length).toBeGreaterThan(3)
    for (const [index, area] of areas.entries()) {
      const shown = await pixels(overview.bytes, area)
      const apart = await Promise.all(
        slides.map(async ({ bytes }) => difference(shown, await pixels(bytes, undefined, area))),
      )
      expect(apart.indexOf(Math.min(...apart)), `place ${index + 1}`).toBe(index)
      expect(apart[index], `place ${index + 1}`).toBeLessThan(8)
    }
    expect((areas[0]?.left ?? 0) < (areas[1]?.left ?? 0)).toBe(direction === 'ltr')
  })

  it('has a number in the middle below each slide, and nothing where no slide is', async () => {
    const { bytes } = await overviewOf(salesDeck())
    const areas = areasOf(salesDeck().slides.length)
    const inked = async (area: Area): Promise<number[]> => {
      const rgb = await pixels(bytes, area)
      const columns = Array.from({ length: area.width }, (_, column) => column)
      const differs = (at: number): boolean => Math.abs((rgb[at * 3] ?? 0) - (rgb[0] ?? 0)) > 60
      return columns.filter((column) =>
        Array.from({ length: area.height }, (__, row) => row * area.width + column).some(differs),
      )
    }

    for (const { left, top, width, height } of areas) {
      const columns = await inked({ left, top: top + height + 3, width, height: 18 })
      expect(columns.length).toBeGreaterThan(2)
      expect(Math.abs(((columns[0] ?? 0) + (columns.at(-1) ?? 0)) / 2 - width / 2)).toBeLessThan(4)
    }
    const [third, last] = [areas[2], areas.at(-1)]
    const empty = { left: third?.left ?? 0, top: last?.top ?? 0, width: last?.width ?? 0, height: 200 }
    expect(await inked(empty)).toEqual([])
  })

  it.each([
    ['light', '#f3f6fa'],
    ['dark', themeNamed('dark').surface],
    ['brand', brand.surface],
  ])('stands on the ground of the %s theme', async (theme, colour) => {
    const { bytes } = await overviewOf(deckOf(3, { theme }))

    const corner = await pixels(bytes, { left: 2, top: 2, width: 1, height: 1 })
    expect(`#${corner.toString('hex')}`).toBe(colour)
  })

  it('takes over what was drawn before: nothing for the same deck, one slide for an edited one', async () => {
    const deck = salesDeck({ theme: 'brand', title: ['Kept'] })
    const first = await overviewOf(deck)
    expect(drawn).toEqual([deck.slides.length])

    const again = await overviewOf(deck)
    expect(drawn).toEqual([0])
    expect(Buffer.from(again.bytes).equals(first.bytes)).toBe(true)

    const slides = deck.slides.map((slide, at) => (at === 4 ? { ...slide, title: ['An edited title'] } : slide))
    const edited = await overviewOf({ ...deck, slides })
    expect(drawn).toEqual([1])
    const areas = areasOf(slides.length)
    const changed = await Promise.all(
      areas.map(async (area) => difference(await pixels(edited.bytes, area), await pixels(first.bytes, area)) > 0),
    )
    expect(changed.flatMap((is, index) => (is ? [index] : []))).toEqual([4])
  })

  it('stops with the reason of the signal', async () => {
    const stop = new AbortController()
    const files = renderer.render(deckOf(60, { theme: 'dark', question: 'Stopped' }), ['overview'], stop.signal)

    const next = files[Symbol.asyncIterator]().next()
    stop.abort(new Error('stopped by the person'))

    await expect(next).rejects.toThrow('stopped by the person')
  })
})

describe('arrangeOverview', () => {
  it.each(['ltr', 'rtl'] as const)(
    'fits any deck into 1024 × 1024 px, with no two slides in one place: %s',
    (direction) => {
      for (let slideCount = 1; slideCount <= 100; slideCount += 1) {
        const { widthPx, heightPx, slideWidthPx, places } = arrangeOverview(slideCount, direction)

        expect(Math.max(widthPx, heightPx)).toBeLessThanOrEqual(1024)
        expect(slideWidthPx).toBeGreaterThanOrEqual(80)
        expect(places).toHaveLength(slideCount)
        for (const { leftPx, topPx } of places) {
          expect(Math.min(leftPx, topPx)).toBeGreaterThanOrEqual(24)
          expect(leftPx + slideWidthPx).toBeLessThanOrEqual(widthPx - 24)
          expect(topPx + Math.round((slideWidthPx * 9) / 16)).toBeLessThanOrEqual(heightPx - 24)
        }
        expect(new Set(places.map(({ leftPx, topPx }) => `${leftPx},${topPx}`)).size).toBe(slideCount)
      }
    },
  )
})
