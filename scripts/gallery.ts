import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createLogger } from '../src/lib/log.ts'
import { createRenderer } from '../src/render/create-renderer.ts'
import type { Deck } from '../src/render/deck.ts'
import { escapeText } from '../src/render/escape.ts'
import { limits } from '../src/render/limits.ts'
import { splitSlides } from '../src/render/split/split-slides.ts'
import { themeNames } from '../src/render/theme.ts'
import { loadThemes } from '../src/settings.ts'
import { chartsDeck } from '../test/fixtures/decks/charts.ts'
import { languageDecks } from '../test/fixtures/decks/languages.ts'
import { inLooks } from '../test/fixtures/decks/looks.ts'
import { salesDeck } from '../test/fixtures/decks/sales.ts'
import { uglyDeck } from '../test/fixtures/decks/ugly.ts'

/**
 * Draws every layout and chart on ordinary and ugly data, in every theme and several languages, into one page of pictures:
 * `npm run gallery`, or for a part of it `npm run gallery -- --deck charts --theme dark`. Look at `out/gallery/index.html`.
 */

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'out/gallery' },
    deck: { type: 'string' },
    theme: { type: 'string' },
  },
})
const problems: string[] = []
const { loaded } = loadThemes(join(import.meta.dirname, '../config/themes'), { env: {}, secrets: [] }, problems)
for (const problem of problems) console.error(problem)
const everyTheme = [...themeNames, ...loaded.keys()]

// As the agent hands it over: what is too much for a slide stands on several.
const ugly = uglyDeck()
const shown: readonly (readonly [name: string, deck: Deck, themes: readonly string[]])[] = [
  ['sales', salesDeck(), everyTheme],
  ['charts', chartsDeck(), everyTheme],
  // Half of the slides on the other side of the theme, whichever it is.
  ['sales-looks', inLooks(salesDeck(), 'dark', 'light'), everyTheme],
  ['charts-looks', inLooks(chartsDeck(), 'light', 'dark'), everyTheme],
  ['ugly', uglyDeck(), everyTheme],
  ['ugly-split', { ...ugly, slides: splitSlides(ugly.slides, ugly, limits.slides) }, ['light']],
  ...languageDecks().map((deck) => [`language-${deck.language}`, deck, ['light']] as const),
]

await using renderer = createRenderer({
  browserPath: process.env['PUPPETEER_EXECUTABLE_PATH'] ?? '',
  timeoutMs: 60_000,
  themes: loaded,
  log: createLogger({ level: 'warn' }),
})
const sections: string[] = []
for (const [name, deck, themes] of shown) {
  if (values.deck !== undefined && values.deck !== name) continue
  for (const theme of themes) {
    if (values.theme !== undefined && values.theme !== theme) continue
    const folder = join(values.out, `${name}-${theme}`)
    await rm(folder, { recursive: true, force: true })
    await mkdir(folder, { recursive: true })
    const startedAt = performance.now()
    const pictures: string[] = []
    for await (const file of renderer.render(
      { ...deck, theme },
      ['html', 'pdf', 'png', 'overview'],
      new AbortController().signal,
    )) {
      await writeFile(join(folder, file.name), file.bytes)
      if (file.mediaType === 'image/png') pictures.push(`${name}-${theme}/${file.name}`)
    }
    console.error(`${folder}: ${pictures.length - 1} slides, ${Math.round(performance.now() - startedAt)} ms`)
    sections.push(sectionHtml(`${name}, ${theme}`, `${name}-${theme}`, pictures))
  }
}
await writeFile(join(values.out, 'index.html'), pageHtml(sections))
console.log(join(values.out, 'index.html'))

/** The pictures of the slides in order, and the overview last. */
function sectionHtml(title: string, folder: string, pictures: readonly string[]): string {
  const figures = pictures.map((picture, index) => {
    const alt = index === pictures.length - 1 ? 'Overview' : `Slide ${index + 1}`
    return `<a href="${escapeText(picture)}"><img src="${escapeText(picture)}" width="640" height="360" loading="lazy" alt="${alt}"></a>`
  })
  const links = `<a href="${folder}/deck.html">page</a> <a href="${folder}/deck.pdf">PDF</a>`
  return `<h2>${escapeText(title)} <small>${links}</small></h2><div>${figures.join('')}</div>`
}

function pageHtml(content: readonly string[]): string {
  return (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Deckhand gallery</title>' +
    '<style>body{font:16px sans-serif;margin:2em;background:#e4e7eb}div{display:grid;gap:12px;' +
    'grid-template-columns:repeat(auto-fill,minmax(420px,1fr))}img{width:100%;height:auto;display:block}' +
    `small{font-size:14px;font-weight:400}</style><h1>Deckhand gallery</h1>${content.join('\n')}</html>\n`
  )
}
