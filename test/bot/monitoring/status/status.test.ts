import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAlertStore } from '../../../../src/bot/monitoring/alerts/alert-store.ts'
import { lookAtAlerts } from '../../../../src/bot/monitoring/alerts/alerts.ts'
import { noteLoad } from '../../../../src/bot/monitoring/endpoint-load.ts'
import { figuresToAdditions } from '../../../../src/bot/monitoring/figure-store.ts'
import { addUp } from '../../../../src/bot/monitoring/figure-sums.ts'
import type { TurnFigures } from '../../../../src/bot/monitoring/turn-figures.ts'
import { createSpending } from '../../../../src/bot/monitoring/spending.ts'
import { reportSpool } from '../../../../src/bot/monitoring/spool-reports.ts'
import { readStatus, type StatusDeps } from '../../../../src/bot/monitoring/status/status.ts'
import { statusToText } from '../../../../src/bot/monitoring/status/status-text.ts'
import { encodeThreadId } from '../../../../src/bot/thread.ts'
import { silentLogger } from '../../../../src/lib/log.ts'
import type { EndpointReadings } from '../../../../src/mlflow/serving/endpoint-readings.ts'
import { createManualClock, type ManualClock } from '../../../support/manual-clock.ts'
import { messageIn, openMailbox } from '../../../support/mailbox.ts'
import { isolatedRedisUrl } from '../../../support/parts.ts'
import { noLimits } from '../alerts/no-limits.ts'

const minute = 60_000
const hour = 3_600_000
const { signal } = new AbortController()

let redisUrl: string
let redis: Redis
let clock: ManualClock

beforeEach(async () => {
  redisUrl = await isolatedRedisUrl()
  redis = new Redis(redisUrl)
  clock = createManualClock(Date.parse('2026-11-23T14:00:00Z'))
})
afterEach(() => redis.disconnect())

const serving: EndpointReadings = {
  readiness: async (name) =>
    name === 'agent-prod' ? { state: 'ready', why: '' } : { state: 'down', why: 'it is NOT_READY' },
  utilisation: async () => ({
    cpuPercent: 71.4,
    memoryPercent: 40,
    concurrency: 8,
    requests: 30,
    errors4xx: 0,
    errors5xx: 2,
  }),
}

function depsOf(more: Partial<StatusDeps> = {}): StatusDeps {
  return {
    redis,
    clock,
    environment: 'prod',
    spending: createSpending({ redis, clock, timeZone: 'UTC' }),
    budgets: { usdPerDay: { workspace: 0, channel: 0, person: 0 }, timeZone: 'UTC', contact: 'your administrator' },
    endpoints: { serving, names: [], scaled: '' },
    ...more,
  }
}

/** As the end of a turn adds it: counters alone. */
async function endTurns(count: number, more: Partial<TurnFigures> = {}): Promise<void> {
  const figures: TurnFigures = {
    platform: 'slack',
    status: 'answered',
    errorCode: '',
    times: {
      turn_ms: [8000],
      first_answer_ms: [3000],
      queue_wait_ms: [40],
      genie_wait_ms: [0],
      genie_ms: [2500],
      llm_ms: [900, 1100],
      render_ms: [700],
    },
    costUsd: 0.025,
    tokens: { input: 6000, output: 400 },
    slides: 6,
    numbers: { total: 25, verified: 24 },
    retries: 0,
    ...more,
  }
  for (let index = 0; index < count; index += 1) {
    for (const { key, field, add } of figuresToAdditions(figures, clock.now())) await redis.hincrby(key, field, add)
    const thread = encodeThreadId({ platform: 'slack', tenant: 'T1', channel: 'C1', root: `${index}` })
    const message = messageIn(thread, { user: { id: index % 2 === 0 ? 'U-ada' : 'U-grace' } })
    const { additions } = createSpending({ redis, clock, timeZone: 'UTC' }).toEnd(message, figures.costUsd)
    for (const { key, field, add } of additions) await redis.hincrby(key, field, add)
  }
}

describe('The status of the service', () => {
  it('can be read at a glance: what is wrong, how turns went, where their time and money went', async () => {
    await clock.advance(-24 * hour)
    await endTurns(4) // yesterday
    await clock.advance(23 * hour)
    await endTurns(38)
    await endTurns(3, { status: 'failed', errorCode: 'timeout', slides: 0, times: { turn_ms: [75_000] }, retries: 1 })
    await endTurns(1, { status: 'refused', errorCode: 'over-budget', slides: 0, times: { turn_ms: [90] }, costUsd: 0 })
    await endTurns(6, { platform: 'api', times: { turn_ms: [4000] } })
    await noteLoad(redis, 'agent-prod', { ...(await serving.utilisation('', signal)), concurrency: 0 }, clock.now())
    await clock.advance(50 * minute)
    await noteLoad(redis, 'agent-prod', await serving.utilisation('', signal), clock.now())
    await lookAtAlerts({
      store: createAlertStore(redis),
      settings: {
        windowMs: 15 * minute,
        minTurns: 1,
        everyMs: 30_000,
        limits: { ...noLimits, 'daily-cost': 1 },
      },
      look: async () => ({
        at: clock.now(),
        window: addUp([]),
        windowMs: 15 * minute,
        todayUsd: 1.175,
        oldestWaitMs: 0,
        waitingMessages: 0,
        spool: undefined,
        endpoints: [],
      }),
      announcers: [],
      environment: 'prod',
      runbookUrl: '',
      log: silentLogger,
    })
    await clock.advance(10 * minute)
    await reportSpool(redis, 'a', { traces: 12, bytes: 3_400_000, oldestAt: clock.now() - 3 * minute }, clock.now())
    await reportSpool(redis, 'b', { traces: 1, bytes: 100_000, oldestAt: clock.now() - minute }, clock.now())
    await using mailbox = await openMailbox(redisUrl)
    const thread = encodeThreadId({ platform: 'slack', tenant: 'T1', channel: 'C1', root: 'waiting' })
    await mailbox.accept(messageIn(thread, { sentAt: clock.now() - 20_000 }))
    await mailbox.accept(messageIn(thread, { sentAt: clock.now() - 5000 }))

    const status = await readStatus(
      depsOf({
        budgets: {
          usdPerDay: { workspace: 10, channel: 0, person: 0.5 },
          timeZone: 'UTC',
          contact: 'your administrator',
        },
        endpoints: { serving, names: ['chat', 'agent-prod'], scaled: 'agent-prod' },
      }),
      12,
      signal,
    )

    expect(status).toMatchSnapshot('as JSON')
    expect(`\n${statusToText(status)}\n`).toMatchSnapshot('as text')
  })

  it('says what is not known where the service has never run', async () => {
    const status = await readStatus(depsOf(), 24, signal)

    expect(status).toMatchObject({ turns: { ended: 0, success_rate: null }, mlflow_spool: null, alerts: { on: [] } })
    expect(`\n${statusToText(status)}\n`).toMatchSnapshot()
  })

  it('tells apart a question that waits for a worker from one that waits for another of its thread', async () => {
    await using mailbox = await openMailbox(redisUrl)
    const thread = encodeThreadId({ platform: 'slack', tenant: 'T1', channel: 'C1', root: 'busy' })
    const running = messageIn(thread, { sentAt: clock.now() - hour })
    await mailbox.accept(running)
    await mailbox.accept(messageIn(thread, { sentAt: clock.now() - hour }))
    await redis.hset(`deckhand:mail:{${thread}}:lease`, 'turn', running.id) // as a worker has it that runs it

    const { queue } = await readStatus(depsOf(), 1, signal)

    expect(queue).toMatchObject({ waiting_messages: 2, busy_threads: 1, oldest_wait_ms: 0 })
  })
})
