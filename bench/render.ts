import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { silentLogger } from '../src/lib/log.ts'
import { findBrowser } from '../src/render/browser/find-browser.ts'
import { createRenderer } from '../src/render/create-renderer.ts'
import { deckToHtml } from '../src/render/html/deck-to-html.ts'
import { processTreeBytes } from '../src/render/browser/memory.ts'
import { sampleDeck } from './render/decks.ts'
import { installPeers, run } from './render/peers.ts'
import { startMarpWay, startRecipe, startUsualWay } from './render/ways.ts'
import { compare, median, printMachine, printRow } from './report.ts'

/**
 * How fast decks become files, against the bare recipe and against other ways to draw the same document. Budgets and
 * results: docs/render.md. `npm run bench render`; `-- --peers` installs marp-cli and decktape and runs them, `-- --memory`
 * renders 500 decks.
 */

const { values: flags } = parseArgs({ options: { memory: { type: 'boolean' }, peers: { type: 'boolean' } } })
const never = new AbortController().signal
const dir = mkdtempSync(join(tmpdir(), 'deckhand-bench-'))
const passed: boolean[] = []

try {
  printMachine()
  await benchWarm()
  await benchOffice()
  await benchCold()
  if (flags.memory) await benchMemory()
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
    },
    { rounds: 20, warmUps: 10 },
  )
  // Apart from the comparison: a page that has just shown thirty slides first has to let go of them.
  const sizes = await compare(
    {
      ten: (round) => draw(10, `d${round}`),
      thirty: (round) => draw(30, `b${round}`),
      preview,
      edited,
    },
    { rounds: 11, warmUps: 3 },
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
      value: sizes.thirty / sizes.ten,
      unit: '×',
      budget: { most: 2.9 },
      detail: `${ms(sizes.thirty)} against ${ms(sizes.ten)}`,
    }),
    printRow({
      what: 'a slide’s preview, warm',
      value: sizes.preview,
      unit: 'ms',
      budget: { most: 80 },
      detail: 'median over all ten slides',
    }),
    printRow({
      what: 'one of 10 slides edited, PDF + PNG, over a new deck',
      value: sizes.edited / sizes.ten,
      unit: '×',
      detail: ms(sizes.edited),
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

/** The same ten slides as PowerPoint: native text, charts and tables, without a browser. */
async function benchOffice(): Promise<void> {
  await using ours = createRenderer({ timeoutMs: 60_000, log: silentLogger })
  let bytes = 0
  const write = async (round: number): Promise<number> => {
    const deck = sampleDeck(10, `o${round}`)
    const startedAt = performance.now()
    const [file, ...others] = await Array.fromAsync(ours.render(deck, ['pptx'], never))
    if (file?.format !== 'pptx' || others.length > 0) throw new Error('The renderer did not make one PowerPoint file')
    bytes = file.bytes.byteLength
    return performance.now() - startedAt
  }
  const first = await write(0)
  const { pptx } = await compare({ pptx: write }, { rounds: 15, warmUps: 5 })
  passed.push(
    printRow({
      what: '10 slides, PPTX, warm',
      value: pptx,
      unit: 'ms',
      budget: { most: 200 },
      detail: `the first of the process ${ms(first)}, its parts loaded meanwhile`,
    }),
    printRow({ what: '10 slides, PPTX, size', value: bytes / 1024, unit: 'KB', budget: { most: 150 } }),
  )
}

/** From the start of a process to its end, files on disk. */
async function benchCold(): Promise<void> {
  const browserPath = await findBrowser(process.env['PUPPETEER_EXECUTABLE_PATH'])
  const deckFile = join(dir, 'deck.json')
  writeFileSync(deckFile, JSON.stringify(sampleDeck(10, 'cold')))
  const program = join(import.meta.dirname, 'render/cold.ts')
  const ours = (): Promise<void> => run(process.execPath, [program, deckFile, dir], { cwd: dir, timeoutMs: 60_000 })
  if (!flags.peers) {
    const { ours: alone } = await compare({ ours }, { rounds: 5, warmUps: 1 })
    printRow({ what: '10 slides, PDF + PNG, cold', value: alone, unit: 'ms', detail: 'from process start to its end' })
    return
  }
  const html = deckToHtml(sampleDeck(10, 'cold'), { for: 'print' })
  const peers = await installPeers(join(import.meta.dirname, '../.deckhand/bench-peers'), html, browserPath)
  const withMarp = await compare({ ours, marp: () => peers.marp() }, { rounds: 5, warmUps: 1 })
  const withDecktape = await compare({ ours, decktape: () => peers.decktape() }, { rounds: 3, warmUps: 0 })
  passed.push(
    printRow({
      what: 'marp-cli, PDF and images, over ours, cold',
      value: withMarp.marp / withMarp.ours,
      unit: '×',
      budget: { least: 4 },
      detail: `${ms(withMarp.marp)} against ${ms(withMarp.ours)}`,
    }),
    printRow({
      what: 'decktape with screenshots over ours, cold',
      value: withDecktape.decktape / withDecktape.ours,
      unit: '×',
      budget: { least: 15 },
      detail: `${ms(withDecktape.decktape)} against ${ms(withDecktape.ours)}`,
    }),
  )
}

/** 500 decks, each a new one: memory of this process and all of the browser's, after 100 and at the end. */
async function benchMemory(): Promise<void> {
  const browserPath = await findBrowser(process.env['PUPPETEER_EXECUTABLE_PATH'])
  await using ours = createRenderer({ browserPath, timeoutMs: 60_000, log: silentLogger })
  const early: number[] = []
  const late: number[] = []
  for (let job = 1; job <= 500; job += 1) {
    await Array.fromAsync(ours.render(sampleDeck(10, job), ['pdf', 'png'], never))
    if (job <= 100 || job % 5 !== 0) continue
    const megabytes = (await processTreeBytes(process.pid)) / 2 ** 20
    if (job <= 200) early.push(megabytes)
    if (job > 400) late.push(megabytes)
  }
  passed.push(
    printRow({
      what: '500 renders: growth of memory',
      value: (median(late) / median(early) - 1) * 100,
      unit: '%',
      budget: { most: 10 },
      detail: `${median(early).toFixed(0)} MB in renders 101–200, ${median(late).toFixed(0)} MB in 401–500`,
    }),
  )
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`
}
