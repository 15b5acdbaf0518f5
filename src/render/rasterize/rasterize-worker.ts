import { setImmediate as nextTurn } from 'node:timers/promises'
import { parentPort } from 'node:worker_threads'
import type { FromWorker, ToWorker } from './messages.ts'
import { loadPdfium, openPdf } from './pdf-pages.ts'

/** A thread that draws pages of PDFs. Several jobs may be under way; a cancelled one stops before its next picture. */

if (parentPort === null) throw new Error('Cannot run rasterize worker: it was not started as a thread')
const port = parentPort
const pdfium = await loadPdfium()

const cancelled = new Set<number>()

port.on('message', (message: ToWorker) => {
  if (message.type === 'cancel') cancelled.add(message.job)
  else void drawPictures(message)
})

async function drawPictures({ job, pdf, wanted, taken }: Extract<ToWorker, { type: 'draw' }>): Promise<void> {
  const begun = new Int32Array(taken)
  try {
    using document = openPdf(pdfium, new Uint8Array(pdf))
    while (!cancelled.has(job)) {
      const place = Atomics.add(begun, 0, 1)
      const picture = wanted[place]
      if (picture === undefined) break
      send({ type: 'picture', job, place, png: document.draw(picture.page, picture.widthPx, picture.paste) })
      // A turn for the message that cancels this job, and for pictures of other jobs.
      await nextTurn()
    }
    send({ type: 'done', job })
  } catch (error) {
    send({ type: 'failed', job, message: String(error) })
  } finally {
    cancelled.delete(job)
  }
}

function send(message: FromWorker): void {
  port.postMessage(message, message.type === 'picture' ? [message.png.buffer] : [])
}
