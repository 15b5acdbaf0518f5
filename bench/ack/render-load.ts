import { installedBrowser } from '../../src/render/browser/find-browser.ts'
import { createRenderer } from '../../src/render/create-renderer.ts'
import { silentLogger as log } from '../../src/lib/log.ts'
import { endSoon } from '../../src/lib/signals.ts'
import { sampleDeck } from '../render/decks.ts'

/**
 * Renders two decks at a time, one after the other without a pause, until it is told to end: what a worker does to a
 * machine at its busiest. Prints a dot for each deck. The deck's place in the row is on every slide, so that none is
 * found in a cache.
 */

const decksAtATime = 2
const slideCount = 10

const ending = new AbortController()
process.once('SIGTERM', () => ending.abort())
const browserPath = installedBrowser(process.env['PUPPETEER_EXECUTABLE_PATH']) ?? ''
const renderer = createRenderer({ browserPath, timeoutMs: 120_000, log })
await renderer.warm(ending.signal)
await Promise.all(Array.from({ length: decksAtATime }, (_, place) => renderOn(place)))
await renderer[Symbol.asyncDispose]()
endSoon(process)

async function renderOn(place: number): Promise<void> {
  for (let round = 0; !ending.signal.aborted; round += 1) {
    try {
      const deck = sampleDeck(slideCount, `${place}-${round}`)
      for await (const _ of renderer.render(deck, ['pdf', 'png', 'pptx', 'html'], ending.signal)) continue
      process.stdout.write('.')
    } catch (error) {
      if (!ending.signal.aborted) throw error
    }
  }
}
