import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { QueueDepth } from '../mailbox/depth.ts'
import type { CounterName, Labels, Metrics, TimerName } from '../metrics.ts'
import { gaugeHelp, type GaugeName, type Reading } from '../monitoring/gauges.ts'
import type { AnsweredRequest } from '../server.ts'

/** What the bot's parts count, as text for Prometheus. */
export interface PrometheusMetrics extends Metrics {
  readonly contentType: string
  /** Numbers of the queue are asked for at that moment; where they cannot be had they are left out. */
  text(): Promise<string>
  observeRequest(request: AnsweredRequest): void
}

const counters = {
  messages_accepted: ['Messages taken in, repeated deliveries included', ['isNew']],
  messages_refused: ['Messages not taken in', ['code']],
  turns_started: ['Turns begun or taken over by this process', ['attempt']],
  turns_ended: ['Turns ended by this process', ['platform', 'status', 'error']],
  turns_handed_on: ['Turns this process let go without an end', ['why']],
  turns_given_up: ['Turns that took down too many processes', []],
  replies_sent: ['Tries to show a reply', ['platform', 'kind', 'result']],
  cost_usd: ['US dollars that turns ended by this process have cost', ['platform']],
  tokens: ['Tokens of the chat model', ['direction']],
  slides: ['Slides of the decks that turns made', ['platform']],
  numbers: ['Numbers in answers and decks, and whether they rest on data', ['verified']],
} satisfies Record<CounterName, readonly [help: string, labels: readonly string[]]>

const turnBuckets = [0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600]
const waitBuckets = [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 600]
const renderBuckets = [0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60]
const timers = {
  turn_ms: ['From the sending of a message to the end of its turn', ['platform'], turnBuckets],
  first_answer_ms: ['From the sending of a message to its first answer', ['platform'], turnBuckets],
  queue_wait_ms: ['From the sending of a message to a worker taking it up', ['platform'], waitBuckets],
  llm_ms: ['How long the chat model took for one call', [], turnBuckets],
  genie_ms: ['How long Genie took for a question, waits for the rate limit not counted', [], turnBuckets],
  genie_wait_ms: ['How long the rate limit held a question to Genie back', [], turnBuckets],
  render_ms: ['From a deck to files, for a turn or for a link that was opened', ['purpose'], renderBuckets],
} satisfies Record<TimerName, readonly [help: string, labels: readonly string[], seconds: readonly number[]]>

const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1, 3, 10]

const depths = {
  busyThreads: ['deckhand_busy_threads', 'Threads with a message or an end that is not done with'],
  waitingMessages: ['deckhand_waiting_messages', 'Messages without an end yet, running ones included'],
  undeliveredEnds: ['deckhand_undelivered_ends', 'Ends of turns that have not reached their platform yet'],
  deadLetters: ['deckhand_dead_letters', 'Turns given up that are kept for a look'],
} satisfies Record<keyof QueueDepth, readonly [name: string, help: string]>

/** A registry of its own, so that two services in one process do not mix. */
export function createPrometheus(deps: {
  readonly queueDepth: () => Promise<QueueDepth>
  /** What further gauges show at that moment. */
  readonly readings?: () => Promise<Readonly<Record<GaugeName, readonly Reading[]>>>
}): PrometheusMetrics {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const counterOf = mapValues(
    counters,
    ([help, labels], name) =>
      new Counter({ name: `deckhand_${name}_total`, help, labelNames: labels.map(snakeCase), registers }),
  )
  const timerOf = mapValues(timers, ([help, labels, buckets], name) => {
    const base = name.replace(/_ms$/, '_seconds')
    return new Histogram<string>({
      name: `deckhand_${base}`,
      help,
      labelNames: labels,
      buckets: [...buckets],
      registers,
    })
  })
  const requests = new Histogram({
    name: 'deckhand_http_request_seconds',
    help: 'From the arrival of a request to the end of its answer',
    labelNames: ['method', 'route', 'status'],
    buckets: requestBuckets,
    registers,
  })
  const gauges = mapValues(depths, ([name, help]) => new Gauge({ name, help, registers }))
  const labelsOf: Partial<Record<GaugeName, readonly string[]>> = { budget_use_ratio: ['scope'], alert_on: ['alert'] }
  const further = mapValues(
    gaugeHelp,
    (help, name) => new Gauge<string>({ name: `deckhand_${name}`, help, labelNames: labelsOf[name] ?? [], registers }),
  )

  async function readDepths(): Promise<void> {
    for (const gauge of Object.values(gauges)) gauge.remove()
    try {
      const depth = await deps.queueDepth()
      for (const name of Object.keys(gauges) as (keyof QueueDepth)[]) gauges[name].set(depth[name])
    } catch {
      // A number that is not there says more than an old one.
    }
  }

  async function readFurther(): Promise<void> {
    for (const [name, gauge] of Object.entries(further) as [GaugeName, Gauge][]) {
      if (labelsOf[name]) gauge.reset()
      else gauge.remove()
    }
    try {
      const readings = await deps.readings?.()
      for (const [name, values] of Object.entries(readings ?? {}) as [GaugeName, readonly Reading[]][]) {
        for (const { labels, value } of values) further[name].set({ ...labels }, value)
      }
    } catch {
      // As above.
    }
  }

  return {
    contentType: registry.contentType,
    async text() {
      await Promise.all([readDepths(), readFurther()])
      return registry.metrics()
    },
    count: (name, labels = {}, by = 1) => counterOf[name].inc(toLabels(labels), by),
    observe: (name, ms, labels = {}) => timerOf[name].observe(toLabels(labels), ms / 1000),
    observeRequest: ({ method, route, status, ms }) => requests.observe({ method, route, status }, ms / 1000),
  }
}

function mapValues<K extends string, A, B>(table: Readonly<Record<K, A>>, map: (value: A, key: K) => B): Record<K, B> {
  const entries = Object.entries(table) as [K, A][]
  return Object.fromEntries(entries.map(([key, value]) => [key, map(value, key)])) as Record<K, B>
}

function toLabels(labels: Labels): Record<string, string> {
  return Object.fromEntries(Object.entries(labels).map(([name, value]) => [snakeCase(name), value]))
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
