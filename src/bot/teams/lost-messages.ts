import type { Background } from '../chat/background.ts'
import { sayToActivity } from './cards/say.ts'
import { pace } from './limits.ts'
import { isStranger, placeIn, rootInChannel } from './places.ts'
import { mentionsIn } from './plain-text.ts'
import { inChain } from './references.ts'
import type { TeamsWire, VerifiedActivity } from './wire.ts'

/**
 * Messages that we heard and could not keep. Whether Teams delivers one again is not documented, so its author is told,
 * in words that are true either way. It takes nothing but the delivery itself: what is away is Redis, as a rule.
 */
export interface LostMessages {
  /** Tells the author, once for each message, when it was for us. Returns at once. */
  note(verified: VerifiedActivity): void
}

const words = 'I could not take your message just now. If I do not answer it within a minute, please send it again.'
/** Of this process alone; there is nowhere else to remember them. */
const mostRemembered = 1000

export function createLostMessages(deps: {
  /** One that counts no calls: there is nowhere to count them. */
  readonly wire: Pick<TeamsWire, 'send'>
  readonly background: Background
}): LostMessages {
  const { wire, background } = deps
  const told = new Set<string>()
  return {
    note(verified) {
      const { activity, ref } = verified
      const isForUs =
        ref.conversationType === 'personal' || mentionsIn(activity.entities).some(({ id }) => id === ref.botId)
      if (activity.type !== 'message' || !isForUs || isStranger(activity, ref)) return
      const message = JSON.stringify(placeIn(ref, activity.id ?? ''))
      if (told.has(message)) return
      told.add(message)
      for (const oldest of told) if (told.size > mostRemembered) told.delete(oldest)
      const chain = rootInChannel(verified)
      background.run('tell of a lost message', () =>
        wire.send(
          chain === undefined ? ref : inChain(ref, chain),
          sayToActivity(words),
          AbortSignal.timeout(pace.callMs),
        ),
      )
    },
  }
}
