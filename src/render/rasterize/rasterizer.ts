import { Worker } from 'node:worker_threads'
import { untilAborted } from '../../lib/abort.ts'
import { RenderError } from '../renderer.ts'
import type { FromWorker, ToWorker } from './messages.ts'

/** Draws the pages of a PDF as pictures, in threads of its own. */
export interface Rasterizer extends AsyncDisposable {
  /**
   * PNG files of the pages in their order, each as soon as it and those before it are ready. Stops drawing when the
   * signal aborts or the consumer leaves early.
   * @throws RenderError `browser-crashed` when a page cannot be drawn
   */
  rasterize(pdf: Uint8Array, pageCount: number, signal: AbortSignal): AsyncIterable<Uint8Array>
  /** Starts the threads ahead of the first job. */
  warm(): void
}

interface Job {
  readonly pages: readonly PromiseWithResolvers<Uint8Array>[]
}

interface Thread {
  readonly worker: Worker
  readonly jobs: Map<number, { readonly job: Job; readonly pages: readonly number[] }>
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
    const entry = thread.jobs.get(message.job)
    if (entry === undefined) return
    switch (message.type) {
      case 'page':
        entry.job.pages[message.page]?.resolve(message.png)
        break
      case 'failed':
        for (const page of entry.pages) entry.job.pages[page]?.reject(failed(message.message))
        thread.jobs.delete(message.job)
        break
      case 'done':
        thread.jobs.delete(message.job)
        break
    }
  }

  function lose(thread: Thread, index: number, cause: unknown): void {
    if (threads[index] === thread) threads[index] = null
    for (const { job, pages } of thread.jobs.values())
      for (const page of pages) job.pages[page]?.reject(failed('its thread ended', cause))
    thread.jobs.clear()
  }

  return {
    rasterize(pdf, pageCount, signal) {
      signal.throwIfAborted()
      lastJob += 1
      const id = lastJob
      const job: Job = { pages: Array.from({ length: pageCount }, () => Promise.withResolvers<Uint8Array>()) }
      // Each rejection is also seen by the consumer, unless it left before.
      for (const page of job.pages) page.promise.catch(() => undefined)
      const shared = new SharedArrayBuffer(pdf.length)
      new Uint8Array(shared).set(pdf)
      const used = Array.from({ length: Math.min(deps.threads, pageCount) }, (_, index) => {
        const pages = [...job.pages.keys()].filter((page) => page % deps.threads === index)
        const thread = threadAt(index)
        thread.jobs.set(id, { job, pages })
        post(thread, { type: 'draw', job: id, pdf: shared, pages })
        return thread
      })
      const cancel = (): void => {
        for (const thread of used) if (thread.jobs.delete(id)) post(thread, { type: 'cancel', job: id })
      }
      signal.addEventListener('abort', cancel, { once: true })
      return inOrder(job, signal, () => {
        signal.removeEventListener('abort', cancel)
        cancel()
      })
    },

    warm() {
      for (const index of threads.keys()) threadAt(index)
    },

    async [Symbol.asyncDispose]() {
      await Promise.all(threads.map(async (thread) => thread?.worker.terminate()))
    },
  }
}

async function* inOrder(job: Job, signal: AbortSignal, end: () => void): AsyncGenerator<Uint8Array> {
  try {
    for (const page of job.pages) yield await untilAborted(page.promise, signal)
  } finally {
    end()
  }
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
