import { PortError } from '../chat-port.ts'
import { MailboxError } from '../mailbox.ts'
import type { Background } from '../chat/background.ts'
import type { Intake } from '../chat/intake.ts'
import type { AnswerIn } from '../chat/listening.ts'
import type { Once } from '../chat/once.ts'
import { type Place, type Spot, spotIn, threadAt, turnIdAt } from '../chat/place.ts'
import type { PrivateThreads } from '../chat/private-threads.ts'
import type { ThreadPeople } from '../chat/thread-people.ts'
import { clip } from '../chat/text.ts'
import type { Said } from '../chat/voice.ts'
import { meaningOf } from '../chat/words.ts'
import { channelAt } from './places.ts'
import type { SlackVoice } from './voice.ts'

export interface BeginningsDeps {
  readonly answerIn: AnswerIn
  readonly help: Said
  readonly intake: Intake
  readonly people: ThreadPeople
  readonly privateThreads: PrivateThreads
  readonly voice: SlackVoice
  readonly once: Once
  readonly background: Background
}

/** `/deck QUESTION`. */
export interface Command {
  readonly team: string
  readonly channel: string
  readonly user: string
  readonly text: string
  /** Differs for each use. */
  readonly id: string
}

/** "Make a deck of this", on a message. */
export interface Shortcut {
  /** The message it was used on, and the first message of its thread. */
  readonly place: Place
  readonly root: Place
  readonly user: string
  readonly text: string
  /** Differs for each use. */
  readonly id: string
}

/** Ways to start a turn other than to write to us. They post a message first, which says who asked what. */
export interface Beginnings {
  /** → what to tell the person alone; '' when the thread says it all */
  command(command: Command): Promise<Said>
  shortcut(shortcut: Shortcut): Promise<void>
}

const longestQuestion = 2000
const elsewhere = 'I am not in this channel, so I answer you in our direct message.'

export function createBeginnings(deps: BeginningsDeps): Beginnings {
  const { answerIn, help, intake, people, privateThreads, voice, once, background } = deps

  /** Our own message in the channel; undefined where we may not write. */
  async function announce(at: Spot, text: Said) {
    try {
      return await voice.say(at, text)
    } catch (error) {
      if (error instanceof PortError && error.code === 'gone') return undefined
      throw error
    }
  }

  /** Nothing stays of a beginning that came to nothing. */
  async function ask(place: Place, root: Place, user: string, text: string): Promise<void> {
    try {
      await intake.ask({ place, root, user, text })
    } catch (error) {
      background.run('take back', () => voice.takeBack(place))
      throw error
    }
  }

  return {
    async command({ team, channel, user, text, id }) {
      const meaning = meaningOf(text)
      if (text === '' || meaning === 'help') return help
      if (meaning !== 'question') return 'Write this in the thread it is about. With this command you ask a question.'
      const spot = channelAt(team, channel)
      try {
        if (answerIn === 'thread') {
          const question = clip(text, longestQuestion)
          const root = await announce(spot, [{ person: user }, ` asks: ${question}`])
          if (root) {
            await ask(root, root, user, text)
            if (!root.isDirect) await people.join(threadAt(root), user, false)
            return ''
          }
        }
        const key = `command-${team}-${id}`
        const root = await privateThreads.begin({ thread: key, question: key }, spot, user, text)
        await ask(root, root, user, text)
        if (spot.isDirect) return ''
        return answerIn === 'thread'
          ? elsewhere
          : 'I answer you in our direct message. From there you can post the answer here.'
      } catch (error) {
        if (error instanceof PortError || error instanceof MailboxError) return error.userMessage
        throw error
      }
    },

    async shortcut({ place, root, user, text, id }) {
      const spot = spotIn(root)
      const tell = (words: string): void => background.run('tell', () => voice.whisper(spot, user, words))
      if (text === '') return tell('There is no text in this message that I could make a deck of.')
      const asking = `${turnIdAt(place)}.shortcut`
      if (!(await once.claim(asking, 60_000))) return tell('A deck of this message was asked for just now.')
      try {
        const posted =
          answerIn === 'thread'
            ? await announce(spot, [{ person: user }, ' asks for a deck of this message.'])
            : undefined
        if (posted) {
          await ask(posted, root, user, text)
          if (!root.isDirect && (await people.hear(threadAt(root), user)) === 0) {
            await people.join(threadAt(root), user, true)
          }
          return
        }
        const key = `shortcut-${place.tenant}-${id}`
        const began = await privateThreads.begin({ thread: key, question: key }, spot, user, text)
        await ask(began, began, user, text)
      } catch (error) {
        await once.release(asking)
        if (!(error instanceof PortError) && !(error instanceof MailboxError)) throw error
        tell(error.userMessage)
      }
    },
  }
}
