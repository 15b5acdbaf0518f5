import { brotliDecompressSync, inflateSync } from 'node:zlib'

/** How wide each character of a font is, in thousandths of the font size, by code point. */
export type AdvanceWidths = ReadonlyMap<number, number>

/** What a font file is and what it holds. */
export interface FontFile {
  readonly format: 'truetype' | 'woff' | 'woff2'
  /** Tags of its tables. */
  readonly tags: ReadonlySet<string>
  readonly widths: AdvanceWidths
}

type Tables = ReadonlyMap<string, () => Buffer>

/**
 * Reads the advance widths out of a WOFF 1.0 file: what text fitting needs and nothing else (no kerning, which only
 * makes Latin text narrower).
 * @see https://www.w3.org/TR/WOFF/ and the `cmap`, `hhea` and `hmtx` chapters of the OpenType specification
 */
export function readAdvanceWidths(file: Buffer): AdvanceWidths {
  return advanceWidths(woffTables(file), 4)
}

/** Reads a TrueType, WOFF or WOFF2 file. @throws Error saying what is wrong with it */
export function readFontFile(file: Buffer): FontFile {
  const magic = file.toString('latin1', 0, 4)
  if (magic === 'wOFF') return fontFile('woff', woffTables(file), 4)
  if (magic === 'wOF2') {
    const { tables, metricBytes } = woff2Tables(file)
    return fontFile('woff2', tables, metricBytes)
  }
  if (magic === '\0\u0001\0\0' || magic === 'true') return fontFile('truetype', sfntTables(file), 4)
  if (magic === 'OTTO') throw new Error('it has CFF outlines, which a PDF cannot embed well; take the TrueType version')
  throw new Error('it is no TrueType, WOFF or WOFF2 font')
}

function fontFile(format: FontFile['format'], tables: Tables, metricBytes: 2 | 4): FontFile {
  return { format, tags: new Set(tables.keys()), widths: advanceWidths(tables, metricBytes) }
}

/** `metricBytes`: 4 for the usual pairs of width and bearing, 2 where WOFF2 left the bearings out. */
function advanceWidths(tables: Tables, metricBytes: 2 | 4): AdvanceWidths {
  const unitsPerEm = table(tables, 'head').readUInt16BE(18)
  const metricCount = table(tables, 'hhea').readUInt16BE(34)
  const metrics = table(tables, 'hmtx')
  const widths = new Map<number, number>()
  for (const [codePoint, glyph] of readCharacterMap(table(tables, 'cmap'))) {
    // Glyphs past the last metric share its width. A table without bearings begins with a byte of flags.
    const at = Math.min(glyph, metricCount - 1) * metricBytes + (metricBytes === 2 ? 1 : 0)
    widths.set(codePoint, (metrics.readUInt16BE(at) * 1000) / unitsPerEm)
  }
  return widths
}

function table(tables: Tables, tag: string): Buffer {
  const read = tables.get(tag)
  if (read === undefined) throw new Error(`Cannot read font: it has no "${tag}" table`)
  return read()
}

function sfntTables(file: Buffer): Tables {
  const entries = Array.from({ length: file.readUInt16BE(4) }, (_, index) => {
    const entry = 12 + index * 16
    const offset = file.readUInt32BE(entry + 8)
    const sizeBytes = file.readUInt32BE(entry + 12)
    const read = (): Buffer => file.subarray(offset, offset + sizeBytes)
    return [file.toString('latin1', entry, entry + 4), read] as const
  })
  return new Map(entries)
}

function woffTables(file: Buffer): Tables {
  const entries = Array.from({ length: file.readUInt16BE(12) }, (_, index) => {
    const entry = 44 + index * 20
    const read = (): Buffer => {
      const offset = file.readUInt32BE(entry + 4)
      const packedBytes = file.readUInt32BE(entry + 8)
      const bytes = file.subarray(offset, offset + packedBytes)
      return packedBytes < file.readUInt32BE(entry + 12) ? inflateSync(bytes) : bytes
    }
    return [file.toString('latin1', entry, entry + 4), read] as const
  })
  return new Map(entries)
}

/** Tags that WOFF2 writes as one byte, in its order, as far as they are needed to find the others. */
const woff2Tags =
  'cmap head hhea hmtx maxp name OS/2 post cvt_ fpgm glyf loca prep CFF_ VORG EBDT EBLC gasp hdmx kern LTSH PCLT VDMX vhea vmtx BASE GDEF GPOS GSUB EBSC JSTF MATH CBDT CBLC COLR CPAL SVG_ sbix acnt avar bdat bloc bsln cvar fdsc feat fmtx fvar gvar hsty just lcar mort morx opbd prop trak Zapf Silf Glat Gloc Feat Sill'
    .split(' ')
    .map((tag) => tag.replace('_', ' '))

/** @see https://www.w3.org/TR/WOFF2/ sections 4 and 5 */
function woff2Tables(file: Buffer): { tables: Tables; metricBytes: 2 | 4 } {
  const count = file.readUInt16BE(12)
  const packedBytes = file.readUInt32BE(20)
  let at = 48
  const variableLength = (): number => {
    let value = 0
    for (let digit = 0; digit < 5; digit += 1) {
      const byte = file.readUInt8(at)
      at += 1
      value = value * 128 + (byte & 0x7f)
      if ((byte & 0x80) === 0) return value
    }
    throw new Error('Cannot read font: a table has no length')
  }
  let offset = 0
  let metricBytes: 2 | 4 = 4
  const places: (readonly [tag: string, from: number, to: number])[] = []
  for (let index = 0; index < count; index += 1) {
    const flags = file.readUInt8(at)
    at += 1
    const known = flags & 0x3f
    const tag = known === 0x3f ? file.toString('latin1', at, (at += 4)) : (woff2Tags[known] ?? '')
    const version = flags >> 6
    const isTransformed = tag === 'glyf' || tag === 'loca' ? version !== 3 : version !== 0
    const originalBytes = variableLength()
    const sizeBytes = isTransformed ? variableLength() : originalBytes
    if (tag === 'hmtx' && isTransformed) metricBytes = 2
    places.push([tag, offset, offset + sizeBytes])
    offset += sizeBytes
  }
  const data = brotliDecompressSync(file.subarray(at, at + packedBytes))
  const tables = new Map(places.map(([tag, from, to]) => [tag, (): Buffer => data.subarray(from, to)]))
  return { tables, metricBytes }
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
