import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { healthRoutes } from '../../../src/bot/http/health-routes.ts'
import { createPrometheus } from '../../../src/bot/http/prometheus.ts'
import { createReadiness, type Check } from '../../../src/bot/http/readiness.ts'
import { readQueueDepth } from '../../../src/bot/mailbox/depth.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { silentLogger } from '../../../src/lib/log.ts'
import { messageIn, newThread, openMailbox } from '../../support/mailbox.ts'
import { isolatedRedisUrl } from '../../support/parts.ts'
import { openServer } from '../../support/server.ts'

const noQueue = { busyThreads: 0, waitingMessages: 0, undeliveredEnds: 0, deadLetters: 0 }

function routesWith(checks: readonly Check[], metrics = createPrometheus({ queueDepth: async () => noQueue })) {
  return [healthRoutes({ readiness: createReadiness({ checks, clock: systemClock, log: silentLogger }), metrics })]
}

describe('health routes', () => {
  it('say that the process lives whatever it needs, and that it is ready only with that', async () => {
    let isThere = false
    const run = (): Promise<void> => (isThere ? Promise.resolve() : Promise.reject(new Error('away')))
    await using server = await openServer({
      routes: routesWith([{ name: 'redis', isRequired: true, freshMs: 0, run }]),
    })
    const status = async (path: string): Promise<number> => (await fetch(`${server.url}${path}`)).status

    expect([await status('/healthz'), await status('/readyz')]).toEqual([200, 503])
    isThere = true
    const ready = await fetch(`${server.url}/readyz`)
    expect([ready.status, await ready.json()]).toMatchObject([
      200,
      { status: 'ready', checks: { redis: { status: 'ok' } } },
    ])
  })

  it('give what is counted in Prometheus’s words', async () => {
    const metrics = createPrometheus({ queueDepth: async () => noQueue })
    await using server = await openServer({
      routes: routesWith([], metrics),
      onAnswered: (request) => metrics.observeRequest(request),
    })
    metrics.count('messages_accepted', { isNew: 'yes' })
    metrics.count('messages_accepted', { isNew: 'yes' })
    metrics.count('turns_ended', { platform: 'slack', status: 'answered', error: '' })
    metrics.observe('turn_ms', 1500, { platform: 'slack' })
    metrics.observe('genie_ms', 3000)
    metrics.observe('genie_wait_ms', 0)
    metrics.observe('render_ms', 80, { purpose: 'link' })
    await (await fetch(`${server.url}/healthz?secret=1`)).text()

    const response = await fetch(`${server.url}/metrics`)
    const text = await response.text()

    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4')
    expect(text).toContain('deckhand_messages_accepted_total{is_new="yes"} 2')
    expect(text).toContain('deckhand_turns_ended_total{platform="slack",status="answered",error=""} 1')
    expect(text).toContain('deckhand_turn_seconds_sum{platform="slack"} 1.5')
    expect(text).toContain('deckhand_turn_seconds_bucket{le="1",platform="slack"} 0')
    expect(text).toContain('deckhand_turn_seconds_bucket{le="2",platform="slack"} 1')
    expect(text).toContain('deckhand_genie_seconds_sum 3')
    expect(text).toContain('deckhand_genie_wait_seconds_count 1')
    expect(text).toContain('deckhand_render_seconds_bucket{le="0.1",purpose="link"} 1')
    expect(text).toContain('deckhand_http_request_seconds_count{method="GET",route="/healthz",status="200"} 1')
    expect(text).toContain('process_resident_memory_bytes')
    expect(text).toContain('nodejs_eventloop_lag_seconds')
    expect(text).not.toContain('secret')
  })

  it('tell how much waits in the queue, and nothing of it while Redis is away', async () => {
    const url = await isolatedRedisUrl()
    const redis = new Redis(url, { maxRetriesPerRequest: 0 })
    const metrics = createPrometheus({ queueDepth: () => readQueueDepth(redis) })
    await using mailbox = await openMailbox(url)
    const [one, two] = [newThread(), newThread()]
    for (const thread of [one, one, two]) await mailbox.accept(messageIn(thread))

    const before = await metrics.text()
    redis.disconnect()
    const after = await metrics.text()

    expect(before).toContain('deckhand_busy_threads 2')
    expect(before).toContain('deckhand_waiting_messages 3')
    expect(before).toContain('deckhand_undelivered_ends 0')
    expect(before).toContain('deckhand_dead_letters 0')
    expect(after).not.toMatch(/^deckhand_(busy|waiting)/m)
    expect(after).toContain('process_resident_memory_bytes')
  })

  it('keep the numbers of two services in one process apart', async () => {
    const [one, two] = [1, 2].map(() => createPrometheus({ queueDepth: async () => noQueue }))

    one?.count('turns_given_up')

    expect(await one?.text()).toContain('deckhand_turns_given_up_total 1')
    expect(await two?.text()).toContain('deckhand_turns_given_up_total 0')
  })
})
