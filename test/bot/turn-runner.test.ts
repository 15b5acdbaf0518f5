import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Agent } from '../../src/agent/agent.ts'
import type { AgentEvent } from '../../src/agent/events.ts'
import { createConversations, type Conversations } from '../../src/bot/conversation.ts'
import type { Decks } from '../../src/bot/decks.ts'
import type { Links } from '../../src/bot/links.ts'
import { LeaseLost, StoppedByPerson, type Lease, type TurnEnd, type TurnHandler } from '../../src/bot/mailbox.ts'
import { createPostedReplies } from '../../src/bot/posted-replies.ts'
import { createReplies, type Replies } from '../../src/bot/replies.ts'
import { Reply } from '../../src/bot/reply.ts'
import { createDecks } from '../../src/bot/stored-decks.ts'
import { createTurnRunner } from '../../src/bot/turn-runner.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { Secret } from '../../src/lib/secret.ts'
import type { RenderedFile } from '../../src/render/renderer.ts'
import { salesDeck } from '../fixtures/decks/sales.ts'
import { leftovers, messageIn, newThread, openMailbox, until } from '../support/mailbox.ts'
import { memoryJournal } from '../support/memory-journal.ts'
import { isolatedRedisUrl } from '../support/parts.ts'
import { recordingPort, type RecordingPort } from '../support/recording-port.ts'
import { scriptedAgent, type ScriptedOutcome } from '../support/scripted-agent.ts'

let redisUrl: string
let redis: Redis
let port: RecordingPort
let decks: Decks
let replies: Replies
let conversations: Conversations
let revoked: string[]

beforeEach(async () => {
  redisUrl = await isolatedRedisUrl()
  redis = new Redis(redisUrl)
  port = recordingPort()
  const ttlMs = 60_000
  const log = silentLogger
  decks = createDecks({ redis, ttlMs, secret: new Secret('test'), log })
  replies = createReplies({ redis, ttlMs })
  conversations = createConversations({ redis, ttlMs, decks, replies, log })
  revoked = []
})

afterEach(() => redis.disconnect())

const links: Links = {
  to: (key, version, file) => `https://links/${key}/${version}/${file}`,
  verify: async () => undefined,
  revoke: async (key) => void revoked.push(key),
}

function runner(agent: Agent): TurnHandler {
  return createTurnRunner({
    agent,
    ports: new Map([['api', port]]),
    conversations,
    decks,
    replies,
    posted: createPostedReplies({ redis }),
    links,
    defaults: {
      spaceId: 'space-1',
      spaces: { churn: 'space-2' },
      maxSlides: 8,
      formats: ['html', 'pdf'],
      language: 'en',
    },
    clock: systemClock,
    log: silentLogger,
  })
}

function leaseOf(more: Partial<Lease> = {}): Lease {
  const signal = new AbortController().signal
  return { attempt: 1, journal: memoryJournal(), signal, write: () => Promise.resolve(), ...more }
}

const replyOf = (end: TurnEnd): Reply => Reply.parse(JSON.parse(end.reply))

function file(name: string, text: string, slide?: number): RenderedFile {
  const format = name.endsWith('.png') ? 'png' : name.endsWith('.pdf') ? 'pdf' : 'html'
  const bytes = new TextEncoder().encode(text)
  return { format, name, mediaType: 'application/octet-stream', bytes, ...(slide === undefined ? {} : { slide }) }
}

const fileEvent = (rendered: RenderedFile): AgentEvent => ({ type: 'file', file: rendered })

describe('TurnRunner.run', () => {
  it('gives the agent the message, the defaults, and what the thread remembers', async () => {
    const agent = scriptedAgent(() => ({ status: 'answered', answer: 'Yes.' }))
    const thread = newThread()
    await conversations.save(thread, { transcript: [{ question: 'Before?', answer: 'Before.' }], spaceId: 'space-9' })
    const message = messageIn(thread, { text: '  And now? ', maxSlides: 100, sentAt: 1234 })

    await runner(agent).run(message, leaseOf())
    await runner(agent).run(messageIn(newThread(), { spaceId: 'churn' }), leaseOf())

    expect(agent.turns[0]).toMatchObject({
      id: message.id,
      question: 'And now?',
      spaceId: 'space-9',
      maxSlides: 30,
      formats: ['html', 'pdf'],
      sessionId: thread,
      platform: 'api',
      askedAt: 1234,
      memory: { transcript: [{ question: 'Before?' }] },
    })
    expect(agent.turns[1]).toMatchObject({ spaceId: 'space-2', maxSlides: 8 })
  })

  it('ends with a reply that has links to the stored deck, and keeps memory, deck and reply for later', async () => {
    const deck = salesDeck()
    const agent = scriptedAgent((turn) => ({
      status: 'answered',
      answer: 'Here it is.',
      deck,
      sql: ['SELECT 1'],
      memory: { transcript: [{ question: turn.question, answer: 'Here it is.' }], deck, genieConversationId: 'c1' },
    }))
    const message = messageIn(newThread())
    const mailbox = await openMailbox(redisUrl)

    mailbox.work(runner(agent))
    await mailbox.accept(message)
    await port.until((reply) => reply.phase === 'ended')
    await mailbox[Symbol.asyncDispose]()

    const key = decks.keyOf(message.thread)
    expect(agent.turns[0]?.deckUrl?.(3)).toBe(`https://links/${key}/3/deck.html`)
    const kept = await replies.find(message.id)
    expect(kept?.result).toMatchObject({
      status: 'answered',
      answer: 'Here it is.',
      genieConversationId: 'c1',
      provenance: deck.provenance,
      deck: { key, version: deck.version, links: { pdf: `https://links/${key}/${deck.version}/deck.pdf` } },
    })
    expect(await decks.get(key, deck.version)).toEqual(deck)
    expect(await conversations.load(message.thread)).toMatchObject({ genieConversationId: 'c1', deck: { id: deck.id } })
    expect([...port.messages.values()][0]?.at(-1)).toEqual(kept)
    expect(await leftovers(redis)).toEqual(
      [
        `deckhand:deck:{${key}}`,
        `deckhand:posted:${message.id}`,
        `deckhand:reply:${message.id}`,
        `deckhand:thread:{${message.thread}}`,
      ].toSorted(),
    )
  })

  it('keeps the memory as it was when a turn fails or is stopped, and says whether trying again may help', async () => {
    const thread = newThread()
    const memory = { transcript: [{ question: 'a', answer: 'b' }] }
    await conversations.save(thread, memory)
    const ends: [string, string][] = [
      ['failed', 'timeout'],
      ['failed', 'no-access'],
      ['stopped', 'stopped'],
    ]

    const results = []
    for (const [status, errorCode] of ends) {
      const agent = scriptedAgent(() => ({ status: status as 'failed' | 'stopped', answer: 'No.', errorCode }))
      const end = await runner(agent).run(messageIn(thread), leaseOf())
      results.push(replyOf(end).result)
    }

    expect(results.map((result) => [result?.status, result?.errorCode, result?.canRetry])).toEqual([
      ['failed', 'timeout', true],
      ['failed', 'no-access', false],
      ['stopped', 'stopped', true],
    ])
    expect(await conversations.load(thread)).toEqual(memory)
  })

  it('brings each picture and the files there once, also when the turn is run again by another process', async () => {
    const deck = salesDeck()
    const script = (_: unknown, emit: (event: AgentEvent) => void): ScriptedOutcome => {
      const [slide] = deck.slides
      if (slide) emit({ type: 'slide', index: 0, total: 2, slide })
      emit({ type: 'preview', index: 0, total: 2, file: file('slide-1.png', 'one', 0) })
      emit({ type: 'deck', deck })
      for (const each of [file('deck.html', 'h'), file('deck.pdf', 'p')]) emit(fileEvent(each))
      emit(fileEvent(file('slide-1.png', 'one', 0)))
      emit(fileEvent(file('slide-2.png', 'two', 1)))
      return { status: 'answered', answer: 'Done.', deck }
    }
    const message = messageIn(newThread())
    const journal = memoryJournal()

    const first = await runner(scriptedAgent(script)).run(message, leaseOf({ journal }))
    const second = await runner(scriptedAgent(script)).run(message, leaseOf({ journal, attempt: 2 }))

    expect(port.pictures.map((picture) => picture.name)).toEqual(['slide-1.png', 'slide-2.png'])
    expect(port.files.map((files) => files.map(({ name }) => name))).toEqual([
      ['Sales in 2023 EMEA grows, LATAM slips.pdf'],
    ])
    for (const end of [first, second]) {
      expect(
        replyOf(end)
          .slides.slice(0, 2)
          .map((slide) => slide.picture),
      ).toEqual(['picture-1', 'picture-2'])
    }
  })

  it('answers all the same when pictures and files do not get through', async () => {
    port.before = (call) => {
      if (call === 'picture' || call === 'files') throw new Error('no upload')
    }
    const agent = scriptedAgent((_, emit) => {
      emit(fileEvent(file('deck.pdf', 'p')))
      emit(fileEvent(file('slide-1.png', 'one', 0)))
      return { status: 'answered', answer: 'Done.' }
    })

    const end = await runner(agent).run(messageIn(newThread()), leaseOf())

    expect(replyOf(end).result).toMatchObject({ status: 'answered', answer: 'Done.' })
  })

  it('ends without a word when the turn is no longer ours', async () => {
    const losing = new AbortController()
    const agent = scriptedAgent(async (_, __, signal) => {
      losing.abort(new LeaseLost('taken over'))
      return until(signal)
    })

    await expect(runner(agent).run(messageIn(newThread()), leaseOf({ signal: losing.signal }))).rejects.toBeInstanceOf(
      LeaseLost,
    )

    expect([...port.messages.values()].flat().filter((reply) => reply.phase === 'ended')).toEqual([])
  })

  it('ends as stopped when a person stops it', async () => {
    const stopping = new AbortController()
    const agent = scriptedAgent(async (_, __, signal) => {
      stopping.abort(new StoppedByPerson())
      return until(signal)
    })

    const end = await runner(agent).run(messageIn(newThread()), leaseOf({ signal: stopping.signal }))

    expect(replyOf(end).result).toMatchObject({ status: 'stopped', canRetry: true })
  })

  it('asks back without the agent when there is nothing to ask', async () => {
    const agent = scriptedAgent(() => ({ status: 'answered', answer: 'never' }))

    const empty = await runner(agent).run(messageIn(newThread(), { text: ' \n ' }), leaseOf())
    const huge = await runner(agent).run(messageIn(newThread(), { text: 'x'.repeat(5000) }), leaseOf())

    expect(replyOf(empty).result?.status).toBe('clarify')
    expect(replyOf(huge).result?.answer).toContain('4000')
    expect(agent.turns).toEqual([])
  })

  it('forgets a thread on request: memory, decks, replies and links', async () => {
    const deck = salesDeck()
    const agent = scriptedAgent(() => ({ status: 'answered', answer: 'A.', deck, memory: { transcript: [], deck } }))
    const thread = newThread()
    const mailbox = await openMailbox(redisUrl)
    mailbox.work(runner(agent))
    await mailbox.accept(messageIn(thread))
    await port.until((reply) => reply.phase === 'ended')

    await mailbox.accept(messageIn(thread, { text: 'Please forget this conversation.' }))
    await port.until((reply) => reply.result?.answer.includes('forgotten') ?? false)
    await mailbox[Symbol.asyncDispose]()

    expect(agent.turns).toHaveLength(1)
    expect(await conversations.load(thread)).toEqual({ transcript: [] })
    expect(revoked).toEqual([decks.keyOf(thread)])
    const kept = await leftovers(redis)
    expect(kept.filter((key) => !key.startsWith('deckhand:posted:'))).toEqual([])
  })
})

describe('TurnRunner.giveUp', () => {
  it('says plainly what happened, and that trying again may help', async () => {
    const end = await runner(scriptedAgent(() => ({ status: 'answered', answer: '' }))).giveUp(
      messageIn(newThread()),
      4,
    )

    expect(replyOf(end).result).toMatchObject({ status: 'failed', errorCode: 'given-up', canRetry: true })
  })
})
