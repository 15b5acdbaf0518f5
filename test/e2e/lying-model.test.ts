import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWarehouse, type Warehouse } from '../../sandbox/data/warehouse.ts'
import type { ChatBrain, ChatBrainRequest } from '../../sandbox/databricks/chat-brain.ts'
import { createAnalyst } from '../../sandbox/databricks/analyst/analyst.ts'
import type { AgentEvent } from '../../src/agent/events.ts'
import { plainText } from '../../src/agent/turn-as-text.ts'
import type { Deck, RichText } from '../../src/render/deck.ts'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { startDeckhand, type TestDeckhand } from '../support/deckhand.ts'

/**
 * A chat model that answers every schema well-formed and lies in every field: wrong totals, invented regions, swapped
 * units, numbers in words, markup in titles, columns and facts that do not exist.
 */
const lies = [
  'Total revenue reached $999,999,999 in Q4 2023',
  'Atlantis is the strongest region with $4.2M',
  'EMEA grew by 87% while APAC doubled',
  'We sold 12 million orders in EMEA',
  'Revenue tripled to {F9999} in Americas',
  'Margin is $42.7 and growth is 17 euros',
  '<script>alert(1)</script><b>Profit</b> is 777 <img src=x onerror=alert(2)>',
  'Half of all revenue, forty percent, came from LATAM',
]

let turn = 0
const next = (): string => lies[(turn += 1) % lies.length] ?? ''

const liar: ChatBrain = async (request: ChatBrainRequest) => {
  const format = request.response_format
  const name = format?.type === 'json_schema' ? format.json_schema.name : ''
  if (name === '' || name === 'intent') return createAnalyst()(request)
  return { content: JSON.stringify(lieAbout(name)) }
}

function lieAbout(name: string): unknown {
  if (name === 'synthesis') return { answer: `${next()}. ${next()}. ${next()}.`, suggestions: [] }
  if (name === 'outline') {
    const layouts = ['title', 'kpis', 'chart', 'chart_table', 'table', 'bullets', 'comparison', 'section', 'closing']
    return {
      title: next(),
      slides: layouts.map((layout) => ({ layout, message: next(), table: 'T9', facts: ['F9999'] })),
    }
  }
  const chart = { kind: 'donut', x: 'no_such_column', y: ['region', 'nothing'], series: 'region', title: next() }
  return {
    title: next(),
    subtitle: next(),
    notes: `${next()}. ${next()}.`,
    kpis: [
      { label: 'Revenue of Atlantis', fact: 'F1', change: 'F2' },
      { label: 'Invented', fact: 'F9999', change: '' },
      { label: 'Orders: 5,000,000', fact: 'F2', change: 'F1' },
    ],
    takeaway: next(),
    chart,
    columns: ['no_such_column'],
    bullets: lies,
    left_heading: next(),
    left_bullets: lies,
    right_heading: next(),
    right_bullets: lies,
  }
}

let warehouse: Warehouse
let deckhand: TestDeckhand

beforeAll(async () => {
  warehouse = await createWarehouse({ today: '2026-11-23' })
  deckhand = await startDeckhand({ warehouse, today: '2026-11-23', brain: liar })
}, 60_000)

afterAll(async () => {
  await deckhand?.[Symbol.asyncDispose]()
  await warehouse?.[Symbol.asyncDispose]()
})

/** Every text of a slide, wherever it stands. */
function textsOf(deck: Deck): RichText[] {
  const texts: RichText[] = [deck.title]
  const walk = (value: unknown): void => {
    if (!Array.isArray(value)) {
      if (typeof value === 'object' && value !== null) Object.values(value).forEach(walk)
      return
    }
    const isText =
      value.length > 0 &&
      value.every(
        (item) =>
          typeof item === 'string' ||
          (typeof item === 'object' && item !== null && ('fact' in item || 'unverified' in item) && !('label' in item)),
      )
    if (isText) texts.push(value as RichText)
    else value.forEach(walk)
  }
  deck.slides.forEach((slide) => {
    const { sources: _ids, ...shown } = slide
    const { chart: _chart, table: _table, ...words } = shown as Record<string, unknown>
    walk(words)
  })
  return texts
}

describe('a chat model that lies', () => {
  it('gets no unmarked wrong number, no invented member and no markup onto a slide', async () => {
    let deck: Deck | undefined
    const result = await deckhand.ask('What were Q4 2023 sales by region?', {
      formats: 'html',
      onEvent: (event: AgentEvent) => {
        if (event.type === 'deck') deck = event.deck
      },
    })

    expect(result.status).toBe('answered')
    expect(result.numbers.verified).toBeLessThan(result.numbers.total)
    if (!deck) throw new Error('no deck')
    const facts = new Map(deck.facts.map((fact) => [fact.id, fact]))
    for (const text of textsOf(deck)) {
      for (const segment of text) {
        if (typeof segment !== 'string') {
          if ('fact' in segment) expect(facts.has(segment.fact)).toBe(true)
          continue
        }
        const bare = segment.replaceAll(/\bQ4 2023\b|\b2023\b/g, '')
        expect(bare, plainText(text, deck)).not.toMatch(/\d/)
        expect(bare).not.toMatch(/\b(doubled|tripled|half|forty percent|million)\b/i)
        expect(bare).not.toMatch(/<[a-z/]/i)
      }
    }
    const html = readFileSync(join(result.out, result.files.html ?? ''), 'utf8')
    expect(/<script|<img src=x|onerror=alert/.test(html)).toBe(false)
    const shown = html.split('999,999,999').length - 1
    const marked = html.match(/<span class="unverified"[^>]*>\$999,999,999</g)?.length ?? 0
    expect(shown).toBeGreaterThan(0)
    expect(marked).toBe(shown)
  })

  it('cannot attach a true number to a member that does not exist', async () => {
    let deck: Deck | undefined
    await deckhand.ask('Revenue by region in 2022', {
      onEvent: (event: AgentEvent) => {
        if (event.type === 'deck') deck = event.deck
      },
    })

    if (!deck) throw new Error('no deck')
    for (const slide of deck.slides) {
      if (slide.layout !== 'kpis') continue
      for (const kpi of slide.kpis) expect(kpi.label).not.toMatch(/Atlantis|Invented|5,000,000/)
    }
    for (const text of textsOf(deck)) {
      const words = text.filter((segment) => typeof segment === 'string').join(' ')
      if (/Atlantis|LATAM/.test(words))
        expect(text.some((segment) => typeof segment === 'object' && 'fact' in segment)).toBe(false)
    }
  })
})
