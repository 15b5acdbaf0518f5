import { DeckhandError, type ErrorDetails } from '../lib/errors.ts'
import type { Deck, Slide } from './deck.ts'

export const formats = ['html', 'pdf', 'png', 'pptx', 'xlsx', 'csv'] as const
export type Format = (typeof formats)[number]

/**
 * A finished file. `name` is `deck.html`, `deck.pdf`, `deck.pptx`, `deck.xlsx`, `slide-N.png` (N from 1, in slide order)
 * or `T1.csv`, the id of the table.
 */
export interface RenderedFile {
  readonly format: Format
  readonly name: string
  readonly mediaType: string
  readonly bytes: Uint8Array
  /** For `png`: zero-based index of the slide shown. */
  readonly slide?: number
}

/** Turns a deck into files. Owns a browser; dispose it to end every process it started. */
export interface Renderer extends AsyncDisposable {
  /** Starts what the first deck would wait for. Worth calling as soon as a deck is likely. */
  warm(signal: AbortSignal): Promise<void>
  /**
   * Yields each file as soon as it is ready (HTML first, then PDF, then PNGs in slide order, then the files for
   * office programs).
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
