import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { createPrometheus } from '../../../src/bot/http/prometheus.ts'
import { createAlertStore } from '../../../src/bot/monitoring/alerts/alert-store.ts'
import { offSince } from '../../../src/bot/monitoring/alerts/alert-state.ts'
import { readGauges } from '../../../src/bot/monitoring/gauges.ts'
import { createSpending } from '../../../src/bot/monitoring/spending.ts'
import { encodeThreadId } from '../../../src/bot/thread.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { messageIn, openMailbox } from '../../support/mailbox.ts'
import { isolatedRedisUrl } from '../../support/parts.ts'

const noQueue = { busyThreads: 0, waitingMessages: 0, undeliveredEnds: 0, deadLetters: 0 }

describe('The gauges of the service', () => {
  it('tell of waits, traces on disk, money, budgets and alerts, and nothing while Redis is away', async () => {
    const url = await isolatedRedisUrl()
    const redis = new Redis(url, { maxRetriesPerRequest: 0 })
    const clock = createManualClock(Date.parse('2026-11-23T14:00:00Z'))
    const spending = createSpending({ redis, clock, timeZone: 'UTC' })
    const metrics = createPrometheus({
      queueDepth: async () => noQueue,
      readings: () =>
        readGauges({
          redis,
          clock,
          spending,
          budgets: { usdPerDay: { workspace: 0, channel: 0, person: 2 }, timeZone: 'UTC', contact: 'x' },
          waiting: async () => ({ traces: 3, bytes: 5000, oldestAt: clock.now() - 90_000 }),
        }),
    })
    await using mailbox = await openMailbox(url)
    const thread = encodeThreadId({ platform: 'slack', tenant: 'T1', channel: 'C1', root: 'r' })
    const message = messageIn(thread, { sentAt: clock.now() - 20_000 })
    await mailbox.accept(message)
    for (const { key, field, add } of spending.toEnd(message, 1.5).additions) await redis.hincrby(key, field, add)
    const store = createAlertStore(redis)
    const fence = await store.begin(1000)
    const on = { ...offSince(clock.now()), isOn: true }
    await store.write(fence ?? 0, new Map([['slow-turns', on]]), clock.now())

    const text = await metrics.text()
    redis.disconnect()
    const after = await metrics.text()

    expect(text).toContain('deckhand_oldest_wait_seconds 20')
    expect(text).toContain('deckhand_mlflow_spool_traces 3')
    expect(text).toContain('deckhand_mlflow_spool_bytes 5000')
    expect(text).toContain('deckhand_mlflow_spool_oldest_seconds 90')
    expect(text).toContain('deckhand_cost_today_usd 1.5')
    expect(text).toContain('deckhand_budget_use_ratio{scope="person"} 0.75')
    expect(text).not.toContain('scope="channel"')
    expect(text).toContain('deckhand_alert_on{alert="slow-turns"} 1')
    expect(text).toContain('deckhand_alert_on{alert="error-rate"} 0')
    expect(after).not.toMatch(/^deckhand_(oldest|mlflow|cost_today|budget|alert)/m)
  })
})
