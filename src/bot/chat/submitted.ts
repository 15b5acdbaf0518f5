import { MailboxError } from '../mailbox.ts'
import type { Intake } from './intake.ts'
import type { Opinions } from './opinions.ts'
import type { Submission } from './press.ts'
import { expired, noted, slideGone } from './pressed.ts'
import type { StoredReplies } from './stored-reply.ts'
import { chartChoices, type SubmissionAnswer } from './window.ts'

export interface SubmittedDeps {
  readonly intake: Intake
  readonly stored: StoredReplies
  readonly opinions: Opinions
}

/** What follows from windows that were filled in. Resolves when what was asked is safe. */
export function createSubmitted(deps: SubmittedDeps): (submission: Submission) => Promise<SubmissionAnswer> {
  const { intake, stored, opinions } = deps

  /** Wishes about a slide, numbered as it is now. */
  async function change(
    { about, tenant, user, id }: Submission,
    toText: (number: number) => string,
  ): Promise<SubmissionAnswer> {
    const reply = await stored.find(about.turnId, tenant)
    if (!reply) return { error: expired }
    const number = await stored.numberNow(reply, about.index ?? -1)
    if (number === undefined) return { error: slideGone }
    const { place, root } = about
    try {
      await intake.ask({ place, root, user, text: toText(number), about: id })
      return undefined
    } catch (error) {
      if (error instanceof MailboxError) return { error: error.userMessage }
      throw error
    }
  }

  async function giveReason({ about, tenant, user }: Submission, reason: string): Promise<SubmissionAnswer> {
    const reply = await stored.find(about.turnId, tenant)
    if (!reply) return undefined
    await opinions.note(reply, { userId: user, rating: 'bad', reason })
    return { tell: noted }
  }

  return async (submission) => {
    const { about, tenant, kind } = submission
    if (about.place.tenant !== tenant) return undefined
    const value = submission.value.replaceAll(/\s+/g, ' ').trim()
    switch (kind) {
      case 'edit':
        if (value === '') return { error: 'Please write what should be different.' }
        return change(submission, (number) => `slide ${number}: ${value}`)
      case 'chart': {
        const choice = Object.entries(chartChoices).find(([chart]) => chart === value)?.[1]
        if (choice === undefined) return { error: 'Please pick one.' }
        return change(submission, (number) => `show slide ${number} as ${choice}`)
      }
      case 'reason':
        return value === '' ? undefined : giveReason(submission, value)
    }
  }
}
