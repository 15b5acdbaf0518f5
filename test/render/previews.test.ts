import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger, type Logger } from '../../src/lib/log.ts'
import { createRenderer, type BrowserRenderer, type RendererDeps } from '../../src/render/create-renderer.ts'
import type { Deck, Slide } from '../../src/render/deck.ts'
import type { Format } from '../../src/render/renderer.ts'
import { salesDeck } from '../fixtures/decks/sales.ts'
import { rejection } from '../support/rejection.ts'
import { browserPath } from './support.ts'

const never = new AbortController().signal

interface Watched extends AsyncDisposable {
  readonly renderer: BrowserRenderer
  /** How many slides each job so far has put through the browser for their pictures. */
  readonly drawn: number[]
}

function watched(deps: Partial<RendererDeps> = {}): Watched {
  const drawn: number[] = []
  const log: Logger = {
    ...silentLogger,
    debug: (fields) => {
      if ('drawn' in fields) drawn.push(Number(fields.drawn))
    },
  }
  const renderer = createRenderer({ browserPath, pages: 2, timeoutMs: 30_000, log, ...deps })
  return { renderer, drawn, [Symbol.asyncDispose]: () => renderer[Symbol.asyncDispose]() }
}

async function pictures(renderer: BrowserRenderer, deck: Deck, want: readonly Format[] = ['png']): Promise<string[]> {
  const files = await Array.fromAsync(renderer.render(deck, want, never))
  return files.filter((file) => file.format === 'png').map((file) => Buffer.from(file.bytes).toString('base64'))
}

function slideAt(deck: Deck, index: number): Slide {
  const slide = deck.slides[index]
  if (slide === undefined) throw new Error(`The deck has no slide ${index}`)
  return slide
}

/** The sales deck with another message on one slide. */
function editedDeck(index: number): Deck {
  const { slides } = salesDeck()
  return salesDeck({
    slides: slides.map((slide, at) => (at === index ? { ...slide, title: ['An edited title'] } : slide)),
  })
}

describe('preview', () => {
  let shared: Watched

  beforeAll(() => {
    shared = watched()
  })

  afterAll(() => shared[Symbol.asyncDispose]())

  it('shows a slide of a deck that has no other slides yet, with its place in the deck', async () => {
    const { slides: _, ...deck } = salesDeck()

    const file = await shared.renderer.preview(deck, slideAt(salesDeck(), 3), 3, never)

    expect(file).toMatchObject({ format: 'png', name: 'slide-4.png', mediaType: 'image/png', slide: 3 })
    expect(await sharp(file.bytes).metadata()).toMatchObject({ width: 1280, height: 720, channels: 3 })
  })

  it('is the picture that the finished deck has, bytes for bytes, with and without a PDF', async () => {
    await using fresh = watched({ pictureCacheBytes: 0 })
    const { slides, ...deck } = salesDeck()

    const [asPng, withPdf, preview] = await Promise.all([
      pictures(fresh.renderer, salesDeck()),
      pictures(fresh.renderer, salesDeck(), ['pdf', 'png']),
      fresh.renderer.preview(deck, slideAt({ ...deck, slides }, 2), 2, never),
    ])

    expect(asPng[2]).toBe(Buffer.from(preview.bytes).toString('base64'))
    expect(asPng).toEqual(withPdf)
    expect(fresh.drawn.toSorted((a, b) => a - b)).toEqual([1, 11, 11])
  })

  it('spares the finished deck the work', async () => {
    await using ours = watched()
    const { slides, ...deck } = salesDeck()
    for (const index of [0, 2, 5]) await ours.renderer.preview(deck, slideAt({ ...deck, slides }, index), index, never)

    await pictures(ours.renderer, salesDeck())

    expect(ours.drawn).toEqual([1, 1, 1, 8])
  })

  it('refuses a slide that refers to nothing', async () => {
    const { slides: _, ...deck } = salesDeck({ facts: [] })

    expect(await rejection(shared.renderer.preview(deck, slideAt(salesDeck(), 1), 1, never))).toMatchObject({
      name: 'RenderError',
      code: 'bad-deck',
    })
  })

  it('stops with the reason of the signal', async () => {
    const { slides: _, ...deck } = salesDeck()
    const stop = new AbortController()

    const preview = shared.renderer.preview(deck, slideAt(salesDeck(), 4), 4, stop.signal)
    stop.abort(new Error('stopped by the person'))

    expect(await rejection(preview)).toMatchObject({ message: 'stopped by the person' })
  })
})

describe('an edited deck', () => {
  it('has only the slides drawn that changed, and shows the change', async () => {
    await using ours = watched()
    const before = await pictures(ours.renderer, salesDeck(), ['pdf', 'png'])

    const after = await pictures(ours.renderer, editedDeck(4), ['pdf', 'png'])

    expect(ours.drawn).toEqual([11, 1])
    expect(
      after.map((picture, index) => (picture === before[index] ? '' : index)).filter((index) => index !== ''),
    ).toEqual([4])
  })

  it('has every slide drawn again when the theme changes, and the moved ones when a slide goes', async () => {
    await using ours = watched()
    await pictures(ours.renderer, salesDeck())

    await pictures(ours.renderer, salesDeck({ theme: 'dark' }))
    await pictures(ours.renderer, salesDeck({ slides: salesDeck().slides.toSpliced(9, 1) }))

    expect(ours.drawn).toEqual([11, 11, 1])
  })

  it('is drawn anew when the pictures kept would take too much memory', async () => {
    await using ours = watched({ pictureCacheBytes: 1 })

    await pictures(ours.renderer, salesDeck())
    await pictures(ours.renderer, salesDeck())

    expect(ours.drawn).toEqual([11, 11])
  })
})
