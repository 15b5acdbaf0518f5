import { subscribe, unsubscribe } from 'node:diagnostics_channel'

/** A request as it left this process. */
export interface SentBody {
  readonly method: string
  /** Without the query, which is not looked at here. */
  readonly url: string
  /** Empty where none was sent. */
  readonly body: string
}

/** Every request of this process by `fetch` or undici since it began, bodies as they went over the wire. */
export interface SentBodies extends Disposable {
  all(): readonly SentBody[]
}

interface SentRequest {
  readonly method: string
  readonly origin: string | URL
  readonly path: string
}

/** Disposing ends the listening. */
export function recordSentBodies(): SentBodies {
  const sent = new Map<SentRequest, Buffer[]>()
  const onCreate = (message: unknown): void => {
    sent.set((message as { request: SentRequest }).request, [])
  }
  const onChunk = (message: unknown): void => {
    const { request, chunk } = message as { request: SentRequest; chunk: string | Uint8Array }
    sent.get(request)?.push(Buffer.from(chunk))
  }
  subscribe('undici:request:create', onCreate)
  subscribe('undici:request:bodyChunkSent', onChunk)
  return {
    all: () =>
      [...sent].map(([{ method, origin, path }, chunks]) => ({
        method,
        url: `${String(origin)}${path.replace(/\?.*/, '')}`,
        body: Buffer.concat(chunks).toString('latin1'),
      })),
    [Symbol.dispose]() {
      unsubscribe('undici:request:create', onCreate)
      unsubscribe('undici:request:bodyChunkSent', onChunk)
    },
  }
}
