import { createSeriesColours, type SeriesColours } from '../charts/colours.ts'
import { toChartModel } from '../charts/to-chart-model.ts'
import type { ChartModel } from '../charts/chart-model.ts'
import type { Chart, Deck, Slide } from '../deck.ts'
import type { Fact } from '../fact.ts'
import { safeLanguage } from '../format.ts'
import { RenderError } from '../renderer.ts'
import type { Table } from '../table.ts'
import { isDark, themeInShade, themeNamed, type Theme, type Themes } from '../theme.ts'
import { isRightToLeft, wordsFor, type Words } from '../words.ts'

/** What every template needs beside its own slide. */
export interface DeckContext {
  readonly deck: Deck
  /** The deck's theme, or its other side where {@link on} gave it. */
  readonly theme: Theme
  readonly language: string
  readonly words: Words
  /** Direction of the document; texts in another script find their own. */
  readonly direction: 'ltr' | 'rtl'
  readonly colours: SeriesColours
  /** True for the page on screen, where a number opens what is known of it (see `explanations.ts`). */
  readonly explainsFacts: boolean
  table(id: string): Table
  fact(id: string): Fact
  /** The same model for the picture and for the data table behind it. */
  chartModel(chart: Chart): ChartModel
  /**
   * What the templates of this slide need: the deck's own context, or the one other, in which the theme shows its other
   * side. A slide whose look is the deck's anyway gets the deck's own.
   */
  on(slide: Pick<Slide, 'look'>): DeckContext
}

/** `themes` are those of the installation, beside the built-in ones. */
export function createDeckContext(
  deck: Deck,
  themes?: Themes,
  options: { readonly explainsFacts?: boolean } = {},
): DeckContext {
  const theme = themeNamed(deck.theme, themes)
  const language = safeLanguage(deck.language)
  const tables = new Map(deck.tables.map((table) => [table.id, table]))
  const facts = new Map(deck.facts.map((fact) => [fact.id, fact]))
  const table = (id: string): Table => tables.get(id) ?? missing('table', id)
  const ownShade = isDark(theme) ? 'dark' : 'light'
  let colours: SeriesColours | undefined
  let other: DeckContext | undefined
  const inTheme = (side: Theme): DeckContext => ({
    deck,
    theme: side,
    language,
    words: wordsFor(language),
    direction: isRightToLeft(language) ? 'rtl' : 'ltr',
    explainsFacts: options.explainsFacts ?? false,
    // Ranked from all rows, which fitting texts has no need of.
    get colours() {
      colours ??= createSeriesColours(theme, deck.tables)
      return side === theme ? colours : colours.in(side)
    },
    table,
    fact: (id) => facts.get(id) ?? missing('fact', id),
    chartModel: (chart) => toChartModel(chart, table(chart.table), language, deck.createdAt),
    on({ look }) {
      if (look === undefined || look === ownShade) return own
      other ??= inTheme(themeNamed(themeInShade(deck.theme, look), themes))
      return other
    },
  })
  const own = inTheme(theme)
  return own
}

function missing(what: string, id: string): never {
  throw new RenderError('bad-deck', `Cannot render deck: it has no ${what} "${id}"`, {
    userMessage: 'The deck refers to data it does not have, so it could not be drawn.',
  })
}
