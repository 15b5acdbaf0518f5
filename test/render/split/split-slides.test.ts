import { describe, expect, it } from 'vitest'
import type { Chart, Deck, RichText, Slide } from '../../../src/render/deck.ts'
import { deckToHtml } from '../../../src/render/html/deck-to-html.ts'
import { deckToPptx } from '../../../src/render/office/pptx/deck-to-pptx.ts'
import { slideFits, splitSlides } from '../../../src/render/split/split-slides.ts'
import { salesDeck } from '../../fixtures/decks/sales.ts'
import { dollars, makeFact } from '../../fixtures/decks/tables.ts'
import { readOffice } from '../office/read-office.ts'

const english =
  'Revenue grew in EMEA while returns of the standing-desk category fell below the average of the year before, and nobody expected that. '
const german =
  'Die Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft verfehlte ihre Umsatzziele wegen der Rindfleischetikettierungsüberwachungsaufgabenübertragung deutlich. '
const chinese =
  '欧洲、中东和非洲地区的收入同比增长，而拉丁美洲地区由于退货率上升和仓储不足而下降，管理层需要在下一季度作出决定。'
const arabic =
  'ارتفعت الإيرادات في منطقة أوروبا والشرق الأوسط بنسبة كبيرة مقارنة بالعام السابق، بينما تراجعت أمريكا اللاتينية. '

/** The beginning of a text that goes on for that many characters. */
const long = (text: string, characters: number): string =>
  text
    .repeat(Math.ceil(characters / text.length))
    .slice(0, characters)
    .trim()
const points = (count: number, text: string): RichText[] =>
  Array.from({ length: count }, (_, at) => [`Point ${at + 1}. ${text}`, ' ', { fact: 'F1' }])

const base = {
  id: 's3',
  title: ['Revenue grew'],
  notes: ['Say hello.'],
  sources: ['T1', 'T2'],
} satisfies Partial<Slide>
const chart: Chart = { kind: 'bar', table: 'T1', x: 'region', y: ['revenue'] }
const kpis = (count: number, label: string) =>
  Array.from({ length: count }, (_, at) => ({ label: `${at + 1} ${label}`, fact: 'F1', change: 'F6' }))

type Texts = { readonly title: RichText; readonly body: string }
/** A slide of each layout with that title and more text than anyone wants. */
const layouts: Readonly<Record<Slide['layout'], (texts: Texts) => Slide>> = {
  title: ({ title, body }) => ({ ...base, title, layout: 'title', subtitle: [body] }),
  section: ({ title, body }) => ({ ...base, title, layout: 'section', subtitle: [body] }),
  kpis: ({ title, body }) => ({ ...base, title, layout: 'kpis', kpis: kpis(11, 'Revenue'), takeaway: [body] }),
  chart: ({ title, body }) => ({ ...base, title, layout: 'chart', chart, takeaway: [body] }),
  table: ({ title, body }) => ({ ...base, title, layout: 'table', table: { table: 'T3' }, takeaway: [body] }),
  chart_table: ({ title, body }) => ({
    ...base,
    title,
    layout: 'chart_table',
    chart,
    table: { table: 'T1' },
    takeaway: [body],
  }),
  bullets: ({ title, body }) => ({ ...base, title, layout: 'bullets', bullets: [[body], [body], [body]] }),
  comparison: ({ title, body }) => ({
    ...base,
    title,
    layout: 'comparison',
    left: { heading: ['Left'], bullets: [[body], [body]] },
    right: { heading: ['Right'], bullets: [[body]] },
  }),
  closing: ({ title, body }) => ({ ...base, title, layout: 'closing', bullets: [[body], [body], [body]] }),
}
const layoutNames = Object.keys(layouts) as Slide['layout'][]

const deckOf = (slides: readonly Slide[], language = 'en'): Deck => salesDeck({ slides: [...slides], language })
const split = (slides: readonly Slide[], most = 100, language = 'en'): Slide[] =>
  splitSlides(slides, deckOf(slides, language), most)

const plain = (text: RichText): string => text.filter((segment) => typeof segment === 'string').join('')
/** Letters alone: ellipses, spaces and commas may come and go where a text is parted. */
const letters = (text: string): string => text.replace(/[^\p{L}]/gu, '')
const texts = (slide: Slide): readonly RichText[] => {
  if ('bullets' in slide) return slide.bullets
  if ('takeaway' in slide) return [slide.takeaway]
  return 'subtitle' in slide ? [slide.subtitle] : [...slide.left.bullets, ...slide.right.bullets]
}
const lettersOf = (slides: readonly Slide[]): string => letters(slides.flatMap(texts).map(plain).join(''))

/** Cut with an ellipsis by the page, or said to be left out. */
const isCut = (deck: Deck): boolean =>
  /style="[^"]*-webkit-line-clamp|more points? not shown|more figures? not shown/.test(
    deckToHtml(deck, { for: 'print' }),
  )

describe('splitSlides', () => {
  it('leaves slides that fit as the very objects they are', () => {
    const { slides } = salesDeck()

    const result = split(slides)

    expect(result).toHaveLength(slides.length)
    result.forEach((slide, at) => expect(slide).toBe(slides[at]))
  })

  it.each(layoutNames)('shows all of a slide with too much text, on as many slides as it takes: %s', (layout) => {
    const slide = layouts[layout]({ title: base.title, body: long(english, 2400) })
    expect(isCut(deckOf([slide]))).toBe(true)

    const parts = split([slide])

    expect(parts.length).toBeGreaterThan(1)
    expect(isCut(deckOf(parts))).toBe(false)
    expect(parts.map(({ id }) => id)).toEqual(['s3', ...parts.slice(1).map((_, at) => `s3-${at + 2}`)])
    expect(parts.map(({ title }) => plain(title))).toEqual([
      'Revenue grew',
      ...parts.slice(1).map((_, at) => `Revenue grew (${at + 2} of ${parts.length})`),
    ])
    expect(parts.map(({ notes }) => notes)).toEqual([base.notes, ...parts.slice(1).map(() => [])])
    expect(parts.every(({ sources }) => sources.join() === 'T1,T2')).toBe(true)
    expect(parts[0]?.layout).toBe(layout)
    if (layout !== 'comparison') expect(lettersOf(parts)).toBe(lettersOf([slide]))
    // What is split once is not split again.
    split(parts).forEach((part, at) => expect(part).toBe(parts[at]))
  })

  it.each([
    ['German compounds', 'de', german],
    ['Chinese', 'zh', chinese],
    ['Arabic', 'ar', arabic],
  ])('divides texts in %s', (_, language, text) => {
    for (const layout of layoutNames) {
      const slide = layouts[layout]({ title: [text], body: long(text, 1800) })

      const parts = split([slide], 100, language)

      expect.soft(isCut(deckOf(parts, language)), layout).toBe(false)
      if (layout === 'bullets') expect.soft(lettersOf(parts)).toBe(lettersOf([slide]))
    }
  })

  it('divides one point of 3000 characters at the ends of its sentences', () => {
    const slide: Slide = { ...base, layout: 'bullets', bullets: [[long(english, 3000)]] }

    const parts = split([slide])

    expect(parts).toHaveLength(2)
    expect(lettersOf(parts)).toBe(lettersOf([slide]))
    const [first, second] = parts.map((part) => plain(texts(part)[0] ?? []))
    expect(first).toMatch(/nobody expected that\. ?$/)
    expect(second).toMatch(/^Revenue grew in EMEA/)
    // Neither slide is left with a line or two.
    expect(Math.abs((first?.length ?? 0) - (second?.length ?? 0))).toBeLessThan(300)
  })

  it('divides forty points between points, about the same on each slide', () => {
    const slide: Slide = { ...base, layout: 'bullets', bullets: points(40, long(english, 110)) }

    const parts = split([slide])

    const counts = parts.map((part) => texts(part).length)
    expect(parts.flatMap(texts)).toEqual(slide.layout === 'bullets' ? slide.bullets : [])
    expect(counts.length).toBeGreaterThan(2)
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(3)
  })

  it('cuts a word that no line can hold, and a sentence without a space, rather than leave anything out', () => {
    const slide: Slide = { ...base, layout: 'bullets', bullets: [['x'.repeat(9000)], ['字'.repeat(3000)]] }

    const parts = split([slide])

    expect(isCut(deckOf(parts))).toBe(false)
    expect(lettersOf(parts)).toBe(lettersOf([slide]))
  })

  it.each(layoutNames)('goes on with a title of 400 characters below it: %s', (layout) => {
    const title = [long(english.replaceAll('. ', ', '), 400)]
    const slide = layouts[layout]({ title, body: 'A short text.' })

    const parts = split([slide])

    expect(isCut(deckOf(parts))).toBe(false)
    const [first] = parts
    if (layout === 'title' && parts.length === 1 && first === slide) return // A cover has room for it.
    expect(plain(first?.title ?? [])).toMatch(/…$/)
    const all = parts.map((part) => plain(part.title) + texts(part).map(plain).join(' ')).join(' ')
    expect(letters(all)).toContain(letters(title[0]?.slice(-60) ?? ''))
    expect(all).toContain('A short text.')
  })

  it('gives all figures a card, and the rest of a label a point', () => {
    const slide: Slide = {
      ...base,
      layout: 'kpis',
      kpis: [...kpis(9, 'Revenue'), { label: long(english, 400), fact: 'F1' }],
      takeaway: [],
    }

    const parts = split([slide])

    const cards = parts.flatMap((part) => (part.layout === 'kpis' ? part.kpis : []))
    expect(cards).toHaveLength(10)
    expect(cards.at(-1)?.label).toMatch(/…$/)
    expect(parts.at(-1)).toMatchObject({ layout: 'bullets', bullets: [[`${long(english, 400)}: `, { fact: 'F1' }]] })
    expect(isCut(deckOf(parts))).toBe(false)
  })

  it('shows both sides of a comparison on every slide, and all of their points', () => {
    const left = points(14, long(english, 130))
    const slide: Slide = {
      ...base,
      layout: 'comparison',
      left: { heading: [long(english, 300)], bullets: left },
      right: { heading: ['Right'], bullets: [['Only this.']] },
    }

    const parts = split([slide])

    const sides = parts.flatMap((part) => (part.layout === 'comparison' ? [part] : []))
    expect(sides).toHaveLength(parts.length)
    expect(sides.flatMap((part) => part.left.bullets).slice(1)).toEqual(left)
    expect(sides.every((part) => part.right.bullets.length === 1)).toBe(true)
    expect(isCut(deckOf(parts))).toBe(false)
  })

  it('never parts a number, and keeps its fact', () => {
    const fact = makeFact('F90', 'Name', 'Gesellschaft für außergewöhnlich lange Firmennamen', dollars, {
      valueType: 'text',
    })
    const bullet = Array.from({ length: 90 }, (): RichText => ['and then ', { fact: 'F90' }, ' ']).flat()
    const slide: Slide = { ...base, layout: 'bullets', bullets: [bullet] }
    const deck = salesDeck({ slides: [slide], facts: [...salesDeck().facts, fact] })

    const parts = splitSlides([slide], deck, 100)

    expect(parts.length).toBeGreaterThan(1)
    expect(
      parts
        .flatMap(texts)
        .flat()
        .filter((segment) => typeof segment !== 'string'),
    ).toHaveLength(90)
    expect(isCut({ ...deck, slides: parts })).toBe(false)
  })

  it.each([
    ['de', 'Titel (2 von 2)'],
    ['fr', 'Titel (2 sur 2)'],
    ['ja', 'Titel （2/2）'],
    ['pl', 'Titel (2 of 2)'],
  ])('counts in the language of the deck: %s', (language, title) => {
    const slide: Slide = { ...base, title: ['Titel'], layout: 'bullets', bullets: [[long(english, 3000)]] }

    expect(plain(split([slide], 100, language)[1]?.title ?? [])).toBe(title)
  })

  it.each(layoutNames)('keeps all parts on the side of the theme that the slide has: %s', (layout) => {
    const slide = layouts[layout]({ title: [long(english, 400)], body: long(english, 3000) })

    const parts = split([{ ...slide, look: 'dark' }])

    expect(parts.length).toBeGreaterThan(1)
    expect(parts.map(({ look }) => look)).toEqual(parts.map(() => 'dark'))
  })

  it('takes no id that another slide has', () => {
    const slide: Slide = { ...base, layout: 'bullets', bullets: [[long(english, 3000)]] }
    const other: Slide = { ...base, id: 's3-2', title: ['Another'], layout: 'bullets', bullets: [['Short.']] }

    expect(split([slide, other]).map(({ id }) => id)).toEqual(['s3', 's3-3', 's3-2'])
  })

  it('touches only what it may', () => {
    const slide: Slide = { ...base, layout: 'bullets', bullets: [[long(english, 3000)]] }
    const twin = { ...slide, id: 's4' }

    const result = splitSlides([slide, twin], deckOf([slide, twin]), 100, ({ id }) => id === 's4')

    expect(result.map(({ id }) => id)).toEqual(['s3', 's4', 's4-2'])
    expect(result[0]).toBe(slide)
  })

  it('refuses a text about a fact that is not there', () => {
    const slide: Slide = { ...base, layout: 'bullets', bullets: [[{ fact: 'F404' }]] }

    expect(() => split([slide])).toThrow(/no fact "F404"/)
  })

  it('stops dividing when there are slides enough', () => {
    const slide: Slide = { ...base, layout: 'bullets', bullets: points(1000, english) }

    const parts = split([slide], 10)

    expect(parts).toHaveLength(10)
    expect(parts.at(-1)?.moreInNotes).toBe(true)
  })
})

describe('a deck that may have no more slides', () => {
  const full = (count: number): Slide => ({ ...base, layout: 'bullets', bullets: points(count, long(english, 110)) })

  it.each(layoutNames)('has the rest in its notes and says so: %s', async (layout) => {
    const slide = layouts[layout]({ title: base.title, body: long(english, 2400) })

    const [only, ...others] = split([slide], 1)

    expect(others).toEqual([])
    expect(only).toMatchObject({ id: 's3', title: base.title, layout, moreInNotes: true })
    expect(slideFits(only as Slide, salesDeck())).toBe(true)
    expect(plain(only?.notes ?? [])).toMatch(/^Say hello\.\n/)
    const rest = letters(plain(only?.notes ?? []).slice('Say hello.'.length))
    expect((lettersOf([only as Slide]) + rest).length).toBeGreaterThanOrEqual(lettersOf([slide]).length)
    const deck = deckOf([only as Slide])
    expect(isCut(deck)).toBe(false)
    expect(deckToHtml(deck)).toContain('More in the speaker notes')
    const slides = readOffice(await deckToPptx(deck)).text('ppt/slides/slide1.xml')
    expect(slides).toContain('More in the speaker notes')
  })

  it('shows as many points as go on one slide, and the others in the notes, each on its line', () => {
    const slide = full(40)

    const [only] = split([slide], 1)

    const shown = texts(only as Slide)
    const notes = only?.notes ?? []
    expect(shown.length).toBeGreaterThan(8)
    expect(shown).toEqual(texts(slide).slice(0, shown.length))
    expect(plain(notes).match(/Point \d+/g)).toHaveLength(40 - shown.length)
    expect(notes.filter((segment) => typeof segment !== 'string')).toHaveLength(40 - shown.length)
  })

  it('gives what room there is to the first slides that need it, and no slide goes', () => {
    const slides = ['s1', 's2', 's3'].map((id): Slide => ({ ...full(60), id }))

    const result = split(slides, 4)

    expect(result.map(({ id }) => id)).toEqual(['s1', 's1-2', 's2', 's3'])
    expect(result.map(({ moreInNotes }) => moreInNotes)).toEqual([undefined, true, true, true])
    expect(split(slides, 2).map(({ id }) => id)).toEqual(['s1', 's2', 's3'])
  })

  it('sets points smaller before it moves any to the notes', () => {
    const slide = full(16)
    const wide = split([slide], 100)
    const narrow = split([slide], wide.length - 1)

    expect(wide.length).toBeGreaterThan(2)
    expect(narrow.every(({ moreInNotes }) => moreInNotes === undefined)).toBe(true)
    expect(narrow.flatMap(texts)).toEqual(texts(slide))
  })
})

describe('parts of a slide in a deck that changes', () => {
  const parts = split([{ ...base, layout: 'bullets', bullets: points(40, english) }])
  const titles = (slides: readonly Slide[]): readonly string[] => split(slides).map(({ title }) => plain(title))

  it('are counted anew when one goes', () => {
    const [first, , ...others] = parts as [Slide, Slide, ...Slide[]]

    expect(parts.length).toBeGreaterThan(3)
    expect(titles([first, ...others])).toEqual([
      'Revenue grew',
      ...others.map((_, at) => `Revenue grew (${at + 2} of ${others.length + 1})`),
    ])
    expect(titles(others)[0]).toBe('Revenue grew')
    expect(titles([first])).toEqual(['Revenue grew'])
  })

  it('follow a new title of the first, and stay alone with one of their own', () => {
    const [first, second, ...others] = parts as [Slide, Slide, ...Slide[]]

    const renamed = titles([{ ...first, title: ['New'] }, { ...second, title: ['Own'] }, ...others])

    expect(renamed).toEqual(['New', 'Own', ...others.map((_, at) => `New (${at + 2} of ${others.length + 1})`)])
  })
})
