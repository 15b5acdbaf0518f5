import type { Agent } from '../agent/agent.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import type { Format } from '../render/renderer.ts'
import type { ChatPort } from './chat-port.ts'
import type { Conversations } from './conversation.ts'
import type { Decks } from './decks.ts'
import type { Links } from './links.ts'
import type { TurnHandler } from './mailbox.ts'
import type { Metrics } from './metrics.ts'
import type { PostedReplies } from './posted-replies.ts'
import type { Replies } from './replies.ts'
import type { Thread } from './thread.ts'

export interface TurnRunnerDeps {
  readonly agent: Agent
  readonly ports: ReadonlyMap<Thread['platform'], ChatPort>
  readonly conversations: Conversations
  readonly decks: Decks
  readonly replies: Replies
  readonly posted: PostedReplies
  readonly links: Links
  /** What a message that does not say otherwise falls back on. */
  readonly defaults: {
    readonly spaceId: string
    /** Ids of spaces by the names people may use. */
    readonly spaces: Readonly<Record<string, string>>
    readonly maxSlides: number
    readonly formats: readonly Format[]
    /** Language tag for the numbers of the first answer. */
    readonly language: string
  }
  readonly clock: Clock
  readonly log: Logger
  readonly metrics?: Metrics
}

/** From a message to the end of its turn: the agent runs, the reply grows, what it came to is kept. */
export function createTurnRunner(deps: TurnRunnerDeps): TurnHandler {
  throw new Error(`Being written for ${deps.ports.size} ports`)
}
