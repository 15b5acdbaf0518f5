import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAlertStore } from '../../../../src/bot/monitoring/alerts/alert-store.ts'
import { lookAtAlerts, type AlertDeps } from '../../../../src/bot/monitoring/alerts/alerts.ts'
import type { Announcement, Announcer } from '../../../../src/bot/monitoring/alerts/announcer.ts'
import type { AlertSettings } from '../../../../src/bot/monitoring/alerts/rules.ts'
import type { Situation } from '../../../../src/bot/monitoring/alerts/situation.ts'
import { addUp } from '../../../../src/bot/monitoring/figure-sums.ts'
import { bucketOf } from '../../../../src/bot/monitoring/histogram.ts'
import type { Logger } from '../../../../src/lib/log.ts'
import { silentLogger } from '../../../../src/lib/log.ts'
import { createManualClock, type ManualClock } from '../../../support/manual-clock.ts'
import { isolatedRedisUrl } from '../../../support/parts.ts'
import { noLimits } from './no-limits.ts'

const minute = 60_000

let redis: Redis
let clock: ManualClock
let said: Announcement[]
let logged: string[]

beforeEach(async () => {
  redis = new Redis(await isolatedRedisUrl())
  clock = createManualClock(Date.parse('2026-11-23T12:00:00Z'))
  said = []
  logged = []
})
afterEach(() => redis.disconnect())

function turns(counts: { answered?: number; failed?: number; stopped?: number; tookMs?: number }): Situation['window'] {
  const { answered = 0, failed = 0, stopped = 0, tookMs = 1000 } = counts
  const all = answered + failed + stopped
  return addUp([
    {
      turns: String(all),
      'status:answered': String(answered),
      'status:failed': String(failed),
      'status:stopped': String(stopped),
      ...(failed > 0 ? { 'error:timeout': String(failed) } : {}),
      [`turn_ms:${bucketOf(tookMs)}`]: String(all),
    },
  ])
}

const quiet = (): Situation => ({
  at: clock.now(),
  window: turns({}),
  windowMs: 15 * minute,
  todayUsd: 0,
  oldestWaitMs: 0,
  waitingMessages: 0,
  spool: { traces: 0, bytes: 0, oldestMs: 0 },
  endpoints: [],
})

const channel: Announcer = { name: 'slack', announce: async (announcement) => void said.push(announcement) }

/** What one process of many looks with. Each has a connection of its own only where it matters. */
function process(limits: Partial<AlertSettings['limits']>, more: Partial<AlertDeps> = {}) {
  const log = {
    ...silentLogger,
    error: (_: object, text: string) => void logged.push(text),
    info: (_: object, text: string) => void logged.push(text),
  } as Logger
  const deps: Omit<AlertDeps, 'look'> = {
    store: createAlertStore(redis),
    settings: { windowMs: 15 * minute, minTurns: 5, everyMs: 30_000, limits: { ...noLimits, ...limits } },
    announcers: [channel],
    environment: 'prod',
    runbookUrl: '',
    log,
    ...more,
  }
  return {
    /** One look at this, half a minute after the one before. */
    look: async (seen: Partial<Situation>): Promise<boolean> => {
      await clock.advance(30_000)
      await redis.del('deckhand:alerts:lock') // its life goes by Redis's clock, which cannot be moved
      return lookAtAlerts({ ...deps, look: async () => ({ ...quiet(), ...seen }) })
    },
    deps,
  }
}

const titles = (): string[] => said.map(({ isOn, title }) => `${isOn ? 'on' : 'over'} ${title}`)

describe('Alerts', () => {
  it('are said once when they begin, with what was seen and what to do, and once when they are over', async () => {
    const { look } = process({ 'error-rate': 0.05 })

    await look({ window: turns({ answered: 31, failed: 9 }) })
    await look({ window: turns({ answered: 31, failed: 12 }) })
    await look({ window: turns({ answered: 40 }) })
    expect(titles()).toEqual(['on Deckhand prod: Many turns fail'])
    await look({ window: turns({ answered: 40, failed: 1 }) })
    await look({ window: turns({ answered: 40, failed: 1 }) })

    expect(said).toEqual([
      {
        isOn: true,
        title: 'Deckhand prod: Many turns fail',
        text: '9 of 40 turns failed in the last 15 minutes (23 %; the limit is 5.0 %): timeout 9.',
        advice: 'See which error it is, and look at one trace with it.',
        runbook: 'docs/runbook.md#many-turns-fail',
      },
      {
        isOn: false,
        title: 'Deckhand prod: Many turns fail',
        text: '1 of 41 turns failed in the last 15 minutes (2.4 %; the limit is 5.0 %): timeout 1.',
        advice: 'See which error it is, and look at one trace with it.',
        runbook: 'docs/runbook.md#many-turns-fail',
      },
    ])
    expect(logged).toEqual(['Alert: Many turns fail', 'Alert is over: Many turns fail'])
  })

  it('do not come and go with every other look', async () => {
    const { look } = process({ 'queue-wait': minute })

    for (let round = 0; round < 6; round += 1) {
      await look({ oldestWaitMs: 2 * minute, waitingMessages: 3 })
      await look({ oldestWaitMs: 0 })
    }

    expect(titles()).toEqual(['on Deckhand prod: Questions wait for a worker'])
  })

  it('are said once, though processes look at the very same moment', async () => {
    const processes = Array.from({ length: 6 }, () => process({ 'daily-cost': 50 }))
    const look = async (): Promise<Situation> => ({ ...quiet(), todayUsd: 51 })

    const looked = await Promise.all(processes.map(({ deps }) => lookAtAlerts({ ...deps, look })))

    expect(looked.filter(Boolean)).toHaveLength(1)
    expect(said).toHaveLength(1)
  })

  it('are said once, though a process is so slow that another looks before it is done', async () => {
    const [slow, next] = [process({ 'daily-cost': 50 }), process({ 'daily-cost': 50 })]
    const gate = Promise.withResolvers<void>()
    const slowLook = lookAtAlerts({
      ...slow.deps,
      async look() {
        await gate.promise
        return { ...quiet(), todayUsd: 51 }
      },
    })
    await expect.poll(() => redis.exists('deckhand:alerts:lock')).toBe(1)

    expect(await next.look({ todayUsd: 52 })).toBe(true)
    gate.resolve()

    expect(await slowLook).toBe(false)
    expect(said.map(({ text }) => text)).toEqual(['Answers have cost $52.00 today (the limit is $50.00).'])
    expect(logged).toEqual(['Alert: The day costs more than planned'])
  })

  it('go on where they were when all processes start anew', async () => {
    await process({ 'slow-turns': minute }).look({ window: turns({ answered: 10, tookMs: 90_000 }) })
    await process({ 'slow-turns': minute }).look({ window: turns({ answered: 10, tookMs: 90_000 }) })
    await process({ 'slow-turns': minute }).look({ window: turns({ answered: 10 }) })
    await process({ 'slow-turns': minute }).look({ window: turns({ answered: 10 }) })

    expect(titles()).toEqual(['on Deckhand prod: Turns are slow', 'over Deckhand prod: Turns are slow'])
  })

  it('are said by another process when the one that was to say them died over it', async () => {
    const dying: Announcer = { name: 'slack', announce: () => new Promise(() => undefined) }
    const started = process({ 'daily-cost': 50 }, { announcers: [dying] })
    void started.look({ todayUsd: 51 }) // never comes back
    await expect.poll(() => redis.hget('deckhand:alerts', 'daily-cost')).toContain('claimed')
    const other = process({ 'daily-cost': 50 })

    await other.look({ todayUsd: 51 })
    expect(said).toEqual([]) // it may yet be at it
    await other.look({ todayUsd: 51 })
    await other.look({ todayUsd: 51 })

    expect(titles()).toEqual(['on Deckhand prod: The day costs more than planned'])
  })

  it('are tried again until the channel takes them; who never heard of one need not hear that it is over', async () => {
    let isAway = true
    const shy: Announcer = {
      name: 'slack',
      async announce(announcement) {
        if (isAway) throw new Error('not_in_channel')
        said.push(announcement)
      },
    }
    const { look } = process({ 'daily-cost': 50 }, { announcers: [shy] })

    await look({ todayUsd: 51 })
    await look({ todayUsd: 0 })
    await look({ todayUsd: 0 })
    expect(logged).toEqual(['Alert: The day costs more than planned', 'Alert is over: The day costs more than planned'])
    await look({ todayUsd: 52 })
    isAway = false
    await look({ todayUsd: 53 })
    await look({ todayUsd: 53 })

    expect(titles()).toEqual(['on Deckhand prod: The day costs more than planned'])
  })

  it('need a minimum of turns, and count neither those that people stopped nor those over budget', async () => {
    const { look } = process({ 'error-rate': 0.05, 'slow-turns': minute })

    await look({ window: turns({ answered: 3, failed: 1, tookMs: 90_000 }) })
    await look({ window: turns({ answered: 1, failed: 1, stopped: 30 }) })

    expect(said).toEqual([])
  })

  it('leave an endpoint a moment before they call it down, and a silent workspace is no news of it', async () => {
    const { look } = process({ 'endpoint-down': minute })
    const endpoint = (state: 'ready' | 'down' | 'unknown') => ({
      endpoints: [{ name: 'agent-prod', state, why: state === 'down' ? 'it is NOT_READY' : '' }],
    })

    await look(endpoint('down'))
    await look(endpoint('ready'))
    await look(endpoint('down'))
    await look(endpoint('down'))
    expect(said).toEqual([])
    await look(endpoint('down'))
    expect(said.map(({ text }) => text)).toEqual(['Endpoint agent-prod: it is NOT_READY.'])
    for (let round = 0; round < 5; round += 1) await look(endpoint('unknown'))
    expect(said).toHaveLength(1)
    await look(endpoint('ready'))
    await look(endpoint('ready'))

    expect(titles()[1]).toBe('over Deckhand prod: An endpoint is not ready')
  })

  it('tell of traces that wait for MLflow, but not of a pile that gets smaller', async () => {
    const { look } = process({ 'spool-growing': 15 * minute })
    const spool = (traces: number, minutes: number) => ({ spool: { traces, bytes: 2e6, oldestMs: minutes * minute } })

    await look(spool(900, 14))
    expect(said).toEqual([])
    await look(spool(1000, 16))
    expect(said.map(({ text }) => text)).toEqual([
      '1000 traces (2.0 MB) wait for MLflow, the oldest for 16 minutes (the limit is 15 minutes).',
    ])
    await look(spool(700, 16))
    await look(spool(300, 16))

    expect(titles()[1]).toBe('over Deckhand prod: Traces wait for MLflow')
  })

  it('that are turned off in the settings are over, and quiet', async () => {
    await process({ 'daily-cost': 50 }).look({ todayUsd: 51 })
    const { look } = process({})

    await look({ todayUsd: 60 })

    expect(said).toHaveLength(1)
    const states = await createAlertStore(redis).read()
    expect(states.get('daily-cost')?.isOn).toBe(false)
  })
})
