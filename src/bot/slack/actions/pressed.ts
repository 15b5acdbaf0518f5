import type { Clock } from '../../../lib/clock.ts'
import { userMessageOf } from '../../../lib/errors.ts'
import type { Feedback, FeedbackStore } from '../../feedback.ts'
import type { Mailbox } from '../../mailbox.ts'
import type { Reply } from '../../reply.ts'
import type { Background } from '../background.ts'
import { type Intake, spotIn } from '../intake.ts'
import type { Press } from '../interactions.ts'
import type { Once } from '../once.ts'
import { threadAt } from '../origin.ts'
import type { PrivateThreads } from '../private-threads.ts'
import type { SlackPort } from '../slack-port.ts'
import type { Voice } from '../voice.ts'
import type { About } from '../views/modal.ts'
import { chartView, editView, reasonView } from '../views/asking-views.ts'
import { sqlView } from '../views/sql-view.ts'
import { whyView } from '../views/why-view.ts'
import { isCopy, type StoredReplies, threadOf } from './stored-reply.ts'

export interface PressedDeps {
  readonly mailbox: Mailbox
  readonly intake: Intake
  readonly stored: StoredReplies
  readonly privateThreads: PrivateThreads
  readonly port: SlackPort
  readonly voice: Voice
  readonly once: Once
  readonly background: Background
  readonly feedback: FeedbackStore
  /** Told of every opinion, after it was kept. */
  readonly onFeedback: (feedback: Feedback) => void
  readonly clock: Clock
}

/** What to say when a button outlived what it is about. */
export const expired =
  'I no longer have this answer: answers are kept for a limited time, and not after “forget this thread”. Please ask again.'
export const slideGone = 'This slide is no longer in the deck. Look at the newest answer of this thread.'
const alreadyAsked = 'This was asked already: look further down in this thread.'
const copyOnly = 'This is a copy of somebody’s private answer. To go on from here, ask me in this channel.'
const notOpened = 'Slack did not let me open the window in time. Please try again.'
const publishWithinMs = 15_000
const publishedForMs = 86_400_000

/** What follows from buttons and menus. Resolves when nothing can be lost any more; modals open meanwhile. */
export function createPressed(deps: PressedDeps): (press: Press) => Promise<void> {
  const { mailbox, intake, stored, privateThreads, port, voice, once, background, feedback, onFeedback, clock } = deps

  const tell = ({ root, user }: Press, text: string): void =>
    background.run('tell', () => voice.whisper(spotIn(root), user, text))
  const open = (press: Press, view: Parameters<Voice['open']>[2]): void =>
    background.run('open a modal', async () => {
      try {
        await voice.open(press.team, press.trigger, view)
      } catch (error) {
        tell(press, notOpened)
        throw error
      }
    })

  async function ask(press: Press, reply: Reply, text: string, about: string): Promise<void> {
    const { place, root, user } = press
    if (isCopy(reply, place)) return tell(press, copyOnly)
    const accepted = await intake.ask({ place, root, user, text, about })
    if (accepted?.isNew === false) tell(press, alreadyAsked)
  }

  async function stop(press: Press & { action: { turnId: string } }): Promise<void> {
    const stopped = await mailbox.stop(threadAt(press.root), press.action.turnId)
    if (stopped === 'nothing-to-stop') tell(press, 'This is done already, there is nothing to stop.')
  }

  async function publish(press: Press, reply: Reply): Promise<void> {
    const { root, user, team } = press
    const target = await privateThreads.askedIn(root)
    if (!target) return tell(press, expired)
    if (user !== reply.userId) return tell(press, 'Only who asked can post this answer.')
    const mark = `${reply.turnId}.published`
    if (!(await once.claim(mark, publishedForMs))) return tell(press, 'This answer is posted already.')
    background.run('publish', async () => {
      try {
        await port.publish({ ...target, team }, reply, AbortSignal.timeout(publishWithinMs))
      } catch (error) {
        await once.release(mark)
        tell(press, `It is not posted in <#${target.channel}>. ${userMessageOf(error)}`)
        throw error
      }
      await voice.whisper(spotIn(root), user, `Posted in <#${target.channel}>.`)
    })
  }

  async function slide(press: Press, reply: Reply, index: number, command: string): Promise<void> {
    if (command === 'why') {
      const then = await stored.slideThen(reply, index)
      return then ? open(press, whyView(then.deck, then.slide, then.number)) : tell(press, expired)
    }
    if (isCopy(reply, press.place)) return tell(press, copyOnly)
    const number = await stored.numberNow(reply, index)
    if (number === undefined) return tell(press, slideGone)
    if (command === 'drop') return ask(press, reply, `drop slide ${number}`, `drop-${index}`)
    const about = { ...aboutOf(press, reply), index }
    open(press, command === 'edit' ? editView(about, number) : chartView(about, number))
  }

  async function judge(press: Press, reply: Reply, rating: Feedback['rating']): Promise<void> {
    const given: Feedback = {
      turnId: reply.turnId,
      thread: threadOf(reply),
      traceId: reply.result?.traceId ?? '',
      userId: press.user,
      rating,
      reason: '',
      at: clock.now(),
    }
    await feedback.put(given)
    onFeedback(given)
    if (rating === 'bad') open(press, reasonView(aboutOf(press, reply)))
    else tell(press, 'Thank you, noted.')
  }

  return async (press) => {
    const { action, team } = press
    if (action.name === 'link') return
    if (press.isStranger) return tell(press, 'I answer only people of the company whose data I know.')
    if (action.name === 'stop') return stop({ ...press, action })
    const reply = await stored.find(action.turnId, team)
    if (!reply?.result) return tell(press, expired)
    switch (action.name) {
      case 'retry':
        return ask(press, reply, reply.question, 'retry')
      case 'ask': {
        const suggestion = reply.result.suggestions[action.index]
        return suggestion === undefined ? tell(press, expired) : ask(press, reply, suggestion, `ask-${action.index}`)
      }
      case 'sql':
        return open(press, sqlView(reply.result))
      case 'publish':
        return publish(press, reply)
      case 'feedback':
        return judge(press, reply, action.rating)
      case 'slide':
        return slide(press, reply, action.index, action.command)
    }
  }
}

function aboutOf({ place, root }: Press, { turnId }: Reply): About {
  return { turnId, place, root }
}
