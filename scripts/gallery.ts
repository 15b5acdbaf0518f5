import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createLogger } from '../src/lib/log.ts'
import { createRenderer } from '../src/render/create-renderer.ts'
import type { Deck } from '../src/render/deck.ts'
import { formats } from '../src/render/renderer.ts'
import { themeNames } from '../src/render/theme.ts'
import { chartsDeck } from '../test/fixtures/decks/charts.ts'
import { salesDeck } from '../test/fixtures/decks/sales.ts'
import { uglyDeck } from '../test/fixtures/decks/ugly.ts'

/** Renders the sample decks in every theme to `out/gallery/DECK-THEME/`, for looking at: `node scripts/gallery.ts`. */

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'out/gallery' },
    deck: { type: 'string' },
    theme: { type: 'string' },
  },
})
const decks: Readonly<Record<string, () => Deck>> = { sales: salesDeck, charts: chartsDeck, ugly: uglyDeck }

await using renderer = createRenderer({
  browserPath: process.env['PUPPETEER_EXECUTABLE_PATH'] ?? '',
  timeoutMs: 60_000,
  log: createLogger({ level: 'warn' }),
})
for (const [name, make] of Object.entries(decks)) {
  if (values.deck !== undefined && values.deck !== name) continue
  for (const theme of themeNames) {
    if (values.theme !== undefined && values.theme !== theme) continue
    const folder = join(values.out, `${name}-${theme}`)
    await mkdir(folder, { recursive: true })
    const startedAt = performance.now()
    for await (const file of renderer.render({ ...make(), theme }, formats, new AbortController().signal)) {
      await writeFile(join(folder, file.name), file.bytes)
    }
    console.error(`${folder}: ${Math.round(performance.now() - startedAt)} ms`)
  }
}
