import { crc32, deflateSync, inflateSync } from 'node:zlib'

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)
const eightBits = 8
const colourTypeRgb = 2
const compression = { level: 3, memLevel: 9, chunkSize: 2 ** 18 }

/**
 * A PNG file of 8-bit RGB pixels. `rows` is the picture as the format stores it, from the top: each row is one byte for
 * its filter, 0 for none, and three for each pixel. Slides are flat areas with sharp edges: filters would only hide the
 * repetitions. Twice as fast as a general encoder, and 4 % larger (measured on ten slides).
 * @see https://www.w3.org/TR/png-3/
 */
export function encodePng(rows: Uint8Array, widthPx: number, heightPx: number): Uint8Array<ArrayBuffer> {
  const header = new Uint8Array(13)
  const view = new DataView(header.buffer)
  view.setUint32(0, widthPx)
  view.setUint32(4, heightPx)
  header.set([eightBits, colourTypeRgb], 8)
  const pixels = deflateSync(rows, compression)
  const parts = [signature, ...chunk('IHDR', header), ...chunk('IDAT', pixels), ...chunk('IEND', new Uint8Array())]
  const file = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let place = 0
  for (const part of parts) {
    file.set(part, place)
    place += part.length
  }
  return file
}

/**
 * The rows of a picture that `encodePng` made, as it got them. Not for PNG files from elsewhere.
 * @throws Error when it is none
 */
export function decodePng(file: Uint8Array): {
  readonly rows: Uint8Array
  readonly widthPx: number
  readonly heightPx: number
} {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  const [header, data] = [signature.length + 8, signature.length + 33]
  const [widthPx, heightPx, pixelBytes] = [view.getUint32(header), view.getUint32(header + 4), view.getUint32(data - 8)]
  const rows = inflateSync(file.subarray(data, data + pixelBytes))
  if (rows.length !== (widthPx * 3 + 1) * heightPx) throw new Error('Cannot read PNG: it is not one of our own')
  return { rows, widthPx, heightPx }
}

/**
 * A picture that `encodePng` made at half its width and height: each pixel is the mean of four.
 * @throws Error when it is none
 */
export function halvePng(file: Uint8Array): Uint8Array<ArrayBuffer> {
  const { rows, widthPx, heightPx } = decodePng(file)
  const [width, height] = [widthPx >> 1, heightPx >> 1]
  const [stride, halfStride] = [widthPx * 3 + 1, width * 3 + 1]
  const half = new Uint8Array(halfStride * height)
  for (let row = 0; row < height; row += 1) {
    let at = row * halfStride + 1
    for (let from = 2 * row * stride + 1, end = from + width * 6; from < end; from += 6) {
      for (let colour = from; colour < from + 3; colour += 1, at += 1) {
        const above = (rows[colour] ?? 0) + (rows[colour + 3] ?? 0)
        half[at] = (above + (rows[colour + stride] ?? 0) + (rows[colour + stride + 3] ?? 0) + 2) >> 2
      }
    }
  }
  return encodePng(half, width, height)
}

/** Length, name, data, and the checksum of name and data. */
function chunk(name: string, data: Uint8Array): readonly Uint8Array[] {
  const type = Buffer.from(name, 'latin1')
  return [uint32(data.length), type, data, uint32(crc32(data, crc32(type)))]
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}
