import { userMessageOf } from '../../lib/errors.ts'
import { PortError } from '../chat-port.ts'
import type { FeedbackStore } from '../feedback.ts'
import type { Mailbox } from '../mailbox.ts'
import type { Background } from './background.ts'
import type { CsvFiles } from './csv-files.ts'
import { type FollowUp, isForUs, joinThread } from './follow-up.ts'
import type { Deleted, Heard, Written } from './heard.ts'
import type { Intake } from './intake.ts'
import type { Once } from './once.ts'
import { type Place, spotIn, threadAt, turnIdAt } from './place.ts'
import type { PrivateThreads } from './private-threads.ts'
import type { ThreadPeople } from './thread-people.ts'
import type { Said, Voice } from './voice.ts'
import { isOnlyEmoji, meaningOf, ownPeopleOnly, textOnly } from './words.ts'

/** Where answers to questions in a channel go: the same thread, or the direct message of who asked. */
export type AnswerIn = 'thread' | 'private'

export interface ListeningDeps {
  readonly followUp: FollowUp
  readonly answerIn: AnswerIn
  readonly mailbox: Mailbox
  readonly intake: Intake
  readonly people: ThreadPeople
  readonly privateThreads: PrivateThreads
  readonly csv: CsvFiles
  /** For who asks what this is, or says nothing. */
  readonly help: Said
  readonly feedback: FeedbackStore
  readonly voice: Voice
  readonly once: Once
  readonly background: Background
}

/** What follows from messages that people write, or take back. Resolves when nothing can be lost any more. */
export function createListening(deps: ListeningDeps): (heard: Heard) => Promise<void> {
  const { mailbox, intake, people, privateThreads, csv, help, feedback, voice, once, background } = deps

  async function answer(written: Written): Promise<void> {
    const { root, text, hasFiles, isMention } = written
    if (text === '' || isOnlyEmoji(text)) {
      if (hasFiles) return tell(written, textOnly)
      return isMention || text === '' ? tell(written, help) : undefined
    }
    switch (meaningOf(text)) {
      case 'help':
        return tell(written, help)
      case 'stop':
        return stop(written)
      case 'csv':
        return sendCsv(written)
      case 'nothing':
        return
      case 'forget':
        return forget(written)
      case 'question':
        if (deps.answerIn === 'private' && !root.isDirect) return answerPrivately(written)
        if (await intake.ask(written)) await joinThread(written, people)
    }
  }

  /** The thread that words about "this thread" are about: where answers are private, it is that of who says them. */
  async function threadMeant({ root, user }: Written): Promise<Place> {
    if (deps.answerIn !== 'private' || root.isDirect) return root
    return (await privateThreads.find(privateThreadId(root, user), root.tenant)) ?? root
  }

  /** A mention comes as two copies: the second must not stop the turn after. */
  async function stop(written: Written): Promise<void> {
    const stopping = `${turnIdAt(written.place)}.stop`
    if (!(await once.claim(stopping))) return
    try {
      const stopped = await mailbox.stop(threadAt(await threadMeant(written)))
      if (stopped === 'stopping') return
    } catch (error) {
      await once.release(stopping) // the delivery comes again
      throw error
    }
    await whisper(written, 'There is nothing to stop: I am not working on anything in this thread.')
  }

  async function sendCsv(written: Written): Promise<void> {
    const root = await threadMeant(written)
    background.run('csv', async () => {
      try {
        await csv.send({ ...written, root })
      } catch (error) {
        await voice.whisper(spotIn(root), written.user, userMessageOf(error))
        throw error
      }
    })
  }

  async function forget(written: Written): Promise<void> {
    const root = await threadMeant(written)
    await Promise.all([people.leave(threadAt(root)), feedback.forget(threadAt(root))])
    await intake.ask({ ...written, root })
    if (root !== written.root) await whisper(written, 'I answer you in our direct message.')
  }

  async function answerPrivately(written: Written): Promise<void> {
    const { place, user, text } = written
    const ids = { thread: privateThreadId(written.root, user), question: turnIdAt(place) }
    let root: Place
    try {
      root = await privateThreads.begin(ids, spotIn(written.root), user, text)
    } catch (error) {
      if (!(error instanceof PortError) || error.code !== 'gone') throw error
      return whisper(
        written,
        'I answer in private here, but I may not write to you. Begin a chat with me, then ask again.',
      )
    }
    await intake.ask({ ...written, root })
    await whisper(written, 'I answer you in our direct message. From there you can post the answer here.')
  }

  /** Bears repetition: each message gets one such word. */
  async function tell(written: Written, text: Said): Promise<void> {
    if (!(await once.claim(turnIdAt(written.place)))) return
    background.run('tell', () => voice.say(spotIn(written.root), text))
  }

  async function whisper({ place, aside, user }: Written, text: Said): Promise<void> {
    if (!(await once.claim(turnIdAt(place)))) return
    background.run('whisper', () => voice.whisper(aside, user, text))
  }

  async function withdraw({ place, root }: Deleted): Promise<void> {
    const isElsewhere = deps.answerIn === 'private' && !root.isDirect
    const thread: Place | undefined = isElsewhere ? await privateThreads.find(turnIdAt(place), place.tenant) : root
    if (thread) await mailbox.stop(threadAt(thread), turnIdAt(place))
  }

  return async (heard) => {
    if (heard.kind === 'deleted') return withdraw(heard)
    if (heard.kind === 'ignored' || !(await isForUs(heard, deps.followUp, people))) return
    if (heard.isStranger) return whisper(heard, ownPeopleOnly)
    return answer(heard)
  }
}

/** What one person asks in one thread of a channel is one thread in their direct message, too. */
function privateThreadId(root: Place, user: string): string {
  return `${turnIdAt(root)}.${user}`
}
