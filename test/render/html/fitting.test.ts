import type { Browser, Page } from 'puppeteer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Chart, Deck, RichText, Slide } from '../../../src/render/deck.ts'
import { deckToHtml } from '../../../src/render/html/deck-to-html.ts'
import { splitSlides } from '../../../src/render/split/split-slides.ts'
import { textWidth, wrapText } from '../../../src/render/typography/measure.ts'
import { chartsDeck } from '../../fixtures/decks/charts.ts'
import { salesDeck } from '../../fixtures/decks/sales.ts'
import { count, dollars, makeTable, number, percent, text } from '../../fixtures/decks/tables.ts'
import { uglyDeck } from '../../fixtures/decks/ugly.ts'
import { launchProbe } from '../support.ts'

// Text is fitted by our own measure of Inter. These tests ask the real layout engine whether the measure was right.

let browser: Browser
let page: Page

beforeAll(async () => {
  browser = await launchProbe()
  page = await browser.newPage()
  await page.emulateMediaType('print')
})

afterAll(async () => {
  await browser.close()
})

/** What sticks out of where it belongs, as sentences; empty when everything fits. */
async function overflows(deck: Deck): Promise<string[]> {
  await page.setContent(deckToHtml(deck, { for: 'print' }))
  await page.evaluate('document.fonts.ready')
  // A string, because the page's own types (DOM) are not those of this program.
  return (await page.evaluate(findOverflows)) as string[]
}

const findOverflows = `(() => {
  const found = []
  for (const slide of document.querySelectorAll('.slide')) {
    const frame = slide.getBoundingClientRect()
    const foot = slide.querySelector('.foot')?.getBoundingClientRect().top ?? frame.bottom
    const say = (element, what) =>
      found.push([slide.dataset.slide, element.tagName + '.' + element.getAttribute('class'), what, element.textContent.slice(0, 60)].join(' '))
    const isClamped = (element) => element !== null && element !== slide && (getComputedStyle(element).webkitLineClamp !== 'none' || isClamped(element.parentElement))
    for (const element of slide.querySelectorAll('*')) {
      if (element.closest('.cover-art') !== null) continue
      // What a clamp hides is counted as hidden by its ellipsis.
      if (isClamped(element.parentElement)) continue
      const box = element.getBoundingClientRect()
      if (box.right > frame.right + 0.5 || box.left < frame.left - 0.5) say(element, 'leaves the slide sideways')
      if (element.closest('.body') !== null && box.bottom > foot + 0.5) say(element, 'reaches the footer')
      if (box.bottom > frame.bottom + 0.5 || box.top < frame.top - 0.5) say(element, 'leaves the slide')
      const style = getComputedStyle(element)
      if (style.webkitLineClamp !== 'none' || !(element instanceof HTMLElement)) continue
      if (element.scrollHeight > element.clientHeight + 1 && style.overflowY === 'hidden') say(element, 'hides its end')
      if (element.scrollWidth > element.clientWidth + 1 && style.overflowX === 'hidden') say(element, 'hides its side')
    }
    for (const one of slide.querySelectorAll('.head,.cover-main,.body>*,.card>*,.side>*,.table-box>*,.figure>*')) {
      const next = one.nextElementSibling
      if (next === null) continue
      const upper = one.getBoundingClientRect()
      const lower = next.getBoundingClientRect()
      const isBelow = lower.left < upper.right && lower.right > upper.left
      if (isBelow && upper.bottom > lower.top + 0.5 && lower.height > 0) say(one, 'covers what comes after it')
    }
  }
  return found
})()`

/** Texts that an analyst might write, of every length up to far too long. */
function sentence(words: number, seed: number): string {
  const list =
    'Revenue grew in EMEA while returns of the standing-desk category (Q3/2023) fell below average; Wiesbaden, WAWA & Illinois lag'.split(
      ' ',
    )
  return Array.from({ length: words }, (_, index) => list[(index * 7 + seed * 3) % list.length]).join(' ')
}

function slidesOfLength(words: number): Slide[] {
  const rich = (factor: number, seed: number): RichText => {
    const length = Math.max(1, Math.round(words * factor))
    return [sentence(length, seed), ' ', { fact: 'F1', format: 'compact' }, ' ', { fact: 'F11', format: 'full' }]
  }
  const base = { title: rich(0.6, words), notes: [], sources: ['T1', 'T2', 'T3'] }
  const chart: Chart = { kind: 'bar', table: 'T1', x: 'region', y: ['revenue'], title: sentence(words, 1) }
  const bullets = Array.from({ length: (words % 6) + 1 }, (_, index) => rich(0.7, index))
  return [
    { ...base, id: `title-${words}`, layout: 'title', subtitle: rich(0.8, 2) },
    { ...base, id: `section-${words}`, layout: 'section', subtitle: rich(0.8, 3) },
    {
      ...base,
      id: `kpis-${words}`,
      layout: 'kpis',
      kpis: Array.from({ length: (words % 8) + 1 }, (_, index) => ({
        label: sentence(Math.ceil(words / 6), index),
        fact: 'F1',
        ...(index % 2 === 0 ? { change: 'F6' } : {}),
      })),
      takeaway: rich(1, 4),
    },
    { ...base, id: `chart-${words}`, layout: 'chart', chart, takeaway: rich(1, 5) },
    { ...base, id: `table-${words}`, layout: 'table', table: { table: 'T3' }, takeaway: rich(1, 6) },
    { ...base, id: `chart_table-${words}`, layout: 'chart_table', chart, table: { table: 'T1' }, takeaway: rich(1, 7) },
    { ...base, id: `bullets-${words}`, layout: 'bullets', bullets },
    {
      ...base,
      id: `comparison-${words}`,
      layout: 'comparison',
      left: { heading: rich(0.3, 8), bullets },
      right: { heading: rich(0.2, 9), bullets: bullets.slice(1) },
    },
    { ...base, id: `closing-${words}`, layout: 'closing', bullets },
  ]
}

describe('slides', () => {
  it.each([
    ['ordinary data', salesDeck()],
    ['all kinds of charts', chartsDeck()],
    ['texts and tables that no one designs for', uglyDeck()],
  ])('hold %s', async (_, deck) => {
    expect(await overflows(deck)).toEqual([])
  })

  it.each([
    [1, 20],
    [21, 40],
    [45, 95],
    [110, 320],
  ])('hold texts of %i to %i words in every layout', async (from, to) => {
    const step = Math.max(2, Math.ceil((to - from) / 10))
    for (let words = from; words <= to; words += step) {
      expect.soft(await overflows(salesDeck({ slides: slidesOfLength(words) }))).toEqual([])
    }
  })

  it.each([60, 200, 320])('hold what texts of %i words are split into', async (words) => {
    const deck = salesDeck({ slides: slidesOfLength(words) })

    const slides = splitSlides(deck.slides, deck, 100)

    expect(await overflows({ ...deck, slides })).toEqual([])
  })

  it('hold what texts that no one designs for are split into', async () => {
    const deck = uglyDeck()

    expect(await overflows({ ...deck, slides: splitSlides(deck.slides, deck, 100) })).toEqual([])
  })

  it('hold tables of any shape', async () => {
    const tables = [1, 2, 3, 5, 8, 13].flatMap((columns) =>
      [1, 4, 9, 10, 11, 12, 16, 60].map((rows) =>
        makeTable(
          `T${columns}x${rows}`,
          sentence(columns, rows),
          Array.from({ length: columns }, (_, at) =>
            at % 3 === 0
              ? text(`${sentence(2, at)} name`)
              : number(`${sentence(2, at)} sum`, at % 3 === 1 ? dollars : at % 2 === 0 ? percent : count),
          ),
          Array.from({ length: rows }, (_, row) =>
            Array.from({ length: columns }, (_, at) =>
              at % 3 === 0 ? sentence((row % 9) + 1, at) : row * 123_456.789 * (at + 1),
            ),
          ),
        ),
      ),
    )
    const slides = tables.map((table, index): Slide => ({
      id: table.id,
      layout: 'table',
      title: [sentence(6, index)],
      table: { table: table.id },
      takeaway: index % 2 === 0 ? [sentence(14, index)] : [],
      notes: [],
      sources: [table.id],
    }))

    expect(await overflows(salesDeck({ tables, facts: [], slides, title: ['Tables'] }))).toEqual([])
  })
})

describe('textWidth', () => {
  it.each([400, 600] as const)(
    'is what the layout engine measures at weight %i, give or take kerning',
    async (weight) => {
      await page.setContent(deckToHtml(salesDeck(), { for: 'print' }))
      await page.evaluate('document.fonts.ready')
      const samples = [
        'Revenue grew',
        'AVATAR WAWA Type',
        'illicit fill',
        'naïve Œuvre façade',
        '(50%) — “Q4” & more…',
        '$1,234,567.89',
      ]

      const measured = (await page.evaluate(`${JSON.stringify(samples)}.map((sample) => {
      const span = document.createElement('span')
      span.style.cssText = 'font:${weight} 100px Inter;white-space:pre;position:absolute;font-variant-numeric:tabular-nums'
      span.textContent = sample
      document.body.append(span)
      return span.getBoundingClientRect().width
    })`)) as number[]

      for (const [index, sample] of samples.entries()) {
        const ours = textWidth(sample, 100, weight)
        expect.soft(ours / (measured[index] ?? 1), sample).toBeGreaterThan(0.985)
        expect.soft(ours / (measured[index] ?? 1), sample).toBeLessThan(1.08)
      }
    },
  )
})

describe('wrapText', () => {
  it('breaks at spaces and after hyphens, and inside a word only when it must', () => {
    expect(wrapText('one two-three four', textWidth('one two-', 16), 16)).toEqual(['one two-', 'three', 'four'])
    expect(wrapText('…abcdef', textWidth('abc', 16), 16)).toEqual(['…', 'abc', 'def'])
    expect(wrapText('abcdef', textWidth('abc', 16), 16)).toEqual(['abc', 'def'])
    expect(wrapText('中文文本', textWidth('中文', 16), 16)).toEqual(['中文', '文本'])
    expect(wrapText('', 100, 16)).toEqual([''])
  })
})
