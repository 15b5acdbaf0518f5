import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger, type Logger } from '../../src/lib/log.ts'
import { launchBrowser } from '../../src/render/browser/launch.ts'
import { createPagePool } from '../../src/render/browser/page-pool.ts'
import { createRenderer, type BrowserRenderer, type RendererDeps } from '../../src/render/create-renderer.ts'
import type { Deck } from '../../src/render/deck.ts'
import { createRasterizer } from '../../src/render/rasterize/rasterizer.ts'
import { RenderError, type Format, type RenderedFile } from '../../src/render/renderer.ts'
import { chartsDeck } from '../fixtures/decks/charts.ts'
import { salesDeck } from '../fixtures/decks/sales.ts'
import { rejection } from '../support/rejection.ts'
import { browserPath, browserPids, commandOf, descendants, launchProbe, pdfTexts, temporaryFolder } from './support.ts'

/** What needs a browser. */
const drawn = ['html', 'pdf', 'png'] as const

const never = new AbortController().signal

function renderer(deps: Partial<RendererDeps> = {}): BrowserRenderer {
  return createRenderer({ browserPath, pages: 2, timeoutMs: 30_000, log: silentLogger, ...deps })
}

async function filesOf(
  from: BrowserRenderer,
  deck: Deck,
  want: readonly Format[] = drawn,
  signal: AbortSignal = never,
): Promise<RenderedFile[]> {
  return await Array.fromAsync(from.render(deck, want, signal))
}

function oneSlideDeck(): Deck {
  return salesDeck({ slides: salesDeck().slides.slice(2, 3) })
}

/** A deck that keeps a browser busy for a while. */
function longDeck(): Deck {
  const slides = salesDeck().slides
  return salesDeck({
    slides: Array.from({ length: 90 }, (_, index) => ({
      ...(slides[index % slides.length] ?? slides[0]),
      id: `l${index}`,
    })) as Deck['slides'],
  })
}

describe('render', () => {
  let shared: BrowserRenderer
  let files: RenderedFile[]

  beforeAll(async () => {
    shared = renderer()
    files = await filesOf(shared, salesDeck())
  })

  afterAll(async () => {
    await shared[Symbol.asyncDispose]()
  })

  const pdf = (): Uint8Array => files[1]?.bytes ?? new Uint8Array()
  const pdfSource = (): string => Buffer.from(pdf()).toString('latin1')

  it('yields the HTML, then the PDF, then a picture of each slide in order', () => {
    expect(files.map(({ format, name, mediaType, slide }) => [format, name, mediaType, slide])).toEqual([
      ['html', 'deck.html', 'text/html; charset=utf-8', undefined],
      ['pdf', 'deck.pdf', 'application/pdf', undefined],
      ...salesDeck().slides.map((_, slide) => ['png', `slide-${slide + 1}.png`, 'image/png', slide]),
    ])
  })

  it('prints one page per slide with the text of that slide', async () => {
    const texts = (await pdfTexts(pdf())).map((text) => text.replaceAll(/\s+/g, ' '))

    expect(texts).toHaveLength(11)
    expect(texts[1]).toContain('Revenue reached $45.8M, carried by EMEA')
    expect(texts[5]).toContain('Meridian noise-cancelling headphones Electronics 21,870 5,248,800 33.8%')
    expect(texts[9]).toContain('not confirmed by the data')
    for (const [index, text] of texts.entries())
      if (index > 0) expect.soft(text.split(' '), `page ${index + 1}`).toContain(String(index + 1))
  })

  it('prints a PDF that is tagged, outlined, titled, in its language and 16:9', () => {
    expect(pdfSource()).toMatch(/\/MarkInfo\s*<<[^>]*\/Marked true/)
    expect(pdfSource()).toMatch(/\/Lang \(en\)/)
    expect(pdfSource()).toMatch(/\/Outlines/)
    expect(pdfSource()).toMatch(/\/Title \(Sales in 2023: EMEA grows, LATAM slips\)/)
    expect(new Set(pdfSource().match(/\/MediaBox \[[^\]]*\]/g))).toEqual(new Set(['/MediaBox [0 0 960 540]']))
    expect(pdfSource().match(/\/S \/Figure/g)?.length).toBeGreaterThanOrEqual(4)
    expect(pdfSource()).toMatch(/\/S \/TH\b/)
  })

  it('embeds Inter as TrueType and nothing as Type 3', () => {
    expect(
      new Set(
        pdfSource()
          .match(/\/BaseFont \/[A-Z]{6}\+([\w-]+)/g)
          ?.map((font) => font.split('+')[1]),
      ),
    ).toEqual(new Set(['Inter-Regular', 'Inter-SemiBold']))
    expect(pdfSource()).toContain('/CIDFontType2')
    expect(pdfSource()).not.toContain('/Type3')
  })

  it('draws pictures of 1280 × 720 pixels with something on each of them', async () => {
    for (const file of files.slice(2)) {
      const image = sharp(file.bytes)
      const [{ width, height }, { channels, entropy }] = await Promise.all([image.metadata(), image.stats()])

      expect([width, height]).toEqual([1280, 720])
      expect.soft(entropy, file.name).toBeGreaterThan(0.2)
      expect.soft(Math.max(...channels.map((channel) => channel.stdev)), file.name).toBeGreaterThan(10)
    }
  })

  it('draws backgrounds and the colours of the theme', async () => {
    const pixelOf = async (bytes: Uint8Array): Promise<number[]> => [
      ...(await sharp(bytes).extract({ left: 20, top: 20, width: 1, height: 1 }).raw().toBuffer()),
    ]
    const dark = await filesOf(shared, { ...oneSlideDeck(), theme: 'dark' }, ['png'])

    expect(await pixelOf(files[2]?.bytes ?? new Uint8Array())).toEqual([0x10, 0x23, 0x3f])
    expect(await pixelOf(files[3]?.bytes ?? new Uint8Array())).toEqual([0xff, 0xff, 0xff])
    expect(await pixelOf(dark[0]?.bytes ?? new Uint8Array())).toEqual([0x0f, 0x1b, 0x2d])
  })

  it('makes only what is wanted', async () => {
    expect((await filesOf(shared, oneSlideDeck(), ['png'])).map((file) => file.name)).toEqual(['slide-1.png'])
    expect((await filesOf(shared, oneSlideDeck(), ['pdf'])).map((file) => file.name)).toEqual(['deck.pdf'])
    expect((await filesOf(shared, oneSlideDeck(), ['html'])).map((file) => file.name)).toEqual(['deck.html'])
  })

  it('draws several decks side by side without mixing them up', async () => {
    const decks = [salesDeck(), chartsDeck(), oneSlideDeck(), salesDeck({ theme: 'dark' }), oneSlideDeck()]

    const all = await Promise.all(decks.map((deck) => filesOf(shared, deck, ['pdf'])))

    const starts = await Promise.all(
      all.map(async (some) => (await pdfTexts(some[0]?.bytes ?? new Uint8Array())).map((text) => text.slice(0, 8))),
    )
    expect(starts.map((pages) => pages.length)).toEqual([11, chartsDeck().slides.length, 1, 11, 1])
    expect(starts[1]?.[0]).toBe('Grouped ')
    expect(starts[2]?.[0]).toBe('EMEA clo')
  })

  it('refuses a deck that refers to nothing before any browser work', async () => {
    const deck = salesDeck({ facts: [] })

    expect(await rejection(filesOf(shared, deck))).toMatchObject({ name: 'RenderError', code: 'bad-deck' })
  })

  it('goes on after its consumer left in the middle', async () => {
    for await (const file of shared.render(salesDeck(), drawn, never)) if (file.format === 'pdf') break

    expect(await filesOf(shared, oneSlideDeck(), ['png'])).toHaveLength(1)
  })

  it('stops with the reason of the signal and draws the next deck', async () => {
    const stop = new AbortController()
    const files = shared.render(longDeck(), drawn, stop.signal)[Symbol.asyncIterator]()
    await files.next()

    const printing = files.next()
    stop.abort(new Error('stopped by the person'))

    expect(await rejection(printing)).toMatchObject({ message: 'stopped by the person' })
    expect(await rejection(filesOf(shared, oneSlideDeck(), ['png'], stop.signal))).toMatchObject({
      message: 'stopped by the person',
    })
    expect(await filesOf(shared, oneSlideDeck(), ['png'])).toHaveLength(1)
  })
})

describe('createRenderer', () => {
  it('starts nothing before the first job', async () => {
    await using temporary = await temporaryFolder()
    await using lazy = renderer()

    await filesOf(lazy, oneSlideDeck(), ['html'])

    expect(await readdir(temporary.path)).toEqual([])
    expect(browserPids()).toEqual([])
  })

  it('leaves no process and no file behind when it is disposed', async () => {
    await using temporary = await temporaryFolder()
    const ours = renderer()
    await ours.warm(never)
    await filesOf(ours, oneSlideDeck())
    const [pid = 0] = browserPids()
    const processes = [pid, ...descendants(pid)]
    expect(processes.length).toBeGreaterThan(3)
    expect(await readdir(temporary.path)).toHaveLength(1)

    await ours[Symbol.asyncDispose]()

    expect(processes.filter((one) => commandOf(one).includes('chromium'))).toEqual([])
    expect(await readdir(temporary.path)).toEqual([])
    expect(await rejection(filesOf(ours, oneSlideDeck(), ['pdf']))).toBeInstanceOf(RenderError)
  })

  it('ends the job under way when it is disposed', async () => {
    const ours = renderer()
    await ours.warm(never)
    const files = ours.render(longDeck(), ['html', 'pdf'], never)[Symbol.asyncIterator]()
    await files.next()

    const [printing] = await Promise.all([rejection(files.next()), ours[Symbol.asyncDispose]()])

    expect(printing).toMatchObject({ code: 'browser-crashed' })
    expect(browserPids()).toEqual([])
  })

  it('finishes a job whose browser was killed under it', async () => {
    await using temporary = await temporaryFolder()
    const warnings: string[] = []
    const log: Logger = { ...silentLogger, warn: (_, message) => void warnings.push(message) }
    await using ours = renderer({ log })
    await ours.warm(never)
    const [pid = 0] = browserPids()
    const files = ours.render(longDeck(), drawn, never)[Symbol.asyncIterator]()
    await files.next()

    process.kill(pid, 'SIGKILL')
    const rest = await Array.fromAsync({ [Symbol.asyncIterator]: () => files })

    expect(rest.map((file) => file.format)).toEqual(['pdf', ...longDeck().slides.map(() => 'png')])
    expect(warnings).toContain('Printing failed; trying once more')
    expect(browserPids()).not.toContain(pid)
    expect(await readdir(temporary.path)).toHaveLength(1)
  })

  it('refuses a job at once when enough are waiting', async () => {
    await using ours = renderer({ pages: 1, maxWaiting: 1 })
    const first = filesOf(ours, longDeck(), ['pdf'])
    const second = filesOf(ours, oneSlideDeck(), ['pdf'])

    const third = await rejection(filesOf(ours, oneSlideDeck(), ['pdf']))

    expect(third).toMatchObject({
      code: 'queue-full',
      userMessage: expect.stringContaining('try again in a minute') as string,
    })
    expect((await Promise.all([first, second])).map((some) => some.length)).toEqual([1, 1])
  })

  it('gives the place in the queue back when a waiting job is stopped', async () => {
    await using ours = renderer({ pages: 1, maxWaiting: 1 })
    const stop = new AbortController()
    const first = filesOf(ours, longDeck(), ['pdf'])
    const waiting = filesOf(ours, oneSlideDeck(), ['pdf'], stop.signal)

    stop.abort(new Error('changed my mind'))

    expect(await rejection(waiting)).toMatchObject({ message: 'changed my mind' })
    expect(await Promise.all([first, filesOf(ours, oneSlideDeck(), ['pdf'])])).toHaveLength(2)
  })

  it('gives up on a deck that takes too long, and draws the next one', async () => {
    await using patient = renderer({ timeoutMs: 30_000 })
    await using hasty = renderer({ timeoutMs: 1 })
    await patient.warm(never)

    expect(await rejection(filesOf(hasty, longDeck(), ['pdf']))).toMatchObject({ name: 'RenderError', code: 'timeout' })
    expect(await filesOf(patient, oneSlideDeck(), ['pdf'])).toHaveLength(1)
  })

  it('says so when there is no browser', async () => {
    await using ours = renderer({ browserPath: '/nowhere/chromium' })

    expect(await rejection(filesOf(ours, oneSlideDeck(), ['pdf']))).toMatchObject({
      code: 'browser-missing',
      message: 'Cannot find browser: "/nowhere/chromium" is no executable file',
    })
    expect(await filesOf(ours, oneSlideDeck(), ['html'])).toHaveLength(1)
  })
})

describe('the browser', () => {
  it('keeps its own sandbox on, and runs as nobody without a network when we are root', async () => {
    const warnings: string[] = []
    const log: Logger = { ...silentLogger, warn: (_, message) => void warnings.push(message) }
    await using ours = renderer({ log })
    await ours.warm(never)

    const [pid = 0] = browserPids()
    const isSandboxed = !commandOf(pid).includes('--no-sandbox')

    // Where the kernel forbids it there must be a warning; here or there, never silence.
    expect(isSandboxed || warnings.some((message) => message.includes('without its sandbox'))).toBe(true)
    if (isSandboxed) expect(warnings).toEqual([])
  })

  it('gets no secret of ours in its environment', async () => {
    process.env['DATABRICKS_TOKEN'] = 'dapi-very-secret'
    try {
      await using ours = renderer()
      await ours.warm(never)
      const [pid = 0] = browserPids()

      expect(await readFile(`/proc/${pid}/environ`, 'latin1')).not.toContain('dapi-very-secret')
    } finally {
      delete process.env['DATABRICKS_TOKEN']
    }
  })

  it('reaches nothing and reads no file, even with a page of hostile markup', async () => {
    await using temporary = await temporaryFolder()
    await writeFile(join(temporary.path, 'secret.txt'), 'the-secret-of-this-file')
    const reached: string[] = []
    const server = createServer((request, response) => {
      reached.push(request.url ?? '')
      response.end('x')
    })
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const file = `file://${temporary.path}/secret.txt`
    const pool = createPagePool({
      pages: 1,
      maxWaiting: 1,
      jobsPerPage: 10,
      jobsPerBrowser: 10,
      mostBytes: 2 ** 30,
      log: silentLogger,
      launch: async () => await launchBrowser(browserPath, silentLogger),
    })
    const hostile = `<!doctype html><head><link rel=prefetch href="${origin}/prefetch"><link rel=stylesheet href="${origin}/style">
      <style>@import url(${origin}/import);body{background:url(${origin}/background)}@font-face{font-family:x;src:url(${origin}/font)}</style></head>
      <body style="font-family:x">hostile<img src="${origin}/img"><iframe src="${origin}/frame"></iframe><iframe src="${file}"></iframe><object data="${file}"></object>
      <embed src="${origin}/embed"><video src="${origin}/video" poster="${origin}/poster"></video><svg><image href="${origin}/image"/><use href="${origin}/use#a"/></svg>
      <script>fetch('${origin}/fetch');new WebSocket('${origin.replace('http', 'ws')}/socket');document.body.append('script-ran')</script></body>`
    try {
      await using page = await pool.leasePage(never)
      const text = (await pdfTexts(await page.print(hostile, { tagged: true }, never))).join(' ')

      expect(text).toContain('hostile')
      expect(text).not.toMatch(/script-ran|the-secret-of-this-file/)
      expect(reached).toEqual([])

      // The same page in an ordinary browser does reach the server: the attack is a real one.
      await using probe = await launchProbe()
      await (await probe.newPage()).setContent(hostile)
      expect(reached).toEqual(expect.arrayContaining(['/img', '/style', '/frame', '/fetch']))
    } finally {
      await pool[Symbol.asyncDispose]()
      server.close()
    }
  })
})

describe('rasterize', () => {
  it('fails for what is no PDF, and draws the next one', async () => {
    await using rasterizer = createRasterizer({ threads: 1 })
    const first = { page: 0, widthPx: 1280 }

    const broken = await rejection(
      Promise.all(rasterizer.rasterize(Buffer.from('no pdf at all'), [first, first], never)),
    )

    expect(broken).toMatchObject({ name: 'RenderError', message: expect.stringContaining('Cannot open PDF') as string })
    await using ours = renderer()
    const [pdf] = await filesOf(ours, oneSlideDeck(), ['pdf'])
    expect(await Promise.all(rasterizer.rasterize(pdf?.bytes ?? new Uint8Array(), [first], never))).toHaveLength(1)
  })
})
