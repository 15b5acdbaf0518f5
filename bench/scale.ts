import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { createAnalyst } from '../sandbox/databricks/analyst/analyst.ts'
import { createWorkspace } from '../sandbox/databricks/workspace.ts'
import { startProcess, untilReady, type LocalProcess } from '../sandbox/local/child.ts'
import { startRedis } from '../sandbox/local/redis.ts'
import { workspaceEnv } from '../sandbox/stack.ts'
import type { ThreadMemory } from '../src/agent/events.ts'
import { createConversations } from '../src/bot/conversation.ts'
import type { Mailbox } from '../src/bot/mailbox.ts'
import { createMailbox } from '../src/bot/redis-mailbox.ts'
import { createReplies } from '../src/bot/replies.ts'
import { createDecks } from '../src/bot/stored-decks.ts'
import { encodeThreadId, type ThreadId } from '../src/bot/thread.ts'
import { systemClock as clock } from '../src/lib/clock.ts'
import { createHttpClient } from '../src/lib/http.ts'
import { silentLogger as log } from '../src/lib/log.ts'
import { Secret } from '../src/lib/secret.ts'
import type { Deck } from '../src/render/deck.ts'
import { median, printMachine, printRow } from './report.ts'
import { askedAt, channels, createBenchAgent, question, workspaceUpstreams } from './scale/parts.ts'
import { recordingJournal, renamed } from './scale/recorded-upstreams.ts'
import type { ScaleWorker } from './scale/worker.ts'

/**
 * What more workers bring, and what more threads and longer threads cost. Budgets: docs/architecture.md.
 * Run with `npm run bench scale`.
 *
 * Workers are processes of their own with the product's agent, memory and mailbox; decks are made as HTML, without a
 * browser. Genie and the chat model answer at once what they answered in a recorded turn, in the worker itself, so that a
 * worker has one core full of our own work. Redis and this process (which sends the messages) share the cores with them.
 */

const budgets = { twoWorkers: 1.7, manyThreads: 1.1, longThread: 1.1, idleThreadKb: 8, recoveryMs: 5000 }
const turnsPerRound = 300
/** Of each new worker: until what it runs is compiled. */
const warmUpTurns = 150
const rounds = 3
const manyThreads = 10_000
const longThreadTurns = 500
const longThreadRounds = 15
const recoveryRounds = 5
const settings = { turnsPerWorker: 4, lockMs: 2000, maxAttempts: 5, maxWaitingPerThread: 20, shutdownMs: 1000 }

const dir = mkdtempSync(join(tmpdir(), 'deckhand-bench-'))
try {
  printMachine()
  const passed = await benchAll()
  if (passed.includes(false)) process.exitCode = 1
} finally {
  rmSync(dir, { recursive: true, force: true })
}

async function benchAll(): Promise<boolean[]> {
  await using redis = await startRedis({ dir: join(dir, 'redis'), env: { ...process.env, REDIS_URL: '' } })
  await using workspace = await createWorkspace({ brain: createAnalyst(), today: '2026-11-20' })
  const env = workspaceEnv(workspace, { redisUrl: redis.url, mlflowUrl: 'http://127.0.0.1:1' })
  const recorded = join(dir, 'recorded.json')
  const deck = await record(env, recorded)
  await using bench = await startBench(redis.url, env, recorded)
  return [
    ...(await benchWorkers(bench)),
    ...(await benchThreads(bench, deck)),
    ...(await benchLongThread(bench, deck)),
    ...(await benchRecovery(bench)),
  ]
}

/** Runs the turn once against the sandbox's workspace and keeps what it was told. */
async function record(env: Readonly<Record<string, string>>, file: string): Promise<Deck> {
  await using http = createHttpClient()
  const { genie, chatModel } = workspaceUpstreams(env, http)
  await using bench = await createBenchAgent({ genie, chatModel: renamed(chatModel) }, http, env)
  const journal = recordingJournal()
  const { title } = await genie.getSpace(bench.settings.genie.defaultSpaceId, AbortSignal.timeout(60_000))
  await journal.put('space', title)
  const turn = {
    id: 'recorded',
    question,
    spaceId: bench.settings.genie.defaultSpaceId,
    maxSlides: 8,
    formats: ['html'] as const,
    sessionId: 's',
    userId: 'u',
    platform: 'api',
    memory: { transcript: [] },
    askedAt,
  }
  for await (const event of bench.agent.answer(turn, AbortSignal.timeout(60_000), journal)) {
    if (event.type !== 'done') continue
    const { deck, answer } = event.outcome
    if (!deck) throw new Error(`The turn to be recorded brought no deck: ${answer}`)
    writeFileSync(file, JSON.stringify(journal.recorded()))
    return deck
  }
  throw new Error('The turn to be recorded did not end')
}

interface Bench extends AsyncDisposable {
  readonly redis: Redis
  readonly mailbox: Mailbox
  startWorker(options?: Partial<ScaleWorker>): Promise<LocalProcess>
  /** Sends the messages at once and resolves when all have ended. Gives back the milliseconds it took. */
  run(threads: readonly ThreadId[], text?: string): Promise<number>
  /** Resolves with the process that begins the turn next. */
  nextRun(turnId: string): Promise<number>
}

async function startBench(redisUrl: string, env: Readonly<Record<string, string>>, recorded: string): Promise<Bench> {
  await using parts = new AsyncDisposableStack()
  const redis = parts.adopt(new Redis(redisUrl), (open) => open.disconnect())
  const calls = parts.adopt(new Redis(redisUrl), (open) => open.disconnect())
  const mailbox = parts.use(await createMailbox({ redisUrl, settings, clock, log }))
  let onEnd: (message: string) => void = () => undefined
  let onRun: (message: string) => void = () => undefined
  await calls.subscribe(channels.ended, channels.running)
  calls.on('message', (channel: string, message: string) => (channel === channels.ended ? onEnd : onRun)(message))
  const owned = parts.move()
  return {
    redis,
    mailbox,
    async startWorker(more = {}) {
      const options: ScaleWorker = { redisUrl, env, recorded, holdMs: 0, ...more }
      const worker = await startProcess({
        title: 'Worker',
        command: process.execPath,
        args: [fileURLToPath(new URL('scale/worker.ts', import.meta.url)), JSON.stringify(options)],
      })
      await untilReady('Worker', worker, async () => (worker.output().includes('ready\n') ? true : undefined), {
        timeoutMs: 60_000,
      })
      return worker
    },
    async run(threads, text = question) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      let left = threads.length
      onEnd = (message) => {
        if (!message.endsWith(' answered')) reject(new Error(`A turn ended otherwise than answered: ${message}`))
        if ((left -= 1) === 0) resolve()
      }
      const startedAt = performance.now()
      await Promise.all(threads.map((thread) => mailbox.accept(messageIn(thread, text))))
      await promise
      return performance.now() - startedAt
    },
    nextRun(turnId) {
      const { promise, resolve } = Promise.withResolvers<number>()
      onRun = (message) => {
        const [id, pid] = message.split(' ')
        if (id === turnId) resolve(Number(pid))
      }
      return promise
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

/** Turns a minute of one worker and of two, in turns, each round with new processes that are warm. */
async function benchWorkers(bench: Bench): Promise<boolean[]> {
  const perMinute = new Map<number, number[]>([
    [1, []],
    [2, []],
  ])
  const cpu: number[][] = []
  for (let round = 0; round < rounds; round += 1) {
    for (const count of round % 2 === 0 ? [1, 2] : [2, 1]) {
      const workers = await Promise.all(Array.from({ length: count }, () => bench.startWorker()))
      await bench.run(newThreads(warmUpTurns * count))
      const turns = turnsPerRound * count
      const cpuBefore = await cpuOf(bench, workers)
      perMinute.get(count)?.push((turns * 60_000) / (await bench.run(newThreads(turns))))
      const cpuAfter = await cpuOf(bench, workers)
      cpu.push(cpuAfter.map((ms, index) => (ms - (cpuBefore[index] ?? 0)) / turns))
      await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()))
    }
  }
  const [one, two] = [median(perMinute.get(1) ?? []), median(perMinute.get(2) ?? [])]
  return [
    printRow({
      what: 'two workers over one, turns a minute, instant upstreams',
      value: two / one,
      unit: '×',
      budget: { least: budgets.twoWorkers },
      detail: `${two.toFixed(0)} against ${one.toFixed(0)} a minute; Redis and the sender share the cores`,
    }),
    ...['worker', 'Redis', 'sender'].map((what, index) =>
      printRow({
        what: `${what}, processor time of a turn`,
        value: median(cpu.map((row) => row[index] ?? 0)),
        unit: 'ms',
      }),
    ),
  ]
}

/** Milliseconds of processor time so far: of all workers, of Redis, of this process. */
async function cpuOf({ redis }: Bench, workers: readonly LocalProcess[]): Promise<number[]> {
  const redisPid = Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1])
  const own = process.cpuUsage()
  const ofWorkers = workers.reduce((sum, { pid }) => sum + processorMs(pid), 0)
  return [ofWorkers, processorMs(redisPid), (own.user + own.system) / 1000]
}

/** @see https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html utime and stime, in hundredths of a second */
function processorMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** Time of a turn while Redis holds few threads and many. */
async function benchThreads(bench: Bench, deck: Deck): Promise<boolean[]> {
  await bench.redis.flushdb()
  await using workers = new AsyncDisposableStack()
  workers.use(await bench.startWorker())
  await bench.run(newThreads(warmUpTurns))
  const few: number[] = []
  const many: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    await bench.redis.flushdb()
    few.push((await bench.run(newThreads(turnsPerRound))) / turnsPerRound)
    await fill(bench.redis, deck)
    many.push((await bench.run(newThreads(turnsPerRound))) / turnsPerRound)
  }
  const idle = await idleThreadBytes(bench)
  return [
    printRow({
      what: `a turn with ${manyThreads} threads in Redis over one with few`,
      value: median(many) / median(few),
      unit: '×',
      budget: { most: budgets.manyThreads },
      detail: `${median(many).toFixed(1)} against ${median(few).toFixed(1)} ms of a worker`,
    }),
    printRow({
      what: 'an idle thread in Redis: memory, deck, reply',
      value: idle / 1024,
      unit: 'KB',
      budget: { most: budgets.idleThreadKb },
      detail: `${deck.slides.length} slides, ${deck.facts.length} facts, ${deck.tables[0]?.rows.length ?? 0} rows`,
    }),
  ]
}

/** All that a thread with one answered question keeps, as Redis counts it. */
async function idleThreadBytes(bench: Bench): Promise<number> {
  const { redis } = bench
  await redis.flushdb()
  await bench.run(newThreads(1))
  const keys = (await redis.keys('deckhand:*')).filter((key) => /^deckhand:(thread|deck|reply|posted|mail):/.test(key))
  const sizes = await Promise.all(keys.map(async (key) => (await redis.memory('USAGE', key)) ?? 0))
  return sizes.reduce<number>((sum, size) => sum + size, 0)
}

/** A worker's turns in a thread that had 500 of them, and first ones, in turns. Real upstreams: prompts differ. */
async function benchLongThread(bench: Bench, deck: Deck): Promise<boolean[]> {
  await bench.redis.flushdb()
  const long = newThread()
  const { conversations } = storesOn(bench.redis)
  let memory: ThreadMemory = { transcript: [] }
  for (let turn = 1; turn <= longThreadTurns; turn += 1) {
    const said = {
      question,
      answer: `Revenue was the largest in EMEA, and grew in each quarter of the year. (${turn})`,
    }
    memory = { transcript: [...memory.transcript, said], deck: { ...deck, version: turn } }
    await conversations.save(long, memory)
  }
  await using workers = new AsyncDisposableStack()
  workers.use(await bench.startWorker({ recorded: '' }))
  const first: number[] = []
  const later: number[] = []
  for (let round = -3; round < longThreadRounds; round += 1) {
    const [firstMs, laterMs] = [await bench.run([newThread()]), await bench.run([long])]
    if (round < 0) continue
    first.push(firstMs)
    later.push(laterMs)
  }
  return [
    printRow({
      what: `a turn in a thread with ${longThreadTurns} turns over a first turn`,
      value: median(later) / median(first),
      unit: '×',
      budget: { most: budgets.longThread },
      detail: `${median(later).toFixed(0)} against ${median(first).toFixed(0)} ms, upstreams of the sandbox included`,
    }),
  ]
}

/** From `kill -9` of the worker that runs a turn to the moment another one runs it. */
async function benchRecovery(bench: Bench): Promise<boolean[]> {
  await bench.redis.flushdb()
  const times: number[] = []
  const workers = new Map<number, LocalProcess>()
  try {
    for (let round = 0; round < recoveryRounds; round += 1) {
      while (workers.size < 2) {
        const worker = await bench.startWorker({ holdMs: 60_000 })
        workers.set(worker.pid, worker)
      }
      const message = messageIn(newThread(), question)
      const running = bench.nextRun(message.id)
      await bench.mailbox.accept(message)
      const victim = await running
      const again = bench.nextRun(message.id)
      const killedAt = performance.now()
      process.kill(victim, 'SIGKILL')
      await again
      times.push(performance.now() - killedAt)
      await workers.get(victim)?.[Symbol.asyncDispose]()
      workers.delete(victim)
      await bench.mailbox.stop(message.thread)
    }
  } finally {
    await Promise.all([...workers.values()].map((worker) => worker[Symbol.asyncDispose]()))
  }
  return [
    printRow({
      what: 'another worker goes on after kill -9, the slowest time',
      value: Math.max(...times),
      unit: 'ms',
      budget: { most: budgets.recoveryMs },
      detail: `median ${median(times).toFixed(0)} ms of ${recoveryRounds}`,
    }),
  ]
}

/** The memory of many threads: copies of one, under keys of their own. */
async function fill(redis: Redis, deck: Deck): Promise<void> {
  const { conversations } = storesOn(redis)
  const writes = await conversations.toWrites(newThread(), { transcript: [{ question, answer: 'An answer.' }], deck })
  for (let index = 0; index < manyThreads; index += 500) {
    const batch = redis.pipeline()
    for (let copy = 0; copy < 500; copy += 1) {
      for (const { key, field, value } of writes) {
        const place = `${key}:${index + copy}`
        if (value !== null && field === undefined) batch.set(place, value, 'PX', 3_600_000)
        else if (value !== null && field !== undefined) batch.hset(place, field, value)
      }
    }
    await batch.exec()
  }
}

function storesOn(redis: Redis): { readonly conversations: ReturnType<typeof createConversations> } {
  const ttlMs = 3_600_000
  const decks = createDecks({ redis, ttlMs, secret: new Secret('bench'), log })
  return { conversations: createConversations({ redis, ttlMs, decks, replies: createReplies({ redis, ttlMs }), log }) }
}

function newThread(): ThreadId {
  return encodeThreadId({ platform: 'api', tenant: 'bench', channel: 'c', root: randomUUID() })
}

function newThreads(count: number): ThreadId[] {
  return Array.from({ length: count }, newThread)
}

function messageIn(thread: ThreadId, text: string): Parameters<Mailbox['accept']>[0] {
  return { id: randomUUID(), thread, text, user: { id: 'bench' }, sentAt: askedAt, origin: {} }
}
