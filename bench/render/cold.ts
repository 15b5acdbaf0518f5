import { readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { silentLogger } from '../../src/lib/log.ts'
import { createRenderer } from '../../src/render/create-renderer.ts'

/** One deck from nothing, as a command does it: `node cold.ts DECK.json OUT` leaves the PDF and the PNGs in OUT. */

const [deckFile = '', out = ''] = process.argv.slice(2)
const browserPath = process.env['PUPPETEER_EXECUTABLE_PATH'] ?? ''
await using renderer = createRenderer({ browserPath, timeoutMs: 60_000, log: silentLogger })
const warming = renderer.warm(AbortSignal.timeout(60_000))
const { Deck } = await import('../../src/render/deck.ts')
const deck = Deck.parse(JSON.parse(readFileSync(deckFile, 'utf8')))
for await (const file of renderer.render(deck, ['pdf', 'png'], AbortSignal.timeout(60_000))) {
  await writeFile(join(out, file.name), file.bytes)
}
await warming
