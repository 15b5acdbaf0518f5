import { createHash } from 'node:crypto'

/** Pictures of slides by what is on them, the latest used kept. */
export interface PictureCache {
  get(key: string): Uint8Array | undefined
  set(key: string, png: Uint8Array): void
}

/** Keeps pictures up to `mostBytes` together; the one not used for longest goes first. */
export function createPictureCache(mostBytes: number): PictureCache {
  // A Map keeps the order in which keys were set: the first is the one not used for longest.
  const pictures = new Map<string, Uint8Array>()
  let bytes = 0

  function remove(key: string): void {
    bytes -= pictures.get(key)?.byteLength ?? 0
    pictures.delete(key)
  }

  return {
    get(key) {
      const png = pictures.get(key)
      if (png === undefined) return undefined
      pictures.delete(key)
      pictures.set(key, png)
      return png
    },

    set(key, png) {
      remove(key)
      pictures.set(key, png)
      bytes += png.byteLength
      for (const oldest of pictures.keys()) {
        if (bytes <= mostBytes) break
        remove(oldest)
      }
    },
  }
}

/**
 * The name of a picture: what is on the slide, what else its look depends on, and which picture of it: its width. Where a
 * link leads is not to be seen.
 */
export function pictureKey(markup: string, look: string, picture: string | number): string {
  const seen = markup.replace(/ href="[^"]*"/g, '')
  return createHash('sha256').update(look).update('\0').update(seen).update(`\0${picture}`).digest('base64')
}
