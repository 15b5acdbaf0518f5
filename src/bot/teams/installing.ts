import type { Chat } from '../chat/chat.ts'
import type { Spot } from '../chat/place.ts'
import type { Said, Voice } from '../chat/voice.ts'
import { placeIn } from './places.ts'
import type { VerifiedActivity } from './wire.ts'

/** What people are told when the app comes into a conversation: once, until it has left. */
export interface Installing {
  /** For `installationUpdate` and `conversationUpdate`: Teams sends both, or one of them. */
  changed(verified: VerifiedActivity): Promise<void>
}

const greetedForMs = 365 * 86_400_000

export function createInstalling(deps: {
  readonly chat: Chat
  readonly voice: Voice
  readonly help: Said
}): Installing {
  const { chat, voice, help } = deps
  const { once, background } = chat

  async function greet(spot: Spot, greeting: string): Promise<void> {
    if (!(await once.claim(greeting, greetedForMs))) return
    background.run('greet', async () => {
      try {
        await voice.say(spot, help)
      } catch (error) {
        await once.release(greeting)
        throw error
      }
    })
  }

  return {
    async changed({ activity, ref }) {
      const { id: _, ...spot } = placeIn(ref, '')
      const { tenant, channel } = spot
      const greeting = `welcome-${tenant}-${channel}`
      const { type, action, membersAdded, membersRemoved } = activity
      const isUs = ({ id }: { readonly id: string }): boolean => id === ref.botId
      const isInstallation = type === 'installationUpdate'
      if (isInstallation ? action?.startsWith('remove') : membersRemoved?.some(isUs)) {
        await once.release(greeting)
      } else if (isInstallation ? action === 'add' : membersAdded?.some(isUs)) {
        await greet(spot, greeting)
      }
    },
  }
}
