import { describe, expect, it } from 'vitest'
import { countNumbers, createGrounder, groundText, type Grounder } from '../../src/agent/grounding.ts'
import { buildFactSheet } from '../../src/agent/facts.ts'
import { sanitizeText } from '../../src/agent/grounding.ts'
import type { Deck } from '../../src/render/deck.ts'
import { randomFrom } from './facts/random.ts'
import { refinedTableOf } from './facts/table-of.ts'
import { read } from './grounding/grounding-case.ts'
import { sales } from './grounding/sales.ts'
import { shop } from './grounding/shop.ts'

describe.each([sales, shop])('text about $name', ({ grounder, withIds, honest, lies }) => {
  it.each(honest)('verifies an honest text in full: %s', (text, facts) => {
    const grounded = grounder.text(withIds(text))

    expect({ problems: grounded.problems, numbers: grounded.numbers }, read(grounded)).toEqual({
      problems: [],
      numbers: { total: facts, verified: facts },
    })
  })

  it.each(lies)('marks a lie, and nothing but the lie: %s', (text) => {
    const grounded = grounder.text(withIds(text.replaceAll(/[«»]/g, '')))
    const wanted = [...withIds(text).matchAll(/«([^»]*)»/g)].map((match) => sanitizeText(match[1] ?? ''))
    const marked = grounded.problems.map(({ literal }) => literal)

    expect(marked, read(grounded)).toHaveLength(wanted.length)
    for (const [index, literal] of marked.entries()) {
      const [shorter = '', longer = ''] = [literal.trim(), wanted[index] ?? ''].toSorted((a, b) => a.length - b.length)
      expect(longer, read(grounded)).toContain(shorter)
    }
    expect(grounded.numbers.total - grounded.numbers.verified).toBe(wanted.length)
  })

  it('prints how often it errs', () => {
    const wrong = honest.filter(([text]) => grounder.text(withIds(text)).problems.length > 0)
    const missed = lies.filter((text) => grounder.text(withIds(text.replaceAll(/[«»]/g, ''))).problems.length === 0)

    process.stdout.write(
      `false alarms: ${wrong.length} of ${honest.length} · lies not marked: ${missed.length} of ${lies.length}\n`,
    )
    expect([wrong, missed]).toEqual([[], []])
  })
})

const { sheet, tables, question, grounder, withIds } = sales
const show = (text: string, by: Grounder = grounder): string => read(by.text(withIds(text)))

describe('a reference to a fact', () => {
  it.each([
    '{<Revenue, EMEA>}',
    '{{<Revenue, EMEA>}}',
    '{ <Revenue, EMEA> }',
    '[<Revenue, EMEA>]',
    '(<Revenue, EMEA>)',
    '<Revenue, EMEA>',
    '${<Revenue, EMEA>}',
    '$ {<Revenue, EMEA>}',
    '{<Revenue, EMEA>}M',
    '{<Revenue, EMEA>} million',
    '{<Revenue, EMEA>} million dollars',
    '{<Revenue, EMEA>} USD',
    'USD {<Revenue, EMEA>}',
    '+{<Revenue, EMEA>}',
    '{<Revenue, EMEA>} ($1.2M)',
    '$1,234,567 ({<Revenue, EMEA>})',
  ])('shows the value once, whatever is written around it: %s', (written) => {
    expect(show(`EMEA made ${written} last year`).replace('(〔$1.23M〕)', '〔$1.23M〕')).toMatch(
      /^EMEA made 〔\$1[^〔〕]*〕 last year$/,
    )
  })

  it('takes lower case in braces, and several in one pair', () => {
    const [emea, apac] = [withIds('<Revenue, EMEA>'), withIds('<Revenue, APAC>')]

    expect(show(`EMEA: {${emea.toLowerCase()}}`)).toBe('EMEA: 〔$1.23M〕')
    expect(show(`EMEA and APAC: {${emea}, ${apac}}`)).toBe('EMEA and APAC: 〔$1.23M〕, 〔$987,654〕')
  })

  it('shows all digits when asked to', () => {
    expect(show('EMEA made {<Revenue, EMEA>:full}.')).toBe('EMEA made 〔$1,234,567〕.')
  })

  it('leaves the sign to a word that gives the direction, and shows it where none does', () => {
    expect(show('Revenue fell by {<Growth of revenue, Q2 2023 to Q3 2023>} in Q3 2023.')).toBe(
      'Revenue fell by 〔4.5%〕 in Q3 2023.',
    )
    expect(show('Growth in Q3 2023: {<Growth of revenue, Q2 2023 to Q3 2023>}')).toBe('Growth in Q3 2023: 〔−4.5%〕')
    expect(show('LATAM: minus {<Profit, LATAM, 2023>} in 2023')).toBe('LATAM: minus 〔€35,000〕 in 2023')
  })

  it('says percentage points where the model forgot to', () => {
    expect(show('Churn fell by {<Change in churn rate, Q3 2023 to Q4 2023, in percentage points>} in Q4 2023.')).toBe(
      'Churn fell by 〔4〕 percentage points in Q4 2023.',
    )
  })

  it('to no fact is a question mark with a mark, never an id on a slide', () => {
    const grounded = grounder.text('EMEA made {F98765} in revenue.')

    expect(read(grounded)).toBe('EMEA made «?» in revenue.')
    expect(grounded.problems).toEqual([
      { kind: 'unknown-fact', literal: '{F98765}', sentence: 'EMEA made {F98765} in revenue.', factId: 'F98765' },
    ])
  })

  it('is no reference where the data has a member of that name', () => {
    const cars = [
      refinedTableOf(
        [
          ['model', 'STRING'],
          ['units', 'BIGINT'],
        ],
        [
          ['F150', '12'],
          ['F250', '9'],
        ],
      ),
    ]

    expect(
      read(groundText('F150 leads with {F1}.', { facts: [], notes: [] }, cars, { unverified: 'mark', language: 'en' })),
    ).toBe('F150 leads with «?».')
  })
})

describe('a literal', () => {
  it.each([
    ['EMEA made $1,234,567.', 'EMEA made 〔$1,234,567〕.'],
    ['EMEA made $1.2M.', 'EMEA made 〔$1.23M〕.'],
    ['EMEA made US$1.23 million.', 'EMEA made 〔$1.23M〕.'],
    ['EMEA made 1,234,567 USD.', 'EMEA made 〔$1,234,567〕.'],
    ['EMEA made 1.234.567,00 $.', 'EMEA made 〔$1,234,567〕.'],
    ['EMEA made $1 234 567.', 'EMEA made 〔$1,234,567〕.'],
    ['EMEA made over $1.2M.', 'EMEA made 〔$1.23M〕.'],
    ['EMEA made about $1,200,000.', 'EMEA made about 〔$1,234,567〕.'],
    ['EMEA has ４,１２０ orders.', 'EMEA has 〔4,120〕 orders.'],
    ['EMEA has 4.1k orders.', 'EMEA has 〔4,120〕 orders.'],
    ['EMEA returned twelve percent of orders.', 'EMEA returned 〔12.3%〕 of orders.'],
    ['EMEA returned 12 per cent of orders.', 'EMEA returned 〔12.3%〕 of orders.'],
  ])('that is right gives way to the value from the data: %s', (text, shown) => {
    expect(show(text)).toBe(shown)
  })

  it.each([
    ['$1.3M is not $1,234,567', 'EMEA made «$1.3M».'],
    ['$12 is not 12 %', 'EMEA returned «$12» of orders.'],
    ['12 is not 12 %', 'EMEA returned «12» orders.'],
    ['12 % is not 12.84 %', 'EMEA returned «13%» of orders.'],
    ['a size in brackets is a value, not a note', 'EMEA («€1.2M») leads.'],
  ])('that is wrong stays and is marked: %s', (_, text) => {
    expect(show(text.replaceAll(/[«»]/g, ''))).toBe(text)
  })

  it('finds a cell that the sheet had no room for, as a fact of its own that is always the same', () => {
    const rows = Array.from({ length: 400 }, (_, index) => [`Store ${index + 1}`, String(1000 + index * 37)])
    const stores = [
      refinedTableOf(
        [
          ['store', 'STRING'],
          ['orders', 'BIGINT'],
        ],
        rows,
      ),
    ]
    const build = (): Grounder =>
      createGrounder({ sheet: buildFactSheet(stores), tables: stores, unverified: 'mark', language: 'en' })
    const grounded = build().text('Store 207 took 8,622 orders, store 208 took 8,622.')

    expect(read(grounded)).toBe('Store 207 took 〔8,622〕 orders, store 208 took «8,622».')
    expect(grounded.facts.map(({ label, lineage }) => [label, lineage.rows])).toEqual([['Orders, Store 207', [206]]])
    expect(build().text('Store 207 took 8,622 orders.').facts).toEqual(grounded.facts)
  })

  it('in German is read as Germans write it', () => {
    const german = createGrounder({
      sheet,
      tables,
      question: 'Umsatz nach Region 2023',
      unverified: 'mark',
      language: 'de',
    })

    expect(show('EMEA erzielte 1.234.567,00 $ Umsatz.', german)).toBe('EMEA erzielte 〔$1,234,567〕 Umsatz.')
    expect(show('EMEA hat eine Retourenquote von zwölf Prozent.', german)).toBe(
      'EMEA hat eine Retourenquote von 〔12.3%〕.',
    )
    expect(show('EMEA hat eine Retourenquote von fünfzehn Prozent.', german)).toBe(
      'EMEA hat eine Retourenquote von «fünfzehn Prozent».',
    )
  })
})

describe('in block', () => {
  const blocking = createGrounder({ sheet, tables, question, unverified: 'block', language: 'en' })

  it('leaves out the sentence that holds something unverified, and no other', () => {
    const grounded = blocking.text(
      withIds('EMEA made {<Revenue, EMEA>}. Atlantis made $5M. APAC follows with {<Revenue, APAC>}.'),
    )

    expect(read(grounded)).toBe('EMEA made 〔$1.23M〕. APAC follows with 〔$987,654〕.')
    expect(grounded.numbers).toEqual({ total: 2, verified: 2 })
    expect(grounded.problems.map(({ kind, literal }) => [kind, literal])).toEqual(
      [['unknown-name', '$5M']].map(() => [expect.any(String), '$5M']),
    )
    expect(grounded.facts).toHaveLength(2)
  })

  it('leaves nothing of a text that is all wrong', () => {
    expect(blocking.text('Revenue tripled to $99M.').text).toEqual([])
  })
})

describe('a card', () => {
  const card = (label: string, fact: string, change?: string): ReturnType<Grounder['kpi']> =>
    grounder.kpi({ label, fact: withIds(fact), ...(change === undefined ? {} : { change: withIds(change) }) })

  it('keeps a label that fits its fact', () => {
    expect(card('EMEA revenue', '<Revenue, EMEA>')).toEqual({
      kpi: { label: 'EMEA revenue', fact: withIds('<Revenue, EMEA>') },
      problems: [],
    })
  })

  it.each([
    ['APAC revenue'],
    ['Atlantis region'],
    ['EMEA revenue in Q4 2019'],
    ['EMEA: $9M'],
    ['Orders in EMEA'],
    ['EMEA growth'],
  ])('gets the label of the fact instead of one that lies: %s', (label) => {
    const { kpi, problems } = card(label, '<Revenue, EMEA>')

    expect(kpi?.label).toBe('Revenue, EMEA')
    expect(problems).not.toEqual([])
  })

  it('keeps a change that leads up to its value, and drops one that is about something else', () => {
    const fact = '<Revenue, Q4 2023>'

    expect(card('Revenue, Q4 2023', fact, '<Growth of revenue, Q3 2023 to Q4 2023>').kpi).toHaveProperty('change')
    expect(card('Revenue, Q4 2023', fact, '<Growth of revenue, Q1 2023 to Q2 2023>').kpi).not.toHaveProperty('change')
    expect(card('Revenue, Q4 2023', fact, '<Growth of profit, EMEA, 2022 to 2023>').kpi).not.toHaveProperty('change')
    expect(card('Revenue, Q4 2023', fact, '<Revenue, Q3 2023>').kpi).not.toHaveProperty('change')
  })

  it('without a fact is no card', () => {
    expect(grounder.kpi({ label: 'Revenue', fact: 'F98765' })).toMatchObject({
      kpi: undefined,
      problems: [{ kind: 'unknown-fact' }],
    })
    expect(grounder.kpi({ label: 'Revenue', fact: 'the big one' })).toMatchObject({ kpi: undefined })
  })
})

describe('plain text for a chart title', () => {
  it.each([
    ['Revenue by region, 2023', 'Revenue by region, 2023'],
    ['Top 5 products', 'Top 5 products'],
    ['Revenue up 12%', ''],
    ['Revenue {F1}', ''],
    ['<b>Revenue</b> by quarter', 'Revenue by quarter'],
  ])('holds no number that claims anything: %s', (text, shown) => {
    expect(grounder.label(text)).toBe(shown)
  })
})

describe('markup in model text', () => {
  it.each([
    ['<script>alert(1)</script>EMEA leads', 'EMEA leads'],
    ['EMEA <b>leads</b><br/>clearly', 'EMEA leads clearly'],
    ['<img src=x onerror=alert(1)>EMEA leads', 'EMEA leads'],
    ['&lt;script&gt;alert(1)&lt;/script&gt;EMEA leads', 'EMEA leads'],
    ['<scr<b>ipt>EMEA leads', 'EMEA leads'],
    ['EMEA <leads', 'EMEA ‹leads'],
    ['**EMEA** _leads_ `now`, see [here](http://example.com)', 'EMEA _leads_ now, see here'],
    ['EM\u202EEA\u200B le\u0000ads\u2066', 'EMEA leads'],
    ['# EMEA leads', 'EMEA leads'],
    ['1. EMEA leads', 'EMEA leads'],
    ['EMEA < APAC & LATAM > 0', 'EMEA < APAC & LATAM > 0'],
    ['EMEA\n\n  leads', 'EMEA leads'],
  ])('leaves text: %j', (text, shown) => {
    expect(sanitizeText(text)).toBe(shown)
  })

  it('never leaves a tag, an invisible character or an overlong text, whatever the model mixes', () => {
    const parts = [
      '<',
      '>',
      '/',
      'script',
      'b',
      '&lt;',
      '&#60;',
      '&#x3c;',
      '&gt;',
      '&amp;',
      'lt;',
      '<!--',
      '-->',
      '"',
      "'",
      '\u202E',
      '\u200B',
      '\u0007',
      ' ',
      'EMEA',
      '12',
      '%',
      '{F1}',
      '$',
      '**',
      '`',
      '\n',
      '٣',
      '𝟗',
      '½',
      '\uD800',
    ]
    for (let seed = 1; seed <= 400; seed += 1) {
      const random = randomFrom(seed)
      const text = Array.from({ length: random.int(40) }, () => random.pick(parts)).join('')
      const clean = sanitizeText(text)

      expect(clean, JSON.stringify(text)).not.toMatch(/<[\p{L}/!?]/u)
      expect(clean, JSON.stringify(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u)
      expect(sanitizeText(clean), JSON.stringify(text)).toBe(clean)
    }
    expect(sanitizeText('a'.repeat(100_000)).length).toBeLessThanOrEqual(2000)
  })
})

describe('countNumbers', () => {
  it('counts the numbers of texts and cards, a fact shown twice twice, and what has no fact as unverified', () => {
    const fact = sheet.facts[0]!
    const base = { title: ['Revenue ', { fact: fact.id }], notes: [{ unverified: '12' }], sources: [] }
    const deck: Deck = {
      schemaVersion: 1,
      id: 'd',
      version: 1,
      title: ['Sales'],
      question: 'q',
      language: 'en',
      theme: 'light',
      createdAt: '2024-01-01T00:00:00Z',
      provenance: 'p',
      tables: [...tables],
      facts: [fact],
      slides: [
        {
          ...base,
          id: 's1',
          layout: 'kpis',
          kpis: [{ label: 'Revenue', fact: fact.id, change: 'F999' }],
          takeaway: ['none'],
        },
        {
          ...base,
          id: 's2',
          layout: 'comparison',
          left: { heading: [], bullets: [[{ fact: fact.id }]] },
          right: { heading: [], bullets: [] },
        },
        {
          ...base,
          id: 's3',
          layout: 'chart',
          chart: { kind: 'bar', table: 'T1', x: 'region', y: ['revenue_usd'] },
          takeaway: [{ fact: fact.id }],
        },
      ],
    }

    expect(countNumbers(deck)).toEqual({ total: 10, verified: 6 })
  })
})
