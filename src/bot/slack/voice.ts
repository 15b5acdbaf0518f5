import type { types } from '@slack/bolt'
import { z } from 'zod'
import { PortError } from '../chat-port.ts'
import { type Place, type Spot, spotIn } from '../chat/place.ts'
import type { Said, Voice } from '../chat/voice.ts'
import { placeAt } from './places.ts'
import { toMrkdwn } from './said.ts'
import type { SlackApi } from './slack-api.ts'

/** What we say in Slack besides replies. A whisper goes when the person reloads. */
export interface SlackVoice extends Voice {
  /** Deletes what we said. @throws PortError */
  takeBack(place: Place): Promise<void>
  /** Opens a modal; `trigger` is good for three seconds. @throws PortError */
  open(team: string, trigger: string, view: types.ModalView): Promise<void>
}

const withinMs = 10_000
const Posted = z.object({ channel: z.string(), ts: z.string() })

export function createVoice(api: SlackApi): SlackVoice {
  const call = <Shape extends z.ZodType>(team: string, method: string, args: Record<string, unknown>, shape: Shape) =>
    api.call(team, method, args, shape, AbortSignal.timeout(withinMs))
  const where = ({ channel, threadId }: Pick<Spot, 'channel' | 'threadId'>) => ({
    channel,
    ...(threadId === undefined ? {} : { thread_ts: threadId }),
  })

  async function post(team: string, at: Pick<Spot, 'channel' | 'threadId'>, said: Said): Promise<Place> {
    const args = { ...where(at), text: toMrkdwn(said), unfurl_links: false, unfurl_media: false }
    const { channel, ts } = await call(team, 'chat.postMessage', args, Posted)
    return placeAt(team, channel, ts)
  }

  return {
    say: (at, said) => post(at.tenant, at, said),
    // A person is a channel, too: their direct message.
    sayTo: ({ tenant }, user, said, root) => post(tenant, root ? spotIn(root) : { channel: user }, said),
    async whisper(at, user, said) {
      const text = toMrkdwn(said)
      try {
        await call(at.tenant, 'chat.postEphemeral', { ...where(at), user, text }, z.unknown())
      } catch (error) {
        if (!(error instanceof PortError) || error.code !== 'gone') throw error
        await call(at.tenant, 'chat.postMessage', { channel: user, text }, z.unknown())
      }
    },
    async takeBack({ tenant, channel, id }) {
      await call(tenant, 'chat.delete', { channel, ts: id }, z.unknown())
    },
    async open(team, trigger, view) {
      await call(team, 'views.open', { trigger_id: trigger, view }, z.unknown())
    },
  }
}
