import type { Reply } from '../reply.ts'
import { toFirstAnswer, toProgress, toSlideNews, type Asked } from './present.ts'

/** A server-sent event: its name and its data. */
export interface StreamEvent {
  readonly event: 'progress' | 'first_answer' | 'slide' | 'done' | 'later'
  readonly data: object
}

/**
 * What is new in each state of a turn, in the order a person would tell it. Nothing is told twice, also where another
 * worker takes the turn over and its state begins anew. Undefined: nothing is known of the turn yet.
 */
export function createTeller(asked: Asked): (reply: Reply | undefined) => StreamEvent[] {
  const told = new Map<string, string>()
  /** As an event, unless it was the last that was told of this. */
  function tell(what: string, event: StreamEvent): StreamEvent[] {
    const text = JSON.stringify(event.data)
    if (told.get(what) === text) return []
    told.set(what, text)
    return [event]
  }

  return (reply) => {
    const hasEnded = reply?.phase === 'ended'
    return [
      ...(hasEnded ? [] : tell('progress', { event: 'progress', data: toProgress(asked, reply) })),
      ...(reply?.firstAnswer
        ? tell('first answer', { event: 'first_answer', data: { id: asked.id, ...toFirstAnswer(reply.firstAnswer) } })
        : []),
      ...(reply?.slides ?? []).flatMap((slide) => {
        // What a slide is called only once its numbers are in does not get lost again.
        if (slide.title === '' && told.has(`slide ${slide.index}`)) return []
        return tell(`slide ${slide.index}`, {
          event: 'slide',
          data: { id: asked.id, ...toSlideNews(slide, reply?.slideCount ?? 0) },
        })
      }),
    ]
  }
}

/** On the wire. JSON has no line breaks of its own, so that data is one line. */
export function encodeEvent({ event, data }: StreamEvent): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}

/** Keeps proxies from taking a quiet connection for a dead one. */
export const heartbeat = ': still there\n\n'
