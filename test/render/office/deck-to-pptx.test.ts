import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { toChartModel } from '../../../src/render/charts/to-chart-model.ts'
import { Deck, type Chart, type Slide } from '../../../src/render/deck.ts'
import { deckToHtml } from '../../../src/render/html/deck-to-html.ts'
import { deckToPptx } from '../../../src/render/office/pptx/deck-to-pptx.ts'
import { themeNamed } from '../../../src/render/theme.ts'
import { loadThemes } from '../../../src/settings.ts'
import { chartsDeck } from '../../fixtures/decks/charts.ts'
import { inLooks } from '../../fixtures/decks/looks.ts'
import { salesDeck } from '../../fixtures/decks/sales.ts'
import { makeTable, number, text } from '../../fixtures/decks/tables.ts'
import { uglyDeck } from '../../fixtures/decks/ugly.ts'
import { cellsOf, decode, officeProblems, paragraphs, readOffice, type OfficeFile } from './read-office.ts'

async function presentationOf(deck: Deck): Promise<OfficeFile> {
  return readOffice(await deckToPptx(deck))
}

/** Everything that can be read on a slide, in one line without spaces, so that only the words count. */
function wordsOf(file: OfficeFile, slide: number): string {
  return paragraphs(file.text(`ppt/slides/slide${slide}.xml`))
    .join(' ')
    .replace(/\s+/g, '')
}

function chartSlide(chart: Partial<Chart>, table = salesDeck().tables[0]): Deck {
  if (table === undefined) throw new Error('no table')
  const [first] = table.columns
  const slide: Slide = {
    id: 's1',
    layout: 'chart',
    title: ['A chart'],
    chart: { kind: 'bar', table: table.id, x: first?.name ?? '', y: ['revenue'], ...chart },
    takeaway: [],
    notes: [],
    sources: [table.id],
  }
  return salesDeck({ tables: [table], facts: [], slides: [slide], title: ['One chart'] })
}

const everyDeck = [
  salesDeck(),
  salesDeck({ theme: 'dark', id: 'deck-dark' }),
  uglyDeck(),
  chartsDeck(),
  salesDeck({ language: 'ar', id: 'deck-ar' }),
  inLooks(salesDeck(), 'dark', 'light'),
  inLooks(chartsDeck(), 'light', 'dark'),
]

describe('deckToPptx', () => {
  it.each(everyDeck)('builds a sound file with a slide for each of $id', async (deck) => {
    const file = await presentationOf(deck)

    expect(officeProblems(file)).toEqual([])
    expect(file.names.filter((name) => /^ppt\/slides\/slide\d+\.xml$/.test(name))).toHaveLength(deck.slides.length)
    expect(file.text('ppt/presentation.xml')).toContain('<p:sldSz cx="12192000" cy="6858000"/>')
  })

  it('gives equal bytes for equal decks', async () => {
    expect(Buffer.from(await deckToPptx(salesDeck())).equals(await deckToPptx(salesDeck()))).toBe(true)
  })

  it('stays under 150 KB for a deck of eleven slides', async () => {
    expect((await deckToPptx(salesDeck())).length).toBeLessThan(150_000)
  })

  it('says on each slide what the page says there', async () => {
    const deck = salesDeck()
    const sections = deckToHtml(deck, { for: 'print' })
      .split('<section ')
      .slice(1)
      // A picture's own labels are checked with the charts.
      .map((html) => html.slice(html.indexOf('>') + 1).replace(/<svg.*?<\/svg>/gs, ' '))

    const file = await presentationOf(deck)

    for (const [index, html] of sections.entries()) {
      const words = [...html.matchAll(/>([^<]+)</g)]
        .map(([, word = '']) => decode(word).replace(/\s+/g, ''))
        .filter((word) => word !== '')
      const shown = wordsOf(file, index + 1)
      expect(words.length).toBeGreaterThan(2)
      for (const word of words) expect.soft(shown, `slide ${index + 1}`).toContain(word)
    }
  })

  it('keeps text inside the slide', async () => {
    for (const deck of [salesDeck(), uglyDeck(), chartsDeck()]) {
      const file = await presentationOf(deck)
      for (let slide = 1; slide <= deck.slides.length; slide += 1) {
        const xml = file.text(`ppt/slides/slide${slide}.xml`)
        const places = [...xml.matchAll(/<a:off x="(-?\d+)" y="(-?\d+)"\/><a:ext cx="(\d+)" cy="(\d+)"\/>/g)]
        for (const [, x, y, width, height] of places.map((place) => place.map(Number))) {
          const where = `${deck.id} slide ${slide}`
          expect.soft(x, where).toBeGreaterThanOrEqual(0)
          expect.soft(y, where).toBeGreaterThanOrEqual(0)
          expect.soft((x ?? 0) + (width ?? 0), where).toBeLessThanOrEqual(12_192_000)
          expect.soft((y ?? 0) + (height ?? 0), where).toBeLessThanOrEqual(6_858_000)
        }
      }
    }
  })

  it('names title, subject, author and language of the document', async () => {
    const core = (await presentationOf(salesDeck({ language: 'de-CH' }))).text('docProps/core.xml')

    expect(core).toContain('<dc:title>Sales in 2023: EMEA grows, LATAM slips</dc:title>')
    expect(core).toContain('<dc:creator>Deckhand</dc:creator>')
    expect(core).toContain('<dc:language>de-CH</dc:language>')
    expect(core).toContain('>2024-01-12T09:30:00Z</dcterms:created>')
  })

  it('makes titles, sources and slide numbers what PowerPoint takes for them', async () => {
    const file = await presentationOf(salesDeck())

    expect(file.text('ppt/slides/slide1.xml')).toContain('<p:ph type="ctrTitle"/>')
    const second = file.text('ppt/slides/slide2.xml')
    expect(second).toContain('<p:ph type="title"/>')
    expect(second).toMatch(/<p:ph type="ftr" idx="11"\/>/)
    expect(second).toMatch(/<a:fld id="\{[^"]+\}" type="slidenum">.*?<a:t>2<\/a:t>/s)
    expect(file.text('ppt/slides/_rels/slide1.xml.rels')).toContain('slideLayout1.xml')
    expect(file.text('ppt/slides/_rels/slide5.xml.rels')).toContain('slideLayout2.xml')
    expect(second).toContain('lang="en"')
  })

  it.each([
    ['light', '14202E', 'FFFFFF', 'bg1="lt1" tx1="dk1"'],
    ['dark', '0F1B2D', 'EEF3FA', 'bg1="dk1" tx1="lt1"'],
  ])('carries the palette of the %s theme and Inter by name', async (name, darkest, lightest, mapping) => {
    const file = await presentationOf(salesDeck({ theme: name }))

    const theme = file.text('ppt/theme/theme1.xml')
    expect(theme).toContain(`<a:dk1><a:srgbClr val="${darkest}"/></a:dk1><a:lt1><a:srgbClr val="${lightest}"/></a:lt1>`)
    expect(theme).toContain('<a:latin typeface="Inter" panose="020B0604020202020204"')
    expect(file.text('ppt/slideMasters/slideMaster1.xml')).toContain(mapping)
    expect(file.text('ppt/slides/slide3.xml')).toContain('<a:schemeClr val="tx1"/>')
    expect(file.text('ppt/charts/chart1.xml')).toContain('<a:schemeClr val="accent2"/>')
  })

  it('puts under each slide what is said and where its numbers come from', async () => {
    const file = await presentationOf(salesDeck())

    const notes = paragraphs(file.text('ppt/notesSlides/notesSlide2.xml'))
    expect(notes[0]).toBe('Revenue per order is total revenue over total orders.')
    expect(notes).toContain(
      '$270.00: Revenue per order · sum(revenue) / sum(orders) · Revenue by region, 2023, all rows',
    )
    expect(file.text('ppt/notesSlides/_rels/notesSlide2.xml.rels')).toContain('/ppt/slides/slide2.xml')
    expect(file.names).not.toContain('ppt/notesSlides/notesSlide5.xml')
  })

  it('marks what nothing confirmed and says so at the foot', async () => {
    const xml = (await presentationOf(salesDeck())).text('ppt/slides/slide10.xml')

    expect(xml).toMatch(/u="dotted"[^>]*>(?:(?!<\/a:r>).)*<a:t>350 customers<\/a:t>/s)
    expect(xml).toMatch(/baseline="30000"[^>]*>(?:(?!<\/a:r>).)*<a:t>\?<\/a:t>/s)
    expect(paragraphs(xml)).toContain('? not confirmed by the data')
    expect((await presentationOf(salesDeck())).text('ppt/slides/slide9.xml')).not.toContain('u="dotted"')
  })

  it('makes tables of real cells and says how many rows they leave out', async () => {
    const xml = (await presentationOf(salesDeck())).text('ppt/slides/slide6.xml')

    expect(xml.match(/<a:tr /g)).toHaveLength(13)
    expect(xml).toContain('<a:tblPr firstRow="1"/>')
    expect(paragraphs(xml)).toEqual(
      expect.arrayContaining(['Product', 'Revenue ($)', 'Trailhead 40 L backpack', '5,712,545']),
    )
    expect(paragraphs(xml)).toContain('Showing 12 of 412 rows')
  })

  it('follows a right-to-left language with its layout, its lists and its tables', async () => {
    const file = await presentationOf(salesDeck({ language: 'ar' }))

    const ordinary = await presentationOf(salesDeck())
    const firstX = (one: OfficeFile): number =>
      Number(/<a:off x="(\d+)"/.exec(one.text('ppt/slides/slide6.xml').split('Table title')[1] ?? '')?.[1])
    expect(file.text('ppt/slides/slide6.xml')).toContain('<a:tblPr rtl="1" firstRow="1"/>')
    expect(firstX(file)).toBeGreaterThan(firstX(ordinary))
    expect((await presentationOf(uglyDeck())).text('ppt/slides/slide6.xml')).toMatch(/algn="r" rtl="1"/)
  })

  it('refuses a deck that refers to data it does not have', async () => {
    const deck = salesDeck({ facts: [] })

    await expect(deckToPptx(deck)).rejects.toMatchObject({ name: 'RenderError', code: 'bad-deck' })
  })

  it('takes a theme of the installation by its name, with its typeface', async () => {
    const brand = {
      ...themeNamed('light'),
      name: 'acme',
      accent: '#aa0044',
      font: { name: 'Acme Sans', regular: '', semibold: '', scale: 1 },
    }

    const file = readOffice(await deckToPptx(salesDeck({ theme: 'acme' }), new Map([['acme', brand]])))

    expect(file.text('ppt/theme/theme1.xml')).toContain('<a:latin typeface="Acme Sans"')
    expect(file.text('ppt/slides/slide3.xml')).toContain('<a:srgbClr val="AA0044"/>')
  })
})

describe('a brand in PowerPoint', () => {
  const svg = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 10"><rect width="40" height="10" fill="#aa0044"/></svg>',
  )
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
    'base64',
  )
  const picture = (type: string, bytes: Buffer): { dataUri: string; ratio: number } => ({
    dataUri: `data:${type};base64,${bytes.toString('base64')}`,
    ratio: 4,
  })

  it('has its mark and its words in the layouts, so that they are there once', async () => {
    const logo = { content: picture('image/svg+xml', svg), cover: picture('image/png', png) }
    const brand = { ...themeNamed('light'), name: 'acme', logo, footer: 'ACME · Confidential' }

    const file = readOffice(await deckToPptx(salesDeck({ theme: 'acme' }), new Map([['acme', brand]])))

    expect(officeProblems(file)).toEqual([])
    expect(Buffer.from(file.bytes('ppt/media/content-logo.svg')).equals(svg)).toBe(true)
    expect(Buffer.from(file.bytes('ppt/media/cover-logo.png')).equals(png)).toBe(true)
    expect(file.text('ppt/slideLayouts/slideLayout3.xml')).toContain('r:embed="rIdLogoSvg"')
    expect(file.text('ppt/slideLayouts/slideLayout1.xml')).not.toContain('rIdLogoSvg')
    expect(paragraphs(file.text('ppt/slideLayouts/slideLayout3.xml'))).toContain('ACME · Confidential')
    expect(file.names.filter((name) => name.startsWith('ppt/media/'))).toHaveLength(3)
  })
})

describe('slides on both sides of a theme in PowerPoint', () => {
  /** The part that a part links to, by the type of the link. */
  const linked = (file: OfficeFile, part: string, type: string): string => {
    const slash = part.lastIndexOf('/') + 1
    const links = file.text(`${part.slice(0, slash)}_rels/${part.slice(slash)}.rels`)
    const [link = ''] = links.match(new RegExp(`<Relationship [^>]*/${type}"[^>]*>`)) ?? []
    return /Target="\/([^"]+)"/.exec(link)?.[1] ?? ''
  }
  const masterOf = (file: OfficeFile, slide: number): string =>
    linked(file, linked(file, `ppt/slides/slide${slide}.xml`, 'slideLayout'), 'slideMaster')
  const themeOf = (file: OfficeFile, slide: number): string =>
    file.text(linked(file, masterOf(file, slide), 'theme')).replaceAll(/\s+/g, ' ')
  const hex = (colour: string | undefined): string => `<a:srgbClr val="${(colour ?? '').slice(1).toUpperCase()}"/>`

  it.each([
    ['light', 'dark', 'lt1', 'dk1'],
    ['dark', 'light', 'dk1', 'lt1'],
  ] as const)('have the master of their side: one slide of a %s deck is %s', async (theme, look, own, other) => {
    const { slides } = salesDeck()
    const deck = salesDeck({ theme, slides: slides.map((slide, at) => (at === 3 ? { ...slide, look } : slide)) })

    const file = await presentationOf(deck)

    expect(officeProblems(file)).toEqual([])
    for (const [slide, name, ground] of [
      [3, theme, own],
      [4, look, other],
    ] as const) {
      const [background, accent] = [themeNamed(name).background, themeNamed(name).series[1]]
      expect.soft(themeOf(file, slide)).toContain(`<a:${ground}>${hex(background)}</a:${ground}>`)
      expect.soft(themeOf(file, slide)).toContain(`<a:accent2>${hex(accent)}</a:accent2>`)
      expect.soft(file.text(masterOf(file, slide))).toContain(`<p:clrMap bg1="${ground}"`)
    }
  })

  it('name colours by their place, which stays the same', async () => {
    const ofLines = (file: OfficeFile): readonly string[] =>
      [...file.text('ppt/charts/chart1.xml').matchAll(/<c:ser>.*?<a:schemeClr val="(accent\d)"/gs)].map(
        ([, place = '']) => place,
      )

    const [light, turned] = [await presentationOf(salesDeck()), await presentationOf(inLooks(salesDeck(), 'dark'))]

    expect(ofLines(light)).toEqual(['accent1', 'accent2', 'accent3', 'accent4'])
    expect(ofLines(turned)).toEqual(ofLines(light))
  })

  it('share one range of ids for masters and layouts, each once', async () => {
    const file = await presentationOf(inLooks(salesDeck(), 'dark', 'light'))

    const lists = ['ppt/presentation.xml', 'ppt/slideMasters/slideMaster1.xml', 'ppt/slideMasters/slideMaster2.xml']
    const ids = lists.flatMap((part) =>
      [...file.text(part).matchAll(/<p:sld(?:Master|Layout)Id id="(\d+)"/g)].map(([, id]) => Number(id)),
    )
    expect(ids).toHaveLength(8)
    expect(new Set(ids).size).toBe(8)
    expect(Math.min(...ids)).toBeGreaterThanOrEqual(2 ** 31)
  })

  it('need no second master where every slide has the look of the deck', async () => {
    const plain = await deckToPptx(salesDeck())

    expect(Buffer.from(plain).equals(await deckToPptx(inLooks(salesDeck(), 'light')))).toBe(true)
    expect(readOffice(plain).names.filter((name) => name.startsWith('ppt/slideMasters/slideMaster'))).toHaveLength(1)
  })

  it('carry the mark that the brand has for that side', async () => {
    const { loaded } = loadThemes(join(import.meta.dirname, '../../../config/themes'), { env: {}, secrets: [] }, [])

    const file = readOffice(await deckToPptx(inLooks(salesDeck({ theme: 'harbour' }), 'light', 'dark'), loaded))

    const mark = (part: string): string => Buffer.from(file.bytes(part)).toString('base64')
    const expected = (theme: string): string | undefined => loaded.get(theme)?.logo?.content.dataUri.split(',')[1]
    expect(officeProblems(file)).toEqual([])
    expect(mark('ppt/media/content-logo.svg')).toBe(expected('harbour'))
    expect(mark('ppt/media/content-logo-2.svg')).toBe(expected('harbour-dark'))
    expect(expected('harbour-dark')).not.toBe(expected('harbour'))
  })
})

describe('charts in PowerPoint', () => {
  it('are native for every kind but heat maps, which are tables', async () => {
    const deck = chartsDeck()

    const file = await presentationOf(deck)

    for (const [index, slide] of deck.slides.entries()) {
      if (slide.layout !== 'chart') continue
      const table = deck.tables.find((one) => one.id === slide.chart.table)
      if (table === undefined || table.rows.length === 0) continue
      const { kind } = toChartModel(slide.chart, table, 'en', deck.createdAt)
      const xml = file.text(`ppt/slides/slide${index + 1}.xml`)
      const isNative = xml.includes('drawingml/2006/chart')
      if (kind !== 'waterfall') expect.soft(isNative, `slide ${index + 1}, ${kind}`).toBe(kind !== 'heat_map')
      expect.soft(isNative || xml.includes('<a:tbl>'), `slide ${index + 1}`).toBe(true)
      expect.soft(xml, `slide ${index + 1}`).not.toContain('<p:pic>')
    }
  })

  it('hold the numbers of the table, in the picture and in the workbook behind it', async () => {
    const file = await presentationOf(chartSlide({ x: 'region' }))

    const expected = salesDeck().tables[0]?.rows.map((row) => [row[0], Number(row[1])])
    const xml = file.text('ppt/charts/chart1.xml')
    const values = [...(/<c:val>.*<\/c:val>/s.exec(xml)?.[0] ?? '').matchAll(/<c:v>([^<]*)<\/c:v>/g)].map(([, value]) =>
      Number(value),
    )
    expect(values).toEqual(expected?.map(([, value]) => value))
    const sheet = cellsOf(readOffice(file.bytes('ppt/embeddings/chart1.xlsx')).text('xl/worksheets/sheet1.xml'))
    expect(expected?.map((_, at) => [sheet.get(`A${at + 2}`), sheet.get(`B${at + 2}`)])).toEqual(expected)
    expect(xml).toContain('<c:f>Sheet1!$B$2:$B$5</c:f>')
  })

  it('keep zeros as zeros and missing values as gaps', async () => {
    const table = makeTable(
      'T1',
      'T',
      [text('region'), number('revenue')],
      [
        ['A', 0],
        ['B', null],
        ['C', 5],
      ],
    )

    const file = await presentationOf(chartSlide({ kind: 'bar', x: 'region' }, table))

    const points = [
      ...(/<c:val>.*<\/c:val>/s.exec(file.text('ppt/charts/chart1.xml'))?.[0] ?? '').matchAll(
        /<c:pt idx="(\d)"><c:v>([^<]*)</g,
      ),
    ]
    const sheet = cellsOf(readOffice(file.bytes('ppt/embeddings/chart1.xlsx')).text('xl/worksheets/sheet1.xml'))
    const named = new Map(['A2', 'A3', 'A4'].map((place) => [sheet.get(place), sheet.get(place.replace('A', 'B'))]))
    expect(points).toHaveLength(2)
    expect([named.get('A'), named.get('B'), named.get('C')]).toEqual([0, undefined, 5])
    expect(file.text('ppt/charts/chart1.xml')).toContain('<c:dispBlanksAs val="gap"/>')
  })

  it('add up stacks with a formula, so that the sum follows an edit', async () => {
    const deck = chartsDeck()
    const at = deck.slides.findIndex((slide) => slide.title[0] === 'Stacked bars by quarter')

    const file = await presentationOf({ ...deck, slides: deck.slides.slice(at, at + 1) })

    const workbook = readOffice(file.bytes('ppt/embeddings/chart1.xlsx')).text('xl/worksheets/sheet1.xml')
    expect(workbook).toContain('<c r="F2"><f>SUM(B2:E2)</f><v>48600</v></c>')
    expect(file.text('ppt/charts/chart1.xml')).toContain('<c:overlap val="100"/>')
  })

  it('are described in words, as on the page', async () => {
    const xml = (await presentationOf(chartSlide({ x: 'region' }))).text('ppt/slides/slide1.xml')

    expect(xml).toContain('descr="Bar chart: Revenue by region. AMER $18.4M, EMEA $14.9M, APAC $9.3M, LATAM $3.1M."')
  })

  it('have real dates where they show months', async () => {
    const deck = salesDeck()

    const file = await presentationOf({ ...deck, slides: deck.slides.slice(2, 3) })

    const xml = file.text('ppt/charts/chart1.xml')
    expect(xml).toContain('<c:dateAx>')
    expect(xml).toContain('<c:pt idx="0"><c:v>44562</c:v></c:pt>')
    expect(xml.match(/<c:ser>/g)).toHaveLength(4)
  })
})

describe('hostile decks', () => {
  const evil = [
    '<script>alert(1)</script>',
    ']]>',
    '&lt;',
    '"\'><p:pic/>',
    'a\u0000\u0001\u000b\u001f\ufffe\uffffb',
    '\ud800 alone \udc00',
    '😀👩🏽‍💻',
    '\u202eabc',
    'مرحبا',
    '{{7*7}}',
    '_x0041_',
  ]

  it.each(evil)('shows %j as text, wherever it stands', async (bad) => {
    const table = makeTable(
      'T1',
      bad,
      [text(bad), number('revenue')],
      [
        [bad, 1],
        ['b', 2],
      ],
    )
    const rich = [bad]
    const base = { id: bad, title: rich, notes: rich, sources: ['T1'] }
    const chart: Chart = { kind: 'bar', table: 'T1', x: bad, y: ['revenue'], title: bad }
    const deck = Deck.parse({
      ...salesDeck(),
      id: bad,
      title: rich,
      question: bad,
      provenance: bad,
      createdAt: bad,
      language: bad,
      facts: [],
      tables: [table],
      slides: [
        { ...base, layout: 'title', subtitle: rich },
        { ...base, layout: 'section', subtitle: rich },
        { ...base, layout: 'chart_table', chart, table: { table: 'T1' }, takeaway: rich },
        { ...base, layout: 'chart', chart: { ...chart, kind: 'donut' }, takeaway: rich },
        { ...base, layout: 'bullets', bullets: [rich, [{ unverified: bad }]] },
        {
          ...base,
          layout: 'comparison',
          left: { heading: rich, bullets: [rich] },
          right: { heading: rich, bullets: [rich] },
        },
        { ...base, layout: 'closing', bullets: [rich] },
      ],
    })

    const file = await presentationOf(deck)

    expect(officeProblems(file)).toEqual([])
    const clean = bad.toWellFormed().replace(/[\u0000-\u001f\ufffe\uffff\u202e]/g, '') // oxlint-disable-line no-control-regex
    expect(wordsOf(file, 5)).toContain(clean.replace(/\s+/g, ''))
    expect(file.text('ppt/slides/slide5.xml')).not.toContain('<p:pic')
  })

  it('bounds five megabytes of text', async () => {
    const huge = 'Lorem ipsum <dolor> & sit. '.repeat(200_000)
    const table = makeTable('T1', huge, [text('region'), number('revenue')], [[huge, 1]])

    const bytes = await deckToPptx(
      salesDeck({ ...chartSlide({ x: 'region', title: huge }, table), question: huge, provenance: huge }),
    )

    expect(officeProblems(readOffice(bytes))).toEqual([])
    expect(bytes.length).toBeLessThan(150_000)
  })
})
