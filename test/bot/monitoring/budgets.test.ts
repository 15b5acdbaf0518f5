import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createBudgets, type Budgets, type BudgetSettings } from '../../../src/bot/monitoring/budgets.ts'
import { createSpending, type Spending } from '../../../src/bot/monitoring/spending.ts'
import type { IncomingMessage } from '../../../src/bot/message.ts'
import { beginReply, endWithoutTurn } from '../../../src/bot/reply-view.ts'
import { encodeThreadId } from '../../../src/bot/thread.ts'
import { silentLogger } from '../../../src/lib/log.ts'
import { beginTurn } from '../../../src/bot/monitoring/running-turn.ts'
import type { Lease } from '../../../src/bot/mailbox.ts'
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts'
import { messageIn, openMailbox, recordingHandler } from '../../support/mailbox.ts'
import { isolatedRedisUrl } from '../../support/parts.ts'

const hour = 3_600_000

let redisUrl: string
let redis: Redis
let clock: ManualClock
let spending: Spending

beforeEach(async () => {
  redisUrl = await isolatedRedisUrl()
  redis = new Redis(redisUrl)
  clock = createManualClock(Date.parse('2026-11-23T21:00:00Z'))
  spending = createSpending({ redis, clock, timeZone: 'UTC' })
})
afterEach(() => redis.disconnect())

const none = { workspace: 0, channel: 0, person: 0 }

function budgetsOf(usdPerDay: Partial<BudgetSettings['usdPerDay']>): Budgets {
  const settings = { usdPerDay: { ...none, ...usdPerDay }, timeZone: 'UTC', contact: 'your administrator' }
  return createBudgets({ settings, spending, clock, log: silentLogger })
}

function messageOf(user = 'ada', channel = 'C1', tenant = 'T1'): IncomingMessage {
  const thread = encodeThreadId({ platform: 'slack', tenant, channel, root: crypto.randomUUID() })
  return messageIn(thread, { user: { id: user } })
}

type Work = (message: IncomingMessage, lease: Lease) => Promise<number>

/** Runs turns side by side in one worker; `work` says what each has cost in the end. */
async function runTurns(
  budgets: Budgets,
  messages: readonly IncomingMessage[],
  work: Work,
  deliver = (): void => undefined,
): Promise<void> {
  await using mailbox = await openMailbox(redisUrl, { turnsPerWorker: messages.length })
  const handler = recordingHandler(
    async (message, lease) => {
      const running = beginTurn(message, lease.attempt, { clock, budgets })
      const costUsd = await work(message, lease)
      return {
        reply: 'end',
        ...running.ended(endWithoutTurn(beginReply(message, 0), { status: 'answered', answer: '', costUsd })),
      }
    },
    async () => deliver(),
  )
  mailbox.work(handler)
  for (const message of messages) await mailbox.accept(message)
  await handler.until('end', messages.length)
}

const spend = (budgets: Budgets, message: IncomingMessage, usd: number): Promise<void> =>
  runTurns(budgets, [message], () => Promise.resolve(usd))

describe('A daily budget', () => {
  it('lets questions pass until it is used up, and again on the next day', async () => {
    const budgets = budgetsOf({ person: 1 })
    await spend(budgets, messageOf(), 0.99)
    await budgets.check(messageOf())

    await spend(budgets, messageOf(), 0.01)

    await expect(budgets.check(messageOf())).rejects.toMatchObject({ name: 'BudgetError', code: 'over-budget' })
    await clock.advance(3 * hour)
    await budgets.check(messageOf())
  })

  it('says what is used up, when it starts again, who set it and what can be done', async () => {
    const budgets = budgetsOf({ person: 1, channel: 2, workspace: 3 })
    const wordsFor = async (message: IncomingMessage): Promise<string> =>
      budgets.check(message).then(
        () => '',
        (error: { userMessage: string }) => error.userMessage,
      )

    await spend(budgets, messageOf('ada', 'C1'), 1)
    expect(await wordsFor(messageOf('ada', 'C2'))).toBe(
      'I cannot answer this today: you have used the $1.00 a day that one person may spend on answers here. ' +
        'It starts again at 00:00 (UTC), in 3 hours. Until then, ask your administrator, who set this limit, for more. ' +
        'Decks you already have stay as they are.',
    )
    expect(await wordsFor(messageOf('bob', 'C1'))).toBe('')

    await spend(budgets, messageOf('bob', 'C1'), 1)
    expect(await wordsFor(messageOf('eve', 'C1'))).toMatch(
      /this channel has used the \$2\.00 a day .* in another channel/,
    )
    expect(await wordsFor(messageOf('eve', 'C2'))).toBe('')

    await spend(budgets, messageOf('eve', 'C2'), 1)
    expect(await wordsFor(messageOf('zoe', 'C3'))).toMatch(/everyone here together has used the \$3\.00/)
    expect(await wordsFor(messageOf('zoe', 'C3', 'T2'))).toBe('')
  })

  it('stops turns that run side by side, which go over it by a call each at most', async () => {
    const budgets = budgetsOf({ workspace: 1 })
    const perCall = 0.1
    const messages = Array.from({ length: 6 }, (_, index) => messageOf(`person-${index}`, `C${index}`))
    let calls = 0

    await runTurns(budgets, messages, async (message, lease) => {
      await budgets.check(message)
      for (let costUsd = 0; ; costUsd += perCall) {
        try {
          await budgets.beforeCall(message, lease, { inputTokens: 0, outputTokens: 0, costUsd })
        } catch {
          return costUsd // what was spent when the next call was not allowed
        }
        calls += 1
        expect(calls, 'nobody stops the turns').toBeLessThan(100)
      }
    })

    const { workspace } = await spending.of(messageOf())
    expect(workspace).toBeCloseTo(calls * perCall, 6) // each cent once
    expect(workspace).toBeGreaterThanOrEqual(1)
    expect(workspace).toBeLessThanOrEqual(1 + messages.length * perCall + 1e-9)
  })

  it('books a turn once, whatever it had noted when its worker died and another ran it again', async () => {
    const budgets = budgetsOf({ person: 1 })
    const message = messageOf()
    await runTurns(budgets, [message], async (_, lease) => {
      await budgets.beforeCall(message, lease, { inputTokens: 0, outputTokens: 0, costUsd: 0.3 })
      expect((await spending.of(messageOf())).person).toBe(0.3)
      if (lease.attempt === 1) throw new Error('worker fell over')
      return 0.4
    })

    expect(await spending.of(messageOf())).toEqual({ person: 0.4, channel: 0.4, workspace: 0.4 })
    expect(await spending.lately(2)).toEqual([
      { date: '2026-11-23', usd: 0.4 },
      { date: '2026-11-22', usd: 0 },
    ])
    expect(await redis.keys('deckhand:spend:running:*')).toEqual([])
  })

  it('keeps what a late note of an ended turn, or of a worker that lost it, says out of the sums', async () => {
    const budgets = budgetsOf({ person: 1 })
    const message = messageOf()
    let delivering = (): void => undefined
    const late: Promise<void>[] = []
    await runTurns(
      budgets,
      [message],
      async (_, lease) => {
        if (lease.attempt > 1) {
          // While the turn is delivered its worker still holds the thread.
          delivering = () => void late.push(lease.write(spending.toRunning(message, 0.7)))
          return 0.2
        }
        await redis.hset(`deckhand:mail:{${message.thread}}:lease`, 'token', 'of another worker')
        await lease.write(spending.toRunning(message, 0.5))
        return 0.9
      },
      () => delivering(),
    )
    await Promise.all(late)

    expect(late).toHaveLength(1)
    expect(await spending.of(messageOf())).toMatchObject({ person: 0.2 })
  })

  it('tells of a turn that came to no end what it is known to have cost', async () => {
    const budgets = budgetsOf({})
    const message = messageOf()
    await runTurns(budgets, [message], async (_, lease) => {
      await budgets.beforeCall(message, lease, { inputTokens: 0, outputTokens: 0, costUsd: 0.25 })
      expect(await budgets.spentSoFar(message)).toBe(0.25)
      return 0.25
    })
    expect(await budgets.spentSoFar(message)).toBe(0)
  })

  it('names those who spent something, in the platform’s own ids', async () => {
    await spend(budgetsOf({}), messageOf('ada.l', 'C 1'), 0.5)

    expect(await spending.everyone()).toEqual([
      { scope: 'workspace', name: 'slack/T1', usd: 0.5 },
      { scope: 'channel', name: 'slack/T1/C 1', usd: 0.5 },
      { scope: 'person', name: 'slack/T1/ada.l', usd: 0.5 },
    ])
  })
})
