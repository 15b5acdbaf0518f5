import type { Clock } from '../../lib/clock.ts'
import { type Accepted, MailboxError, type Mailbox } from '../mailbox.ts'
import type { IncomingMessage } from '../message.ts'
import type { Background } from './background.ts'
import { toOrigin } from './origin.ts'
import { type Place, spotIn, threadAt, turnIdAt } from './place.ts'
import type { PrivateThreads } from './private-threads.ts'
import type { Voice } from './voice.ts'

/** A question on its way to a turn. */
export interface Question {
  /** Distinguishes what is asked about the same message, such as a button's name; left out for the message itself. */
  readonly about?: string
  /** The message that was written or pressed. */
  readonly place: Place
  /** First message of the thread that the reply goes into. */
  readonly root: Place
  readonly user: string
  readonly text: string
  readonly spaceId?: string | undefined
  /** By the platform's clock, in milliseconds since the epoch; 0, or left out: now. */
  readonly sentAt?: number
}

/** The one way into the mailbox. */
export interface Intake {
  /**
   * Resolves when the message is safe in the mailbox, or was refused with a word to the person. `undefined`: refused.
   * @throws MailboxError `unavailable`
   */
  ask(question: Question): Promise<Accepted | undefined>
}

export interface IntakeDeps {
  readonly mailbox: Mailbox
  /** Shows that a new message was taken in. Never throws. */
  readonly acknowledge: (message: IncomingMessage, ahead: number) => Promise<void>
  readonly privateThreads: PrivateThreads
  readonly voice: Voice
  readonly background: Background
  readonly clock: Clock
}

export function createIntake(deps: IntakeDeps): Intake {
  const { mailbox, acknowledge, privateThreads, voice, background, clock } = deps
  return {
    async ask(question) {
      const { place, root, user, text, about, spaceId, sentAt = 0 } = question
      const id = turnIdAt(place)
      const asked = root.isDirect ? await privateThreads.askedIn(root) : undefined
      const message: IncomingMessage = {
        id: about === undefined ? id : `${id}.${about}`,
        thread: threadAt(root),
        text,
        user: { id: user },
        sentAt: sentAt > 0 ? Math.min(sentAt, clock.now()) : clock.now(),
        ...(spaceId === undefined ? {} : { spaceId }),
        ...(asked ? { isPrivate: true } : {}),
        origin: toOrigin(place),
      }
      try {
        const accepted = await mailbox.accept(message)
        if (accepted.isNew) background.run('acknowledge', () => acknowledge(message, accepted.ahead))
        return accepted
      } catch (error) {
        if (!(error instanceof MailboxError) || error.code !== 'full') throw error
        background.run('refuse', () => voice.whisper(spotIn(root), user, error.userMessage))
        return undefined
      }
    },
  }
}
