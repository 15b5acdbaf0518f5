import { setImmediate as nextLoop } from 'node:timers/promises'
import { describeError } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import type { Deck, Slide } from '../render/deck.ts'
import type { Format, Renderer } from '../render/renderer.ts'
import type { AgentEvent } from './events.ts'

export interface PreviewDeps {
  readonly renderer: Renderer
  readonly log: Logger
}

/** Pictures of slides while other slides are still being written. Disposed when the last one is. */
export interface Previews extends Disposable {
  /** Draws a slide at its place (from zero) among `total`. `deck` needs only the facts that this slide shows. */
  draw(deck: Omit<Deck, 'slides'>, slide: Slide, index: number, total: number): void
}

/**
 * Draws one slide after the other, so that one turn's previews never fill the renderer's queue. Nothing is drawn for a turn
 * without pictures. A slide that cannot be drawn is left to the finished deck's rendering, which says why; what is not drawn
 * when the deck is finished is skipped, for then its pictures come anyway.
 */
export function createPreviews(
  formats: readonly Format[],
  deps: PreviewDeps,
  emit: (event: AgentEvent) => void,
  signal: AbortSignal,
): Previews {
  const waiting: Parameters<Previews['draw']>[] = []
  let isOpen = formats.includes('png')
  let isDrawing = false

  async function drawWaiting(): Promise<void> {
    // The slide that finishes the deck is here before anyone knows that it does.
    await nextLoop()
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [deck, slide, index, total] = next
      try {
        const file = await deps.renderer.preview(deck, slide, index, signal)
        if (isOpen) emit({ type: 'preview', index, total, file })
      } catch (error) {
        if (signal.aborted) return
        deps.log.warn({ slide: index + 1, error: describeError(error) }, 'Slide could not be drawn ahead of its deck')
      }
    }
  }

  return {
    draw(...slide) {
      if (!isOpen) return
      waiting.push(slide)
      if (isDrawing) return
      isDrawing = true
      void drawWaiting().finally(() => (isDrawing = false))
    },

    [Symbol.dispose]() {
      isOpen = false
      waiting.length = 0
    },
  }
}
