import { PDFiumModule } from '@hyzyla/pdfium'
import type { PastedPicture } from './messages.ts'
import { decodePng, encodePng } from './png.ts'

type Pdfium = Awaited<ReturnType<typeof PDFiumModule>>

/** An open PDF. Close it: its memory belongs to the WebAssembly module. */
export interface PdfPages extends Disposable {
  readonly count: number
  /** One page as a PNG file of that width, drawn at that size, with pictures laid on top. */
  draw(page: number, widthPx: number, paste?: readonly PastedPicture[]): Uint8Array<ArrayBuffer>
}

/** Loads PDFium once; one thread uses one. */
export async function loadPdfium(): Promise<Pdfium> {
  const pdfium = await PDFiumModule({})
  const { _FPDF_InitLibraryWithConfig: initialise } = pdfium
  // An object becomes a null pointer on its way into WebAssembly: PDFium's defaults.
  initialise({})
  return pdfium
}

const formatBgr = 2
const flagReverseByteOrder = 0x10
const opaqueWhite = 0xffffffff

/** @throws Error when the bytes are no PDF */
export function openPdf(pdfium: Pdfium, bytes: Uint8Array): PdfPages {
  const { malloc, free } = pdfium.wasmExports
  const {
    _FPDF_LoadMemDocument: loadDocument,
    // oxlint-disable-next-line typescript/unbound-method -- a plain function like the others, only typed as a method
    _FPDF_CloseDocument: closeDocument,
    _FPDF_GetPageCount: countPages,
    _FPDF_GetLastError: lastError,
    _FPDF_LoadPage: loadPage,
    _FPDF_ClosePage: closePage,
    _FPDF_GetPageWidth: pageWidth,
    _FPDF_GetPageHeight: pageHeight,
    _FPDF_RenderPageBitmap: renderPage,
    _FPDFBitmap_CreateEx: createBitmap,
    _FPDFBitmap_FillRect: fillBitmap,
    _FPDFBitmap_Destroy: destroyBitmap,
  } = pdfium
  const pointer = malloc(bytes.length)
  pdfium.HEAPU8.set(bytes, pointer)
  const document = loadDocument(pointer, bytes.length, 0)
  if (document === 0) {
    free(pointer)
    throw new Error(`Cannot open PDF: PDFium error ${lastError()}`)
  }

  function draw(index: number, widthPx: number, paste: readonly PastedPicture[] = []): Uint8Array<ArrayBuffer> {
    const page = loadPage(document, index)
    if (page === 0) throw new Error(`Cannot draw PDF page ${index + 1}: PDFium error ${lastError()}`)
    const heightPx = Math.round((pageHeight(page) / pageWidth(page)) * widthPx)
    // Each row begins with the byte that PNG wants there, so that PDFium draws what is compressed and nothing is copied.
    const stride = widthPx * 3 + 1
    const size = stride * heightPx
    const rows = malloc(size)
    pdfium.HEAPU8.fill(0, rows, rows + size)
    const bitmap = createBitmap(widthPx, heightPx, formatBgr, rows + 1, stride)
    try {
      fillBitmap(bitmap, 0, 0, widthPx, heightPx, opaqueWhite)
      renderPage(bitmap, page, 0, 0, widthPx, heightPx, 0, flagReverseByteOrder)
      const drawn = pdfium.HEAPU8.subarray(rows, rows + size)
      for (const picture of paste) pastePicture(drawn, stride, picture)
      return encodePng(drawn, widthPx, heightPx)
    } finally {
      destroyBitmap(bitmap)
      free(rows)
      closePage(page)
    }
  }

  return {
    count: countPages(document),
    draw,
    [Symbol.dispose]() {
      closeDocument(document)
      free(pointer)
    },
  }
}

/** Copies a picture into `rows`, which begin with a byte for the filter each, as those of the picture do. */
function pastePicture(rows: Uint8Array, stride: number, { png, leftPx, topPx }: PastedPicture): void {
  const picture = decodePng(png)
  const length = picture.widthPx * 3
  for (let row = 0; row < picture.heightPx; row += 1) {
    const from = row * (length + 1) + 1
    rows.set(picture.rows.subarray(from, from + length), (topPx + row) * stride + 1 + leftPx * 3)
  }
}
