import type { ReleaseEvent, ReleaseResult, ReleaseRun } from '../release.ts'

/** Starts work that goes on whether or not anybody listens to it. What it emits is kept for those who come late. */
export function startRun(
  environment: string,
  work: (emit: (event: ReleaseEvent) => void) => Promise<ReleaseResult>,
): ReleaseRun {
  const events: ReleaseEvent[] = []
  const end = new AbortController()
  let news = Promise.withResolvers<void>()

  function wake(): void {
    news.resolve()
    news = Promise.withResolvers()
  }

  const result = work((event) => {
    events.push(event)
    wake()
  }).finally(() => {
    end.abort()
    wake()
  })
  // Who only iterates learns of the end by the end.
  result.catch(() => {})
  return {
    environment,
    result,
    async *[Symbol.asyncIterator]() {
      for (let index = 0; ; index += 1) {
        while (index >= events.length && !end.signal.aborted) await news.promise
        const event = events[index]
        if (!event) return
        yield event
      }
    },
  }
}
