import { inflateSync } from 'node:zlib'

/** How wide each character of a font is, in thousandths of the font size, by code point. */
export type AdvanceWidths = ReadonlyMap<number, number>

/**
 * Reads the advance widths out of a WOFF 1.0 file: what text fitting needs and nothing else (no kerning, which only
 * makes Latin text narrower).
 * @see https://www.w3.org/TR/WOFF/ and the `cmap`, `hhea` and `hmtx` chapters of the OpenType specification
 */
export function readAdvanceWidths(file: Buffer): AdvanceWidths {
  const unitsPerEm = table(file, 'head').readUInt16BE(18)
  const metricCount = table(file, 'hhea').readUInt16BE(34)
  const metrics = table(file, 'hmtx')
  const widths = new Map<number, number>()
  for (const [codePoint, glyph] of readCharacterMap(table(file, 'cmap'))) {
    // Glyphs past the last metric share its width.
    const units = metrics.readUInt16BE(Math.min(glyph, metricCount - 1) * 4)
    widths.set(codePoint, (units * 1000) / unitsPerEm)
  }
  return widths
}

function table(file: Buffer, tag: string): Buffer {
  const count = file.readUInt16BE(12)
  for (let entry = 44; entry < 44 + count * 20; entry += 20) {
    if (file.toString('latin1', entry, entry + 4) !== tag) continue
    const offset = file.readUInt32BE(entry + 4)
    const packedBytes = file.readUInt32BE(entry + 8)
    const sizeBytes = file.readUInt32BE(entry + 12)
    const bytes = file.subarray(offset, offset + packedBytes)
    return packedBytes < sizeBytes ? inflateSync(bytes) : bytes
  }
  throw new Error(`Cannot read font: it has no "${tag}" table`)
}

/** Code point and glyph pairs of the format 4 subtable, which every font for the web carries. */
function* readCharacterMap(cmap: Buffer): Generator<readonly [codePoint: number, glyph: number]> {
  const count = cmap.readUInt16BE(2)
  for (let record = 4; record < 4 + count * 8; record += 8) {
    const start = cmap.readUInt32BE(record + 4)
    if (cmap.readUInt16BE(start) === 4) {
      yield* readSegments(cmap.subarray(start))
      return
    }
  }
  throw new Error('Cannot read font: its "cmap" has no format 4 subtable')
}

function* readSegments(map: Buffer): Generator<readonly [codePoint: number, glyph: number]> {
  const span = map.readUInt16BE(6)
  const ends = 14
  const starts = ends + span + 2
  const deltas = starts + span
  const offsets = deltas + span
  for (let at = 0; at < span; at += 2) {
    const first = map.readUInt16BE(starts + at)
    const last = map.readUInt16BE(ends + at)
    const delta = map.readUInt16BE(deltas + at)
    const offset = map.readUInt16BE(offsets + at)
    for (let codePoint = first; codePoint <= last && codePoint < 0xffff; codePoint += 1) {
      if (offset === 0) {
        yield [codePoint, (codePoint + delta) & 0xffff]
        continue
      }
      const glyph = map.readUInt16BE(offsets + at + offset + (codePoint - first) * 2)
      if (glyph !== 0) yield [codePoint, (glyph + delta) & 0xffff]
    }
  }
}
