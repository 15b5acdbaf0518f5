import { createHash } from 'node:crypto'
import { plainText } from '../../agent/turn-as-text.ts'
import { createByteCache } from '../../lib/byte-cache.ts'
import type { Clock } from '../../lib/clock.ts'
import { createGate } from '../../lib/gate.ts'
import type { Deck } from '../../render/deck.ts'
import type { Format, RenderedFile, Renderer } from '../../render/renderer.ts'
import type { Decks } from '../decks.ts'
import type { DeckLink } from '../links.ts'
import type { Metrics } from '../metrics.ts'

/** Files of stored decks, drawn when somebody asks for them. */
export interface DeckFiles {
  /** Undefined when the deck is not kept (any more), or has no file of that name. */
  find(link: DeckLink): Promise<DeckFile | undefined>
}

export interface DeckFile {
  /** Changes whenever the file could look different. */
  readonly tag: string
  /** The deck's title, as a person reads it. */
  readonly title: string
  /** @throws RenderError, or GateFull when too many files are being drawn */
  render(): Promise<RenderedFile>
}

export interface DeckFilesDeps {
  readonly decks: Decks
  readonly renderer: Renderer
  /** Of the program: another one may draw differently. */
  readonly version: string
  readonly clock: Clock
  readonly metrics: Metrics
  /** Ends all drawing. */
  readonly signal: AbortSignal
}

/** Turns draw with the same browser: people who open links do not hold them up. */
const sideBySide = 2
const mostWaiting = 50
const keptBytes = 64 * 1024 * 1024

export function createDeckFiles(deps: DeckFilesDeps): DeckFiles {
  const { decks, renderer, version, clock, metrics, signal } = deps
  const files = createByteCache<RenderedFile>({ mostBytes: keptBytes, sizeOf: (file) => file.bytes.byteLength })
  const gate = createGate({ sideBySide, mostWaiting })
  /** What is being drawn, so that a card with five pictures has them drawn once. */
  const drawing = new Map<string, Promise<readonly RenderedFile[]>>()

  function draw(deck: Deck, hash: string, format: Format): Promise<readonly RenderedFile[]> {
    const name = `${hash}/${format}`
    const known = drawing.get(name)
    if (known) return known
    const drawn = gate.run(async () => {
      const startedAt = clock.now()
      const made = await Array.fromAsync(renderer.render(deck, [format], signal))
      metrics.observe('render_ms', clock.now() - startedAt, { purpose: 'link' })
      for (const file of made) files.set(`${hash}/${file.name}`, file)
      return made
    })
    drawing.set(name, drawn)
    const forget = (): void => void drawing.delete(name)
    drawn.then(forget, forget)
    return drawn
  }

  return {
    async find({ key, version: deckVersion, file }) {
      const deck = await decks.get(key, deckVersion)
      const format = deck && formatOf(file, deck)
      if (!deck || !format) return undefined
      // A thread that was forgotten counts its versions from one again: only the content tells decks apart.
      const hash = createHash('sha256').update(version).update(JSON.stringify(deck)).digest('base64url').slice(0, 27)
      return {
        tag: `W/"${hash}"`,
        title: plainText(deck.title, deck).trim(),
        async render() {
          const kept = files.get(`${hash}/${file}`)
          if (kept) return kept
          const made = (await draw(deck, hash, format)).find(({ name }) => name === file)
          if (!made) throw new Error(`Rendering ${format} made no ${file}`)
          return made
        },
      }
    },
  }
}

/** The format that has the file among its files; undefined when the deck has none of that name. */
function formatOf(file: string, deck: Deck): Format | undefined {
  const whole = wholeDeck.get(file)
  if (whole) return whole
  const [, kind, number] = /^(slide|thumbnail)-([1-9]\d{0,3})\.png$/.exec(file) ?? []
  if (kind !== undefined) {
    if (Number(number) > deck.slides.length) return undefined
    return kind === 'slide' ? 'png' : 'thumbnail'
  }
  return deck.tables.some(({ id }) => file === `${id}.csv`) ? 'csv' : undefined
}

const wholeDeck: ReadonlyMap<string, Format> = new Map([
  ['deck.html', 'html'],
  ['deck.pdf', 'pdf'],
  ['deck.pptx', 'pptx'],
  ['deck.xlsx', 'xlsx'],
  ['overview.png', 'overview'],
])
