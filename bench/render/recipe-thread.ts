import { setImmediate as nextTurn } from 'node:timers/promises'
import { parentPort } from 'node:worker_threads'
import { PDFiumModule } from '@hyzyla/pdfium'
import sharp from 'sharp'

/** The recipe's drawing thread: PDF and page numbers in, one PNG after the other out. Nothing of ours is in it. */

const pdfium = await PDFiumModule({})
const { _FPDF_InitLibraryWithConfig: initialise } = pdfium
initialise({})
sharp.concurrency(1)

parentPort?.on('message', (job: { readonly pdf: Uint8Array; readonly pages: readonly number[] }) => void draw(job))
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage('ready')

async function draw({ pdf, pages }: { readonly pdf: Uint8Array; readonly pages: readonly number[] }): Promise<void> {
  const { malloc, free } = pdfium.wasmExports
  const { _FPDF_LoadMemDocument: load, _FPDF_LoadPage: loadPage, _FPDF_ClosePage: closePage } = pdfium
  const { _FPDFBitmap_CreateEx: create, _FPDFBitmap_FillRect: fill, _FPDFBitmap_Destroy: destroy } = pdfium
  // oxlint-disable-next-line typescript/unbound-method -- plain functions, only typed as methods
  const { _FPDF_RenderPageBitmap: render, _FPDF_CloseDocument: close } = pdfium
  const pointer = malloc(pdf.length)
  pdfium.HEAPU8.set(pdf, pointer)
  const document = load(pointer, pdf.length, 0)
  const encoding: Promise<void>[] = []
  for (const number of pages) {
    const page = loadPage(document, number)
    const size = 1280 * 720 * 3
    const pixels = malloc(size)
    const bitmap = create(1280, 720, 2, pixels, 1280 * 3)
    fill(bitmap, 0, 0, 1280, 720, 0xff_ff_ff_ff)
    render(bitmap, page, 0, 0, 1280, 720, 0, 0x10)
    const rgb = pdfium.HEAPU8.slice(pixels, pixels + size)
    destroy(bitmap)
    free(pixels)
    closePage(page)
    const png = sharp(rgb, { raw: { width: 1280, height: 720, channels: 3 } }).png({ compressionLevel: 2 })
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
    encoding.push(png.toBuffer().then((bytes) => parentPort?.postMessage(bytes)))
    await nextTurn()
  }
  close(document)
  free(pointer)
  await Promise.all(encoding)
}
