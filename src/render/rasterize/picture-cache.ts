import { createHash } from 'node:crypto'
import { createByteCache, type ByteCache } from '../../lib/byte-cache.ts'

/** Pictures of slides by what is on them, the latest used kept. */
export type PictureCache = ByteCache<Uint8Array>

/** Keeps pictures up to `mostBytes` together; the one not used for longest goes first. */
export function createPictureCache(mostBytes: number): PictureCache {
  return createByteCache({ mostBytes, sizeOf: (png) => png.byteLength })
}

/**
 * The name of a picture: what is on the slide, what else its look depends on, and which picture of it: its width. Where a
 * link leads is not to be seen.
 */
export function pictureKey(markup: string, look: string, picture: string | number): string {
  const seen = markup.replace(/ href="[^"]*"/g, '')
  return createHash('sha256').update(look).update('\0').update(seen).update(`\0${picture}`).digest('base64')
}
