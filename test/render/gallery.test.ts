import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createLogger } from '../../src/lib/log.ts'
import { createRenderer, type BrowserRenderer } from '../../src/render/create-renderer.ts'
import type { Deck } from '../../src/render/deck.ts'
import { themeNames } from '../../src/render/theme.ts'
import { chartsDeck } from '../fixtures/decks/charts.ts'
import { salesDeck } from '../fixtures/decks/sales.ts'
import { browserPath } from './support.ts'

/**
 * Slides against pictures of them that someone has looked at, in `gallery/`. Only decks in scripts that the deck's own
 * typeface draws: other fonts differ from machine to machine.
 *
 * After a wanted change: `UPDATE_GALLERY=1 npm test -- test/render/gallery.test.ts`, then look at what git shows.
 */
const folder = join(import.meta.dirname, 'gallery')
const isUpdate = process.env['UPDATE_GALLERY'] === '1'
const size = { width: 320, height: 180 } as const

/**
 * Most that a picture may differ, of 255: on average over all pixels, and of its worst block of 20 × 20. Another version
 * of the browser moves the edges of letters; a bar that is missing or in another colour changes its block by 30 and more.
 */
const tolerance = { mean: 1, block: 14 } as const
const blockPx = 20

let renderer: BrowserRenderer
beforeAll(() => {
  renderer = createRenderer({ browserPath, timeoutMs: 60_000, log: createLogger({ level: 'warn' }) })
})
afterAll(() => renderer[Symbol.asyncDispose]())

describe.each(themeNames)('slides in the %s theme', (theme) => {
  it.each([
    ['sales', salesDeck({ theme })],
    ['charts', { ...chartsDeck(), theme }],
  ])('look as they did when someone looked: %s', async (name, deck) => {
    const pictures = await thumbnails(deck)
    if (isUpdate) {
      mkdirSync(folder, { recursive: true })
      for (const [index, picture] of pictures.entries())
        writeFileSync(fileOf(name, theme, index), await asFile(picture))
    }

    const differences = await Promise.all(
      pictures.map(async (picture, index) => {
        const file = fileOf(name, theme, index)
        if (!existsSync(file)) return `slide ${index + 1} has no picture to compare with`
        const { mean, block } = compare(picture, await sharp(file).removeAlpha().raw().toBuffer())
        return mean <= tolerance.mean && block <= tolerance.block
          ? null
          : `slide ${index + 1} differs by ${mean.toFixed(2)}, its worst block by ${block.toFixed(1)}`
      }),
    )

    expect(pictures).toHaveLength(deck.slides.length)
    expect(differences.filter((difference) => difference !== null)).toEqual([])
  })
})

describe('the comparison', () => {
  it('sees a bar that is gone, and one in another colour', async () => {
    const [, , , slide = Buffer.alloc(0)] = await thumbnails(salesDeck())
    const paint = async (rgb: string): Promise<Buffer> =>
      sharp(slide, { raw: { ...size, channels: 3 } })
        .composite([{ input: { create: { width: 24, height: 40, channels: 3, background: rgb } }, left: 60, top: 90 }])
        .removeAlpha()
        .raw()
        .toBuffer()

    for (const colour of ['#ffffff', '#dd7a1a']) {
      expect(compare(slide, await paint(colour)).block).toBeGreaterThan(tolerance.block)
    }
    expect(compare(slide, slide)).toEqual({ mean: 0, block: 0 })
  })
})

function fileOf(name: string, theme: string, index: number): string {
  return join(folder, `${name}-${theme}-${String(index + 1).padStart(2, '0')}.png`)
}

/** Each slide as RGB bytes of a thumbnail. */
async function thumbnails(deck: Deck): Promise<readonly Buffer[]> {
  const pictures: Buffer[] = []
  for await (const file of renderer.render(deck, ['png'], new AbortController().signal)) {
    pictures.push(await sharp(file.bytes).resize(size.width, size.height).removeAlpha().raw().toBuffer())
  }
  return pictures
}

async function asFile(picture: Buffer): Promise<Buffer> {
  return sharp(picture, { raw: { ...size, channels: 3 } })
    .png({ compressionLevel: 9, effort: 10 })
    .toBuffer()
}

function compare(one: Buffer, other: Buffer): { readonly mean: number; readonly block: number } {
  expect(other.length).toBe(one.length)
  const columns = size.width / blockPx
  const blocks = new Float64Array(columns * (size.height / blockPx))
  let sum = 0
  for (let at = 0; at < one.length; at += 1) {
    const difference = Math.abs((one[at] ?? 0) - (other[at] ?? 0))
    const pixel = Math.floor(at / 3)
    const [x, y] = [pixel % size.width, Math.floor(pixel / size.width)]
    const block = Math.floor(y / blockPx) * columns + Math.floor(x / blockPx)
    blocks[block] = (blocks[block] ?? 0) + difference
    sum += difference
  }
  return { mean: sum / one.length, block: Math.max(...blocks) / (blockPx * blockPx * 3) }
}
