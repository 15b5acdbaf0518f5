import { promisify } from 'node:util'
import { crc32, deflateRaw } from 'node:zlib'

const compress = promisify(deflateRaw)

/** One file of an archive. Its name has only ASCII characters and `/` between folders. */
export interface ZipEntry {
  readonly name: string
  readonly content: string | Uint8Array
}

/** 1 January 1980, the first day a ZIP file knows: equal content gives equal bytes. */
const dosDate = 0x21
const deflated = 8
const version = 20

/**
 * A ZIP archive as office programs read it: deflated, in the given order, without the time it was made. Compression runs on
 * the threads of libuv, so that a large deck does not hold up the process.
 */
export async function zip(entries: readonly ZipEntry[]): Promise<Uint8Array> {
  const packed = await Promise.all(
    entries.map(async ({ name, content }) => {
      const bytes = typeof content === 'string' ? Buffer.from(content) : content
      return { name: Buffer.from(name, 'latin1'), crc: crc32(bytes), size: bytes.length, data: await compress(bytes) }
    }),
  )
  const files: Buffer[] = []
  const directory: Buffer[] = []
  let offset = 0
  for (const { name, crc, size, data } of packed) {
    const sizes = [crc, data.length, size]
    const local = Buffer.concat([record(0x04034b50, [version, 0, deflated, 0, dosDate], sizes, [name.length, 0]), name])
    const attributes = Buffer.concat([numbers(2, [0, 0, 0]), numbers(4, [0, offset])])
    const head = record(0x02014b50, [version, version, 0, deflated, 0, dosDate], sizes, [name.length, 0])
    directory.push(head, attributes, name)
    files.push(local, data)
    offset += local.length + data.length
  }
  const index = Buffer.concat(directory)
  const count = packed.length
  const end = Buffer.concat([record(0x06054b50, [0, 0, count, count], [index.length, offset], []), numbers(2, [0])])
  return Buffer.concat([...files, index, end])
}

/** A signature, numbers of two bytes, of four bytes, and of two bytes again. */
function record(
  signature: number,
  first: readonly number[],
  second: readonly number[],
  third: readonly number[],
): Buffer {
  return Buffer.concat([numbers(4, [signature]), numbers(2, first), numbers(4, second), numbers(2, third)])
}

function numbers(width: 2 | 4, values: readonly number[]): Buffer {
  const buffer = Buffer.alloc(values.length * width)
  values.forEach((value, index) => buffer.writeUIntLE(value, index * width, width))
  return buffer
}
