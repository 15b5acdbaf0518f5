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
import { createSlackWorkspace } from '../sandbox/slack/workspace.ts'
import { workspaceEnv } from '../sandbox/stack.ts'
import { sandboxTeamsApp } from '../sandbox/teams/contract.ts'
import { createTeamsService } from '../sandbox/teams/service.ts'
import { keysOf } from '../src/bot/mailbox/keys.ts'
import type { Asked, Crowd } from './ack/crowd.ts'
import { slackCrowd } from './ack/slack-crowd.ts'
import type { Options } from './ack/teams-bot.ts'
import { teamsCrowd } from './ack/teams-crowd.ts'
import { printMachine, printRow } from './report.ts'

/**
 * How long Slack and Teams wait for an acknowledgement while the machine is busy, and whether anything they delivered gets
 * lost. Budgets: docs/architecture.md. Run with `npm run bench ack`, for one of them with `-- --slack` or `-- --teams`.
 *
 * The bot, in a process of its own, takes what people write in the stand-in: see {@link file://./ack/slack-crowd.ts} and
 * {@link file://./ack/teams-crowd.ts}. It does all it does for them: it checks who delivers, stores the question, and posts
 * a reply that says so. Another process renders two decks without a pause. No worker runs turns, so that at the end every
 * question has to be in Redis, once. Deliveries are sent at their time, whether earlier ones are answered or not.
 */

const budgets = { p99Ms: 150, lost: 0, twice: 0 }
const perSecond = 50
const seconds = { warmUp: 5, quiet: 15, busy: 60 }
const lookEveryMs = 5

const platforms = { slack: benchSlack, teams: benchTeams }
const wanted = process.argv.slice(2).map((flag) => flag.replace(/^--/, ''))
const dir = mkdtempSync(join(tmpdir(), 'deckhand-bench-'))
try {
  printMachine()
  for (const [name, bench] of Object.entries(platforms)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue
    if ((await bench()).includes(false)) process.exitCode = 1
  }
} finally {
  rmSync(dir, { recursive: true, force: true })
}

/** `deckhand serve --role bot`. */
async function benchSlack(): Promise<boolean[]> {
  await using parts = new AsyncDisposableStack()
  const redis = parts.use(await openRedis('redis-slack'))
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
  return await measure('Slack', slackCrowd(slack), bot, redis.url)
}

/** The bot with the stand-in's keys in the place of Microsoft's: {@link file://./ack/teams-bot.ts}. */
async function benchTeams(): Promise<boolean[]> {
  await using parts = new AsyncDisposableStack()
  const redis = parts.use(await openRedis('redis-teams'))
  // Enough that no chat has more waiting than a mailbox takes.
  const teams = parts.use(await createTeamsService({ hearsAll: true, moreGroups: 400 }))
  const { tokenUrl, tokenIssuer, openIdMetadataUrl, ids } = teams
  const { appId } = sandboxTeamsApp
  const options: Options = { redisUrl: redis.url, tenant: ids.tenant, appId, tokenUrl, tokenIssuer, openIdMetadataUrl }
  const bot = parts.use(await startScript('Bot', './ack/teams-bot.ts', [JSON.stringify(options)], process.env))
  const url = await untilReady('Bot', bot, async () => /http\S+(?=\n)/.exec(bot.output())?.[0], { timeoutMs: 60_000 })
  teams.connect(`${url}/api/messages`)
  return await measure('Teams', teamsCrowd(teams), bot, redis.url)
}

function openRedis(name: string): ReturnType<typeof startRedis> {
  return startRedis({ dir: join(dir, name), env: { ...process.env, REDIS_URL: '' } })
}

async function measure(platform: string, crowd: Crowd, bot: LocalProcess, redisUrl: string): Promise<boolean[]> {
  const warmUp = await deliverFor(crowd, seconds.warmUp)
  const quiet = await deliverFor(crowd, seconds.quiet)
  printRow({ what: `${platform}: acknowledgement on a machine at rest, p99`, ...shownTimes(quiet) })

  await using load = await startScript('Renderer', './ack/render-load.ts', [], process.env)
  await untilReady('Renderer', load, async () => (load.output().includes('.') ? true : undefined), {
    timeoutMs: 120_000,
  })
  const before = load.output().length
  const busy = await deliverFor(crowd, seconds.busy)
  const decks = load.output().length - before
  if (load.hasExited || bot.hasExited) throw new Error(`A process ended early: ${load.output()} ${bot.output()}`)
  await load[Symbol.asyncDispose]()
  const { detail, ...times } = shownTimes(busy)

  await delay(1000) // what was refused comes again at once
  const all = [warmUp, quiet, busy].flatMap(({ asked }) => asked)
  const { lost, twice } = await lookUp(redisUrl, all)
  return [
    printRow({
      what: `${platform}: acknowledgement while two decks render, p99`,
      ...times,
      budget: { most: budgets.p99Ms },
      detail: `${detail}; ${decks} decks of 10 slides rendered, load ${loadavg()[0]?.toFixed(1)}`,
    }),
    printRow({
      what: `${platform}: questions lost, of ${all.length}`,
      value: lost,
      unit: 'questions',
      budget: { most: budgets.lost },
      detail: crowd.summary(),
    }),
    printRow({
      what: `${platform}: questions taken twice`,
      value: twice,
      unit: 'questions',
      budget: { most: budgets.twice },
    }),
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

interface Delivered {
  /** Milliseconds until each delivery was acknowledged, ours and those of the bot's own replies. */
  readonly latenciesMs: readonly number[]
  readonly perSecond: number
  /** How late this process itself was, in 99 of 100 looks: part of the times above, and no fault of the bot. */
  readonly senderLateMs: number
  readonly asked: readonly Asked[]
}

/** Lets people write for so long: {@link perSecond} deliveries a second. */
async function deliverFor(crowd: Crowd, forSeconds: number): Promise<Delivered> {
  const lateness = monitorEventLoopDelay({ resolution: lookEveryMs })
  lateness.enable()
  const startedAt = performance.now()
  const under: Promise<unknown>[] = []
  for (let sent = 0; sent < perSecond * forSeconds;) {
    for (const [deliveries, act] of crowd.round) {
      const dueMs = (sent / perSecond) * 1000 - (performance.now() - startedAt)
      if (dueMs > 0) await delay(dueMs)
      under.push(act())
      sent += deliveries
    }
  }
  const tookMs = performance.now() - startedAt
  await Promise.all(under)
  lateness.disable()
  const { latenciesMs, asked } = await crowd.take()
  return {
    latenciesMs,
    perSecond: (latenciesMs.length * 1000) / tookMs,
    senderLateMs: Math.max(0, lateness.percentile(99) / 1e6 - lookEveryMs),
    asked,
  }
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
async function lookUp(redisUrl: string, asked: readonly Asked[]): Promise<{ lost: number; twice: number }> {
  await using parts = new AsyncDisposableStack()
  const redis = parts.adopt(new Redis(redisUrl), (open) => open.disconnect())
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
