import type { types } from '@slack/bolt'
import { z } from 'zod'
import { PortError } from '../chat-port.ts'
import type { Place } from './origin.ts'
import type { SlackApi } from './slack-api.ts'

/** Somewhere in a channel: the channel itself, or a thread in it. */
export interface Spot {
  readonly team: string
  readonly channel: string
  readonly threadTs?: string
}

/** What we say besides replies. Texts are Slack markup: words of others in them have to be escaped. */
export interface Voice {
  /** Posts for all to see. `channel` may be a person: then in their direct message. @throws PortError */
  say(at: Spot, text: string, blocks?: readonly types.KnownBlock[]): Promise<Place>
  /**
   * Says something to one person alone, which goes when they reload; in their direct message where we may not write.
   * @throws PortError
   */
  whisper(at: Spot, user: string, text: string): Promise<void>
  /** Deletes what we said. @throws PortError */
  takeBack(place: Place): Promise<void>
  /** Opens a modal; `trigger` is good for three seconds. @throws PortError */
  open(team: string, trigger: string, view: types.ModalView): Promise<void>
}

const withinMs = 10_000
const Posted = z.object({ channel: z.string(), ts: z.string() })

export function createVoice(api: SlackApi): Voice {
  const call = <Shape extends z.ZodType>(team: string, method: string, args: Record<string, unknown>, shape: Shape) =>
    api.call(team, method, args, shape, AbortSignal.timeout(withinMs))
  const where = ({ channel, threadTs }: Spot) => ({
    channel,
    ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
  })
  return {
    async say(at, text, blocks) {
      const args = { ...where(at), text, unfurl_links: false, unfurl_media: false, ...(blocks ? { blocks } : {}) }
      const { channel, ts } = await call(at.team, 'chat.postMessage', args, Posted)
      return { team: at.team, channel, ts }
    },
    async whisper(at, user, text) {
      try {
        await call(at.team, 'chat.postEphemeral', { ...where(at), user, text }, z.unknown())
      } catch (error) {
        if (!(error instanceof PortError) || error.code !== 'gone') throw error
        await call(at.team, 'chat.postMessage', { channel: user, text }, z.unknown())
      }
    },
    async takeBack({ team, channel, ts }) {
      await call(team, 'chat.delete', { channel, ts }, z.unknown())
    },
    async open(team, trigger, view) {
      await call(team, 'views.open', { trigger_id: trigger, view }, z.unknown())
    },
  }
}
