import { userMessageOf } from '../../lib/errors.ts'
import type { Feedback } from '../feedback.ts'
import type { Mailbox } from '../mailbox.ts'
import type { Reply } from '../reply.ts'
import type { Background } from './background.ts'
import type { Intake } from './intake.ts'
import type { Once } from './once.ts'
import type { Opinions } from './opinions.ts'
import { spotIn, threadAt } from './place.ts'
import type { Press } from './press.ts'
import type { PrivateThreads } from './private-threads.ts'
import type { PublishingPort } from './publishing-port.ts'
import { isCopy, type StoredReplies } from './stored-reply.ts'
import type { Voice } from './voice.ts'
import type { About, PressAnswer } from './window.ts'
import { ownPeopleOnly } from './words.ts'

export interface PressedDeps {
  readonly mailbox: Mailbox
  readonly intake: Intake
  readonly stored: StoredReplies
  readonly privateThreads: PrivateThreads
  readonly port: PublishingPort
  readonly voice: Voice
  readonly once: Once
  readonly background: Background
  readonly opinions: Opinions
}

/** What to say when a button outlived what it is about. */
export const expired =
  'I no longer have this answer: answers are kept for a limited time, and not after “forget this thread”. Please ask again.'
export const slideGone = 'This slide is no longer in the deck. Look at the newest answer of this thread.'
/** What to say to who gave an opinion. */
export const noted = 'Thank you, noted.'
const alreadyAsked = 'This was asked already: look further down in this thread.'
const copyOnly = 'This is a copy of somebody’s private answer. To go on from here, ask me in this channel.'
const publishWithinMs = 15_000
const publishedForMs = 86_400_000

/** What follows from buttons and menus. Resolves when nothing can be lost any more, with what the person is to see. */
export function createPressed(deps: PressedDeps): (press: Press) => Promise<PressAnswer> {
  const { mailbox, intake, stored, privateThreads, port, voice, once, background, opinions } = deps

  async function ask(press: Press, reply: Reply, text: string, about: string): Promise<PressAnswer> {
    const { place, root, user } = press
    if (isCopy(reply, place)) return { tell: copyOnly }
    const accepted = await intake.ask({ place, root, user, text, about })
    return accepted?.isNew === false ? { tell: alreadyAsked } : undefined
  }

  async function stop({ root }: Press, turnId: string): Promise<PressAnswer> {
    const stopped = await mailbox.stop(threadAt(root), turnId)
    return stopped === 'nothing-to-stop' ? { tell: 'This is done already, there is nothing to stop.' } : undefined
  }

  async function publish({ root, user }: Press, reply: Reply): Promise<PressAnswer> {
    const target = await privateThreads.askedIn(root)
    if (!target) return { tell: expired }
    if (user !== reply.userId) return { tell: 'Only who asked can post this answer.' }
    const mark = `${reply.turnId}.published`
    if (!(await once.claim(mark, publishedForMs))) return { tell: 'This answer is posted already.' }
    background.run('publish', async () => {
      try {
        await port.publish(target, reply, AbortSignal.timeout(publishWithinMs))
      } catch (error) {
        await once.release(mark)
        const why = ['It is not posted in ', { channel: target }, `. ${userMessageOf(error)}`]
        background.run('tell', () => voice.whisper(spotIn(root), user, why))
        throw error
      }
      await voice.whisper(spotIn(root), user, ['Posted in ', { channel: target }, '.'])
    })
    return undefined
  }

  async function slide(press: Press, reply: Reply, index: number, command: string): Promise<PressAnswer> {
    if (command === 'why') {
      const then = await stored.slideThen(reply, index)
      return then ? { window: { kind: 'why', ...then } } : { tell: expired }
    }
    if (isCopy(reply, press.place)) return { tell: copyOnly }
    const number = await stored.numberNow(reply, index)
    if (number === undefined) return { tell: slideGone }
    if (command === 'drop') return ask(press, reply, `drop slide ${number}`, `drop-${index}`)
    const about = { ...aboutOf(press, reply), index }
    return { window: { kind: command === 'edit' ? 'edit' : 'chart', about, number } }
  }

  async function judge(press: Press, reply: Reply, rating: Feedback['rating']): Promise<PressAnswer> {
    await opinions.note(reply, { userId: press.user, rating, reason: '' })
    return rating === 'bad' ? { window: { kind: 'reason', about: aboutOf(press, reply) } } : { tell: noted }
  }

  return async (press) => {
    const { action, place } = press
    if (press.isStranger) return { tell: ownPeopleOnly }
    if (action.name === 'stop') return stop(press, action.turnId)
    const reply = await stored.find(action.turnId, place.tenant)
    if (!reply?.result) return { tell: expired }
    switch (action.name) {
      case 'retry':
        return ask(press, reply, reply.question, 'retry')
      case 'ask': {
        const suggestion = reply.result.suggestions[action.index]
        return suggestion === undefined ? { tell: expired } : ask(press, reply, suggestion, `ask-${action.index}`)
      }
      case 'sql':
        return { window: { kind: 'sql', result: reply.result } }
      case 'publish':
        return publish(press, reply)
      case 'feedback':
        return judge(press, reply, action.rating)
      case 'slide':
        return slide(press, reply, action.index, action.command)
    }
  }
}

function aboutOf({ place, root, press }: Press, { turnId }: Reply): About {
  return { turnId, place, root, ...(press === undefined ? {} : { press }) }
}
