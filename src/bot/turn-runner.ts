import { setImmediate as nextLoop } from 'node:timers/promises'
import type { Agent } from '../agent/agent.ts'
import type { ThreadMemory, Turn, TurnOutcome } from '../agent/events.ts'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import type { Format } from '../render/renderer.ts'
import { answerTurn } from './answer-turn.ts'
import { PortError, type ChatPort } from './chat-port.ts'
import type { Conversations } from './conversation.ts'
import { linksOf } from './deck-links.ts'
import type { Decks } from './decks.ts'
import { deliverReply } from './deliver-reply.ts'
import { asksToForget, forgetThread } from './forget-thread.ts'
import type { Links } from './links.ts'
import type { TurnEnd, TurnHandler, Write } from './mailbox.ts'
import type { IncomingMessage } from './message.ts'
import { noMetrics, type Metrics } from './metrics.ts'
import { BudgetError, noBudgets, overBudget, type Budgets } from './monitoring/budgets.ts'
import { beginTurn, type RunningTurn } from './monitoring/running-turn.ts'
import type { PostedReplies } from './posted-replies.ts'
import type { Replies } from './replies.ts'
import { Reply } from './reply.ts'
import { beginReply, endReply, endWithoutTurn } from './reply-view.ts'
import { decodeThreadId, type Thread } from './thread.ts'

export interface TurnRunnerDeps {
  readonly agent: Agent
  readonly ports: ReadonlyMap<Thread['platform'], ChatPort>
  readonly conversations: Conversations
  readonly decks: Decks
  readonly replies: Replies
  readonly posted: PostedReplies
  readonly links: Links
  readonly defaults: TurnDefaults
  readonly clock: Clock
  readonly log: Logger
  readonly metrics?: Metrics
  /** Left out: nothing is booked and nothing limited. */
  readonly budgets?: Budgets
}

/** What a message that does not say otherwise falls back on. */
export interface TurnDefaults {
  readonly spaceId: string
  /** Ids of spaces by the names people may use. */
  readonly spaces: Readonly<Record<string, string>>
  readonly maxSlides: number
  readonly formats: readonly Format[]
  /** Language tag for the numbers of the first answer. */
  readonly language: string
}

const longestQuestion = 4000
const mostSlides = 30

/** From a message to the end of its turn: the agent runs, the reply grows, and what it came to is kept. */
export function createTurnRunner(deps: TurnRunnerDeps): TurnHandler {
  const { conversations, decks, replies, links, defaults, budgets = noBudgets } = deps

  function toEnd(running: RunningTurn, reply: Reply, writes: readonly Write[]): TurnEnd {
    const booked = running.ended(reply)
    return { reply: JSON.stringify(reply), writes: [...writes, ...booked.writes], additions: booked.additions }
  }

  /** The reply and the memory are found again for as long as the thread is remembered. */
  async function keep(running: RunningTurn, reply: Reply, memory: ThreadMemory): Promise<TurnEnd> {
    const { message } = running
    const writes = await conversations.toWrites(message.thread, memory, message.id)
    return toEnd(running, reply, [...writes, ...replies.toWrites(reply)])
  }

  return {
    async run(message, lease) {
      const running = beginTurn(message, lease.attempt, deps)
      const { metrics } = running
      const begun = beginReply(message, 0)
      if (asksToForget(message.text)) {
        await forgetThread(message.thread, deps)
        const answer = 'Done: I have forgotten this thread. Its answers, decks and links are gone.'
        return toEnd(running, endWithoutTurn(begun, { status: 'answered', answer }), [])
      }
      const memory = await conversations.load(message.thread)
      const spaceId = spaceOf(message, memory.spaceId, defaults)
      const problem = problemOf(message.text, spaceId)
      if (problem !== undefined) {
        return keep(running, endWithoutTurn(begun, { status: 'clarify', answer: problem }), memory)
      }
      try {
        await budgets.check(message)
      } catch (error) {
        if (!(error instanceof BudgetError)) throw error
        const end = { status: 'refused', answer: error.userMessage, errorCode: error.code } as const
        return keep(running, endWithoutTurn(begun, end), memory)
      }

      const { platform } = decodeThreadId(message.thread)
      const turn: Turn = {
        id: message.id,
        question: message.text.trim(),
        spaceId,
        maxSlides: Math.min(message.maxSlides ?? defaults.maxSlides, mostSlides),
        formats: message.formats ?? defaults.formats,
        sessionId: message.thread,
        userId: message.user.id,
        platform,
        memory,
        askedAt: message.sentAt,
        attempt: lease.attempt,
        earlierDeck: (version) => conversations.deck(message.thread, version),
        deckUrl: (version) => links.to(decks.keyOf(message.thread), version, 'deck.html'),
        watch: {
          before: (spent) => budgets.beforeCall(message, lease, spent),
          after: (ms) => metrics.observe('llm_ms', ms),
        },
      }
      const answerDeps = { ...deps, metrics, port: portFor(platform), language: memory.language ?? defaults.language }
      const { reply, outcome: came } = await answerTurn(message, turn, begun, lease, answerDeps)
      // A limit is no failure of ours, nor of the question.
      const outcome: TurnOutcome = came.errorCode === overBudget ? { ...came, status: 'refused' } : came

      const isKept = outcome.status === 'answered' || outcome.status === 'clarify'
      const after = isKept ? outcome.memory : memory
      const key = decks.keyOf(message.thread)
      const ended = endReply(reply, outcome, {
        runId: await Promise.race([outcome.runId, nextLoop('')]), // what MLflow has not said by now is not waited for
        ...(after.deck ? { deck: { value: after.deck, key, links: linksOf(after.deck, key, links) } } : {}),
      })
      return keep(running, ended, after)
    },

    async giveUp(message, attempts) {
      const reply = endWithoutTurn(beginReply(message, 0), {
        status: 'failed',
        answer:
          'I could not finish this question, although I tried several times. Please try again, or tell your administrator.',
        errorCode: 'given-up',
        canRetry: true,
        costUsd: await budgets.spentSoFar(message),
      })
      return keep(beginTurn(message, attempts, deps), reply, await conversations.load(message.thread))
    },

    async deliver(message, stored, signal) {
      const { platform } = decodeThreadId(message.thread)
      const reply = Reply.parse(JSON.parse(stored))
      await deliverReply(
        message,
        reply,
        { ...deps, metrics: deps.metrics ?? noMetrics, port: portFor(platform) },
        signal,
      )
    },
  }

  function portFor(platform: Thread['platform']): ChatPort {
    const port = deps.ports.get(platform)
    if (port) return port
    throw new PortError('unavailable', `This process does not speak to "${platform}": its settings are missing here`, {
      userMessage: 'This bot is not set up completely. Please tell your administrator.',
    })
  }
}

/** The space the message names, else the one the thread is in, else the configured one; '' when there is none. */
function spaceOf(message: IncomingMessage, threadSpace: string | undefined, { spaces, spaceId }: TurnDefaults): string {
  const named = message.spaceId?.trim()
  if (!named) return threadSpace ?? spaceId
  return Object.hasOwn(spaces, named) ? (spaces[named] ?? named) : named
}

/** Why there is nothing to ask; undefined when there is. */
function problemOf(text: string, spaceId: string): string | undefined {
  if (text.trim() === '') {
    return 'What would you like to know? Ask me about your data, such as “Revenue by region in 2023”.'
  }
  if (text.length > longestQuestion) {
    return `That is ${text.length} characters long, and I read ${longestQuestion} at most. Please say it shorter.`
  }
  return spaceId === '' ? 'No Genie space is set up for me to ask. Please tell your administrator.' : undefined
}
