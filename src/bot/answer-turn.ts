import type { Agent } from '../agent/agent.ts'
import type { AgentEvent, Turn, TurnOutcome } from '../agent/events.ts'
import { plainText } from '../agent/turn-as-text.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import type { Format, RenderedFile } from '../render/renderer.ts'
import type { ChatPort } from './chat-port.ts'
import { deckFileName } from './deck-file-name.ts'
import { LeaseLost, type Lease } from './mailbox.ts'
import type { IncomingMessage } from './message.ts'
import type { Metrics } from './metrics.ts'
import type { PostedReplies } from './posted-replies.ts'
import type { Reply } from './reply.ts'
import { advanceReply, withPicture } from './reply-view.ts'
import { createReplyWriter } from './reply-writer.ts'
import { createAttachments, type Attachments } from './turn-attachments.ts'
import { createTurnTimes } from './turn-times.ts'

export interface AnswerDeps {
  readonly agent: Agent
  readonly port: ChatPort
  readonly posted: PostedReplies
  /** Language tag for the numbers of the first answer. */
  readonly language: string
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

/** Files that are put into the thread; the others are behind links. */
const sharedFormats: ReadonlySet<Format> = new Set(['pdf', 'pptx', 'xlsx', 'csv'])

/**
 * Runs the agent and shows the person what happens: the reply grows, pictures come as slides are drawn, files at the end.
 * Gives back the reply as it was last, for its end to be added, and what the turn came to.
 * @throws LeaseLost when the turn is no longer ours
 */
export async function answerTurn(
  message: IncomingMessage,
  turn: Turn,
  begun: Reply,
  lease: Lease,
  deps: AnswerDeps,
): Promise<{ readonly reply: Reply; readonly outcome: TurnOutcome }> {
  const { signal, journal } = lease
  let reply = begun
  let outcome: TurnOutcome | undefined
  const files: RenderedFile[] = []
  const observe = createTurnTimes({ platform: turn.platform, sentAt: message.sentAt }, deps)
  const attachments = createAttachments(message, { ...deps, journal }, signal)
  await using writer = createReplyWriter(message, deps, signal)
  const show = (next: Reply): void => {
    if (next === reply && next !== begun) return
    reply = next
    writer.show(reply)
  }

  show(begun)
  for await (const event of deps.agent.answer(turn, signal, journal)) {
    show(advanceReply(reply, event, deps.language))
    observe(event)
    if (event.type === 'done') outcome = event.outcome
    const picture = pictureIn(event)
    if (picture) addPicture(picture.file, picture.index)
    else if (event.type === 'file' && sharedFormats.has(event.file.format)) files.push(event.file)
  }
  throwIfLost(lease)
  if (!outcome) throw new Error('The agent ended a turn without an outcome')
  if (outcome.status !== 'stopped') await attach(attachments, named(files, outcome), lease)
  return { reply, outcome }

  function addPicture(file: RenderedFile, index: number): void {
    const alt = reply.slides.find((slide) => slide.index === index)?.title || `Slide ${index + 1}`
    attachments.addPicture(file, index, alt, (picture) => show(withPicture(reply, index, picture)))
  }
}

function pictureIn(event: AgentEvent): { readonly file: RenderedFile; readonly index: number } | undefined {
  if (event.type === 'preview') return { file: event.file, index: event.index }
  if (event.type !== 'file' || event.file.format !== 'png' || event.file.slide === undefined) return undefined
  return { file: event.file, index: event.file.slide }
}

/** A thread collects many decks: their files are to be told apart, also where they are saved. */
function named(files: readonly RenderedFile[], { deck }: TurnOutcome): readonly RenderedFile[] {
  if (!deck) return files
  const title = plainText(deck.title, deck).trim()
  return files.map((file) => ({ ...file, name: deckFileName(title, file.name) }))
}

/** What the agent has found stands, also when the person stops us while the files are on their way. */
async function attach(attachments: Attachments, files: readonly RenderedFile[], lease: Lease): Promise<void> {
  try {
    await Promise.all([attachments.addFiles(files), attachments.settle()])
  } catch (error) {
    if (!lease.signal.aborted) throw error
  }
  throwIfLost(lease)
}

function throwIfLost({ signal }: Lease): void {
  if (signal.reason instanceof LeaseLost) throw signal.reason
}
