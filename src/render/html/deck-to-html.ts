import { assertDeck } from '../check-deck.ts'
import type { Deck } from '../deck.ts'
import { escapeText } from '../escape.ts'
import { isDark, type Themes } from '../theme.ts'
import { fontFaces } from '../typography/fonts.ts'
import { backupHtml } from './backup.ts'
import { createDeckContext, type DeckContext } from './context.ts'
import { explanationsHtml } from './explanations.ts'
import { filesHtml, type PageFile } from './files.ts'
import { richPlain } from './rich-text.ts'
import { slideHtml } from './slide.ts'
import { sourcesHtml } from './sources.ts'
import { styles } from './styles.ts'

/** Nothing is fetched and nothing runs, even when the page is opened outside of our own browser. */
export const contentSecurityPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'"

/**
 * A deck as one self-contained document: no script, no outside resource, a page of 1280 × 720 px per slide in print.
 * On screen, notes, data, lineage and SQL are folded away between and after the slides.
 * `for: 'print'` leaves those out, which the browser would only parse to hide. `files` are offered above the slides.
 * @throws RenderError `bad-deck` when `checkDeck` finds problems
 */
export function deckToHtml(
  deck: Deck,
  options: {
    readonly for?: 'screen' | 'print'
    readonly themes?: Themes | undefined
    readonly files?: readonly PageFile[]
  } = {},
): string {
  if (options.for === 'print') return printDocument(deck, 0, options.themes).html()
  assertDeck(deck)
  const context = createDeckContext(deck, options.themes, { explainsFacts: true })
  const slides = deck.slides.map((slide, index) => slideHtml(slide, index, context) + backupHtml(slide, index, context))
  const files = filesHtml(options.files ?? [], context)
  return document(
    `${files}<main>${slides.join('\n')}${sourcesHtml(context)}${explanationsHtml(context)}</main>`,
    context,
  )
}

/** A deck for the printer, whole or in parts. */
export interface PrintDocument {
  /** Each slide's own markup. Two slides with the same markup and `look` are the same picture. */
  readonly slides: readonly string[]
  /** All that a slide's picture depends on beside its markup: the style sheet and the language. */
  readonly look: string
  /** A document with a page for each slide, or for each of the slides at these places. */
  html(places?: readonly number[]): string
}

/**
 * The pages of a deck. `firstIndex` is the place of its first slide, from zero, for a deck that is a part of one.
 * @throws RenderError `bad-deck` when `checkDeck` finds problems
 */
export function printDocument(deck: Deck, firstIndex = 0, themes?: Themes): PrintDocument {
  assertDeck(deck)
  const context = createDeckContext(deck, themes)
  const slides = deck.slides.map((slide, index) => slideHtml(slide, firstIndex + index, context))
  return {
    slides,
    look: `${context.language}\n${styles(context.theme)}`,
    html: (places) => {
      const shown = places === undefined ? slides : places.map((place) => slides[place] ?? '')
      return document(`<main>${shown.join('\n')}</main>`, context)
    },
  }
}

function document(body: string, context: DeckContext): string {
  const { deck, language, theme } = context
  return (
    `<!doctype html>\n<html lang="${escapeText(language)}"${context.direction === 'rtl' ? ' dir="rtl"' : ''}><head><meta charset="utf-8">` +
    `<meta http-equiv="Content-Security-Policy" content="${contentSecurityPolicy}">` +
    `<meta name="viewport" content="width=device-width,initial-scale=1">` +
    `<meta name="color-scheme" content="${isDark(theme) ? 'dark' : 'light'}">` +
    `<title>${escapeText(richPlain(deck.title, context))}</title>\n` +
    `<style>${fontFaces(body)}\n${styles(theme)}</style></head>\n<body>${body}</body></html>\n`
  )
}
