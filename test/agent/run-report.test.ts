import { describe, expect, it } from 'vitest'
import { createRunReport, type RunReport } from '../../src/agent/run-report.ts'
import type { Turn } from '../../src/agent/events.ts'
import { createReport, type Reported } from '../../src/mlflow/turn/turn-report.ts'
import type { Format, RenderedFile } from '../../src/render/renderer.ts'
import { salesDeck } from '../fixtures/decks/sales.ts'
import { createManualClock } from '../support/manual-clock.ts'

const aDeck = salesDeck()
const askedAt = Date.parse('2026-11-20T09:00:00Z')
const aTurn: Turn = {
  id: 'turn',
  question: 'Revenue by region',
  spaceId: 'space',
  maxSlides: 5,
  formats: ['pdf'],
  sessionId: 'thread',
  userId: 'ann',
  platform: 'slack',
  memory: { transcript: [] },
  askedAt,
}

/** What the run is told of a turn that a worker takes up `waitedMs` after it was asked. */
async function reported(
  turn: Turn,
  waitedMs: number,
  tell: (report: RunReport, advance: (ms: number) => Promise<void>) => void | Promise<void> = () => undefined,
): Promise<Reported & { readonly figures: Readonly<Record<string, number>> }> {
  const clock = createManualClock(askedAt + waitedMs)
  const { report: sink, end } = createReport(clock)
  const report = createRunReport(turn, sink, { startedAt: clock.now(), now: () => clock.now(), language: 'en' })
  await tell(report, (ms) => clock.advance(ms))
  const all = end()
  return { ...all, figures: Object.fromEntries(all.metrics.map(({ key, value }) => [key, value])) }
}

function contentOf({ files }: Reported, path: string): unknown {
  const content = files.find((file) => file.path === path)?.content()
  return JSON.parse(String(content))
}

describe('the report of a turn for its run', () => {
  it('counts waits from when the person asked', async () => {
    const { figures } = await reported(aTurn, 4000, async (report, advance) => {
      await advance(2500)
      const [table] = aDeck.tables
      if (!table) throw new Error('The deck has no table')
      report.event({ type: 'first-answer', headline: [], table, facts: [] })
      await advance(1000)
      report.event({ type: 'first-answer', headline: [], table, facts: [] })
    })

    expect(figures).toEqual({ retries: 0, queue_wait_seconds: 4, time_to_first_answer_seconds: 6.5 })
  })

  it('leaves the wait out for a turn that was taken up again, and counts how often it was', async () => {
    const { figures } = await reported({ ...aTurn, attempt: 3 }, 90_000)

    expect(figures).toEqual({ retries: 2 })
  })

  it('has no wait below zero when the clocks of platform and worker differ', async () => {
    expect((await reported(aTurn, -800)).figures['queue_wait_seconds']).toBe(0)
  })

  it('takes data and facts of a changed deck from the deck', async () => {
    const all = await reported(aTurn, 0, (report) => report.event({ type: 'deck', deck: aDeck }))

    expect(contentOf(all, 'deck.json')).toEqual(JSON.parse(JSON.stringify(aDeck)))
    expect(contentOf(all, 'fact_sheet.json')).toEqual({ facts: JSON.parse(JSON.stringify(aDeck.facts)), notes: [] })
    expect(contentOf(all, 'data_context.json')).toMatchObject({
      space_id: 'space',
      tables: aDeck.tables.map(({ id, sql }) => ({ id, sql })),
    })
  })

  it('shows fifty rows of a long table, and says how many there are', async () => {
    const [table] = aDeck.tables
    if (!table) throw new Error('The deck has no table')
    const rows = Array.from({ length: 5000 }, (_, index) => [String(index)])
    const deck = { ...aDeck, tables: [{ ...table, rows, totalRowCount: 5000 }] }

    const all = await reported(aTurn, 0, (report) => report.event({ type: 'deck', deck }))

    expect(contentOf(all, 'data_context.json')).toMatchObject({
      tables: [{ totalRowCount: 5000, rows: rows.slice(0, 50) }],
    })
  })

  it('keeps pages and pictures, and leaves out what can be made from the deck again', async () => {
    const file = (format: Format, name: string): RenderedFile => ({
      format,
      name,
      mediaType: 'application/octet-stream',
      bytes: new Uint8Array(3),
    })

    const { files } = await reported(aTurn, 0, (report) => {
      for (const made of [
        file('html', 'deck.html'),
        file('pdf', 'deck.pdf'),
        file('png', 'slide-1.png'),
        file('thumbnail', 'thumbnail-1.png'),
        file('overview', 'overview.png'),
        file('pptx', 'deck.pptx'),
        file('xlsx', 'deck.xlsx'),
        file('csv', 'T1.csv'),
      ]) {
        report.event({ type: 'file', file: made })
      }
    })

    expect(files.map(({ path }) => path)).toEqual([
      'output.html',
      'deck.pdf',
      'previews/slide-1.png',
      'previews/thumbnail-1.png',
      'previews/overview.png',
    ])
  })

  it('says how the turn ended, and how many numbers rest on data', async () => {
    const numbers = { total: 25, verified: 24 }
    const { tags, figures } = await reported(aTurn, 0, (report) =>
      report.answered({ status: 'answered', deck: aDeck, numbers }),
    )

    expect(tags).toEqual({ status: 'answered' })
    expect(figures).toMatchObject({
      slide_count: aDeck.slides.length,
      numbers_verified: 24,
      numbers_unverified: 1,
    })
    expect((await reported(aTurn, 0, (report) => report.broken('stopped'))).tags).toEqual({ status: 'stopped' })
  })
})
