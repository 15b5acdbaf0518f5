import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWarehouse, type Warehouse } from '../../sandbox/data/warehouse.ts'
import { createAnalyst } from '../../sandbox/databricks/analyst/analyst.ts'
import type { ChatBrain } from '../../sandbox/databricks/chat-brain.ts'
import type { AgentEvent } from '../../src/agent/events.ts'
import { createPreviews, type Previews } from '../../src/agent/previews.ts'
import { silentLogger } from '../../src/lib/log.ts'
import type { Slide } from '../../src/render/deck.ts'
import { RenderError, type Format, type RenderedFile, type Renderer } from '../../src/render/renderer.ts'
import { salesDeck } from '../fixtures/decks/sales.ts'
import { startDeckhand, type TestDeckhand } from '../support/deckhand.ts'

type PreviewEvent = Extract<AgentEvent, { type: 'preview' }>
const isPreview = (event: AgentEvent): event is PreviewEvent => event.type === 'preview'

describe('a turn', () => {
  const today = '2026-11-23'
  const analyst = createAnalyst()
  /** Answers to requests for these schemas wait for it. */
  let hold: { readonly schema: RegExp; readonly until: Promise<void> } | undefined
  let rewritten = 0
  const brain: ChatBrain = async (request) => {
    const format = request.response_format
    const schema = format?.type === 'json_schema' ? format.json_schema.name : ''
    if (hold?.schema.test(schema)) await hold.until
    if (schema === 'refinement') {
      const rewrite = { action: 'rewrite', slide: 2, to: 0, kind: '', instruction: 'Say it shorter', question: '' }
      const changes = [{ ...rewrite, action: 'drop', slide: 1 }, rewrite, { ...rewrite, slide: 3 }]
      return { content: JSON.stringify({ changes, theme: '', language: '', title: '', restore: 0, reply: 'Done.' }) }
    }
    const reply = await analyst(request)
    // The second of two slides that are written anew waits until the first was shown.
    if (/Say it shorter/.test(request.messages.at(-1)?.content ?? '')) {
      rewritten += 1
      if (rewritten === 2) await hold?.until
      return { content: (reply.content ?? '').replace(/"title":"/, '"title":"In short: ') }
    }
    return reply
  }

  let warehouse: Warehouse
  let deckhand: TestDeckhand
  beforeAll(async () => {
    warehouse = await createWarehouse({ today })
    deckhand = await startDeckhand({ warehouse, today, brain })
  }, 60_000)
  afterAll(async () => {
    await deckhand?.[Symbol.asyncDispose]()
    await warehouse?.[Symbol.asyncDispose]()
  })

  async function ask(question: string, formats: string, thread: string, letGo: (event: AgentEvent) => void) {
    const events: AgentEvent[] = []
    const result = await deckhand.ask(question, {
      formats,
      thread,
      onEvent: (event) => {
        events.push(event)
        letGo(event)
      },
    })
    const files = events.flatMap((event) => (event.type === 'file' && event.file.format === 'png' ? [event.file] : []))
    return { result, events, previews: events.filter(isPreview), files }
  }

  it('shows slides while another is still being written, each as it looks in the finished deck', async () => {
    const { promise, resolve } = Promise.withResolvers<void>()
    hold = { schema: /^slide_closing$/, until: promise }
    let shown = 0

    const { result, events, previews, files } = await ask(
      'Revenue by region in 2023',
      'png',
      `early-${Date.now()}`,
      (event) => {
        if (!isPreview(event)) return
        shown += 1
        if (shown === event.total - 1) resolve()
      },
    )

    expect(result.status).toBe('answered')
    expect(previews.map(({ index }) => index).toSorted((a, b) => a - b)).toEqual([...files.keys()].slice(0, -1))
    for (const { index, total, file } of previews) {
      expect(total).toBe(result.slide_count)
      expect(file).toMatchObject({ format: 'png', name: `slide-${index + 1}.png`, slide: index })
      expect(Buffer.from(file.bytes).equals(files[index]?.bytes ?? new Uint8Array())).toBe(true)
    }
    const lastPreview = events.findLastIndex(isPreview)
    expect(lastPreview).toBeLessThan(events.findLastIndex((event) => event.type === 'slide'))
    expect(lastPreview).toBeLessThan(events.findIndex((event) => event.type === 'deck'))
  })

  it('shows a changed slide at its place in the changed deck', async () => {
    const thread = `changed-${Date.now()}`
    hold = undefined
    const first = await ask('Revenue by region in 2023', 'html', thread, () => undefined)
    const { promise, resolve } = Promise.withResolvers<void>()
    hold = { schema: /^nothing$/, until: promise }

    const { result, previews, files } = await ask(
      'drop the first slide, and make the next two shorter',
      'png',
      thread,
      (event) => {
        if (isPreview(event)) resolve()
      },
    )

    expect(first.previews).toEqual([])
    expect(result.slide_count).toBe(first.result.slide_count - 1)
    expect(previews).toHaveLength(1)
    expect(previews[0]).toMatchObject({ total: result.slide_count })
    const index = previews[0]?.index ?? -1
    expect([0, 1]).toContain(index)
    expect(Buffer.from(previews[0]?.file.bytes ?? []).equals(files[index]?.bytes ?? new Uint8Array())).toBe(true)
  })
})

describe('createPreviews', () => {
  const { slides, ...deck } = salesDeck()
  const slide = slides[0]

  interface Drawing extends PromiseWithResolvers<RenderedFile> {
    readonly index: number
  }

  /** Previews of a renderer whose pictures the test finishes, one by one. */
  function watched(formats: readonly Format[] = ['png']) {
    const drawings: Drawing[] = []
    const events: AgentEvent[] = []
    const warnings: unknown[] = []
    const renderer: Renderer = {
      preview: async (_deck, _slide, index) => {
        const drawing = { index, ...Promise.withResolvers<RenderedFile>() }
        drawings.push(drawing)
        return drawing.promise
      },
      warm: async () => undefined,
      render: () => {
        throw new Error('Previews render no deck')
      },
      [Symbol.asyncDispose]: async () => undefined,
    }
    const log = { ...silentLogger, warn: (fields: unknown) => void warnings.push(fields) }
    const stop = new AbortController()
    const previews = createPreviews(formats, { renderer, log }, (event) => events.push(event), stop.signal)
    return {
      previews,
      drawings,
      events,
      warnings,
      stop,
      shown: () => events.filter(isPreview).map((event) => event.index),
    }
  }
  const draw = (previews: Previews, ...indexes: number[]): void => {
    for (const index of indexes) previews.draw(deck, slide as Slide, index, slides.length)
  }
  const picture = (index: number): RenderedFile => ({
    format: 'png',
    name: `slide-${index + 1}.png`,
    mediaType: 'image/png',
    bytes: new Uint8Array([index]),
    slide: index,
  })
  const loops = async (): Promise<void> => {
    for (let loop = 0; loop < 5; loop += 1) await new Promise((resolve) => setImmediate(resolve))
  }

  it('draws one slide after the other, in the order in which they were written', async () => {
    const { previews, drawings, shown } = watched()

    draw(previews, 2, 0, 1)
    await loops()
    expect(drawings.map(({ index }) => index)).toEqual([2])
    drawings[0]?.resolve(picture(2))
    await loops()
    expect(drawings.map(({ index }) => index)).toEqual([2, 0])
    drawings[1]?.resolve(picture(0))
    await loops()
    drawings[2]?.resolve(picture(1))
    await loops()
    draw(previews, 4)
    await loops()
    drawings[3]?.resolve(picture(4))
    await loops()

    expect(shown()).toEqual([2, 0, 1, 4])
  })

  it('goes on after a slide that cannot be drawn, and tells the log about it', async () => {
    const { previews, drawings, shown, warnings } = watched()

    draw(previews, 0, 1)
    await loops()
    drawings[0]?.reject(new RenderError('queue-full', 'Cannot lease page', { userMessage: 'Busy.' }))
    await loops()
    drawings[1]?.resolve(picture(1))
    await loops()

    expect(shown()).toEqual([1])
    expect(warnings).toMatchObject([{ slide: 1 }])
  })

  it('skips what is late: a slide still waiting or under way when the deck is finished', async () => {
    const { previews, drawings, events } = watched()

    draw(previews, 0, 1)
    await loops()
    previews[Symbol.dispose]()
    drawings[0]?.resolve(picture(0))
    await loops()
    draw(previews, 2)
    await loops()

    expect(drawings.map(({ index }) => index)).toEqual([0])
    expect(events).toEqual([])
  })

  it('does not begin with the slide that finishes the deck', async () => {
    const { previews, drawings } = watched()

    draw(previews, 0)
    await Promise.resolve()
    previews[Symbol.dispose]()
    await loops()

    expect(drawings).toEqual([])
  })

  it('is silent about what ends because the turn was stopped', async () => {
    const { previews, drawings, warnings, stop } = watched()

    draw(previews, 0, 1)
    await loops()
    stop.abort()
    drawings[0]?.reject(stop.signal.reason)
    await loops()

    expect(drawings).toHaveLength(1)
    expect(warnings).toEqual([])
  })

  it('draws nothing for a turn that wants no pictures', async () => {
    const { previews, drawings } = watched(['html', 'pdf'])

    draw(previews, 0)
    await loops()

    expect(drawings).toEqual([])
  })
})
