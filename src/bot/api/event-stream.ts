import type { Reply } from '../reply.ts'
import { toFirstAnswer, toProgress, toSlideNews, type Asked } from './present.ts'

/** A server-sent event: its name and its data. */
export interface StreamEvent {
  readonly event: 'progress' | 'first_answer' | 'slide' | 'done' | 'later'
  readonly data: object
}

/**
 * What happened between two states of a turn that has not ended, in the order a person would tell it. Undefined: nothing
 * is known of it yet, or nothing was told before.
 */
export function eventsBetween(asked: Asked, before: Reply | undefined, after: Reply | undefined): StreamEvent[] {
  const events: StreamEvent[] = []
  const progress = toProgress(asked, after)
  if (!before || !isSame(toProgress(asked, before), progress)) events.push({ event: 'progress', data: progress })
  if (!after) return events
  if (after.firstAnswer && !isSame(before?.firstAnswer, after.firstAnswer)) {
    events.push({ event: 'first_answer', data: { id: asked.id, ...toFirstAnswer(after.firstAnswer) } })
  }
  for (const slide of after.slides) {
    const known = before?.slides.find(({ index }) => index === slide.index)
    if (known?.id === slide.id && known.title === slide.title) continue
    events.push({ event: 'slide', data: { id: asked.id, ...toSlideNews(slide, after) } })
  }
  return events
}

/** On the wire. JSON has no line breaks of its own, so that data is one line. */
export function encodeEvent({ event, data }: StreamEvent): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}

/** Keeps proxies from taking a quiet connection for a dead one. */
export const heartbeat = ': still there\n\n'

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
