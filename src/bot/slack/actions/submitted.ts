import type { Clock } from '../../../lib/clock.ts'
import type { Feedback, FeedbackStore } from '../../feedback.ts'
import { MailboxError } from '../../mailbox.ts'
import type { Background } from '../background.ts'
import { type Intake, spotIn } from '../intake.ts'
import type { Submission } from '../interactions.ts'
import type { Voice } from '../voice.ts'
import { chartChoices } from '../views/asking-views.ts'
import { type About, callbackIds, fieldError, fieldId, parseAbout } from '../views/modal.ts'
import { expired, slideGone } from './pressed.ts'
import { type StoredReplies, threadOf } from './stored-reply.ts'

export interface SubmittedDeps {
  readonly intake: Intake
  readonly stored: StoredReplies
  readonly voice: Voice
  readonly background: Background
  readonly feedback: FeedbackStore
  readonly onFeedback: (feedback: Feedback) => void
  readonly clock: Clock
}

/** What to answer to a submission; undefined closes the modal. */
export type SubmissionAnswer = ReturnType<typeof fieldError> | undefined

/** What follows from modals that were filled in. Resolves when what was asked is safe. */
export function createSubmitted(deps: SubmittedDeps): (submission: Submission) => Promise<SubmissionAnswer> {
  const { intake, stored, voice, background, feedback, onFeedback, clock } = deps

  /** Wishes about a slide, numbered as it is now. */
  async function change(submission: Submission, about: About, toText: (number: number) => string) {
    const { team, user, viewId } = submission
    const reply = await stored.find(about.turnId, team)
    if (!reply) return fieldError(expired)
    const number = await stored.numberNow(reply, about.index ?? -1)
    if (number === undefined) return fieldError(slideGone)
    try {
      await intake.ask({ ...about, user, text: toText(number), about: viewId })
      return undefined
    } catch (error) {
      if (error instanceof MailboxError) return fieldError(error.userMessage)
      throw error
    }
  }

  async function giveReason({ team, user }: Submission, about: About, reason: string): Promise<void> {
    const reply = await stored.find(about.turnId, team)
    if (!reply) return
    const given: Feedback = {
      turnId: reply.turnId,
      thread: threadOf(reply),
      traceId: reply.result?.traceId ?? '',
      userId: user,
      rating: 'bad',
      reason,
      at: clock.now(),
    }
    await feedback.put(given)
    onFeedback(given)
    background.run('thank', () => voice.whisper(spotIn(about.root), user, 'Thank you, noted.'))
  }

  return async (submission) => {
    const about = parseAbout(submission.privateMetadata)
    if (!about || about.place.team !== submission.team) return undefined
    const value = (submission.values.get(fieldId) ?? '').replaceAll(/\s+/g, ' ').trim()
    switch (submission.callbackId) {
      case callbackIds.edit:
        if (value === '') return fieldError('Please write what should be different.')
        return change(submission, about, (number) => `slide ${number}: ${value}`)
      case callbackIds.chart: {
        const choice = Object.entries(chartChoices).find(([kind]) => kind === value)?.[1]
        if (choice === undefined) return fieldError('Please pick one.')
        return change(submission, about, (number) => `show slide ${number} as ${choice}`)
      }
      case callbackIds.reason:
        if (value !== '') await giveReason(submission, about, value)
        return undefined
      default:
        return undefined
    }
  }
}
