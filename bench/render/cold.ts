import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { silentLogger } from '../../src/lib/log.ts'
import { createRenderer } from '../../src/render/create-renderer.ts'
import { Deck } from '../../src/render/deck.ts'

/** One deck from nothing, as a command does it: `node cold.ts DECK.json OUT` leaves the PDF and the PNGs in OUT. */

const [deckFile = '', out = ''] = process.argv.slice(2)
const browserPath = process.env['PUPPETEER_EXECUTABLE_PATH'] ?? ''
await using renderer = createRenderer({ browserPath, timeoutMs: 60_000, log: silentLogger })
const started = renderer.warm(AbortSignal.timeout(60_000))
const deck = Deck.parse(JSON.parse(readFileSync(deckFile, 'utf8')))
await started
for await (const file of renderer.render(deck, ['pdf', 'png'], AbortSignal.timeout(60_000))) {
  await writeFile(join(out, file.name), file.bytes)
}
