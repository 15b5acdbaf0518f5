import { DeckhandError, type ErrorDetails } from '../lib/errors.ts'
import type { Deck, Slide } from './deck.ts'

export const formats = ['html', 'pdf', 'png', 'thumbnail', 'overview', 'pptx', 'xlsx', 'csv'] as const
export type Format = (typeof formats)[number]

/** True when a browser has to run for any of these. */
export function needsBrowser(wanted: readonly Format[]): boolean {
  return wanted.some((format) => browserFormats.has(format))
}

const browserFormats: ReadonlySet<Format> = new Set(['pdf', 'png', 'thumbnail', 'overview'])

/** Widths of a slide's pictures; they are 16 to 9. */
export const pictureWidthsPx = { png: 1280, thumbnail: 640 } as const

/**
 * A finished file. `name` is `deck.html`, `deck.pdf`, `deck.pptx`, `deck.xlsx`, `slide-N.png` (1280 × 720 px; N from 1, in
 * slide order), `thumbnail-N.png` (640 × 360 px, for chat), `overview.png` (all slides on one sheet of at most
 * 1024 × 1024 px) or `T1.csv`, the id of the table.
 */
export interface RenderedFile {
  readonly format: Format
  readonly name: string
  readonly mediaType: string
  readonly bytes: Uint8Array
  /** For `png` and `thumbnail`: zero-based index of the slide shown. */
  readonly slide?: number
}

/** Turns a deck into files. Owns a browser; dispose it to end every process it started. */
export interface Renderer extends AsyncDisposable {
  /** Starts what the first deck would wait for. Worth calling as soon as a deck is likely. */
  warm(signal: AbortSignal): Promise<void>
  /**
   * Yields each file as soon as it is ready (HTML first, then PDF, then PNGs in slide order, then thumbnails likewise, the
   * overview, and the files for office programs).
   * @throws RenderError
   */
  render(deck: Deck, want: readonly Format[], signal: AbortSignal): AsyncIterable<RenderedFile>
  /**
   * The PNG of one slide at its place (from zero) in a deck whose other slides may not be written yet. `render` takes the
   * picture over when the slide looks the same in the finished deck.
   * @throws RenderError
   */
  preview(deck: Omit<Deck, 'slides'>, slide: Slide, index: number, signal: AbortSignal): Promise<RenderedFile>
}

/** A deck could not be rendered. */
export class RenderError extends DeckhandError {
  override readonly name = 'RenderError'
  readonly code: 'timeout' | 'browser-missing' | 'browser-crashed' | 'queue-full' | 'bad-deck'

  constructor(code: RenderError['code'], message: string, details: ErrorDetails) {
    super(message, details)
    this.code = code
  }
}
