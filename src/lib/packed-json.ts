import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { parseJson } from './json.ts'

/** Shorter texts stay as they are: compressing them would save nothing worth its time. */
const smallest = 512
/** Guards against a stored value that unpacks to more than a process can hold. */
const largestBytes = 64 * 1024 * 1024
const mark = { plain: 0, zstd: 1 } as const

/** JSON as bytes, compressed where that pays: one byte says how, the rest is the text. */
export function packJson(value: unknown): Buffer {
  const text = Buffer.from(JSON.stringify(value))
  if (text.length < smallest) return Buffer.concat([Buffer.of(mark.plain), text])
  const params = { [constants.ZSTD_c_compressionLevel]: 6 }
  return Buffer.concat([Buffer.of(mark.zstd), zstdCompressSync(text, { params })])
}

/** The value, or undefined when the bytes were not made by {@link packJson} or got damaged. */
export function unpackJson(packed: Buffer): unknown {
  const body = packed.subarray(1)
  if (packed[0] === mark.plain) return parseJson(body.toString())
  if (packed[0] !== mark.zstd) return undefined
  try {
    return parseJson(zstdDecompressSync(body, { maxOutputLength: largestBytes }).toString())
  } catch {
    return undefined
  }
}
