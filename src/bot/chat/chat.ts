import type { Redis } from 'ioredis'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import type { Conversations } from '../conversation.ts'
import type { Decks } from '../decks.ts'
import { createFeedbackStore, type Feedback } from '../feedback.ts'
import type { Links } from '../links.ts'
import type { Mailbox } from '../mailbox.ts'
import type { IncomingMessage } from '../message.ts'
import type { Replies } from '../replies.ts'
import { type Background, createBackground } from './background.ts'
import { createCsvFiles } from './csv-files.ts'
import type { FollowUp } from './follow-up.ts'
import type { Heard } from './heard.ts'
import { createIntake, type Intake } from './intake.ts'
import { type AnswerIn, createListening } from './listening.ts'
import { createOnce, type Once } from './once.ts'
import { createOpinions, type Opinions } from './opinions.ts'
import type { ChatPlatform } from './place.ts'
import type { Press, Submission } from './press.ts'
import { createPressed } from './pressed.ts'
import { createPrivateThreads, type PrivateThreads } from './private-threads.ts'
import type { PublishingPort } from './publishing-port.ts'
import { createStoredReplies, type StoredReplies } from './stored-reply.ts'
import { createSubmitted } from './submitted.ts'
import { createThreadPeople, type ThreadPeople } from './thread-people.ts'
import type { Said, Voice } from './voice.ts'
import type { PressAnswer, SubmissionAnswer } from './window.ts'

/** What the parts of our service give to every chat platform. */
export interface ChatParts {
  readonly redis: Redis
  readonly mailbox: Mailbox
  /** Shows at once that a new message was taken in: `acknowledge` of the bot, with the platform's port. */
  readonly acknowledge: (message: IncomingMessage, ahead: number) => Promise<void>
  readonly conversations: Conversations
  readonly decks: Decks
  readonly replies: Replies
  readonly links: Links
  readonly clock: Clock
  readonly log: Logger
  /** Told of every opinion that a person gives, once it is kept. */
  readonly feedback?: (feedback: Feedback) => void
}

export interface ChatDeps extends ChatParts {
  readonly platform: ChatPlatform
  readonly answerIn: AnswerIn
  readonly followUp: FollowUp
  /** How long a thread is remembered. */
  readonly threadTtlMs: number
  readonly help: Said
  readonly port: PublishingPort
  readonly voice: Voice
}

/**
 * What people's words, presses and filled-in windows lead to, on any chat platform. The functions resolve when nothing can
 * be lost any more: then the delivery may be acknowledged. Where one throws, it should come again, or the person be told.
 * Disposing it waits for what is being said.
 */
export interface Chat extends AsyncDisposable {
  hear(heard: Heard): Promise<void>
  press(press: Press): Promise<PressAnswer>
  submit(submission: Submission): Promise<SubmissionAnswer>
  /** What the above are made of, for ways in that only one platform has. */
  readonly intake: Intake
  readonly people: ThreadPeople
  readonly privateThreads: PrivateThreads
  readonly stored: StoredReplies
  readonly opinions: Opinions
  readonly once: Once
  readonly background: Background
}

export function createChat(deps: ChatDeps): Chat {
  const { platform, redis, mailbox, acknowledge, port, voice, threadTtlMs: ttlMs, clock, log } = deps
  const background = createBackground(platform, log)
  const once = createOnce({ platform, redis })
  const people = createThreadPeople({ platform, redis, ttlMs })
  const privateThreads = createPrivateThreads({ platform, redis, voice, ttlMs, clock })
  const feedback = createFeedbackStore({ redis, ttlMs })
  const opinions = createOpinions({ feedback, onFeedback: deps.feedback ?? ((): void => undefined), clock })
  const stored = createStoredReplies(deps)
  const intake = createIntake({ mailbox, acknowledge, privateThreads, voice, background, clock })
  const csv = createCsvFiles({ ...deps, once })
  const said = { voice, once, background }
  return {
    hear: createListening({ ...deps, ...said, intake, people, privateThreads, csv, feedback }),
    press: createPressed({ ...said, mailbox, intake, stored, privateThreads, port, opinions }),
    submit: createSubmitted({ intake, stored, opinions }),
    intake,
    people,
    privateThreads,
    stored,
    opinions,
    once,
    background,
    [Symbol.asyncDispose]: () => background[Symbol.asyncDispose](),
  }
}
