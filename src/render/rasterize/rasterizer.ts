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

/** A PDF whose pictures some threads are drawing: whichever is free takes the next one. */
interface Job {
  readonly number: number
  /** By place, the pictures that are not drawn yet. */
  readonly waiting: Map<number, PromiseWithResolvers<Uint8Array>>
  readonly threads: Set<Thread>
}

interface Thread {
  readonly worker: Worker
  readonly jobs: Map<number, Job>
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
    const job = thread.jobs.get(message.job)
    if (job === undefined) return
    if (message.type === 'picture') {
      job.waiting.get(message.place)?.resolve(message.png)
      job.waiting.delete(message.place)
      return
    }
    leave(thread, job)
    if (message.type === 'failed') giveUp(job, failed(message.message))
  }

  /** The picture that a lost thread had taken is lost with it, and nobody can tell which. */
  function lose(thread: Thread, index: number, cause: unknown): void {
    if (threads[index] === thread) threads[index] = null
    for (const job of thread.jobs.values()) {
      leave(thread, job)
      giveUp(job, failed('its thread ended', cause))
    }
  }

  function leave(thread: Thread, job: Job): void {
    thread.jobs.delete(job.number)
    job.threads.delete(thread)
  }

  /** Rejects what is not drawn; threads stop before their next picture. */
  function giveUp(job: Job, reason: unknown): void {
    for (const thread of job.threads) {
      leave(thread, job)
      post(thread, { type: 'cancel', job: job.number })
    }
    for (const { reject } of job.waiting.values()) reject(reason)
    job.waiting.clear()
  }

  /** As many threads as there is work for, those with the fewest jobs first. */
  function leastBusy(count: number): readonly Thread[] {
    const all = [...threads.keys()].map(threadAt)
    return all.toSorted((one, other) => one.jobs.size - other.jobs.size).slice(0, count)
  }

  return {
    rasterize(pdf, wanted, signal) {
      signal.throwIfAborted()
      lastJob += 1
      const all = wanted.map(() => Promise.withResolvers<Uint8Array>())
      const chosen = leastBusy(wanted.length)
      const job: Job = { number: lastJob, waiting: new Map(all.entries()), threads: new Set(chosen) }
      const shared = new SharedArrayBuffer(pdf.length)
      new Uint8Array(shared).set(pdf)
      const taken = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
      for (const thread of chosen) {
        thread.jobs.set(job.number, job)
        post(thread, { type: 'draw', job: job.number, pdf: shared, wanted, taken })
      }
      const cancel = (): void => giveUp(job, signal.reason)
      signal.addEventListener('abort', cancel, { once: true })
      // Each rejection is also seen by the consumer, unless it left before.
      const pictures = all.map(({ promise }) => promise)
      void Promise.allSettled(pictures).then(() => signal.removeEventListener('abort', cancel))
      return pictures
    },

    warm() {
      for (const index of threads.keys()) threadAt(index)
    },

    async [Symbol.asyncDispose]() {
      await Promise.all(threads.map(async (thread) => thread?.worker.terminate()))
    },
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
