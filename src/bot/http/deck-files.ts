import { createHash } from 'node:crypto'
import { plainText } from '../../agent/turn-as-text.ts'
import { createByteCache } from '../../lib/byte-cache.ts'
import type { Clock } from '../../lib/clock.ts'
import { createGate } from '../../lib/gate.ts'
import type { Deck } from '../../render/deck.ts'
import type { PageFile } from '../../render/html/files.ts'
import type { Format, RenderedFile, Renderer } from '../../render/renderer.ts'
import type { Decks } from '../decks.ts'
import type { OpenedLink } from '../links.ts'
import type { Metrics } from '../metrics.ts'

/** Files of stored decks, drawn when somebody asks for them. */
export interface DeckFiles {
  /** Undefined when the deck is not kept (any more), or has no file of that name. */
  find(link: OpenedLink): Promise<DeckFile | undefined>
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
  /** The deck page, with links to its files. @throws RenderError */
  readonly toPage: (deck: Deck, files: readonly PageFile[]) => string
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
  const { decks, renderer, toPage, version, clock, metrics, signal } = deps
  const files = createByteCache<RenderedFile>({ mostBytes: keptBytes, sizeOf: (file) => file.bytes.byteLength })
  const gate = createGate({ sideBySide, mostWaiting })
  /** What is being drawn, so that a card with five pictures has them drawn once. */
  const drawing = new Map<string, Promise<readonly RenderedFile[]>>()

  /** Draws files that belong together, under names that begin with `prefix`. */
  function draw(prefix: string, format: Format, make: Make): Promise<readonly RenderedFile[]> {
    const name = `${prefix}/${format}`
    const known = drawing.get(name)
    if (known) return known
    const drawn = gate.run(async () => {
      const startedAt = clock.now()
      const made = await make()
      metrics.observe('render_ms', clock.now() - startedAt, { purpose: 'link' })
      for (const file of made) files.set(`${prefix}/${file.name}`, file)
      return made
    })
    drawing.set(name, drawn)
    const forget = (): void => void drawing.delete(name)
    drawn.then(forget, forget)
    return drawn
  }

  function pageOf(deck: Deck, beside: OpenedLink['beside']): RenderedFile {
    const page = toPage(deck, pageFiles(deck, beside))
    return { format: 'html', name: 'deck.html', mediaType: 'text/html; charset=utf-8', bytes: Buffer.from(page) }
  }

  return {
    async find({ key, version: deckVersion, file, beside }) {
      const deck = await decks.get(key, deckVersion)
      const format = deck && formatOf(file, deck)
      if (!deck || !format) return undefined
      // A thread that was forgotten counts its versions from one again: only the content tells decks apart.
      const hash = createHash('sha256').update(version).update(JSON.stringify(deck)).digest('base64url').slice(0, 27)
      return {
        tag: `W/"${hash}"`,
        title: plainText(deck.title, deck).trim(),
        async render() {
          // The page has the reader's own links.
          const isPage = format === 'html'
          const prefix = isPage ? `${hash}/${beside(file)}` : hash
          const kept = files.get(`${prefix}/${file}`)
          if (kept) return kept
          const made = await draw(prefix, format, async () =>
            isPage ? [pageOf(deck, beside)] : await Array.fromAsync(renderer.render(deck, [format], signal)),
          )
          const found = made.find(({ name }) => name === file)
          if (!found) throw new Error(`Rendering ${format} made no ${file}`)
          return found
        },
      }
    },
  }
}

type Make = () => Promise<readonly RenderedFile[]>

/** What people take along: the deck in other forms, and its data. */
function pageFiles({ tables }: Deck, beside: OpenedLink['beside']): PageFile[] {
  return [
    { label: 'PDF', url: beside('deck.pdf') },
    { label: 'PowerPoint', url: beside('deck.pptx') },
    ...(tables.length === 0 ? [] : [{ label: 'Excel', url: beside('deck.xlsx') }]),
    ...tables.map(({ id }) => ({ label: tables.length === 1 ? 'CSV' : `CSV ${id}`, url: beside(`${id}.csv`) })),
  ]
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
