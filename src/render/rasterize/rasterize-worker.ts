import { setImmediate as nextTurn } from 'node:timers/promises'
import { parentPort } from 'node:worker_threads'
import sharp from 'sharp'
import type { FromWorker, ToWorker } from './messages.ts'
import { loadPdfium, openPdf } from './pdf-pages.ts'

/** A thread that draws pages of PDFs. Several jobs may be under way; a cancelled one stops before its next page. */

if (parentPort === null) throw new Error('Cannot run rasterize worker: it was not started as a thread')
const port = parentPort
const pdfium = await loadPdfium()
// One picture is one task here; the other cores have threads of their own.
sharp.concurrency(1)
sharp.cache(false)

const cancelled = new Set<number>()

port.on('message', (message: ToWorker) => {
  if (message.type === 'cancel') cancelled.add(message.job)
  else void drawPages(message)
})

async function drawPages({ job, pdf, pages }: Extract<ToWorker, { type: 'draw' }>): Promise<void> {
  const encoding: Promise<void>[] = []
  try {
    using document = openPdf(pdfium, new Uint8Array(pdf))
    for (const page of pages) {
      if (cancelled.has(job)) break
      const picture = document.draw(page)
      const png = sharp(picture.rgb, { raw: { width: picture.widthPx, height: picture.heightPx, channels: 3 } })
        .png({ compressionLevel: 2 })
        .toBuffer()
      encoding.push(png.then((bytes) => send({ type: 'page', job, page, png: bytes })))
      // Without this turn no finished picture leaves the thread before its last page is drawn.
      await nextTurn()
    }
    await Promise.all(encoding)
    send({ type: 'done', job })
  } catch (error) {
    await Promise.allSettled(encoding)
    send({ type: 'failed', job, message: String(error) })
  } finally {
    cancelled.delete(job)
  }
}

function send(message: FromWorker): void {
  port.postMessage(message)
}
