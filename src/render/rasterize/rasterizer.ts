import { Worker } from 'node:worker_threads'
import { RenderError } from '../renderer.ts'
import type { FromWorker, PictureWanted, ToWorker } from './messages.ts'

/** Draws the pages of a PDF as pictures, in threads of its own. */
export interface Rasterizer extends AsyncDisposable {
  /**
   * PNG files of pages in the order given, each settled as soon as it is ready. All that are not ready when the signal
   * aborts reject with its reason, and no more are drawn.
   * @throws RenderError `browser-crashed`, in the promise of each picture that cannot be drawn
   */
  rasterize(pdf: Uint8Array, wanted: readonly PictureWanted[], signal: AbortSignal): readonly Promise<Uint8Array>[]
  /** Starts the threads ahead of the first job. */
  warm(): void
}

/** By number, the pictures of a job that a thread has not drawn yet. */
type Waiting = Map<number, PromiseWithResolvers<Uint8Array>>

interface Thread {
  readonly worker: Worker
  readonly jobs: Map<number, Waiting>
}

export function createRasterizer(deps: { readonly threads: number }): Rasterizer {
  const threads: (Thread | null)[] = Array.from({ length: deps.threads }, () => null)
  let lastJob = 0

  function threadAt(index: number): Thread {
    const running = threads[index]
    if (running) return running
    const worker = new Worker(new URL('./rasterize-worker.ts', import.meta.url))
    const thread: Thread = { worker, jobs: new Map() }
    worker.on('message', (message: FromWorker) => receive(thread, message))
    worker.on('error', (error) => lose(thread, index, error))
    worker.on('exit', (code) => lose(thread, index, new Error(`Thread ended with code ${code}`)))
    threads[index] = thread
    return thread
  }

  function receive(thread: Thread, message: FromWorker): void {
    const waiting = thread.jobs.get(message.job)
    if (waiting === undefined) return
    if (message.type === 'picture') {
      waiting.get(message.number)?.resolve(message.png)
      waiting.delete(message.number)
      return
    }
    thread.jobs.delete(message.job)
    if (message.type === 'failed') rejectAll(waiting, failed(message.message))
  }

  function lose(thread: Thread, index: number, cause: unknown): void {
    if (threads[index] === thread) threads[index] = null
    for (const waiting of thread.jobs.values()) rejectAll(waiting, failed('its thread ended', cause))
    thread.jobs.clear()
  }

  /** Numbers up to `count` dealt out so that the thread with the least to do gets the next one. */
  function deal(count: number): readonly (readonly [Thread, Waiting])[] {
    const hands = threads.map((_, index) => {
      const thread = threadAt(index)
      const load = thread.jobs.values().reduce((sum, waiting) => sum + waiting.size, 0)
      return { thread, load, dealt: new Map() as Waiting }
    })
    for (let number = 0; number < count; number += 1) {
      const hand = hands.reduce((least, one) =>
        one.load + one.dealt.size < least.load + least.dealt.size ? one : least,
      )
      hand.dealt.set(number, Promise.withResolvers())
    }
    return hands.filter(({ dealt }) => dealt.size > 0).map(({ thread, dealt }) => [thread, dealt] as const)
  }

  return {
    rasterize(pdf, wanted, signal) {
      signal.throwIfAborted()
      lastJob += 1
      const job = lastJob
      const shared = new SharedArrayBuffer(pdf.length)
      new Uint8Array(shared).set(pdf)
      const dealt = deal(wanted.length)
      const drawn = new Map<number, Promise<Uint8Array>>()
      for (const [thread, hand] of dealt) {
        const pictures = new Map(wanted.entries().filter(([number]) => hand.has(number)))
        post(thread, { type: 'draw', job, pdf: shared, pictures })
        thread.jobs.set(job, hand)
        for (const [number, { promise }] of hand) drawn.set(number, promise)
      }
      const cancel = (): void => {
        for (const [thread, hand] of dealt) {
          if (thread.jobs.delete(job)) post(thread, { type: 'cancel', job })
          rejectAll(hand, signal.reason)
        }
      }
      signal.addEventListener('abort', cancel, { once: true })
      // Each rejection is also seen by the consumer, unless it left before.
      const all = wanted.map(
        (_, number) => drawn.get(number) ?? Promise.reject(failed(`picture ${number + 1} was not dealt`)),
      )
      void Promise.allSettled(all).then(() => signal.removeEventListener('abort', cancel))
      return all
    },

    warm() {
      for (const index of threads.keys()) threadAt(index)
    },

    async [Symbol.asyncDispose]() {
      await Promise.all(threads.map(async (thread) => thread?.worker.terminate()))
    },
  }
}

function rejectAll(waiting: Waiting, reason: unknown): void {
  for (const { reject } of waiting.values()) reject(reason)
  waiting.clear()
}

function post(thread: Thread, message: ToWorker): void {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
  thread.worker.postMessage(message)
}

function failed(what: string, cause?: unknown): RenderError {
  return new RenderError('browser-crashed', `Cannot draw preview: ${what}`, {
    userMessage: 'Drawing the previews failed. Please try again.',
    cause,
  })
}
