import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createWarehouse, type Warehouse } from '../../sandbox/data/warehouse.ts'
import { createAnalyst } from '../../sandbox/databricks/analyst/analyst.ts'
import type { ChatBrain } from '../../sandbox/databricks/chat-brain.ts'
import type { AskResult } from '../../src/bot/shell/ask.ts'
import type { AgentEvent } from '../../src/agent/events.ts'
import type { Deck } from '../../src/render/deck.ts'
import { plainText } from '../../src/agent/turn-as-text.ts'
import { startDeckhand, type TestDeckhand } from '../support/deckhand.ts'

const today = '2026-11-23'
const question = 'Revenue by month and region in 2023'

describe('Changing a deck by words', () => {
  const analyst = createAnalyst()
  /** Prompts of slides that were written, since the test began. */
  let written: string[] = []
  const brain: ChatBrain = async (request) => {
    const format = request.response_format
    const schema = format?.type === 'json_schema' ? format.json_schema.name : ''
    if (schema.startsWith('slide_')) written.push(request.messages.at(-1)?.content ?? '')
    return analyst(request)
  }
  let warehouse: Warehouse
  let deckhand: TestDeckhand
  let threads = 0

  beforeAll(async () => {
    warehouse = await createWarehouse({ today })
    deckhand = await startDeckhand({ warehouse, today, brain })
  }, 60_000)
  afterEach(() => {
    deckhand.workspace.faults.clear()
  })
  afterAll(async () => {
    await deckhand?.[Symbol.asyncDispose]()
    await warehouse?.[Symbol.asyncDispose]()
  })

  interface Step {
    readonly deck: Deck
    readonly result: AskResult
    readonly queries: readonly string[]
  }

  /** Asks the first question in a new thread; the function given back says more in it. */
  async function startThread(): Promise<{ first: Step; say: (words: string) => Promise<Step> }> {
    const thread = `refine-${(threads += 1)}`
    let last: Deck | undefined
    const say = async (words: string): Promise<Step> => {
      const events: AgentEvent[] = []
      const result = await deckhand.ask(words, { thread, formats: 'html', onEvent: (event) => events.push(event) })
      last = events.findLast((event) => event.type === 'deck')?.deck ?? last
      if (!last) throw new Error(`No deck after "${words}": ${result.answer}`)
      return {
        deck: last,
        result,
        queries: events.flatMap((event) => (event.type === 'query-start' ? [event.query] : [])),
      }
    }
    const first = await say(question)
    written = []
    return { first, say }
  }

  const bytes = (slide: Deck['slides'][number] | undefined): string => JSON.stringify(slide)

  it('changes the slides meant, several at once; the others stay identical to the byte, and Genie is not asked', async () => {
    const { first, say } = await startThread()
    const charted = first.deck.slides.findIndex((slide) => slide.layout === 'chart') + 1

    const { deck, result, queries } = await say(`slide ${charted} as table, slide 2 darker and drop the last slide`)

    expect(result.status).toBe('answered')
    expect(queries).toEqual([])
    expect(written).toEqual([])
    expect(deck.version).toBe(2)
    expect(deck.slides).toHaveLength(first.deck.slides.length - 1)
    expect(deck.slides[charted - 1]?.layout).toBe('table')
    expect(deck.slides[1]?.look).toBe('dark')
    for (const [index, slide] of deck.slides.entries()) {
      if (index !== 1 && index !== charted - 1) expect(bytes(slide)).toBe(bytes(first.deck.slides[index]))
    }
  })

  it('tells the chat model which slides have a look of their own, and keeps it when such a slide is rewritten', async () => {
    const { say } = await startThread()
    await say('slide 2 darker')

    const { deck } = await say('rewrite slide 2')

    expect(written).toHaveLength(1)
    expect(written[0]).toMatch(/^2\. \[\w+\] \[dark\] \S/m)
    expect(written[0]).toMatch(/^1\. \[\w+\] [^[]/m)
    expect(deck.slides.map(({ look }) => look)).toEqual(deck.slides.map((_, at) => (at === 1 ? 'dark' : undefined)))
  })

  it('adds a slide with data from the same conversation, before the closing slide, and leaves the others alone', async () => {
    const { first, say } = await startThread()

    const { deck, result, queries } = await say('Add a slide about orders by segment in 2023')

    expect(queries).toEqual(['orders by segment in 2023'])
    expect(result.genie_conversation_id).toBe(first.result.genie_conversation_id)
    expect(result.sql).toEqual(deck.tables.map((table) => table.sql))
    expect(result.sql).toHaveLength(2)
    expect(deck.slides).toHaveLength(first.deck.slides.length + 1)
    const added = deck.slides.filter((slide) => !first.deck.slides.some((before) => bytes(before) === bytes(slide)))
    expect(added).toHaveLength(1)
    expect(deck.slides.indexOf(added[0] as never)).toBe(deck.slides.length - 2)
    expect(added[0]?.sources).toEqual(['T2'])
    expect(deck.tables.map((table) => table.id)).toEqual(['T1', 'T2'])
    expect(new Set(deck.facts.map((fact) => fact.id)).size).toBe(deck.facts.length)
    expect(result.numbers.verified).toBe(result.numbers.total)
  })

  it('says why a slide could not be added, and changes the rest all the same', async () => {
    const { first, say } = await startThread()

    const { deck, result } = await say('Add a slide about the mood of our cats and drop the last slide')

    expect(deck.slides).toHaveLength(first.deck.slides.length - 1)
    expect(result.status).toBe('answered')
    expect(result.answer).toMatch(/cats|understand|know/i)
  })

  it('goes back: undo, undo of the undo, and a version by its number', async () => {
    const { first, say } = await startThread()
    const dropped = await say('drop the last slide')

    const undone = await say('undo')
    const redone = await say('undo')
    const second = await say('back to version 2')
    const missing = await say('back to version 40')

    expect(undone.deck.slides).toEqual(first.deck.slides)
    expect(undone.deck.version).toBe(3)
    expect(redone.deck.slides).toEqual(dropped.deck.slides)
    expect(second.deck.slides).toEqual(dropped.deck.slides)
    expect(second.deck.version).toBe(5)
    expect(missing.result.status).toBe('clarify')
    expect(missing.result.answer).toContain('no version 40')
    expect(missing.deck.version).toBe(5)
  })

  it('writes the deck in another language with its numbers, and stays in it', async () => {
    const { say } = await startThread()

    const { deck, result, queries } = await say('in German')
    const next = await say('Only EMEA')

    expect(queries).toEqual([])
    expect(result.status).toBe('answered')
    expect(deck.language).toBe('de')
    expect(written.every((prompt) => prompt.includes('<language>de</language>'))).toBe(true)
    expect(result.numbers.verified).toBe(result.numbers.total)
    const text = deck.slides.map((slide) => plainText(slide.title, deck)).join('\n')
    expect(text).toMatch(/\d,\d/)
    expect(text).toMatch(/den höchsten Wert|Summe|stieg von|sank von/)
    expect(text).not.toMatch(/\b(has the highest|makes up|grew by|fell by)\b/)
    expect(text).not.toMatch(/undefined/i)
    expect(next.deck.language).toBe('de')
    expect(next.queries).toHaveLength(1)
  })

  it('reads a short wish about the chart as one, and names the queries that the deck rests on', async () => {
    const { first, say } = await startThread()

    const { deck, result, queries } = await say('as a table')

    expect(queries).toEqual([])
    expect(deck.slides.filter((slide) => slide.layout === 'table')).toHaveLength(
      first.deck.slides.filter((slide) => slide.layout === 'table').length + 1,
    )
    expect(result.sql).toEqual(first.result.sql)
  })

  it('makes a deck shorter', async () => {
    const { first, say } = await startThread()

    const { deck, result } = await say('shorter')

    expect(result.status).toBe('answered')
    expect(deck.slides.length).toBeLessThan(first.deck.slides.length)
    for (const slide of deck.slides) expect(first.deck.slides.map(bytes)).toContain(bytes(slide))
  })

  it('says so when there is no such slide, and changes nothing', async () => {
    const { first, say } = await startThread()

    const { deck, result } = await say('make slide 90 a bar chart')

    expect(result.status).toBe('clarify')
    expect(result.answer).toBe(`There is no slide 90: the deck has ${first.deck.slides.length}.`)
    expect(deck).toBe(first.deck)
  })
})
