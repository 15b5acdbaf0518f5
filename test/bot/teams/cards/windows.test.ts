import { describe, expect, it } from 'vitest'
import type { About, Window } from '../../../../src/bot/chat/window.ts'
import { windowTitle, windowToCard } from '../../../../src/bot/teams/cards/windows.ts'
import { salesDeck } from '../../../fixtures/decks/sales.ts'
import { samples } from '../../slack/sample-replies.ts'
import { AdaptiveCardSchema } from './card-schema.ts'
import { ofType, outline, textsIn } from './reading-cards.ts'

const place = { platform: 'teams', tenant: 'tenant', channel: 'conversation', id: '1', isDirect: true } as const
const about: About = { turnId: 'teams-1', index: 2, place, root: place, press: 'p1' }
const { result } = samples.answered
const deck = salesDeck()
const slide = deck.slides[1] ?? expect.fail('the deck has one slide')

const windows: Readonly<Record<string, Window>> = {
  sql: { kind: 'sql', result },
  why: { kind: 'why', deck, slide, number: 2 },
  edit: { kind: 'edit', about, number: 3 },
  chart: { kind: 'chart', about, number: 3 },
  reason: { kind: 'reason', about },
}
const read = (window: Window): string[] => outline(windowToCard(window).body)

describe('windowToCard', () => {
  it.each(Object.entries(windows))('makes a card that Teams takes: %s', (_, window) => {
    for (const shownIn of ['dialog', 'message'] as const) {
      const card = windowToCard(window, shownIn)
      expect(AdaptiveCardSchema.safeParse(card).error?.issues ?? []).toEqual([])
      expect(Buffer.byteLength(JSON.stringify(card))).toBeLessThan(28 * 1024)
      expect(outline(card.body)[0] === `# ${windowTitle(window)}`).toBe(shownIn === 'message')
    }
  })

  it('shows queries with their line ends', () => {
    const sql = ['SELECT region\nFROM sales', 'SELECT 2']
    expect(read({ kind: 'sql', result: { ...result, sql } })).toMatchInlineSnapshot(`
      [
        "revenue by region, 2023-10-01 to 2023-12-31",
        "emphasis:",
        "  SELECT region",
        "  FROM sales",
        "revenue by month and region, same period",
        "emphasis:",
        "  SELECT 2",
      ]
    `)
  })

  it('says that there was no query', () => {
    expect(read({ kind: 'sql', result: { ...result, sql: [] } })).toEqual(['No query was run for this answer.'])
  })

  it('shows the exact value of each number, how it came about, its rows and the queries', () => {
    expect(read(windows['why'] ?? expect.fail()).slice(0, 12)).toMatchInlineSnapshot(`
      [
        "$45,764,545.45  Total revenue, 2023",
        "sum(revenue) · Revenue by region, 2023, rows 1, 2, 3, 4",
        "| Region | Revenue",
        "| AMER | $18,420,311",
        "| EMEA | $14,905,882",
        "| APAC | $9,310,447",
        "| LATAM | $3,127,905",
        "14.54%  Growth of revenue, 2022 to 2023",
        "(revenue[2023] - revenue[2022]) / revenue[2022] · Revenue by month and region, 2022–2023, all rows",
        "| Month | Region | Revenue",
        "| Jan 2022 | AMER | $1,046,004",
        "| Jan 2022 | EMEA | $726,884",
      ]
    `)
    expect(read(windows['why'] ?? expect.fail()).slice(-3)).toMatchInlineSnapshot(`
      [
        "  FROM sales.orders",
        "  GROUP BY ALL",
        "Genie space Sales · sandbox data",
      ]
    `)
  })

  it('asks for one thing, and takes along what it was opened for', () => {
    const card = windowToCard({ kind: 'edit', about, number: 3 })

    expect(ofType('Input.Text', card)).toMatchObject([
      { id: 'value', label: 'What should be different?', isRequired: true, maxLength: 1000 },
    ])
    expect(ofType('Action.Submit', card)).toEqual([
      { type: 'Action.Submit', title: 'Send', style: 'positive', data: { deckhandWindow: 'edit', about } },
    ])
    expect(ofType('Action.Execute', windowToCard({ kind: 'edit', about, number: 3 }, 'message'))).toMatchObject([
      { title: 'Send', data: { deckhandWindow: 'edit', about } },
    ])
  })

  it('offers every kind of chart by name', () => {
    const [field] = ofType('Input.ChoiceSet', windowToCard({ kind: 'chart', about, number: 3 }))

    expect(field).toMatchObject({ id: 'value', isRequired: true })
    expect(field?.['choices']).toContainEqual({ title: 'Stacked bar chart', value: 'stacked_bar' })
  })

  it('lets a person give no reason', () => {
    expect(ofType('Input.Text', windowToCard({ kind: 'reason', about }))[0]).not.toHaveProperty('isRequired')
  })

  it('leaves out what does not fit, and says so', () => {
    const sql = Array.from({ length: 30 }, (_, index) => `SELECT ${index},\n`.repeat(500))
    const card = windowToCard({ kind: 'sql', result: { ...result, sql, readings: [] } })

    expect(Buffer.byteLength(JSON.stringify(card))).toBeLessThan(28 * 1024)
    expect(outline(card.body).at(-1)).toBe('The rest is on the deck page.')
  })

  it('shows the beginning of a query that has no end', () => {
    for (const sql of [`SELECT '${'日本'.repeat(50_000)}'`, 'SELECT 1\n'.repeat(200)]) {
      const card = windowToCard({ kind: 'sql', result: { ...result, sql: [sql], readings: [] } })

      expect(Buffer.byteLength(JSON.stringify(card))).toBeLessThan(28 * 1024)
      expect(outline(card.body)[1]).toMatch(/^ {2}SELECT/)
      expect(outline(card.body).at(-1)).toMatch(/…$|and 160 more lines$/)
    }
  })

  it('reads no markup in queries and data', () => {
    const sql = ['SELECT "[x](https://evil.test)", "<at>All</at>", "${a}", "{{DATE(2026-01-01T00:00:00Z)}}" -- \u202E']
    const card = windowToCard({ kind: 'sql', result: { ...result, sql, readings: ['**bold**'] } })

    expect(ofType('TextBlock', card)).toEqual([])
    expect(textsIn(card).filter((text) => /\$\{|\{\{|\u202E/.test(text))).toEqual([])
  })
})
