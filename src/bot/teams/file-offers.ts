import type { Redis } from 'ioredis'
import { z } from 'zod'
import type { HttpClient } from '../../lib/http.ts'
import type { RenderedFile } from '../../render/renderer.ts'
import type { Background } from '../chat/background.ts'
import { decodeThreadId, type ThreadId } from '../thread.ts'
import { fileConsentCard, fileInfoCard } from './cards/files.ts'
import { sayToActivity } from './cards/say.ts'
import { TeamsRefusal } from './errors.ts'
import { limits, pace } from './limits.ts'
import { channelOf } from './references.ts'
import type { Trusts } from './trust.ts'
import { waitingId, type WaitingBytes } from './waiting-bytes.ts'
import type { ConversationRef, TeamsWire, VerifiedActivity } from './wire.ts'

/**
 * Files in personal chats: Teams asks the person, and tells us where to send the bytes when they agree. Until then they
 * wait; what nobody takes goes by itself, and is still behind the links of its answer.
 */
export interface FileOffers {
  /** Asks for consent, by a message of its own. False when the file is none that can wait. @throws PortError */
  offer(ref: ConversationRef, thread: ThreadId, file: RenderedFile, signal: AbortSignal): Promise<boolean>
  /** What the person decided (`fileConsent/invoke`). Resolves when that is safe; sending goes on behind. */
  decided(verified: VerifiedActivity): Promise<void>
}

export interface FileOffersDeps {
  readonly redis: Redis
  readonly waiting: WaitingBytes
  readonly wire: TeamsWire
  readonly http: HttpClient
  /** Where bytes may be sent to. */
  readonly trusts: Trusts
  readonly background: Background
}

const Decision = z.object({
  action: z.enum(['accept', 'decline']),
  context: z.object({ file: z.string().regex(waitingId) }),
  uploadInfo: z
    .object({
      uploadUrl: z.url(),
      contentUrl: z.url(),
      name: z.string(),
      uniqueId: z.string(),
      fileType: z.string(),
    })
    .optional()
    .catch(undefined),
})
type UploadInfo = NonNullable<z.infer<typeof Decision>['uploadInfo']>

const tooLate = 'I do not have that file any more. The links in the answer still lead to it.'
const notSent = 'The file could not be sent. The links in the answer lead to it.'
const descriptions: Readonly<Record<string, string>> = { pdf: 'The deck as PDF', pptx: 'The deck as PowerPoint' }

export function createFileOffers({ redis, waiting, wire, http, trusts, background }: FileOffersDeps): FileOffers {
  async function upload(ref: ConversationRef, id: string, info: UploadInfo): Promise<void> {
    const { thread, bytes } = (await waiting.find(id)) ?? {}
    if (!thread || !bytes || !isIn(ref, thread)) return say(ref, tooLate)
    const response = await http.send({
      method: 'PUT',
      url: info.uploadUrl,
      headers: {
        'content-type': 'application/octet-stream',
        'content-range': `bytes 0-${bytes.byteLength - 1}/${bytes.byteLength}`,
      },
      body: bytes,
      timeoutMs: pace.uploadMs,
    })
    if (response.status !== 200 && response.status !== 201) {
      throw new TeamsRefusal('file upload', { status: response.status, code: '', message: '', retryAfter: undefined })
    }
    await wire.send(ref, { type: 'message', attachments: [fileInfoCard(info)] }, AbortSignal.timeout(pace.callMs))
    await waiting.remove(id)
  }

  async function say(ref: ConversationRef, text: string): Promise<void> {
    await wire.send(ref, sayToActivity(text), AbortSignal.timeout(pace.callMs))
  }

  return {
    async offer(ref, thread, file, signal) {
      const { bytes, name, format } = file
      if (bytes.byteLength === 0 || bytes.byteLength > limits.fileBytes) return false
      const id = await waiting.put(thread, bytes, pace.consentMs)
      const description = descriptions[format] ?? 'A file of the deck'
      const card = fileConsentCard({ name, description, size: bytes.byteLength, about: { file: id } })
      await wire.send(ref, { type: 'message', attachments: [card] }, signal)
      return true
    },

    async decided({ activity, ref }) {
      const { data: decision } = Decision.safeParse(activity.value)
      if (!decision) return
      const { file: id } = decision.context
      // Who presses twice, and deliveries that come again, send nothing twice.
      const isFirst = await redis.set(`deckhand:teams:decided:${id}`, '1', 'PX', pace.consentMs, 'NX')
      if (isFirst === null) return
      const { uploadInfo } = decision
      background.run('file', async () => {
        const asked = activity.replyToId ?? ''
        if (asked !== '') await wire.remove(ref, asked, AbortSignal.timeout(pace.callMs)).catch(() => undefined)
        if (decision.action === 'decline') return waiting.remove(id)
        try {
          if (!uploadInfo || !trusts(new URL(uploadInfo.uploadUrl)))
            throw new Error('Teams named no place for the file')
          await upload(ref, id, uploadInfo)
        } catch (error) {
          await say(ref, notSent)
          throw error
        }
      })
    },
  }
}

/** A file goes to the chat it was made in, whoever names it elsewhere. */
function isIn({ tenantId, conversationId }: ConversationRef, thread: ThreadId): boolean {
  const { tenant, channel } = decodeThreadId(thread)
  return tenant === tenantId && channel === channelOf(conversationId)
}
