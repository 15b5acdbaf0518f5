import { PortError } from '../chat-port.ts'
import type { Place, Spot } from '../chat/place.ts'
import type { Said, Voice } from '../chat/voice.ts'
import { sayToActivity } from './cards/say.ts'
import { placeIn } from './places.ts'
import { inChain, type References } from './references.ts'
import type { Topics } from './topics.ts'
import type { ConversationRef, TeamsWire } from './wire.ts'

const withinMs = 10_000

/**
 * What we say in Teams besides replies. Nothing there is shown to one person of several: a whisper is a short answer in
 * the thread. What a person writes in their own chat after they were spoken to is about that.
 */
export function createVoice(deps: {
  readonly wire: TeamsWire
  readonly references: Pick<References, 'find'>
  readonly topics: Topics
}): Voice {
  const { wire, references, topics } = deps

  async function refOf({ tenant, channel }: Spot): Promise<ConversationRef> {
    const ref = await references.find(tenant, channel)
    if (ref) return ref
    throw new PortError('gone', `No conversation "${channel}" of tenant "${tenant}" is known`, {
      userMessage: 'I am not in that conversation any more.',
    })
  }

  function post(ref: ConversationRef, said: Said): Promise<{ readonly id: string }> {
    return wire.send(ref, sayToActivity(said), AbortSignal.timeout(withinMs))
  }

  async function say(at: Spot, said: Said): Promise<Place> {
    const ref = await refOf(at)
    const { id } = await post(at.threadId === undefined ? ref : inChain(ref, at.threadId), said)
    return placeIn(ref, id)
  }

  return {
    say,
    async sayTo(near, user, said, root) {
      const ref = await wire.openPersonal(await refOf(near), user, AbortSignal.timeout(withinMs))
      const { id } = await post(ref, said)
      const place = placeIn(ref, id)
      await topics.goOnIn(root?.id ?? id, place.tenant, place.channel)
      return place
    },
    async whisper(at, _user, said) {
      await say(at, said)
    },
  }
}
