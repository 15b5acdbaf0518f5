import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { Redis } from 'ioredis'
import { describe, expect, it } from 'vitest'
import { createAnalyst } from '../../sandbox/databricks/analyst/analyst.ts'
import { sandboxCredentials, sandboxSpaceIds, type Workspace } from '../../sandbox/databricks/contract.ts'
import { createTeamsService } from '../../sandbox/teams/service.ts'
import { createWorkspace } from '../../sandbox/databricks/workspace.ts'
import { LocalPartError, startProcess, untilReady, type LocalProcess } from '../../sandbox/local/child.ts'
import { acknowledge } from '../../src/bot/acknowledge.ts'
import { MailboxError } from '../../src/bot/mailbox.ts'
import type { IncomingMessage } from '../../src/bot/message.ts'
import { createPostedReplies } from '../../src/bot/posted-replies.ts'
import { decodeThreadId } from '../../src/bot/thread.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { connectRedis } from '../../src/lib/redis.ts'
import { leftovers, messageIn, newThread, openMailbox } from '../support/mailbox.ts'
import { startOwnRedis } from '../support/own-redis.ts'
import { openTeamsSide } from '../support/teams-side.ts'
import { startChatServer, type ChatServer } from './chat-server.ts'
import { createHttpPort } from './http-port.ts'
import { answersIn, orphansIn, teamsEnds, teamsThreads } from './teams-threads.ts'
import type { ChaosWorker } from './worker.ts'

const seed = Number(process.env['CHAOS_SEED'] ?? 20_261_123)
/** Half of them are in Teams, the others in a chat of which nothing can be lost. */
const threads = 40
const messagesPerThread = 5
const workers = 3
const turnsAtOnce = 4
const kills = 32
/** Every fourth kill meets Redis, the others a worker. */
const redisKillEvery = 4
const sendingMs = 20_000
const endsWithinMs = 120_000

/** The same numbers for the same seed, from 0 to 1. @see https://en.wikipedia.org/wiki/Xorshift */
function randomFrom(start: number): () => number {
  let state = start | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}

/** No two messages ask the same, so that each question Genie gets tells whose it is. */
function questions(): string[] {
  const metrics = ['Revenue', 'Orders']
  const dimensions = ['region', 'segment', 'channel']
  const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October']
  const years = [2022, 2023, 2024, 2025]
  return years.flatMap((year) =>
    months.flatMap((month) =>
      dimensions.flatMap((dimension) => metrics.map((metric) => `${metric} by ${dimension} in ${month} ${year}`)),
    ),
  )
}

/** As a supervisor does it: again, where Redis was away just then. */
async function startWorker(options: ChaosWorker): Promise<LocalProcess> {
  for (;;) {
    try {
      return await tryToStartWorker(options)
    } catch (error) {
      if (!(error instanceof LocalPartError && error.code === 'exited')) throw error
    }
  }
}

async function tryToStartWorker(options: ChaosWorker): Promise<LocalProcess> {
  const worker = await startProcess({
    title: 'Worker',
    command: process.execPath,
    args: [fileURLToPath(new URL('worker.ts', import.meta.url)), JSON.stringify(options)],
    graceMs: 20_000,
  })
  await untilReady('Worker', worker, async () => (worker.output().includes('ready\n') ? true : undefined), {
    timeoutMs: 60_000,
  })
  return worker
}

/** How often Genie got each question. */
function questionsTo(workspace: Workspace): Map<string, number[]> {
  const asked = new Map<string, number[]>()
  for (const { method, path, body, at } of workspace.requests) {
    if (method !== 'POST' || !/start-conversation$|\/messages$/.test(path)) continue
    const { content } = body as { content: string }
    asked.set(content, [...(asked.get(content) ?? []), at])
  }
  return asked
}

function repliesByTurn(chat: ChatServer): Map<string, string[]> {
  const byTurn = new Map<string, string[]>()
  for (const [id, { turn }] of chat.replies) byTurn.set(turn, [...(byTurn.get(turn) ?? []), id])
  return byTurn
}

describe('Turns under chaos', () => {
  it(
    'ends each message exactly once and in order, whatever is killed, and asks Genie nothing it has recorded',
    { timeout: 240_000 },
    async () => {
      const random = randomFrom(seed)
      const between = (low: number, high: number): number => low + random() * (high - low)
      await using parts = new AsyncDisposableStack()
      const chat = parts.use(await startChatServer())
      const teams = parts.use(await createTeamsService({ enforceRates: true, moreGroups: threads / 2 - 5 }))
      const workspace = parts.use(await createWorkspace({ brain: createAnalyst(), genieDelayMs: 400 }))
      await workspace.ready()
      const redisServer = parts.use(await startOwnRedis())
      const options: ChaosWorker = {
        redisUrl: redisServer.url,
        chatUrl: chat.url,
        teams: { tokenUrl: teams.tokenUrl, tokenIssuer: teams.tokenIssuer, openIdMetadataUrl: teams.openIdMetadataUrl },
        databricksUrl: workspace.url,
        token: sandboxCredentials.token,
        spaceId: sandboxSpaceIds.sales,
        turnsAtOnce,
        lockMs: 2000,
        modelMs: 150,
      }
      const running = new Set(await Promise.all(Array.from({ length: workers }, () => startWorker(options))))
      const stopWorkers = async (): Promise<void> => {
        await Promise.all([...running].map((worker) => worker[Symbol.asyncDispose]()))
      }
      parts.defer(stopWorkers)

      const texts = questions()
      const nextText = (): string => texts.splice(Math.floor(random() * texts.length), 1)[0] ?? ''
      const inTeams = await teamsThreads(teams)
      const byThread = Array.from({ length: threads }, (_, index) => {
        const place = inTeams[index]
        const thread = newThread()
        return Array.from({ length: messagesPerThread }, (_, nth) =>
          place ? place.message(`question-${nth}`, nextText()) : messageIn(thread, { text: nextText() }),
        )
      })
      const [teamsTurns, chatTurns] = [byThread.slice(0, inTeams.length), byThread.slice(inTeams.length)]
      const mailbox = parts.use(await openMailbox(redisServer.url))
      const redis = parts.use(await connectRedis(redisServer.url, { log: silentLogger }))
      const side = parts.use(openTeamsSide({ teams, redis }))
      for (const { ref } of inTeams) await side.references.put(ref)
      const posted = createPostedReplies({ redis })
      const intakeOf = (message: IncomingMessage) => ({
        port: decodeThreadId(message.thread).platform === 'teams' ? side.port : createHttpPort(chat.url),
        posted,
        clock: systemClock,
        log: silentLogger,
      })
      const startedAt = Date.now()
      const sending = byThread.map((messages) =>
        send(
          messages,
          Array.from(messages, () => random() * sendingMs),
        ),
      )
      const counts = { worker: 0, redis: 0 }
      const successors: Promise<unknown>[] = []
      const replace = async (victim: LocalProcess): Promise<void> => {
        await victim[Symbol.asyncDispose]()
        running.add(await startWorker(options))
      }
      for (let kill = 1; kill <= kills; kill += 1) {
        await delay(between(150, 850))
        if (kill % redisKillEvery === 0) {
          counts.redis += 1
          await redisServer.kill()
          await delay(between(50, 2500))
          await redisServer.start()
        } else {
          counts.worker += 1
          while (running.size === 0) await delay(50)
          const victim = [...running][Math.floor(random() * running.size)]
          if (!victim) throw new Error('every worker that is killed has a successor')
          running.delete(victim)
          process.kill(victim.pid, 'SIGKILL')
          successors.push(replace(victim))
        }
      }
      await Promise.all([...sending, ...successors])
      const total = threads * messagesPerThread
      const deadline = AbortSignal.timeout(endsWithinMs)
      await chat.untilEnded(chatTurns.flat().length, deadline)
      const teamsTexts = teamsTurns.flat().map(({ text }) => text)
      while (teamsEnds(teams, teamsTexts).length < teamsTexts.length) await delay(200, undefined, { signal: deadline })
      const tookMs = Date.now() - startedAt
      await stopWorkers()

      // Each message has one reply, which ends once, with its own answer, and shows nothing else afterwards.
      const replies = repliesByTurn(chat)
      for (const message of chatTurns.flat()) {
        const ids = replies.get(message.id) ?? []
        expect(ids, message.text).toHaveLength(1)
        const states = chat.replies.get(ids[0] ?? '')?.states ?? []
        const firstEnd = states.findIndex((reply) => reply.phase === 'ended')
        expect(new Set(states.slice(firstEnd).map((reply) => JSON.stringify(reply))).size, message.text).toBe(1)
        expect(states.at(-1)?.result).toMatchObject({ status: 'answered' })
        expect(states.at(-1)?.result?.answer).toMatch(new RegExp(`^${message.text}: `))
      }
      expect(replies.size).toBe(chatTurns.flat().length)

      // So has each message in Teams. What a process posted there and died before it could note its id is the one thing
      // that nobody can find again: it stays as it was, beside the reply that ends.
      for (const text of teamsTexts) expect(answersIn(teams, text), text).toHaveLength(1)
      const orphans = orphansIn(teams, teamsTexts)
      const noted = await redis.keys('deckhand:teams:sent:*').then((keys) => redis.mget(keys))
      for (const { id } of orphans) expect(noted).not.toContain(`at:${id}`)
      // A worker's end meets what it was posting then, Redis's end what all of them were.
      expect(orphans.length).toBeLessThan((counts.worker + counts.redis * workers) * turnsAtOnce)

      // Threads answer in the order in which they were asked.
      const ends = teamsEnds(teams, teamsTexts)
      for (const messages of teamsTurns) {
        const own = new Set(messages.map(({ text }) => text))
        expect(ends.filter((text) => own.has(text))).toEqual([...own])
      }
      for (const messages of chatTurns) {
        const ids = new Set(messages.map(({ id }) => id))
        expect(chat.ends.filter((id) => ids.has(id))).toEqual(messages.map(({ id }) => id))
      }

      // Genie was asked everything, and nothing again that was recorded.
      const asked = questionsTo(workspace)
      const twice = [...asked].filter(([, times]) => times.length > 1)
      const afterRecording = twice.filter(([text, times]) => {
        const recordedAt = chat.recorded.get(text) ?? Infinity
        return times.some((at) => at > recordedAt)
      })
      process.stdout.write(
        `chaos: seed ${seed}; ${counts.worker} workers and ${counts.redis} times Redis killed; ${total} messages ended ` +
          `in ${(tookMs / 1000).toFixed(1)} s; ${chat.takenOver()} turns taken over; ${twice.length} questions asked twice, the kill between sending and recording; ` +
          `${teamsTexts.length} messages were in Teams, ${orphans.length} posted twice, the kill between sending and noting\n`,
      )
      expect(chat.takenOver()).toBeGreaterThan(0)
      expect(asked.size).toBe(total)
      expect(afterRecording).toEqual([])
      expect(twice.length).toBeLessThan(counts.worker + counts.redis)

      await expectOnlyMemory(redisServer.url, byThread)

      /** As a chat platform delivers: in order, again when refused, sometimes twice. */
      async function send(messages: readonly IncomingMessage[], times: number[]): Promise<void> {
        times.sort((a, b) => a - b)
        for (const [index, message] of messages.entries()) {
          await delay(Math.max(0, startedAt + (times[index] ?? 0) - Date.now()))
          let accepted
          while (!accepted) {
            try {
              accepted = await mailbox.accept(message)
            } catch (error) {
              if (!(error instanceof MailboxError) || error.code !== 'unavailable') throw error
              await delay(300)
            }
          }
          if (accepted.isNew) void acknowledge(message, accepted.ahead, intakeOf(message))
          if (index % 3 === 0) void mailbox.accept(message).catch(() => undefined)
        }
      }
    },
  )
})

/** Nothing is left but what threads remember, and marks that go by themselves. */
async function expectOnlyMemory(redisUrl: string, byThread: readonly (readonly IncomingMessage[])[]): Promise<void> {
  const redis = new Redis(redisUrl)
  try {
    const kept = await leftovers(redis)
    const kinds = new Set(kept.map((key) => key.split(':').slice(0, 2).join(':')))
    expect([...kinds].toSorted()).toEqual([
      'deckhand:deck',
      'deckhand:genie-slots',
      'deckhand:posted',
      'deckhand:reply',
      'deckhand:teams',
      'deckhand:thread',
    ])
    for (const key of await redis.keys('deckhand:*')) expect(await redis.pttl(key), key).toBeGreaterThan(0)
    expect(kept.filter((key) => key.startsWith('deckhand:thread:'))).toHaveLength(byThread.length)
  } finally {
    redis.disconnect()
  }
}
