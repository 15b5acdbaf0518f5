import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createWarehouse, type Warehouse } from '../../sandbox/data/warehouse.ts'
import { createAnalyst } from '../../sandbox/databricks/analyst/analyst.ts'
import type { ChatBrain } from '../../sandbox/databricks/chat-brain.ts'
import type { AgentEvent } from '../../src/agent/events.ts'
import type { Deck, RichText, Slide } from '../../src/render/deck.ts'
import { readOffice } from '../render/office/read-office.ts'
import { pdfPages, startDeckhand, type AskOptions, type TestDeckhand } from '../support/deckhand.ts'

const today = '2026-11-23'
const animals = ['badger', 'crane', 'dolphin', 'eagle', 'falcon', 'gecko', 'heron', 'ibex', 'jackal', 'koala']
const colours = ['amber', 'blue', 'crimson', 'green']
/** Forty points that can be told apart without a number, which the grounder would look at. */
const points = colours.flatMap((colour) =>
  animals.map(
    (animal) =>
      `The ${colour} ${animal} team says that customers come back when deliveries arrive early, and that they stay away when they do not`,
  ),
)
const longTitle = `Revenue follows the seasons ${'and the weather of the week before and '.repeat(10)}little else`

const outline = {
  title: 'Revenue',
  slides: (['title', 'bullets', 'chart', 'closing'] as const).map((layout) => ({
    layout,
    message: 'Revenue follows the seasons',
    table: 'T1',
    facts: [],
  })),
}
const analyst = createAnalyst()
/** What the wish about the deck is read as; the outline and slides are always those of a model that talks too much. */
let refinement: object = {}
const brain: ChatBrain = async (request) => {
  const format = request.response_format
  const json = (value: unknown): { content: string } => ({ content: JSON.stringify(value) })
  switch (format?.type === 'json_schema' ? format.json_schema.name : '') {
    case 'outline':
      return json(outline)
    case 'slide_bullets':
      return json({ title: 'What the teams say', notes: 'Ask who disagrees.', bullets: points })
    case 'slide_chart': {
      const { content } = await analyst(request)
      return json({ ...JSON.parse(content ?? '{}'), title: longTitle })
    }
    case 'refinement':
      return json({ changes: [], theme: '', language: '', title: '', restore: 0, reply: 'Done.', ...refinement })
    default:
      return analyst(request)
  }
}

let warehouse: Warehouse
let deckhand: TestDeckhand
beforeAll(async () => {
  warehouse = await createWarehouse({ today })
  deckhand = await startDeckhand({ warehouse, today, brain })
}, 60_000)
afterEach(() => {
  refinement = {}
})
afterAll(async () => {
  await deckhand?.[Symbol.asyncDispose]()
  await warehouse?.[Symbol.asyncDispose]()
})

interface Asked {
  readonly deck: Deck
  readonly events: readonly AgentEvent[]
  readonly slideCount: number
  /** Bytes of a rendered file by its name. */
  readonly file: (name: string) => Uint8Array
}

async function ask(question: string, more: AskOptions = {}): Promise<Asked> {
  const events: AgentEvent[] = []
  const { slide_count: slideCount } = await deckhand.ask(question, { ...more, onEvent: (event) => events.push(event) })
  const made = events.findLast((event) => event.type === 'deck')
  if (made === undefined) throw new Error('no deck was made')
  const file = (name: string): Uint8Array => {
    const found = events.find((event) => event.type === 'file' && event.file.name === name)
    if (found?.type !== 'file') throw new Error(`no file ${name}`)
    return found.file.bytes
  }
  return { deck: made.deck, events, slideCount, file }
}

const plain = (text: RichText): string => text.filter((segment) => typeof segment === 'string').join('')
const titles = (deck: Deck): readonly string[] => deck.slides.map(({ title }) => plain(title))
const spoken = (slides: readonly Slide[]): readonly string[] =>
  slides.flatMap((slide) => (slide.layout === 'bullets' ? slide.bullets.map(plain) : []))
/** The last that was told of each place. */
const told = (events: readonly AgentEvent[]): readonly Slide[] =>
  events.reduce<Slide[]>((slides, event) => {
    if (event.type === 'slide') slides[event.index] = event.slide
    return slides
  }, [])

describe('a chat model that writes too much', () => {
  it('gets as many slides as its text needs, the same in every format', async () => {
    const { deck, events, slideCount, file } = await ask('Revenue by region in 2023', {
      formats: 'html,pdf,png,pptx',
      maxSlides: '20',
    })

    expect(slideCount).toBe(deck.slides.length)
    expect(slideCount).toBeGreaterThan(outline.slides.length + 1)
    expect(spoken(deck.slides)).toEqual(points)
    const parts = deck.slides.filter((slide) => slide.id.startsWith('s2'))
    expect(parts.map(({ id, title }) => [id, plain(title)])).toEqual(
      parts.map((_, at) =>
        at === 0 ? ['s2', 'What the teams say'] : [`s2-${at + 1}`, `What the teams say (${at + 1} of ${parts.length})`],
      ),
    )
    expect(parts.every(({ sources }) => sources.join() === 'T1')).toBe(true)
    const chart = deck.slides.find((slide) => slide.layout === 'chart')
    expect(plain(chart?.title ?? [])).toMatch(/…$/)
    expect(plain(chart?.layout === 'chart' ? chart.takeaway : [])).toMatch(/^….*little else/)
    expect(told(events)).toEqual(deck.slides)

    const html = new TextDecoder().decode(file('deck.html'))
    expect(html).not.toMatch(/style="[^"]*-webkit-line-clamp|not shown/)
    const pages = await pdfPages(file('deck.pdf'))
    expect(pages).toHaveLength(slideCount)
    const slideOf = (point: string): number => deck.slides.findIndex((slide) => spoken([slide]).includes(point))
    const presentation = readOffice(file('deck.pptx'))
    for (const point of points) {
      const words = point.slice(0, 'The amber heron'.length)
      const place = slideOf(point)
      expect.soft(pages[place]).toContain(words)
      expect.soft(presentation.text(`ppt/slides/slide${place + 1}.xml`)).toContain(words)
    }
    expect(file(`slide-${slideCount}.png`).byteLength).toBeGreaterThan(1000)
  })

  it('keeps to the number of slides that was asked for, and says the rest in the notes', async () => {
    const { deck, slideCount, file } = await ask('Revenue by region in 2023', { maxSlides: '4' })

    expect(slideCount).toBe(4)
    const slide = deck.slides.find(({ layout }) => layout === 'bullets')
    const shown = spoken(deck.slides)
    expect(slide).toMatchObject({ id: 's2', moreInNotes: true })
    expect(shown).toEqual(points.slice(0, shown.length))
    expect(plain(slide?.notes ?? []).split('\n')).toEqual(['Ask who disagrees.', ...points.slice(shown.length)])
    const html = new TextDecoder().decode(file('deck.html'))
    expect(html).toContain('More in the speaker notes')
    for (const point of points) expect.soft(html).toContain(point)
  })

  it('finds the slide that a wish is about, and leaves every other as it is', async () => {
    const thread = `too-much-${Date.now()}`
    const before = await ask('Revenue by region in 2023', { thread, maxSlides: '20' })
    const number = before.deck.slides.findIndex(({ id }) => id === 's2-2') + 1
    refinement = { changes: [{ action: 'chart', slide: number, to: 0, kind: 'bar', instruction: '', question: '' }] }

    const after = await ask(`make slide ${number} a bar chart`, { thread, maxSlides: '20' })

    expect(after.deck.slides[number - 1]).toMatchObject({ id: 's2-2', layout: 'chart', chart: { kind: 'bar' } })
    expect(titles(after.deck)).toEqual(titles(before.deck))
    const others = (deck: Deck): string => JSON.stringify(deck.slides.filter((_, index) => index !== number - 1))
    expect(others(after.deck)).toBe(others(before.deck))
  })

  it('counts the parts anew when one is dropped, and moves them with the first', async () => {
    const thread = `parts-${Date.now()}`
    const before = await ask('Revenue by region in 2023', { thread, maxSlides: '20' })
    const parts = before.deck.slides.filter((slide) => slide.id.startsWith('s2'))
    const change = { to: 0, kind: '', instruction: '', question: '' }
    refinement = {
      changes: [
        { ...change, action: 'drop', slide: 3 },
        { ...change, action: 'move', slide: 2, to: 1 },
      ],
    }

    const after = await ask('drop slide three and start with slide two', { thread, maxSlides: '20' })

    const left = parts.filter(({ id }) => id !== 's2-2').map(({ id }) => id)
    expect(before.deck.slides.map(({ id }) => id).slice(0, 3)).toEqual(['s1', 's2', 's2-2'])
    expect(after.deck.slides.map(({ id }) => id)).toEqual([
      ...left,
      's1',
      ...before.deck.slides.slice(1 + parts.length).map(({ id }) => id),
    ])
    expect(titles(after.deck).slice(0, left.length)).toEqual(
      left.map((_, at) => `What the teams say${at === 0 ? '' : ` (${at + 1} of ${left.length})`}`),
    )
  })
})
