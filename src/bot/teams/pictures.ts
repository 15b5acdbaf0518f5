import { halvePng } from '../../render/rasterize/png.ts'
import { pictureWidthsPx } from '../../render/renderer.ts'
import type { Links } from '../links.ts'
import type { Reply } from '../reply.ts'
import type { Routes } from '../server.ts'
import type { ThreadId } from '../thread.ts'
import { limits } from './limits.ts'
import { waitingId, type WaitingBytes } from './waiting-bytes.ts'

/**
 * Pictures for cards, which Teams fetches by their address. Those of a finished deck have the deck's own links, for as
 * long as these work. Those of slides that are still being written have no deck yet: their bytes wait, small and for a
 * short time, behind an address that nobody can guess. Neither leads anywhere once the thread is forgotten.
 */
export interface Pictures {
  /** The address of a picture; undefined when it is more than Teams takes. */
  keep(thread: ThreadId, png: Uint8Array): Promise<string | undefined>
  /** The reply with addresses that last. */
  withAddresses(reply: Reply): Reply
  /** `GET /p/…` */
  readonly routes: Routes
}

export interface PicturesDeps {
  readonly waiting: WaitingBytes
  readonly links: Links
  /** Where people reach the server, without a slash at the end. */
  readonly baseUrl: () => string
}

/** Longer than a turn works on its slides. */
const ttlMs = 1_800_000
const freshSeconds = 600

export function createPictures({ waiting, links, baseUrl }: PicturesDeps): Pictures {
  return {
    async keep(thread, png) {
      const bytes = shrunk(png)
      if (bytes.byteLength > limits.pictureBytes) return undefined
      return `${baseUrl()}/p/${await waiting.put(thread, bytes, ttlMs)}.png`
    },

    withAddresses(reply) {
      const { result } = reply
      const deck = result?.deck
      if (!deck) return reply
      const slides = reply.slides.map((slide) => ({
        ...slide,
        picture: links.to(deck.key, deck.version, `thumbnail-${slide.index + 1}.png`),
      }))
      return { ...reply, slides }
    },

    routes(scope) {
      scope.get('/p/:name', async (request, reply) => {
        const { name = '' } = request.params as { name?: string }
        const [, id = ''] = /^(.*)\.png$/.exec(name) ?? []
        const picture = waitingId.test(id) ? await waiting.find(id) : undefined
        if (!picture)
          return reply.code(404).send({ error: { code: 'not-found', message: 'There is no such picture.' } })
        return reply
          .headers({ 'content-type': 'image/png', 'cache-control': `private, max-age=${freshSeconds}` })
          .send(picture.bytes)
      })
    },
  }
}

/** Slides are drawn at twice the width that cards show them at. */
function shrunk(png: Uint8Array): Uint8Array {
  return widthOf(png) === pictureWidthsPx.png ? halvePng(png) : png
}

/** Every PNG begins with its width, at the same place. */
function widthOf(png: Uint8Array): number {
  return png.byteLength < 24 ? 0 : new DataView(png.buffer, png.byteOffset).getUint32(16)
}
