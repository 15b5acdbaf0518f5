import { createHash } from 'node:crypto'
import type { Journal } from '../agent/journal.ts'
import type { Clock } from '../lib/clock.ts'
import { describeError } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import type { RenderedFile } from '../render/renderer.ts'
import { PortError, type ChatPort } from './chat-port.ts'
import type { IncomingMessage } from './message.ts'
import type { Metrics } from './metrics.ts'
import { decodeThreadId } from './thread.ts'

export interface AttachmentsDeps {
  readonly port: ChatPort
  readonly journal: Journal
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

/** Pictures and files of one turn, on their way to the platform beside the turn's work. None of it can fail the turn. */
export interface Attachments {
  /** Brings a slide's picture there; `onThere` hears its id, unless a newer picture of that slide came meanwhile. */
  addPicture(picture: RenderedFile, index: number, alt: string, onThere: (picture: string) => void): void
  /** Puts the files into the thread, once in all runs of the turn. */
  addFiles(files: readonly RenderedFile[]): Promise<void>
  /** Resolves when all pictures are there, or have taken too long. */
  settle(): Promise<void>
}

const picturesAtOnce = 3
const pictureWithinMs = 20_000
const filesWithinMs = 60_000
/** How long the end of the turn waits for the last pictures. */
const settleMs = 15_000
const tries = 3
const pauseMs = 1000
const longestPauseMs = 10_000

export function createAttachments(message: IncomingMessage, deps: AttachmentsDeps, outer: AbortSignal): Attachments {
  const { port, journal, clock, log, metrics } = deps
  const { platform } = decodeThreadId(message.thread)
  const newest = new Map<number, string>()
  const waiting: (() => Promise<void>)[] = []
  let running = 0
  let idle = Promise.resolve()
  let becomesIdle = Promise.withResolvers<void>()

  function startNext(): void {
    while (running < picturesAtOnce) {
      const next = waiting.shift()
      if (!next) break
      running += 1
      void next().finally(() => {
        running -= 1
        if (running === 0 && waiting.length === 0) becomesIdle.resolve()
        startNext()
      })
    }
  }

  async function upload(picture: RenderedFile, hash: string, alt: string): Promise<string | undefined> {
    const step = `picture:${hash}`
    const known = await journal.get(step)
    if (typeof known === 'string') return known
    const id = await send('picture', pictureWithinMs, (signal) => port.addPicture(message, picture, alt, signal))
    if (id !== undefined) await journal.put(step, id)
    return id
  }

  /** Undefined when it did not get through: the reply goes without. */
  async function send<T>(
    kind: string,
    withinMs: number,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T | undefined> {
    const signal = AbortSignal.any([outer, AbortSignal.timeout(withinMs)])
    for (let attempt = 1; ; attempt += 1) {
      try {
        const result = await run(signal)
        metrics.count('replies_sent', { platform, kind, result: 'ok' })
        return result
      } catch (error) {
        outer.throwIfAborted()
        const code = error instanceof PortError ? error.code : 'unavailable'
        metrics.count('replies_sent', { platform, kind, result: code })
        // What may have got through is not sent twice; the person has links to everything.
        if (code !== 'busy' || attempt >= tries || signal.aborted) {
          log.warn({ turn: message.id, kind, error: describeError(error) }, 'Attachment did not get through')
          return undefined
        }
        const asked = error instanceof PortError ? error.retryAfterMs : undefined
        await clock.sleep(Math.min(asked ?? pauseMs, longestPauseMs), outer)
      }
    }
  }

  return {
    addPicture(picture, index, alt, onThere) {
      const hash = createHash('sha256').update(picture.bytes).digest('base64url').slice(0, 22)
      if (newest.get(index) === hash) return
      newest.set(index, hash)
      if (running === 0 && waiting.length === 0) {
        becomesIdle = Promise.withResolvers()
        idle = becomesIdle.promise
      }
      waiting.push(async () => {
        if (newest.get(index) !== hash) return
        try {
          const id = await upload(picture, hash, alt)
          if (id !== undefined && newest.get(index) === hash) onThere(id)
        } catch {
          // The turn is over or another's: its end says what there is to say.
        }
      })
      startNext()
    },

    async addFiles(files) {
      const step = 'files'
      if (files.length === 0 || (await journal.get(step)) !== undefined) return
      const there = await send('files', filesWithinMs, (signal) => port.addFiles(message, files, signal))
      if (there) await journal.put(step, [...there])
    },

    async settle() {
      const settled = new AbortController()
      const signal = AbortSignal.any([outer, settled.signal])
      await Promise.race([idle, clock.sleep(settleMs, signal).catch(() => undefined)])
      settled.abort()
    },
  }
}
