import { unzipSync } from 'fflate'
import { Redis } from 'ioredis'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import type { Decks } from '../../../src/bot/decks.ts'
import { createDeckFiles, type DeckFiles, type DeckFilesDeps } from '../../../src/bot/http/deck-files.ts'
import { deckRoutes } from '../../../src/bot/http/deck-routes.ts'
import { linksOf } from '../../../src/bot/deck-links.ts'
import type { Links } from '../../../src/bot/links.ts'
import type { Metrics } from '../../../src/bot/metrics.ts'
import type { Server } from '../../../src/bot/server.ts'
import { createLinks } from '../../../src/bot/signed-links.ts'
import { createDecks } from '../../../src/bot/stored-decks.ts'
import { createConversations } from '../../../src/bot/conversation.ts'
import { createReplies } from '../../../src/bot/replies.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { silentLogger, type Logger } from '../../../src/lib/log.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { createRenderer } from '../../../src/render/create-renderer.ts'
import type { Deck } from '../../../src/render/deck.ts'
import { deckToHtml } from '../../../src/render/html/deck-to-html.ts'
import { formats, RenderError, type Format, type Renderer } from '../../../src/render/renderer.ts'
import { salesDeck } from '../../fixtures/decks/sales.ts'
import { pdfPages } from '../../support/deckhand.ts'
import { newThread } from '../../support/mailbox.ts'
import { isolatedRedisUrl } from '../../support/parts.ts'
import { openServer } from '../../support/server.ts'

const linkKey = new Secret('a key that is long enough for tests')
const day = 86_400_000
let redis: Redis
let decks: Decks
let links: Links
let server: Server
let renderer: Renderer
/** Formats drawn so far, by the renderer behind the server. */
const drawn: Format[] = []
const logged: string[] = []

const parts = new AsyncDisposableStack()

beforeAll(async () => {
  redis = parts.adopt(new Redis(await isolatedRedisUrl()), (open) => open.disconnect())
  decks = createDecks({ redis, ttlMs: day, secret: linkKey, log: silentLogger })
  links = linksWith()
  renderer = parts.use(
    createRenderer({
      browserPath: process.env['PUPPETEER_EXECUTABLE_PATH'] ?? '',
      timeoutMs: 60_000,
      log: silentLogger,
    }),
  )
  server = parts.use(await serverWith(counting(renderer, drawn)))
})

afterAll(() => parts.disposeAsync())

const note = (fields: object, message: string): void => void logged.push(`${message} ${JSON.stringify(fields)}`)
const log: Logger = { debug() {}, info: note, warn: note, error: note }

function linksWith(clock = systemClock, secret = linkKey): Links {
  return createLinks({ redis, key: secret, ttlMs: day, baseUrl: () => server.url, clock })
}

const measured: string[] = []
const metrics: Metrics = {
  count() {},
  observe: (name, _ms, labels) => void measured.push(`${name} ${labels?.['purpose']}`),
}

function filesOf(drawing: Renderer): DeckFiles {
  const { signal } = new AbortController()
  const toPage: DeckFilesDeps['toPage'] = (deck, offered) => deckToHtml(deck, { files: offered })
  return createDeckFiles({ decks, renderer: drawing, toPage, version: 'test', clock: systemClock, metrics, signal })
}

function serverWith(drawing: Renderer, withinMs = 60_000): Promise<Server> {
  return openServer({ routes: [deckRoutes({ links, files: filesOf(drawing), log, withinMs })], log })
}

function counting(real: Renderer, formatsDrawn: Format[]): Renderer {
  return {
    ...real,
    render(deck, want, signal) {
      formatsDrawn.push(...want)
      return real.render(deck, want, signal)
    },
  }
}

/** Stores decks as versions of one thread's deck. → the key of all */
async function store(...versions: readonly Deck[]): Promise<string> {
  const thread = newThread()
  const replies = createReplies({ redis, ttlMs: day })
  const conversations = createConversations({ redis, ttlMs: day, decks, replies, log })
  for (const deck of versions) await conversations.save(thread, { transcript: [], deck })
  return decks.keyOf(thread)
}

const bytesOf = async (response: Response): Promise<Uint8Array> => new Uint8Array(await response.arrayBuffer())

describe('GET /d/…', () => {
  it('gives every file of a deck as what it is, under a name that tells the deck', async () => {
    const deck = salesDeck()
    const key = await store(deck)
    const get = (file: string): Promise<Response> => fetch(links.to(key, 1, file))

    const html = await get('deck.html')
    expect(html.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(html.headers.get('content-disposition')).toContain(
      'inline; filename="Sales in 2023 EMEA grows, LATAM slips.html"',
    )
    expect(await html.text()).toContain('<title>Sales in 2023: EMEA grows, LATAM slips</title>')

    const pdf = await get('deck.pdf')
    expect(pdf.headers.get('content-type')).toBe('application/pdf')
    expect(await pdfPages(await bytesOf(pdf))).toHaveLength(deck.slides.length)

    const pptx = await get('deck.pptx')
    expect(pptx.headers.get('content-disposition')).toMatch(/^attachment; filename="Sales .*\.pptx"/)
    expect(Object.keys(unzipSync(await bytesOf(pptx)))).toContain('ppt/presentation.xml')

    const xlsx = await get('deck.xlsx')
    expect(xlsx.headers.get('content-type')).toContain('spreadsheetml')
    expect(Object.keys(unzipSync(await bytesOf(xlsx)))).toContain('xl/workbook.xml')

    const csv = await get('T1.csv')
    expect(csv.headers.get('content-disposition')).toMatch(/^attachment; .*LATAM slips, T1\.csv"/)
    expect(await csv.text()).toContain('14905882.1')

    const last = deck.slides.length
    for (const [file, width, height] of [
      [`slide-${last}.png`, 1280, 720],
      [`thumbnail-${last}.png`, 640, 360],
    ] as const) {
      const picture = await get(file)
      expect(picture.headers.get('content-type')).toBe('image/png')
      expect(await sharp(await bytesOf(picture)).metadata()).toMatchObject({ width, height })
    }
    const overview = await get('overview.png')
    expect((await sharp(await bytesOf(overview)).metadata()).format).toBe('png')
    expect(new Set(drawn)).toEqual(new Set(formats.filter((format) => format !== 'html')))
  })

  it('opens every link that a reply carries', async () => {
    const deck = salesDeck({ id: 'all links' })
    const addresses = Object.values(linksOf(deck, await store(deck), links))

    const statuses = await Promise.all(addresses.map(async (address) => (await fetch(address)).status))

    expect(addresses.length).toBeGreaterThan(5)
    expect(new Set(statuses)).toEqual(new Set([200]))
  })

  it('leads from the page to the files, for each reader as long as their own link', async () => {
    const deck = salesDeck({ id: 'a page with links' })
    const key = await store(deck)
    const expiryOf = (address: string): string | null => new URL(address).searchParams.get('e')
    const earlier = { ...systemClock, now: () => Date.now() - day / 2 }
    const addresses = [links.to(key, 1, 'deck.html'), linksWith(earlier).to(key, 1, 'deck.html')]

    for (const address of addresses) {
      const page = await (await fetch(address)).text()
      const [nav = ''] = /<nav class="files".*?<\/nav>/.exec(page) ?? []
      const found = [...nav.matchAll(/href="([^"]+)"/g)].map(([, url = '']) => url.replaceAll('&amp;', '&'))

      expect(found.map((url) => new URL(url).pathname.split('/').at(-1))).toEqual([
        'deck.pdf',
        'deck.pptx',
        'deck.xlsx',
        ...deck.tables.map(({ id }) => `${id}.csv`),
      ])
      expect(new Set(found.map(expiryOf))).toEqual(new Set([expiryOf(address)]))
      const statuses = await Promise.all(found.map(async (url) => (await fetch(url)).status))
      expect(new Set(statuses)).toEqual(new Set([200]))
    }
    expect(new Set(addresses.map(expiryOf)).size).toBe(2)
  })

  it('keeps the file out of shared caches, search engines and frames, and the page from fetching anything', async () => {
    const key = await store(salesDeck())
    const response = await fetch(links.to(key, 1, 'deck.html'))
    const pdf = await fetch(links.to(key, 1, 'deck.pdf'))

    // Browsers show a PDF with a plug-in, which the page's policy would forbid.
    expect(pdf.headers.get('content-security-policy')).toBe("frame-ancestors 'none'")
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'cache-control': 'private, max-age=300',
      'x-robots-tag': 'noindex, nofollow',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringMatching(/^default-src 'none'; .*frame-ancestors 'none'$/),
    })
  })

  it('answers HEAD as GET, without the file', async () => {
    const address = links.to(await store(salesDeck()), 1, 'deck.pdf')

    const head = await fetch(address, { method: 'HEAD' })
    const get = await fetch(address)

    expect((await bytesOf(head)).byteLength).toBe(0)
    expect(head.status).toBe(200)
    for (const name of ['content-type', 'content-length', 'content-disposition', 'etag', 'cache-control']) {
      expect(head.headers.get(name)).toBe(get.headers.get(name))
    }
    expect(Number(head.headers.get('content-length'))).toBe((await bytesOf(get)).byteLength)
  })

  it('sends nothing that the browser has already, and draws nothing for it', async () => {
    const address = links.to(await store(salesDeck({ id: 'not drawn' })), 1, 'deck.pdf')
    const tag = (await fetch(links.to(await store(salesDeck({ id: 'not drawn' })), 1, 'deck.html'))).headers.get('etag')
    const before = drawn.length

    const same = await fetch(address, { headers: { 'if-none-match': `"other", ${tag}` } })
    const newer = await fetch(address, { headers: { 'if-none-match': 'W/"other"' } })

    expect([same.status, (await bytesOf(same)).byteLength]).toEqual([304, 0])
    expect(same.headers.get('etag')).toBe(tag)
    expect(newer.status).toBe(200)
    expect(drawn.slice(before)).toEqual(['pdf'])
  })

  it('gives each version as it was, and tells those apart that have the same number', async () => {
    const key = await store(salesDeck(), salesDeck({ version: 2, title: ['Shorter'] }))

    const titleOf = async (version: number): Promise<string> =>
      /<title>(.*?)<\/title>/.exec(await (await fetch(links.to(key, version, 'deck.html'))).text())?.[1] ?? ''
    expect([await titleOf(1), await titleOf(2)]).toEqual(['Sales in 2023: EMEA grows, LATAM slips', 'Shorter'])

    const tagOf = async (deck: Deck): Promise<string | null> =>
      (await fetch(links.to(await store(deck), 1, 'deck.html'))).headers.get('etag')
    expect(await tagOf(salesDeck())).toBe(await tagOf(salesDeck()))
    expect(await tagOf(salesDeck())).not.toBe(await tagOf(salesDeck({ title: ['Otherwise'] })))
  })

  it('draws once what many ask for at the same time, and not again what was drawn before', async () => {
    const deck = salesDeck({ id: 'asked for by many' })
    const key = await store(deck)
    const before = [drawn.length, measured.length]
    const get = async (slide: number): Promise<number> =>
      (await fetch(links.to(key, 1, `thumbnail-${slide}.png`))).status

    const statuses = await Promise.all(deck.slides.map((_, index) => get(index + 1)))
    await get(1)

    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(drawn.slice(before[0])).toEqual(['thumbnail'])
    expect(measured.slice(before[1])).toEqual(['render_ms link'])
  })

  it('answers what is wrong, altered, expired or revoked with one and the same page', async () => {
    const key = await store(salesDeck())
    const revokedKey = await store(salesDeck())
    const revoked = links.to(revokedKey, 1, 'deck.html')
    await links.revoke(revokedKey)
    const right = links.to(key, 1, 'deck.html')
    const past = { ...systemClock, now: () => Date.now() - day - 1 }
    const addresses = [
      `${server.url}/d/`,
      `${server.url}/d/${key}/1/deck.html`,
      right.replace('deck.html', 'deck.pdf'),
      right.replace('/1/', '/2/'),
      `${right}x`,
      linksWith(past).to(key, 1, 'deck.html'),
      linksWith(systemClock, new Secret('somebody else’s key, long enough')).to(key, 1, 'deck.html'),
      revoked,
      links.to(`${key}x`, 1, 'deck.html').replace(`${key}x`, key),
    ]

    const answers = await Promise.all(
      addresses.map(async (address) => {
        const response = await fetch(address)
        const { date: _, 'x-request-id': __, ...headers } = Object.fromEntries(response.headers)
        return JSON.stringify([response.status, headers, await response.text()])
      }),
    )

    expect((await fetch(right)).status).toBe(200)
    expect(new Set(answers).size).toBe(1)
    expect(answers[0]).toContain('403')
    expect(answers[0]).toContain('This link does not work')
    expect(answers[0]).not.toContain('etag')
  })

  it.each([
    ['a deck that is forgotten', 'deck.html', 2],
    ['a slide that the deck does not have', 'slide-99.png', 1],
    ['a table that the deck does not have', 'T99.csv', 1],
    ['a file of another name', 'deck.docx', 1],
  ])('says so for %s, when the link itself is right', async (_what, file, version) => {
    const response = await fetch(links.to(await store(salesDeck()), version, file))

    expect(response.status).toBe(404)
    expect(await response.text()).toContain('not kept any more')
  })

  it('says in plain words when a file cannot be drawn, tells the operator why, and tries again the next time', async () => {
    const key = await store(salesDeck())
    let tries = 0
    const broken: Renderer = {
      ...renderer,
      render(deck, want, signal) {
        tries += 1
        if (tries > 1) return renderer.render(deck, want, signal)
        throw new RenderError('browser-crashed', 'operator detail', { userMessage: 'x' })
      },
    }
    await using other = await serverWith(broken)
    const { pathname, search } = new URL(links.to(key, 1, 'deck.pdf'))
    logged.length = 0

    const failed = await fetch(`${other.url}${pathname}${search}`)
    const page = await failed.text()
    const again = await fetch(`${other.url}${pathname}${search}`)

    expect([failed.status, failed.headers.get('etag'), failed.headers.get('cache-control')]).toEqual([
      500,
      null,
      'no-store',
    ])
    expect(page).toContain('could not be made')
    expect(page).not.toContain('operator detail')
    expect(again.status).toBe(200)
    expect(logged).toEqual([expect.stringContaining('operator detail')])
    expect(logged.join()).not.toContain(key)
  })

  it('refuses early when too many files are being drawn, and draws those it took', async () => {
    const release = Promise.withResolvers<void>()
    let running = 0
    let most = 0
    const slow: Renderer = {
      ...renderer,
      async *render(deck) {
        running += 1
        most = Math.max(most, running)
        await release.promise
        running -= 1
        yield { format: 'pdf', name: 'deck.pdf', mediaType: 'application/pdf', bytes: Buffer.from(deck.id) }
      },
    }
    await using other = await serverWith(slow)
    const addresses = await Promise.all(
      Array.from({ length: 60 }, async (_, index) =>
        links.to(await store(salesDeck({ id: `d${index}` })), 1, 'deck.pdf'),
      ),
    )

    let refusedCount = 0
    const answers = addresses.map(async (address) => {
      const { pathname, search } = new URL(address)
      const response = await fetch(`${other.url}${pathname}${search}`)
      if (response.status === 503) refusedCount += 1
      return response
    })
    await expect.poll(() => refusedCount, { timeout: 30_000 }).toBe(8)
    release.resolve()
    const statuses = (await Promise.all(answers)).map((response) => response.status)

    expect(statuses.filter((status) => status === 200)).toHaveLength(52)
    expect(most).toBe(2)
  })

  it('lets nobody wait for ever, and has the file for those who come again', async () => {
    const release = Promise.withResolvers<void>()
    const slow: Renderer = {
      ...renderer,
      async *render() {
        await release.promise
        yield { format: 'pdf', name: 'deck.pdf', mediaType: 'application/pdf', bytes: Buffer.from('drawn') }
      },
    }
    await using other = await serverWith(slow, 50)
    const { pathname, search } = new URL(links.to(await store(salesDeck()), 1, 'deck.pdf'))

    const first = await fetch(`${other.url}${pathname}${search}`)
    release.resolve()
    const again = async (): Promise<string> => await (await fetch(`${other.url}${pathname}${search}`)).text()

    expect([first.status, first.headers.get('retry-after'), first.headers.get('etag')]).toEqual([503, '5', null])
    expect(await first.text()).toContain('try again')
    await expect.poll(again).toBe('drawn')
  })

  it('gives nothing while Redis is away, and does not say why', async () => {
    const lonely = new Redis(inject('redisUrl'), { lazyConnect: true })
    lonely.disconnect()
    const offline = createLinks({
      redis: lonely,
      key: linkKey,
      ttlMs: day,
      baseUrl: () => 'http://x',
      clock: systemClock,
    })
    await using other = await openServer({ routes: [deckRoutes({ links: offline, files: filesOf(renderer), log })] })
    const { pathname, search } = new URL(links.to(await store(salesDeck()), 1, 'deck.html'))

    const response = await fetch(`${other.url}${pathname}${search}`)

    expect(response.status).toBe(503)
    expect(await response.text()).not.toMatch(/redis/i)
  })
})
