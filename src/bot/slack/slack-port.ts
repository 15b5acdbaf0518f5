import { z } from 'zod'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import { PortError, type PostedMessage } from '../chat-port.ts'
import { isWritten } from '../chat/origin.ts'
import type { PublishingPort } from '../chat/publishing-port.ts'
import type { IncomingMessage } from '../message.ts'
import type { Reply } from '../reply.ts'
import { decodeThreadId } from '../thread.ts'
import { forms, type MessageContext, replyToMessage, type SlackMessage } from './blocks.ts'
import { pace } from './limits.ts'
import type { SlackApi } from './slack-api.ts'
import { createSlackFiles } from './slack-files.ts'
import { createSlackStatus } from './slack-status.ts'

export interface SlackPortDeps {
  readonly api: SlackApi
  readonly clock: Clock
  readonly log: Logger
}

/** Replies in Slack. They go where the message's thread is; a private one is in a direct message already. */
export type SlackPort = PublishingPort

/** How a reply is found again when its id was lost: it says which turn it is for. */
const metadataType = 'deckhand_turn'
const Posted = z.object({ channel: z.string().min(1), ts: z.string().min(1) })
const Messages = z.object({
  messages: z
    .array(
      z.object({
        ts: z.string(),
        metadata: z
          .object({ event_type: z.string(), event_payload: z.looseObject({ turn: z.string().optional() }) })
          .optional()
          .catch(undefined),
      }),
    )
    .default([]),
  response_metadata: z.object({ next_cursor: z.string().default('') }).prefault({}),
})
/** A reply is posted right after its message; further on it will not be. */
const mostPages = 3
const pageSize = 100
/** People's clocks do not matter, ours and Slack's may differ. */
const clockSkewMs = 60_000

export function createSlackPort({ api, clock, log }: SlackPortDeps): SlackPort {
  const files = createSlackFiles({ api, clock })
  const status = createSlackStatus({ api, clock, log })

  /** Sends the richest form that Slack takes. @throws PortError when it takes none */
  async function sendReply<T>(
    reply: Reply,
    where: Omit<MessageContext, 'form'>,
    send: (message: SlackMessage) => Promise<T>,
  ): Promise<T> {
    let refusal: unknown
    for (const form of forms) {
      try {
        return await send(replyToMessage(reply, { ...where, form }))
      } catch (error) {
        if (!(error instanceof PortError) || error.code !== 'refused') throw error
        log.warn({ turn: reply.turnId, form, error: error.message }, 'Slack does not take the reply in this form')
        refusal = error
      }
    }
    throw refusal
  }

  function postTo(
    place: { readonly team: string; readonly channel: string; readonly threadTs?: string | undefined },
    reply: Reply,
    where: Omit<MessageContext, 'form'>,
    signal: AbortSignal,
  ): Promise<z.output<typeof Posted>> {
    const { team, channel, threadTs } = place
    return sendReply(reply, where, (message) => {
      const args = {
        ...message,
        channel,
        ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
        unfurl_links: false,
        unfurl_media: false,
        metadata: { event_type: metadataType, event_payload: { turn: reply.turnId } },
      }
      return api.call(team, 'chat.postMessage', args, Posted, signal)
    })
  }

  return {
    editIntervalMs: pace.editIntervalMs,

    async post(message, reply, signal) {
      const thread = threadOf(message)
      const place = { team: thread.team, channel: thread.channel, threadTs: thread.root }
      const posted = await postTo(place, reply, whereOf(message), signal)
      await status.follow(thread, reply, signal)
      return encodePosted(posted)
    },

    async find(message, signal) {
      const { team, channel, root } = threadOf(message)
      const oldest = ((message.sentAt - clockSkewMs) / 1000).toFixed(6)
      let cursor = ''
      for (let page = 0; page < mostPages; page += 1) {
        const args = {
          channel,
          ts: root,
          oldest,
          limit: pageSize,
          include_all_metadata: true,
          ...(cursor === '' ? {} : { cursor }),
        }
        const found = await api.call(team, 'conversations.replies', args, Messages, signal)
        const reply = found.messages.find(({ metadata }) => {
          return metadata?.event_type === metadataType && metadata.event_payload.turn === message.id
        })
        if (reply) return encodePosted({ channel, ts: reply.ts })
        cursor = found.response_metadata.next_cursor
        if (cursor === '') break
      }
      return undefined
    },

    async edit(posted, message, reply, signal) {
      const thread = threadOf(message)
      const place = decodePosted(posted)
      await Promise.all([
        sendReply(reply, whereOf(message), (content) =>
          api.call(thread.team, 'chat.update', { ...place, ...content }, z.unknown(), signal),
        ),
        status.follow(thread, reply, signal),
      ])
    },

    async addPicture(message, picture, alt, signal) {
      try {
        return await files.keep(threadOf(message).team, picture, alt, signal)
      } catch (error) {
        if (error instanceof PortError && error.code === 'refused') return undefined
        throw error
      }
    },

    addFiles(message, added, signal) {
      return files.share(threadOf(message), added, signal)
    },

    async publish({ tenant, channel, threadId }, reply, signal) {
      const place = { team: tenant, channel, threadTs: threadId }
      return encodePosted(await postTo(place, reply, { isPrivate: false, isCopy: true }, signal))
    },
  }
}

function threadOf({ thread }: IncomingMessage): {
  readonly team: string
  readonly channel: string
  readonly root: string
} {
  const { tenant, channel, root } = decodeThreadId(thread)
  return { team: tenant, channel, root }
}

function whereOf(message: IncomingMessage): Omit<MessageContext, 'form'> {
  const { isPrivate = false } = message
  return isWritten(message) ? { isPrivate } : { isPrivate, saysQuestion: true }
}

function encodePosted({ channel, ts }: z.output<typeof Posted>): PostedMessage {
  return `${channel}:${ts}`
}

function decodePosted(posted: PostedMessage): { readonly channel: string; readonly ts: string } {
  const [channel = '', ts = ''] = posted.split(':')
  return { channel, ts }
}
