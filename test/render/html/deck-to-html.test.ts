import { describe, expect, it } from 'vitest'
import type { Deck, RichText, Slide } from '../../../src/render/deck.ts'
import { deckToHtml } from '../../../src/render/html/deck-to-html.ts'
import { chartsDeck } from '../../fixtures/decks/charts.ts'
import { salesDeck } from '../../fixtures/decks/sales.ts'
import { dollars, makeFact, makeTable, number, percent, text } from '../../fixtures/decks/tables.ts'
import { uglyDeck } from '../../fixtures/decks/ugly.ts'

const count = (html: string, pattern: RegExp): number => html.match(pattern)?.length ?? 0

/** The part of the page that is one slide. */
function slideOf(html: string, id: string): string {
  return new RegExp(`<section class="slide[^>]*data-slide="${id}".*?</section>`, 's').exec(html)?.[0] ?? ''
}

function oneSlide(slide: Partial<Slide> & Pick<Slide, 'layout'>, deck: Partial<Deck> = {}): string {
  const whole = { id: 'x', title: ['Title'], notes: [], sources: [], ...slide } as Slide
  return slideOf(deckToHtml(salesDeck({ ...deck, slides: [whole] })), 'x')
}

describe('deckToHtml', () => {
  it('is one document in its language, with a title, one h1 and a heading on every other slide', () => {
    const html = deckToHtml(salesDeck({ language: 'en-GB' }))

    expect(html).toMatch(/^<!doctype html>\n<html lang="en-GB">/)
    expect(html).toContain('<title>Sales in 2023: EMEA grows, LATAM slips</title>')
    expect(count(html, /<h1\b/g)).toBe(1)
    expect(count(html, /<section class="slide/g)).toBe(11)
    expect(count(html.slice(0, html.indexOf('class="sources"')), /<h2 class=/g)).toBe(10)
  })

  it.each([salesDeck(), chartsDeck(), uglyDeck()])('needs nothing from outside and runs nothing', (deck) => {
    const html = deckToHtml(deck)

    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:;`)
    expect(html).not.toMatch(/<(script|iframe|object|embed|link|base|form|img|foreignObject|use)\b/i)
    expect(html).not.toMatch(/<a (?!href="#source-\d+">)/)
    expect(html).not.toMatch(/@import|expression\(/)
    expect(
      [...html.matchAll(/url\(([^)]{0,20})/g)].every(([, target = '']) => target.startsWith('data:font/woff2')),
    ).toBe(true)
    expect([...html.matchAll(/(?:src|href|action)\s*=\s*"(?!#)/g)]).toEqual([])
  })

  it('offers the files it is told of, on screen and not in print, and has no place for none', () => {
    const files = [{ label: 'PDF', url: 'https://example.com/d/deck.pdf?m=1&s="><b>' }]

    const html = deckToHtml(salesDeck({ language: 'de' }), { files })

    expect(html).toContain(
      '<nav class="files" aria-label="Dateien"><a href="https://example.com/d/deck.pdf?m=1&amp;s=&quot;&gt;&lt;b&gt;" rel="noreferrer">PDF</a></nav>',
    )
    expect(html).toMatch(/@media print\{[^@]*\.files,[^}]*display:none/)
    expect(deckToHtml(salesDeck())).not.toContain('<nav')
    expect(deckToHtml(salesDeck(), { for: 'print', files })).not.toContain('<nav')
  })

  it('says that a change of a rate is in points, and in prose leaves that to the words around it', () => {
    const points = { kind: 'plain', isPoints: true } as const
    const label = 'Change in churn rate, Q1 2023 to Q2 2023, in percentage points'
    const facts = [
      makeFact('F1', 'Churn rate', '3.2', percent),
      makeFact('F2', label, '1.2', points, { kind: 'difference' }),
      makeFact('F3', label, '-1', points, { kind: 'difference' }),
    ]
    const kpis = [
      { label: 'Churn', fact: 'F1', change: 'F2' },
      { label: 'Churn', fact: 'F1', change: 'F3' },
    ]
    const slide: Slide = {
      id: 's1',
      layout: 'kpis',
      title: ['Up by ', { fact: 'F2' }, ' points'],
      notes: [],
      sources: [],
      kpis,
      takeaway: [],
    }

    const html = deckToHtml(salesDeck({ slides: [slide], facts }), { for: 'print' })

    const shown = [...html.matchAll(/<data [^>]*>([^<]*)</g)].map(([, value]) => value)
    expect(shown).toEqual(['1.2', '3.2%', '+1.2 points', '3.2%', '\u22121 point'])
  })

  it('follows the rules that keep the PDF vector and fast', () => {
    const html = deckToHtml(salesDeck())

    expect(html).not.toMatch(/box-shadow|drop-shadow|blur\(|mask|conic-gradient|text-shadow/)
  })

  it('carries only the font subsets that its text needs', () => {
    const faces = (title: string): number =>
      count(
        deckToHtml(
          salesDeck({
            slides: [{ id: 'x', layout: 'bullets', title: [title], bullets: [], notes: [], sources: [] }],
            tables: [],
            facts: [],
          }),
        ),
        /@font-face/g,
      )

    expect([faces('Revenue'), faces('Łódź'), faces('Ελλάδα и Россия'), faces('中文')]).toEqual([2, 4, 6, 2])
  })

  it('shows facts formatted, with the way back to their rows', () => {
    const html = oneSlide({ layout: 'bullets', bullets: [['Up to ', { fact: 'F1', format: 'compact' }]] })

    expect(html).toContain(
      '<data class="fact" data-fact="F1" value="45764545.45" title="Total revenue, 2023: $45,764,545.45 · sum(revenue) · Revenue by region, 2023, rows 1, 2, 3, 4">$45.8M</data>',
    )
  })

  it('leaves the sign out where the words give the direction', () => {
    const html = oneSlide({
      layout: 'bullets',
      bullets: [[{ fact: 'F17', format: 'full', absolute: true }], [{ fact: 'F17', format: 'full' }]],
    })

    expect(html).toContain('>$420,655</data>')
    expect(html).toContain('>−$420,655</data>')
  })

  it('marks unconfirmed numbers and explains the mark on that slide only', () => {
    const html = deckToHtml(salesDeck())

    expect(slideOf(html, 's10')).toMatch(/<span class="unverified"[^>]*>350 customers<sup>\?<\/sup><\/span>/)
    expect(slideOf(html, 's10')).toContain('? not confirmed by the data')
    expect(slideOf(html, 's9')).not.toContain('not confirmed')
  })

  it.each<Partial<Slide> & Pick<Slide, 'layout'>>([
    { layout: 'title', subtitle: [{ unverified: '42' }] },
    { layout: 'section', subtitle: [{ unverified: '42' }] },
    { layout: 'kpis', kpis: [], takeaway: [{ unverified: '42' }] },
    { layout: 'closing', bullets: [[{ unverified: '42' }]] },
    {
      layout: 'comparison',
      left: { heading: [{ unverified: '42' }], bullets: [] },
      right: { heading: [], bullets: [] },
    },
  ])('explains the mark on a $layout slide, too', (slide) => {
    expect(oneSlide(slide)).toContain('? not confirmed by the data')
  })

  it('names sources, provenance and number on every slide', () => {
    const html = deckToHtml(salesDeck())

    for (const [index, slide] of salesDeck().slides.entries()) {
      const shown = slideOf(html, slide.id)
      expect.soft(shown, slide.id).toContain('Genie space Sales · sandbox data')
      if (slide.layout !== 'title') expect.soft(shown, slide.id).toContain(`<p class="number">${index + 1}</p>`)
    }
    expect(slideOf(html, 's6')).toContain('Source: Products by revenue, 2023 · Genie space Sales · sandbox data')
  })

  it('shortens a long list of sources but never the provenance', () => {
    const tables = Array.from({ length: 9 }, (_, index) =>
      makeTable(`T${index + 1}`, `A table title that takes quite some room, number ${index + 1}`, [text('a')], [['1']]),
    )
    const html = oneSlide(
      { layout: 'bullets', bullets: [], sources: tables.map((table) => table.id) },
      { tables, facts: [] },
    )

    expect(html).toMatch(/Source: A table title[^<]* and \d more · Genie space Sales · sandbox data/)
  })

  it('marks tables up as tables, with headings for columns and rows', () => {
    const html = slideOf(deckToHtml(salesDeck()), 's6')

    expect(html).toContain('<caption dir="auto">Products by revenue, 2023</caption>')
    expect(count(html, /<th scope="col"/g)).toBe(5)
    expect(html).toMatch(
      /<th scope="row" dir="auto">Trailhead 40 L backpack<\/th><td dir="auto">Outdoor<\/td><td class="number">38,211<\/td>/,
    )
  })

  it('says how many rows and columns a slide leaves out', () => {
    const wide = makeTable(
      'T1',
      'Wide',
      Array.from({ length: 30 }, (_, index) => number(`measure_${index}`, dollars)),
      [Array.from({ length: 30 }, () => 123_456)],
    )

    expect(slideOf(deckToHtml(salesDeck()), 's6')).toMatch(/Showing 1\d of 412 rows/)
    expect(oneSlide({ layout: 'table', table: { table: 'T1' }, takeaway: [] }, { tables: [wide], facts: [] })).toMatch(
      /\d+ more columns not shown/,
    )
  })

  it('shows only the columns asked for, in that order', () => {
    const html = oneSlide({ layout: 'table', table: { table: 'T1', columns: ['orders', 'region'] }, takeaway: [] })

    expect([...html.matchAll(/<th scope="col"[^>]*>([^<]*)/g)].map(([, heading]) => heading)).toEqual([
      'Orders',
      'Region',
    ])
  })

  it('says so when there are no rows', () => {
    const none = makeTable('T1', 'None', [text('region'), number('revenue', dollars)], [])

    expect(
      oneSlide({ layout: 'table', table: { table: 'T1' }, takeaway: [] }, { tables: [none], facts: [] }),
    ).toContain('The query returned no rows.')
    expect(
      oneSlide(
        { layout: 'chart', chart: { kind: 'bar', table: 'T1', x: 'region', y: ['revenue'] }, takeaway: [] },
        { tables: [none], facts: [] },
      ),
    ).toContain('The query returned no rows.')
  })

  it('counts cards and points that have no room', () => {
    const kpis = Array.from({ length: 11 }, () => ({ label: 'Revenue', fact: 'F1' }))
    const bullets = Array.from({ length: 60 }, (_, index): RichText => [`Point ${index}`])

    expect(oneSlide({ layout: 'kpis', kpis, takeaway: [] })).toContain('3 more figures not shown')
    expect(oneSlide({ layout: 'bullets', bullets })).toMatch(/\d+ more points not shown/)
  })

  it('keeps notes, chart data, lineage, SQL and all rows on screen and out of print', () => {
    const screen = deckToHtml(salesDeck())
    const print = deckToHtml(salesDeck(), { for: 'print' })

    expect(screen).toContain('The summer dip in AMER is a stock problem, not demand.')
    expect(screen).toContain('argmax(revenue) · Products by revenue, 2023, row 1')
    expect(screen).toContain('<code>SELECT region, revenue, orders, return_rate\nFROM sales.orders')
    expect(screen).toContain('statement 01f0fac700T1')
    expect(print).not.toMatch(/<details|stock problem|FROM sales/)
    expect(count(print, /<section class="slide/g)).toBe(11)
  })

  it('takes its colours from the theme', () => {
    expect(deckToHtml(salesDeck({ theme: 'dark' }))).toContain('--background:#0f1b2d')
    expect(deckToHtml(salesDeck({ theme: 'light' }))).toContain('--background:#ffffff')
  })

  it('refuses a deck that refers to nothing', () => {
    expect(() => oneSlide({ layout: 'bullets', bullets: [[{ fact: 'F999' }]] })).toThrow(
      expect.objectContaining({ code: 'bad-deck' }),
    )
  })
})

describe('hostile text', () => {
  const attacks = [
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    '</style><style>*{display:none}</style>',
    '</title><script>alert(1)</script>',
    '</code></pre><iframe src=file:///etc/passwd>',
    '<foreignObject><body onload=alert(1)>',
    '<link rel=prefetch href=//127.0.0.1:9/x><meta http-equiv=refresh content=0;url=http://169.254.169.254/>',
    'javascript:alert(1)',
    '@import url(http://127.0.0.1:9/x);',
    '<!-- --><![CDATA[ ]]>',
    '\u202Egnp.exe\u0000\u0007\uD800',
  ]

  /** The attack in every text that a deck has. */
  function hostileDeck(attack: string): Deck {
    const rich: RichText = [attack, { unverified: attack }, { fact: 'F1' }]
    const base = { title: rich, notes: rich, sources: ['T1'] }
    const table = makeTable(
      'T1',
      attack,
      [text(attack), number(`n ${attack}`, dollars), text(`s ${attack}`)],
      [
        [attack, 1, attack],
        [`${attack}2`, 2, attack],
      ],
      {
        question: attack,
        sql: attack,
        source: {
          spaceId: attack,
          conversationId: attack,
          messageId: attack,
          attachmentId: attack,
          statementId: attack,
        },
      },
    )
    const chart = { table: 'T1', x: attack, y: [`n ${attack}`], title: attack }
    return salesDeck({
      title: rich,
      question: attack,
      provenance: attack,
      theme: attack,
      language: attack,
      createdAt: attack,
      tables: [table],
      facts: [
        makeFact('F1', attack, attack, dollars, { valueType: 'text', lineage: { formula: attack } }),
        makeFact('F2', attack, '1', { kind: 'currency', code: attack.slice(0, 3) }),
      ],
      slides: [
        { ...base, id: attack, layout: 'title', subtitle: rich },
        { ...base, id: attack, layout: 'section', subtitle: rich },
        { ...base, id: attack, layout: 'kpis', kpis: [{ label: attack, fact: 'F1', change: 'F2' }], takeaway: rich },
        { ...base, id: attack, layout: 'chart', chart: { ...chart, kind: 'bar' }, takeaway: rich },
        {
          ...base,
          id: attack,
          layout: 'chart',
          chart: { ...chart, kind: 'line', series: `s ${attack}` },
          takeaway: rich,
        },
        { ...base, id: attack, layout: 'chart', chart: { ...chart, kind: 'donut' }, takeaway: rich },
        { ...base, id: attack, layout: 'table', table: { table: 'T1' }, takeaway: rich },
        {
          ...base,
          id: attack,
          layout: 'chart_table',
          chart: { ...chart, kind: 'horizontal_bar' },
          table: { table: 'T1' },
          takeaway: rich,
        },
        { ...base, id: attack, layout: 'bullets', bullets: [rich, rich] },
        {
          ...base,
          id: attack,
          layout: 'comparison',
          left: { heading: rich, bullets: [rich] },
          right: { heading: rich, bullets: [rich] },
        },
        { ...base, id: attack, layout: 'closing', bullets: [rich] },
      ],
    })
  }

  /** Tags and attribute names of a page, without what stands between or inside of them. */
  const skeleton = (html: string): string =>
    [
      ...html
        .replace(/<style>[\s\S]*?<\/style>/, '')
        .matchAll(/<(\/?[a-z][a-z0-9]*)((?:\s+[a-z:-]+(?:="[^"]*")?)*)\s*\/?>/gi),
    ]
      .map(
        ([, tag, attributes = '']) =>
          `${tag} ${[...attributes.replace(/"[^"]*"/g, '').matchAll(/([a-z:-]+)=/gi)].map(([, name]) => name).join(' ')}`,
      )
      .join('\n')

  const known = new Set(skeleton(deckToHtml(hostileDeck('harmless'))).split('\n'))

  it.each(attacks)('stays text: %j', (attack) => {
    const html = deckToHtml(hostileDeck(attack))

    // No element with attributes that the same deck of harmless words has not.
    expect([...new Set(skeleton(html).split('\n'))].filter((line) => !known.has(line))).toEqual([])
    expect(html).not.toMatch(/<(script|iframe|img|link|foreignObject|body onload|!--|!\[)/i)
    // oxlint-disable-next-line no-control-regex -- looking for controls is the point
    expect(html).not.toMatch(/[\u0000\u0007\u202e\ud800-\udfff]/)
    expect(count(html, /<\/style>/g)).toBe(1)
    expect(count(html, /<\/title>/g)).toBe(1)
  })

  it('is cut when it is endless', () => {
    const endless = 'x'.repeat(5_000_000)
    const html = deckToHtml(
      salesDeck({
        title: [endless],
        question: endless,
        slides: [{ id: 'x', layout: 'bullets', title: [endless], bullets: [[endless]], notes: [endless], sources: [] }],
        tables: [],
        facts: [],
      }),
    )

    expect(html.length).toBeLessThan(200_000)
  })
})
