import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from 'puppeteer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { silentLogger } from '../../src/lib/log.ts'
import { BrandThemeFile, createBrandTheme } from '../../src/render/brand-theme.ts'
import { createRenderer, type BrowserRenderer } from '../../src/render/create-renderer.ts'
import { Deck, type Chart, type Slide } from '../../src/render/deck.ts'
import { deckToHtml } from '../../src/render/html/deck-to-html.ts'
import type { Format, RenderedFile } from '../../src/render/renderer.ts'
import { themeNamed } from '../../src/render/theme.ts'
import { salesDeck } from '../fixtures/decks/sales.ts'
import { makeFact, makeTable, number, plain, text } from '../fixtures/decks/tables.ts'
import { rejection } from '../support/rejection.ts'
import { officeProblems, readOffice } from './office/read-office.ts'
import { browserPath, launchProbe, pdfTexts } from './support.ts'

const never = new AbortController().signal

let server: Server
/** Everything that anyone asked of the listening server. */
const reached: string[] = []
let origin = ''
let folder = ''
let renderer: BrowserRenderer
let probe: Browser

const secret = 'the-secret-of-this-file'

beforeAll(async () => {
  server = createServer((request, response) => {
    reached.push(request.url ?? '')
    response.end('x')
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  folder = mkdtempSync(join(tmpdir(), 'deckhand-hostile-'))
  writeFileSync(join(folder, 'secret.txt'), secret)
  renderer = createRenderer({ browserPath, pages: 1, timeoutMs: 60_000, log: silentLogger })
  probe = await launchProbe()
})

afterAll(async () => {
  await Promise.all([renderer[Symbol.asyncDispose](), probe.close()])
  rmSync(folder, { recursive: true })
  server.close()
})

/** Texts that try to be more than text. `%O` is the listening server, `%F` a file with a secret. */
const texts = {
  'a script': `<script>fetch('%O/script')</script><script src="%O/src"></script>`,
  'a handler': `"><img src=x onerror="fetch('%O/onerror')"><svg onload="fetch('%O/onload')">`,
  'a picture': `<img src="%O/img"><picture><source srcset="%O/srcset"></picture>`,
  'a page in the page': `<iframe src="%O/frame"></iframe><object data="%O/object"></object><embed src="%O/embed">`,
  'a file': `<iframe src="%F"></iframe><img src="%F"><object data="%F"></object> %F`,
  'the address of the cloud': `<img src="http://169.254.169.254/latest/meta-data/"> http://169.254.169.254/`,
  'a style sheet': `</style><style>@import "%O/import";body{background:url(%O/background)}</style><link rel=stylesheet href="%O/link">`,
  'a style': `;background:url(%O/inline)" style="background:url(%O/attribute)`,
  'a font': `<style>@font-face{font-family:x;src:url(%O/font)}*{font-family:x}</style>words`,
  'SVG with a page in it': `<svg><foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><img src="%O/foreign"></body></foreignObject><image href="%O/image"/><use href="%O/use#a"/></svg>`,
  'a link that runs': `<a href="javascript:fetch('%O/javascript')">click</a> javascript:alert(1) data:text/html,<script>1</script>`,
  'another base': `<base href="%O/"><meta http-equiv="refresh" content="0;url=%O/refresh"><form action="%O/form"><input autofocus onfocus="fetch('%O/focus')">`,
  'the end of its place': `--></title></textarea></style></script></svg></p></section>]]><!--<plaintext>`,
  entities: `&lt;script&gt; &#x3C;img src=x&#x3E; &amp;amp; &xxe; <!DOCTYPE x [<!ENTITY xxe SYSTEM "%F">]>`,
  'XML of its own': `]]></a:t></a:r><a:hlinkClick r:id="rId1"/><c:v>1</c:v><![CDATA[`,
  'a formula': `=WEBSERVICE("%O/formula")`,
  'a command': `=cmd|' /C calc'!A0`,
  'a formula behind a zero': `\u0000=HYPERLINK("%O/zero")`,
  'a formula behind a semicolon': `harmless;=HYPERLINK("%O/semicolon");"@SUM(1)`,
  'a formula in wide letters': `\uff1d1+1`,
  'half of a pair': `before \ud83d after \udc00`,
  'words turned around': `abc\u202egnp.exe\u202c \u2066x\u2069 \u200f\u200e`,
  controls: `a\u0000b\u0001c\u0008d\u000be\u001b[31mf\u007fg\u009fh\ufffei\uffff`,
  'heaps of accents': `Z${'\u0301\u0327\u0489'.repeat(400)}`,
  'brackets in brackets': '('.repeat(5_000) + '<b>'.repeat(5_000),
  'no space anywhere': 'W'.repeat(20_000),
  'spaces and line ends only': ' \n\r\t\u00a0\u2028\u2029'.repeat(50),
  'names of the prototype': '__proto__ constructor toString hasOwnProperty',
  'templates of other languages': '${process.env} {{7*7}} <%= 1 %> {F1} $1 $& \\u003cscript\\u003e',
} as const
type Name = keyof typeof texts
const names = Object.keys(texts) as Name[]

function textOf(name: Name): string {
  return texts[name].replaceAll('%O', origin).replaceAll('%F', `file://${folder}/secret.txt`)
}

/** A deck that says the text in every place that takes one. */
function deckSaying(said: string): Deck {
  const base = { id: said, title: [said, { unverified: said }, { fact: 'F1' }], notes: [said], sources: [said] }
  const table = makeTable(
    said,
    said,
    [text(said), number('n'), text('note')],
    [
      [said, 1, said],
      ['other', 2, null],
    ],
    { question: said, sql: said },
  )
  const source = { spaceId: said, conversationId: said, messageId: said, attachmentId: said, statementId: said }
  const chart: Chart = { kind: 'bar', table: said, x: said, y: ['n'], title: said }
  const points = [[said], [said]]
  const slides: Slide[] = [
    { ...base, layout: 'title', subtitle: [said] },
    { ...base, layout: 'section', subtitle: [said] },
    { ...base, layout: 'kpis', kpis: [{ label: said, fact: 'F1', change: 'F2' }], takeaway: [said] },
    { ...base, layout: 'chart', chart, takeaway: [said] },
    { ...base, layout: 'chart', chart: { ...chart, kind: 'donut' }, takeaway: [] },
    { ...base, layout: 'table', table: { table: said }, takeaway: [said] },
    { ...base, layout: 'chart_table', chart: { ...chart, series: 'note' }, table: { table: said }, takeaway: [] },
    { ...base, layout: 'bullets', bullets: points },
    { ...base, layout: 'comparison', left: { heading: [said], bullets: points }, right: { heading: [], bullets: [] } },
    { ...base, layout: 'closing', bullets: points },
  ]
  const lineage = { tableId: said, columns: [said], rows: [0], formula: said }
  return Deck.parse({
    schemaVersion: 1,
    id: said,
    version: 1,
    title: [said],
    question: said,
    language: said,
    theme: said,
    createdAt: said,
    provenance: said,
    slides,
    tables: [{ ...table, source }],
    facts: [
      makeFact('F1', said, said, { kind: 'currency', code: '<b>' }, { valueType: 'number', lineage }),
      makeFact('F2', said, said, plain, { valueType: 'text', lineage }),
    ],
  })
}

async function filesOf(deck: Deck, want: readonly Format[]): Promise<RenderedFile[]> {
  return await Array.fromAsync(renderer.render(deck, want, never))
}

/** What a page holds that runs, reaches out or takes input, a line each. */
const activeParts = `(() => {
  const forbidden = 'script,iframe,frame,object,embed,link,base,foreignObject,form,input,video,audio,source,animate,set,meta[http-equiv=refresh]'
  const found = [...document.querySelectorAll(forbidden)].map((one) => one.outerHTML.slice(0, 80))
  for (const one of document.querySelectorAll('*')) for (const { name, value } of one.attributes) {
    if (/^on/i.test(name)) found.push(name)
    if (/^(href|xlink:href|src|srcset|action|data|poster)$/i.test(name) && !/^(#|data:(image|font)\\/)/.test(value)) found.push(name + '=' + value)
    if (name === 'style' && /url|import|expression/i.test(value)) found.push(value)
  }
  return found
})()`

/** The page in an ordinary browser, with script and network on and our own policy taken out. */
async function openBare(html: string): Promise<{ readonly active: readonly string[]; readonly words: string }> {
  const page = await probe.newPage()
  try {
    await page.setContent(html.replace(/<meta http-equiv="Content-Security-Policy"[^>]*>/, ''), { waitUntil: 'load' })
    const active = (await page.evaluate(activeParts)) as string[]
    return { active, words: (await page.evaluate('document.body.textContent')) as string }
  } finally {
    await page.close()
  }
}

describe.each(names)('a deck that says %s everywhere', (name) => {
  it('is a page in which it is a text like any other, even without our policy', async () => {
    const said = textOf(name)
    reached.length = 0

    const { active, words } = await openBare(deckToHtml(deckSaying(said)))

    expect(active).toEqual([])
    expect(reached).toEqual([])
    if (/^[\x20-\x7e]{1,290}$/.test(said)) expect(words).toContain(said)
  })

  it('is printed as a page for each slide, without a link, an action or what a file holds', async () => {
    reached.length = 0

    const [pdf, ...pictures] = await filesOf(deckSaying(textOf(name)), ['pdf', 'png'])

    const source = Buffer.from(pdf?.bytes ?? []).toString('latin1')
    expect(pictures).toHaveLength(10)
    expect(source).not.toMatch(/\/(URI|JavaScript|JS|Launch|EmbeddedFile|OpenAction|GoToR|SubmitForm)\b/)
    const pages = await pdfTexts(pdf?.bytes ?? new Uint8Array())
    expect(pages).toHaveLength(10)
    expect(pages.join()).not.toContain(secret)
    expect(reached).toEqual([])
  })

  it('is sound for office programs: no formula, no link to the outside, no field that runs', async () => {
    const files = await filesOf(deckSaying(textOf(name)), ['pptx', 'xlsx', 'csv'])

    const [slides, workbook, csv] = files
    for (const file of [slides, workbook]) {
      const office = readOffice(file?.bytes ?? new Uint8Array())
      expect(officeProblems(office)).toEqual([])
      for (const path of office.names) {
        if (!/\.(xml|rels)$/.test(path)) continue
        const found = /TargetMode="External"|<f[ >]|<a:hlinkClick|<externalLink|<ddeLink|vbaProject/.exec(
          office.text(path),
        )
        expect.soft(found?.[0] ?? null, path).toBeNull()
      }
    }
    const fields = Buffer.from(csv?.bytes ?? [])
      .toString()
      .replace('\ufeff', '')
      .split(/[,;\n]/)
    expect(fields.filter((one) => /^["' ]*[=+@\uff1d]/.test(one) && !/^["' ]*'/.test(one))).toEqual([])
    expect(files.every((file) => /^[\w-]+\.(pptx|xlsx|csv)$/.test(file.name))).toBe(true)
  })
})

describe('the texts of these decks', () => {
  it('do reach out when a page takes them for markup, so that the silence above means something', async () => {
    reached.length = 0
    const page = await probe.newPage()

    for (const name of names) await page.setContent(textOf(name), { waitUntil: 'load' }).catch(() => undefined)
    await page.close()

    expect(reached).toEqual(
      expect.arrayContaining(['/script', '/onerror', '/img', '/frame', '/link', '/import', '/font', '/foreign']),
    )
  })
})

const huge = 'Lorem ipsum dolor sit amet '.repeat(200_000)
const empty = { id: 's1', title: ['Title'], notes: [], sources: [] }
const list = (count: number): Slide => ({
  ...empty,
  layout: 'bullets',
  bullets: Array.from({ length: count }, () => ['x']),
})

/** A table of many rows and a chart or view of it. */
function deckOf(rows: readonly (readonly (string | number | null)[])[], shown: Partial<Chart> | 'table'): Deck {
  const columns = [
    { ...text('day'), type: 'date' as const },
    text('name'),
    text('team'),
    number('value'),
    number('cost'),
  ]
  const table = makeTable('T1', 'Many rows', columns, rows)
  const base = { ...empty, sources: ['T1'], takeaway: [] }
  const slide: Slide =
    shown === 'table'
      ? { ...base, layout: 'table', table: { table: 'T1' } }
      : { ...base, layout: 'chart', chart: { kind: 'bar', table: 'T1', x: 'name', y: ['value'], ...shown } }
  return salesDeck({ slides: [slide], tables: [table], facts: [] })
}

function manyRows(count: number): (string | number)[][] {
  const day = (index: number): string => new Date(Date.UTC(1600, 0, 1 + index)).toISOString().slice(0, 10)
  return Array.from({ length: count }, (_, at) => [day(at), `name ${at}`, `team ${at % 50}`, at % 1009, at % 997])
}

describe('a deck too large to be looked at', () => {
  it.each<readonly [string, () => Deck]>([
    [
      '5 MB in a title, a subtitle and the notes',
      () =>
        salesDeck({
          title: [huge],
          slides: [{ ...empty, title: [huge], notes: [huge], layout: 'title', subtitle: [huge] }],
        }),
    ],
    ['5 MB in the question and the provenance', () => salesDeck({ question: huge, provenance: huge })],
    [
      'a title in half a million pieces',
      () => salesDeck({ slides: [{ ...list(1), title: Array.from({ length: 500_000 }, () => 'x') }] }),
    ],
    ['5 MB in a cell', () => deckOf([['2024-01-01', huge, huge, 1, 2]], {})],
    ['a table of a million rows', () => deckOf(manyRows(1_000_000), 'table')],
    ['a line of 150,000 days', () => deckOf(manyRows(150_000), { kind: 'line', x: 'day', y: ['value', 'cost'] })],
    ['20,000 bars', () => deckOf(manyRows(20_000), {})],
    [
      '20,000 lines of one point',
      () => deckOf(manyRows(20_000), { kind: 'small_multiples', x: 'day', series: 'name' }),
    ],
    ['a heat map of 20,000 columns', () => deckOf(manyRows(20_000), { kind: 'heat_map', x: 'day', series: 'team' })],
    ['a scatter plot of 20,000 points', () => deckOf(manyRows(20_000), { kind: 'scatter', x: 'value', y: ['cost'] })],
    ['a waterfall of 20,000 steps', () => deckOf(manyRows(20_000), { kind: 'waterfall' })],
    [
      'a number from 100,000 rows with 5 MB of formula',
      () => {
        const rows = Array.from({ length: 100_000 }, (_, row) => row)
        const fact = makeFact('F1', huge, 1, plain, {
          lineage: { tableId: 'T1', columns: ['value'], rows, formula: huge },
        })
        return { ...deckOf(manyRows(3), 'table'), slides: [{ ...list(1), title: [{ fact: 'F1' }] }], facts: [fact] }
      },
    ],
  ])('is drawn within bounds: %s', { timeout: 120_000 }, async (_, make) => {
    const deck = make()

    const files = await filesOf(deck, ['html', 'pdf', 'png', 'pptx'])

    const sizes = Object.fromEntries(files.map((file) => [file.format, file.bytes.length]))
    expect(files.filter((file) => file.format === 'png')).toHaveLength(deck.slides.length)
    expect(sizes['html']).toBeLessThan(1_500_000)
    expect(sizes['pdf']).toBeLessThan(1_000_000)
    expect(sizes['pptx']).toBeLessThan(1_000_000)
  })

  it.each<readonly [string, () => Deck, string]>([
    [
      '10,000 slides',
      () => salesDeck({ slides: Array.from({ length: 10_000 }, () => list(1)) }),
      '10000 slides, expected at most 100',
    ],
    [
      '200,000 points on a slide',
      () => salesDeck({ slides: [list(200_000)] }),
      's1 bullets: 200000 entries, expected at most 1000',
    ],
    [
      '100,000 figures',
      () =>
        salesDeck({
          slides: [
            {
              ...empty,
              layout: 'kpis',
              takeaway: [],
              kpis: Array.from({ length: 100_000 }, () => ({ label: 'x', fact: 'F1' })),
            },
          ],
        }),
      's1 kpis: 100000 entries',
    ],
    [
      'a chart of 5,000 columns',
      () => deckOf(manyRows(3), { y: Array.from({ length: 5_000 }, () => 'value') }),
      's1 chart.y: 5000 entries',
    ],
  ])('is refused with words that say what to do: %s', async (_, make, what) => {
    const deck = make()

    for (const format of ['html', 'pdf', 'png', 'pptx'] as const) {
      expect(await rejection(filesOf(deck, [format]))).toMatchObject({
        name: 'RenderError',
        code: 'bad-deck',
        message: expect.stringContaining(what) as string,
        userMessage:
          'The deck is too long to be drawn: it may have 100 slides, and 1000 points on one of them. Ask for fewer slides.',
      })
    }
  })

  it('is refused when texts are nested, however deep, and not read to the ground', () => {
    const nested = JSON.parse(`${'['.repeat(5_000)}"x"${']'.repeat(5_000)}`) as unknown

    expect(Deck.safeParse({ ...salesDeck(), title: nested }).success).toBe(false)
    expect(Deck.safeParse({ ...salesDeck(), slides: nested }).success).toBe(false)
  })
})

describe('a hostile brand theme', () => {
  const problemsOf = (brand: unknown): readonly string[] => {
    const read = BrandThemeFile.safeParse(brand)
    if (!read.success) return read.error.issues.map((issue) => issue.message)
    const problems: string[] = []
    createBrandTheme('brand', read.data, folder, problems)
    return problems
  }
  const drawing = (inside: string): string =>
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">${inside}</svg>`

  it.each<readonly [string, unknown]>([
    ['a colour that closes the rule', { base: 'light', colours: { accent: 'red}body{background:url(http://x)' } }],
    ['a typeface that closes the rule', { base: 'light', font: { name: 'x");@import url(http://x);("' } }],
    ['a logo outside of its folder', { base: 'light', logo: '../../../etc/passwd' }],
    ['a logo by its whole path', { base: 'light', logo: '/etc/passwd' }],
    ['a font that is none', { base: 'light', font: { name: 'x', regular: 'secret.txt', semibold: 'secret.txt' } }],
    ['a key nobody knows', { base: 'light', css: 'body{}' }],
  ])('is refused: %s', (_, brand) => {
    expect(problemsOf(brand)).not.toEqual([])
  })

  it.each([
    ['a script', '<script>1</script>'],
    ['a script in a namespace', '<s:script xmlns:s="http://www.w3.org/2000/svg">1</s:script>'],
    ['a handler', '<rect onclick="1"/>'],
    ['a foreign page', '<foreignObject/>'],
    ['a picture from outside', '<image href="http://169.254.169.254/"/>'],
    ['a picture from a file', `<image xlink:href='file:///etc/passwd'/>`],
    ['an address without quotes', '<image href=http://x/ />'],
    ['an address in entities', '<image href="&#104;ttp://x/"/>'],
    ['a drawing in the drawing', '<image href="data:image/svg+xml,x"/>'],
    ['an import', '<style>@import "http://x";</style>'],
    ['a fill from outside', '<rect fill="url(http://x/#a)"/>'],
    ['an attribute that changes to an address', '<a><animate attributeName="href" to="javascript:1"/></a>'],
  ])('is refused for a logo with %s', (_, inside) => {
    writeFileSync(join(folder, 'logo.svg'), drawing(inside))

    expect(problemsOf({ base: 'light', logo: 'logo.svg' })).toEqual([
      expect.stringMatching(/^logo: cannot use "logo.svg"/),
    ])
  })

  it('may say what it likes in its footer, which stays a text', async () => {
    const footer = textOf('a picture').slice(0, 80)
    const themes = new Map([['brand', { ...themeNamed('light'), name: 'brand', footer }]])
    reached.length = 0

    const { active, words } = await openBare(deckToHtml(salesDeck({ theme: 'brand' }), { themes }))

    expect(active).toEqual([])
    expect(words).toContain(footer)
    expect(reached).toEqual([])
  })
})
