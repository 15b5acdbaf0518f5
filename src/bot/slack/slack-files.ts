import { z } from 'zod'
import type { Clock } from '../../lib/clock.ts'
import type { RenderedFile } from '../../render/renderer.ts'
import { PortError } from '../chat-port.ts'
import { clip } from '../chat/text.ts'
import { limits, pace } from './limits.ts'
import type { SlackApi } from './slack-api.ts'

/** Uploads in Slack's three steps: ask for an address, send the bytes there, complete. */
export interface SlackFiles {
  /**
   * Brings a file to Slack that nobody sees until something shows it: its id, once Slack has processed it and blocks can
   * use it; undefined when that takes too long.
   * @throws PortError (`refused`: the workspace does not take it), or the signal's reason
   */
  keep(team: string, file: RenderedFile, alt: string, signal: AbortSignal): Promise<string | undefined>
  /**
   * Puts files into a thread, as one message. → names of those that the workspace takes
   * @throws PortError, or the signal's reason
   */
  share(
    thread: { readonly team: string; readonly channel: string; readonly root: string },
    files: readonly RenderedFile[],
    signal: AbortSignal,
  ): Promise<readonly string[]>
}

const UploadAddress = z.object({ upload_url: z.url(), file_id: z.string().min(1) })
/** Slack knows a file's type when it is done with it, not before. */
const FileInfo = z.object({ file: z.object({ mimetype: z.string().nullish() }) })
const pollMs = 250

export function createSlackFiles({ api, clock }: { readonly api: SlackApi; readonly clock: Clock }): SlackFiles {
  async function send(team: string, file: RenderedFile, alt: string, signal: AbortSignal): Promise<string> {
    const args = {
      filename: file.name,
      length: file.bytes.byteLength,
      ...(alt === '' ? {} : { alt_txt: clip(alt, limits.fileAltText) }),
    }
    const { upload_url: address, file_id: id } = await api.call(
      team,
      'files.getUploadURLExternal',
      args,
      UploadAddress,
      signal,
    )
    await api.upload(address, file.bytes, signal)
    return id
  }

  /** False when Slack takes longer than anyone would wait. */
  async function isProcessed(team: string, id: string, signal: AbortSignal): Promise<boolean> {
    const until = clock.now() + pace.processingMs
    for (let waitMs = pollMs; clock.now() < until; waitMs = Math.min(2 * waitMs, 4 * pollMs)) {
      try {
        const { file } = await api.call(team, 'files.info', { file: id }, FileInfo, signal)
        if (file.mimetype) return true
      } catch (error) {
        // The file is there: sending it again would be worse than looking again.
        if (!(error instanceof PortError) || error.code !== 'busy') throw error
        waitMs = error.retryAfterMs ?? waitMs
      }
      await clock.sleep(Math.max(0, Math.min(waitMs, until - clock.now())), signal)
    }
    return false
  }

  return {
    async keep(team, file, alt, signal) {
      const id = await send(team, file, alt, signal)
      const files = [{ id, title: file.name }]
      await api.call(team, 'files.completeUploadExternal', { files }, z.unknown(), signal)
      return (await isProcessed(team, id, signal)) ? id : undefined
    },

    async share({ team, channel, root }, files, signal) {
      const sent = await Promise.all(
        files.map(async (file) => {
          const id = await unlessRefused(send(team, file, '', signal))
          return id === undefined ? [] : [{ id, title: file.name }]
        }),
      )
      const taken = sent.flat()
      if (taken.length === 0) return []
      const args = { files: taken, channel_id: channel, thread_ts: root }
      const shared = await unlessRefused(
        api.call(team, 'files.completeUploadExternal', args, z.unknown(), signal).then(() => true),
      )
      return shared ? taken.map(({ title }) => title) : []
    },
  }
}

/** Undefined when the workspace's rules forbid it. */
async function unlessRefused<T>(sending: Promise<T>): Promise<T | undefined> {
  try {
    return await sending
  } catch (error) {
    if (error instanceof PortError && error.code === 'refused') return undefined
    throw error
  }
}
