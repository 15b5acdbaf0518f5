import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { createAnalyst } from '../sandbox/databricks/analyst/analyst.ts'
import { createWorkspace } from '../sandbox/databricks/workspace.ts'
import { freePort, startProcess, untilReady, type LocalProcess } from '../sandbox/local/child.ts'
import { startRedis } from '../sandbox/local/redis.ts'
import type { Delivery, SlackWorkspace } from '../sandbox/slack/contract.ts'
import { createSlackWorkspace } from '../sandbox/slack/workspace.ts'
import { workspaceEnv } from '../sandbox/stack.ts'
import { keysOf } from '../src/bot/mailbox/keys.ts'
import { threadAt, turnIdAt } from '../src/bot/chat/place.ts'
import type { ThreadId } from '../src/bot/thread.ts'
import { systemClock } from '../src/lib/clock.ts'
import { printMachine, printRow } from './report.ts'

/**
 * How long Slack waits for an acknowledgement while the machine is busy, and whether anything it delivered gets lost.
 * Budgets: docs/architecture.md. Run with `npm run bench ack`.
 *
 * `deckhand serve --role bot` in a process of its own takes what people write in the Slack stand-in: mentions (two
 * deliveries each, as Slack sends them), follow-ups in their threads, talk between people, and deliveries that come again.
 * The bot does all it does for them: it checks the signature, stores the question, and posts a reply that says so, of which
 * Slack tells it too. Another process renders two decks without a pause. No worker runs turns, so that at the end every
 * question has to be in Redis, once. Deliveries are sent at their time, whether earlier ones are answered or not.
 */

const budgets = { p99Ms: 150, lost: 0, twice: 0 }
const perSecond = 50
const seconds = { warmUp: 5, quiet: 15, busy: 60 }
/** A thread is followed up when this many others have begun after it. */
const followUpAfter = 12
const lookEveryMs = 5
const question = '@Deckhand What were Q4 2023 sales by region?'

const dir = mkdtempSync(join(tmpdir(), 'deckhand-bench-'))
try {
  printMachine()
  const passed = await benchAck()
  if (passed.includes(false)) process.exitCode = 1
} finally {
  rmSync(dir, { recursive: true, force: true })
}

async function benchAck(): Promise<boolean[]> {
  await using parts = new AsyncDisposableStack()
  const redis = parts.use(await startRedis({ dir: join(dir, 'redis'), env: { ...process.env, REDIS_URL: '' } }))
  const workspace = parts.use(await createWorkspace({ brain: createAnalyst() }))
  const slack = parts.use(await createSlackWorkspace())
  const port = await freePort()
  const env = {
    ...process.env,
    ...workspaceEnv(workspace, { redisUrl: redis.url, mlflowUrl: 'http://127.0.0.1:1' }),
    ...slack.env,
    DECKHAND_PORT: String(port),
    DECKHAND_PUBLIC_URL: '',
    DECKHAND_LINK_KEY: 'a key of a bench that nobody has to guess',
    DECKHAND_SPOOL_DIR: join(dir, 'spool'),
    LOG_LEVEL: 'warn',
  }
  const bot = parts.use(await startScript('Bot', '../src/main.ts', ['serve', '--role', 'bot'], env))
  const url = `http://127.0.0.1:${port}`
  await untilReady('Bot', bot, async () => ((await fetch(`${url}/healthz`)).ok ? true : undefined), {
    timeoutMs: 60_000,
  })
  slack.connect(`${url}/slack/events`)
  const store = parts.adopt(new Redis(redis.url), (open) => open.disconnect())

  const warmUp = await deliverFor(slack, seconds.warmUp)
  const quiet = await deliverFor(slack, seconds.quiet)
  printRow({ what: 'acknowledgement on a machine at rest, p99', ...shownTimes(quiet) })

  const load = await startScript('Renderer', './ack/render-load.ts', [], env)
  await untilReady('Renderer', load, async () => (load.output().includes('.') ? true : undefined), {
    timeoutMs: 120_000,
  })
  const before = load.output().length
  const busy = await deliverFor(slack, seconds.busy)
  const decks = load.output().length - before
  if (load.hasExited || bot.hasExited) throw new Error(`A process ended early: ${load.output()} ${bot.output()}`)
  await load[Symbol.asyncDispose]()
  const { detail, ...times } = shownTimes(busy)

  await delay(1000) // what was refused comes again at once
  const all = [warmUp, quiet, busy].flatMap(({ asked }) => asked)
  const { lost, twice } = await lookUp(store, all)
  const unanswered = slack.deliveries.filter(({ attempts }) => attempts.at(-1)?.status !== 200).length
  const refused = slack.deliveries.filter(({ attempts }) => attempts.length > 1).length
  return [
    printRow({
      what: 'acknowledgement while two decks render, p99',
      ...times,
      budget: { most: budgets.p99Ms },
      detail: `${detail}; ${decks} decks of 10 slides rendered, load ${loadavg()[0]?.toFixed(1)}`,
    }),
    printRow({
      what: `questions lost, of ${all.length}`,
      value: lost,
      unit: 'questions',
      budget: { most: budgets.lost },
      detail: `${slack.deliveries.length} deliveries in all, ${refused} sent again by Slack, ${unanswered} never acknowledged`,
    }),
    printRow({ what: 'questions taken twice', value: twice, unit: 'questions', budget: { most: budgets.twice } }),
  ]
}

function startScript(
  title: string,
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<LocalProcess> {
  return startProcess({
    title,
    command: process.execPath,
    args: [fileURLToPath(new URL(file, import.meta.url)), ...args],
    env,
  })
}

interface Asked {
  readonly turnId: string
  readonly thread: ThreadId
}

interface Delivered {
  /** Milliseconds until each delivery was acknowledged, ours and those of the bot's own replies. */
  readonly latenciesMs: readonly number[]
  readonly perSecond: number
  /** How late this process itself was, in 99 of 100 looks: part of the times above, and no fault of the bot. */
  readonly senderLateMs: number
  readonly asked: readonly Asked[]
}

/** Lets people write for so long: {@link perSecond} deliveries a second, those about the bot's own messages not counted. */
async function deliverFor(slack: SlackWorkspace, forSeconds: number): Promise<Delivered> {
  const { team, people, channels } = slack.ids
  const [ada, grace] = [people.ada, people.grace]
  const channel = channels.sales
  const asked: Asked[] = []
  const roots: string[] = []
  const repeatedMs: number[] = []
  const first = slack.deliveries.length

  const placeOf = (ts: string) => ({ platform: 'slack' as const, tenant: team, channel, id: ts })
  const write = async (text: string, threadTs?: string, user = ada): Promise<readonly Delivery[]> => {
    const { ts, deliveries } = await slack.say({ user, channel, text, ...(threadTs === undefined ? {} : { threadTs }) })
    if (user === ada) asked.push({ turnId: turnIdAt(placeOf(ts)), thread: threadOf(threadTs ?? ts) })
    if (user === ada && threadTs === undefined) roots.push(ts)
    return deliveries
  }
  const threadOf = (ts: string): ThreadId => threadAt(placeOf(ts))
  const repeat = async ({ payload }: Delivery): Promise<void> => {
    const startedAt = performance.now()
    const isAcknowledged = await slack.deliver(payload, { retryNum: 1, retryReason: 'http_timeout' }).then(
      async (response) => (await response.text(), response.ok),
      () => false,
    )
    repeatedMs.push(isAcknowledged ? performance.now() - startedAt : Infinity)
  }
  /** What people do, with the deliveries that come of it. */
  const round: readonly (readonly [count: number, act: () => Promise<unknown>])[] = [
    [4, async () => await Promise.all((await write(question)).map(repeat))],
    [1, async () => await write('Lunch at noon?', undefined, grace)],
    [2, async () => await write('@Deckhand by month instead', roots.at(-followUpAfter))],
    // In the thread without a mention; the first ones find no thread yet.
    [1, async () => await write(roots.length < followUpAfter ? question : 'only EMEA', roots.at(-followUpAfter))],
  ]

  const lateness = monitorEventLoopDelay({ resolution: lookEveryMs })
  lateness.enable()
  const startedAt = performance.now()
  const under: Promise<unknown>[] = []
  for (let sent = 0; sent < perSecond * forSeconds;) {
    for (const [count, act] of round) {
      const dueMs = (sent / perSecond) * 1000 - (performance.now() - startedAt)
      if (dueMs > 0) await delay(dueMs)
      under.push(act())
      sent += count
    }
  }
  const tookMs = performance.now() - startedAt
  await Promise.all(under)
  lateness.disable()
  await until(() => slack.deliveries.every(({ attempts }) => attempts.length > 0))
  const own = slack.deliveries.slice(first)
  const latenciesMs = [
    ...own.map(({ attempts: [attempt] }) => (attempt?.status === 200 ? attempt.latencyMs : Infinity)),
    ...repeatedMs,
  ]
  return {
    latenciesMs,
    perSecond: (latenciesMs.length * 1000) / tookMs,
    senderLateMs: Math.max(0, lateness.percentile(99) / 1e6 - lookEveryMs),
    asked,
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await systemClock.sleep(50)
}

function shownTimes({ latenciesMs, perSecond: rate, senderLateMs }: Delivered): {
  value: number
  unit: 'ms'
  detail: string
} {
  const sorted = latenciesMs.toSorted((a, b) => a - b)
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
  const detail =
    `median ${at(0.5).toFixed(0)}, slowest ${at(1).toFixed(0)} ms, the sender itself late by ${senderLateMs.toFixed(0)}; ` +
    `${sorted.length} deliveries, ${rate.toFixed(0)} a second`
  return { value: at(0.99), unit: 'ms', detail }
}

/** How often each question waits in Redis for its turn: it has to be once. */
async function lookUp(redis: Redis, asked: readonly Asked[]): Promise<{ lost: number; twice: number }> {
  let lost = 0
  let twice = 0
  for (const { turnId, thread } of asked) {
    const { inbox, messages } = keysOf(thread)
    const places = (await redis.lrange(inbox, 0, -1)).filter((id) => id === turnId).length
    if (places === 0 || (await redis.hexists(messages, turnId)) === 0) lost += 1
    if (places > 1) twice += 1
  }
  return { lost, twice }
}
