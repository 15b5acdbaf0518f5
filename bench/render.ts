import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentLogger } from '../src/lib/log.ts'
import { findBrowser } from '../src/render/browser/find-browser.ts'
import { createRenderer } from '../src/render/create-renderer.ts'
import { deckToHtml } from '../src/render/html/deck-to-html.ts'
import { sampleDeck } from './render/decks.ts'
import { startMarpWay, startRecipe, startUsualWay } from './render/ways.ts'
import { compare, printMachine, printRow } from './report.ts'

/**
 * How fast decks become files, against the bare recipe and against other ways to draw the same document. Budgets and
 * results: docs/render.md. `npm run bench render`.
 */

const never = new AbortController().signal
const dir = mkdtempSync(join(tmpdir(), 'deckhand-bench-'))
const passed: boolean[] = []

try {
  printMachine()
  await benchWarm()
  if (passed.includes(false)) process.exitCode = 1
} finally {
  rmSync(dir, { recursive: true, force: true })
}

/** PDF and all PNG, everything started. Ours begins with the deck, the others with its finished HTML. */
async function benchWarm(): Promise<void> {
  const browserPath = await findBrowser(process.env['PUPPETEER_EXECUTABLE_PATH'])
  await using ours = createRenderer({ browserPath, timeoutMs: 60_000, log: silentLogger })
  await using recipe = await startRecipe(browserPath)
  await using marp = await startMarpWay(browserPath, join(dir, 'deck.html'))
  await using usual = await startUsualWay(browserPath)
  await ours.warm(never)

  const html = (slideCount: number, round: number): string =>
    deckToHtml(sampleDeck(slideCount, round), { for: 'print' })
  const draw = async (slideCount: number, round: string): Promise<number> => {
    const deck = sampleDeck(slideCount, round)
    const startedAt = performance.now()
    const files = await Array.fromAsync(ours.render(deck, ['pdf', 'png'], never))
    if (files.length !== slideCount + 1) throw new Error(`The renderer made ${files.length} files`)
    return performance.now() - startedAt
  }
  const preview = async (round: number): Promise<number> => {
    const index = (round + 10) % 10
    const { slides, ...deck } = sampleDeck(10, `p${round}`)
    const slide = slides[index]
    if (slide === undefined) throw new Error('The sample deck has fewer than ten slides')
    const startedAt = performance.now()
    await ours.preview(deck, slide, index, never)
    return performance.now() - startedAt
  }
  const edited = async (round: number): Promise<number> => {
    const { slides, ...deck } = sampleDeck(10, 'edited')
    const [first, ...rest] = slides
    if (first === undefined) throw new Error('The sample deck is empty')
    const startedAt = performance.now()
    const now = { ...deck, slides: [{ ...first, title: [`Edited ${round}`] }, ...rest] }
    await Array.fromAsync(ours.render(now, ['pdf', 'png'], never))
    return performance.now() - startedAt
  }
  const timed = async (work: Promise<void>): Promise<number> => {
    const startedAt = performance.now()
    await work
    return performance.now() - startedAt
  }

  const close = await compare(
    {
      ours: (round) => draw(10, `a${round}`),
      recipe: (round) => timed(recipe.draw(html(10, round), 10)),
      thirty: (round) => draw(30, `b${round}`),
      preview,
      edited,
    },
    { rounds: 20, warmUps: 10 },
  )
  const far = await compare(
    {
      ours: (round) => draw(10, `c${round}`),
      marp: (round) => timed(marp.draw(html(10, round), 10)),
      usual: (round) => timed(usual.draw(html(10, round), 10)),
    },
    { rounds: 9, warmUps: 2 },
  )

  passed.push(
    printRow({
      what: '10 slides, PDF + PNG, warm: ours over the bare recipe',
      value: close.ours / close.recipe,
      unit: '×',
      budget: { most: 1.15 },
      detail: `${ms(close.ours)} against ${ms(close.recipe)}`,
    }),
    printRow({
      what: '30 slides over 10 slides',
      value: close.thirty / close.ours,
      unit: '×',
      budget: { most: 2.9 },
      detail: `${ms(close.thirty)} against ${ms(close.ours)}`,
    }),
    printRow({
      what: 'a slide’s preview, warm',
      value: close.preview,
      unit: 'ms',
      budget: { most: 80 },
      detail: 'median over all ten slides',
    }),
    printRow({
      what: 'one of 10 slides edited, PDF + PNG, over a new deck',
      value: close.edited / close.ours,
      unit: '×',
      detail: ms(close.edited),
    }),
    printRow({
      what: 'marp-cli’s way over ours, warm',
      value: far.marp / far.ours,
      unit: '×',
      budget: { least: 5 },
      detail: `${ms(far.marp)} against ${ms(far.ours)}`,
    }),
    printRow({
      what: 'the usual puppeteer way over ours, warm',
      value: far.usual / far.ours,
      unit: '×',
      budget: { least: 9 },
      detail: `${ms(far.usual)} against ${ms(far.ours)}`,
    }),
  )
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`
}
