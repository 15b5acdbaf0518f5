import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { freePort } from '../../sandbox/local/child.ts'
import { startStack, type Stack } from '../../sandbox/stack.ts'
import { createParts, turnDefaults, type Parts } from '../../src/parts.ts'
import { loadSettings, type Settings } from '../../src/settings.ts'
import { median } from '../report.ts'

/** How a way of tracing compares with none, by the turns of the same rounds. */
export interface Timed {
  /** Median of how much later the reply was. */
  readonly laterMs: number
  /** Two standard errors of that median. */
  readonly noiseMs: number
  /** Median of the further CPU time of this process, until all is sent or on disk. */
  readonly cpuMs: number
}

/** Traced ways have everything switched on; the last three have an MLflow that does not work. */
export interface TimedTurns {
  readonly untracedMs: number
  readonly ways: Readonly<Record<'again' | 'traced' | 'connection refused' | 'hanging' | 'status 500', Timed>>
}

const warmUps = 2
/** Short for a real Genie and a real model, so that a share of the turn is few milliseconds. */
const delays = { genieDelayMs: 2000, llmDelayMs: 500 }
const question = 'Revenue by region and quarter in 2023'

interface Way extends AsyncDisposable {
  run(): Promise<{ readonly replyMs: number; readonly cpuMs: number }>
}

export async function timeTurns(options: { readonly rounds: number; readonly dir: string }): Promise<TimedTurns> {
  const { rounds, dir } = options
  await using parts = new AsyncDisposableStack()
  const stack = parts.use(await startStack({ dir: join(dir, 'stack'), ...delays }))
  const hanging = parts.use(await startServer(() => undefined))
  const failing = parts.use(await startServer((_request, response) => void response.writeHead(500).end('broken')))
  const open = async (name: string, mlflowUrl: string | undefined): Promise<Way> =>
    parts.use(await openWay(stack, { mlflowUrl, spoolDir: join(dir, 'spool', name) }))
  const ways = {
    untraced: await open('untraced', undefined),
    again: await open('again', undefined),
    traced: await open('traced', stack.mlflowUrl),
    'connection refused': await open('refused', `http://127.0.0.1:${await freePort()}`),
    hanging: await open('hanging', hanging.url),
    'status 500': await open('failing', failing.url),
  }
  const names = Object.keys(ways) as (keyof typeof ways)[] // the keys of the line above
  const replies = new Map(names.map((name) => [name, { replyMs: [] as number[], cpuMs: [] as number[] }]))
  for (let round = -warmUps; round < rounds; round += 1) {
    // Each way goes first, second, third … equally often.
    const from = (round + warmUps) % names.length
    for (const name of [...names.slice(from), ...names.slice(0, from)]) {
      await delay(300)
      const { replyMs, cpuMs } = await ways[name].run()
      if (round < 0) continue
      replies.get(name)?.replyMs.push(replyMs)
      replies.get(name)?.cpuMs.push(cpuMs)
    }
  }
  const figures = (name: keyof typeof ways) => replies.get(name) ?? { replyMs: [], cpuMs: [] }
  const untraced = figures('untraced')
  const against = (name: keyof typeof ways): Timed => {
    const way = figures(name)
    const later = way.replyMs.map((ms, round) => ms - (untraced.replyMs[round] ?? 0))
    const cpu = way.cpuMs.map((ms, round) => ms - (untraced.cpuMs[round] ?? 0))
    return { laterMs: median(later), noiseMs: noiseOf(later), cpuMs: median(cpu) }
  }
  return {
    untracedMs: median(untraced.replyMs),
    ways: {
      again: against('again'),
      traced: against('traced'),
      'connection refused': against('connection refused'),
      hanging: against('hanging'),
      'status 500': against('status 500'),
    },
  }
}

/** Two standard errors of the median, from the median distance to it, as for values spread normally. */
function noiseOf(values: readonly number[]): number {
  const middle = median(values)
  const spread = 1.4826 * median(values.map((value) => Math.abs(value - middle)))
  return (2 * 1.2533 * spread) / Math.sqrt(values.length)
}

async function openWay(
  stack: Stack,
  { mlflowUrl, spoolDir }: { readonly mlflowUrl: string | undefined; readonly spoolDir: string },
): Promise<Way> {
  const env = {
    ...process.env,
    ...stack.env,
    LOG_LEVEL: 'silent',
    MLFLOW_TRACKING_URI: mlflowUrl ?? stack.mlflowUrl,
    DECKHAND_SPOOL_DIR: spoolDir,
  }
  const settings = loadSettings(env, join(import.meta.dirname, '../../config'))
  const { mlflow } = settings
  const parts = await createParts(
    {
      ...settings,
      mlflow: {
        ...mlflow,
        tracing: { ...mlflow.tracing, enabled: mlflowUrl !== undefined },
        logging: { ...mlflow.logging, systemMetrics: true, registerPrompts: true },
      },
    },
    env,
  )
  return {
    async run() {
      const cpuBefore = process.cpuUsage()
      const replyMs = await answer(parts, settings)
      // MLflow that works gets its time to take the turn, as it has between real turns; where it does not, the turn is
      // written to disk.
      await parts.tracing.flush(AbortSignal.timeout(mlflowUrl === stack.mlflowUrl ? 20_000 : 200))
      const { user, system } = process.cpuUsage(cpuBefore)
      return { replyMs, cpuMs: (user + system) / 1000 }
    },
    [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
  }
}

let turns = 0

/** From the question until the last word of the reply is there. */
async function answer({ agent }: Parts, settings: Settings): Promise<number> {
  turns += 1
  const { spaceId } = turnDefaults(settings)
  const turn = {
    id: `bench-${turns}`,
    question,
    spaceId,
    maxSlides: 6,
    formats: ['html', 'pdf', 'png'] as const,
    sessionId: `bench:${turns}`,
    userId: 'bench',
    platform: 'cli',
    memory: { transcript: [] },
  }
  const startedAt = performance.now()
  for await (const event of agent.answer(turn, AbortSignal.timeout(120_000))) {
    if (event.type !== 'done') continue
    if (event.outcome.status !== 'answered') throw new Error(`The turn failed: ${event.outcome.answer}`)
    return performance.now() - startedAt
  }
  throw new Error('The turn had no end')
}

async function startServer(listener: RequestListener): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // Listening on an IP address, so the address is not a pipe's name.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
