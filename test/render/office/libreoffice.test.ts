import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import type { Deck } from '../../../src/render/deck.ts'
import { deckToXlsx } from '../../../src/render/office/deck-to-xlsx.ts'
import { deckToPptx } from '../../../src/render/office/pptx/deck-to-pptx.ts'
import { createRasterizer } from '../../../src/render/rasterize/rasterizer.ts'
import { themeNamed } from '../../../src/render/theme.ts'
import { chartsDeck } from '../../fixtures/decks/charts.ts'
import { inLooks } from '../../fixtures/decks/looks.ts'
import { salesDeck } from '../../fixtures/decks/sales.ts'
import { uglyDeck } from '../../fixtures/decks/ugly.ts'
import { pdfTexts } from '../support.ts'

const run = promisify(execFile)

const soffice = (process.env['PATH'] ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'soffice'))
  .find((path) => existsSync(path))

/** What LibreOffice makes of a file, with a profile of its own that is gone afterwards. */
async function convert(bytes: Uint8Array, name: string, to: 'pdf' | 'csv'): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), 'deckhand-office-'))
  try {
    await writeFile(join(folder, name), bytes)
    const profile = `-env:UserInstallation=file://${join(folder, 'profile')}`
    const options = { timeout: 100_000, cwd: folder }
    await run(soffice ?? '', [profile, '--headless', '--convert-to', to, name], options)
    return await readFile(join(folder, name.replace(/\.\w+$/, `.${to}`)))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** How much of a picture each colour covers, 0 to 1, as sRGB hex. */
async function colourShares(png: Uint8Array | undefined): Promise<ReadonlyMap<string, number>> {
  const pixels = await sharp(png).removeAlpha().raw().toBuffer()
  const shares = new Map<string, number>()
  for (let at = 0; at < pixels.length; at += 3) {
    const hex = `#${pixels.toString('hex', at, at + 3)}`
    shares.set(hex, (shares.get(hex) ?? 0) + 3 / pixels.length)
  }
  return shares
}

const squeezed = (text: string): string => text.replace(/\s+/g, '')

// Without LibreOffice on the machine the run lists these as skipped.
describe.skipIf(soffice === undefined)('LibreOffice (skipped where soffice is not installed)', () => {
  it.each<readonly [string, Deck]>([
    ['ordinary', salesDeck()],
    ['dark', salesDeck({ theme: 'dark' })],
    ['ugly', uglyDeck()],
    ['of charts', chartsDeck()],
  ])('opens a deck that is %s, page for page', { timeout: 120_000 }, async (_what, deck) => {
    const pages = await pdfTexts(await convert(await deckToPptx(deck), 'deck.pptx', 'pdf'))

    expect(pages).toHaveLength(deck.slides.length)
    deck.slides.forEach((slide, index) => {
      const [first] = slide.title
      if (typeof first !== 'string' || !/^[\w ,;.]+$/.test(first)) return
      expect.soft(squeezed(pages[index] ?? ''), slide.id).toContain(squeezed(first).slice(0, 12))
    })
  })

  it('draws each slide and its chart on the side of the theme it asks for', { timeout: 120_000 }, async () => {
    const deck = inLooks(salesDeck(), 'light', 'light', 'dark', 'light', 'light', 'light', 'light', 'dark')
    const pdf = await convert(await deckToPptx(deck), 'deck.pptx', 'pdf')

    await using rasterizer = createRasterizer({ threads: 1 })
    const [plainBars, darkBars] = rasterizer.rasterize(
      pdf,
      [3, 7].map((page) => ({ page, widthPx: 640 })),
      new AbortController().signal,
    )
    const [light, dark] = [themeNamed('light'), themeNamed('dark')]
    for (const [picture, theme] of [
      [plainBars, light],
      [darkBars, dark],
    ] as const) {
      const shares = await colourShares(await picture)
      expect.soft(shares.get(theme.background), `background of ${theme.name}`).toBeGreaterThan(0.5)
      expect.soft(shares.get(theme.series[0] ?? ''), `bars of ${theme.name}`).toBeGreaterThan(0.02)
    }
  })

  it('draws the charts with their labels', { timeout: 120_000 }, async () => {
    const pages = await pdfTexts(await convert(await deckToPptx(salesDeck()), 'deck.pptx', 'pdf'))

    for (const label of ['$18.4M', '$14.9M', '$9.3M', '$3.1M', 'LATAM']) expect.soft(pages[3]).toContain(label)
    for (const label of ['Germany', 'Canada', '$1.4M', '-$421K', '-$88.1K']) expect.soft(pages[7]).toContain(label)
  })

  it('reads the numbers and dates of a workbook as such', { timeout: 120_000 }, async () => {
    const deck = salesDeck()
    const months = deck.tables.filter((table) => table.id === 'T2')

    const csv = Buffer.from(
      await convert(await deckToXlsx({ ...deck, tables: months }), 'tables.xlsx', 'csv'),
    ).toString()

    expect(csv.split('\n')[0]).toBe('month,region,revenue')
    expect(csv).toContain(`\n2022-01-01,AMER,${months[0]?.rows[0]?.[2]}\n`)
    expect(csv.trim().split('\n')).toHaveLength(1 + (months[0]?.rows.length ?? 0))
  })
})
