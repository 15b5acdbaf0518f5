import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { acknowledge } from '../../src/bot/acknowledge.ts'
import { createConversations } from '../../src/bot/conversation.ts'
import type { Mailbox } from '../../src/bot/mailbox.ts'
import { createPostedReplies } from '../../src/bot/posted-replies.ts'
import { createReplies } from '../../src/bot/replies.ts'
import { createDecks } from '../../src/bot/stored-decks.ts'
import { createTurnRunner } from '../../src/bot/turn-runner.ts'
import { systemClock as clock } from '../../src/lib/clock.ts'
import { silentLogger as log } from '../../src/lib/log.ts'
import { Secret } from '../../src/lib/secret.ts'
import { startDeckhand, type TestDeckhand } from '../support/deckhand.ts'
import { messageIn, newThread, openMailbox } from '../support/mailbox.ts'
import { isolatedRedisUrl } from '../support/parts.ts'
import { recordingPort, type RecordingPort } from '../support/recording-port.ts'

const ttlMs = 60_000
const parts = new AsyncDisposableStack()
let deckhand: TestDeckhand
let mailbox: Mailbox
let port: RecordingPort
let posted: ReturnType<typeof createPostedReplies>

beforeAll(async () => {
  deckhand = parts.use(await startDeckhand())
  await deckhand.workspace.ready()
  const redisUrl = await isolatedRedisUrl()
  const redis = parts.adopt(new Redis(redisUrl), (open) => open.disconnect())
  mailbox = parts.use(await openMailbox(redisUrl))
  port = recordingPort(50)
  posted = createPostedReplies({ redis })
  const decks = createDecks({ redis, ttlMs, secret: new Secret('e2e'), log })
  const replies = createReplies({ redis, ttlMs })
  const { genie, output } = deckhand.settings
  mailbox.work(
    createTurnRunner({
      agent: deckhand.app.shell.agent,
      ports: new Map([['api', port]]),
      conversations: createConversations({ redis, ttlMs, decks, replies, log }),
      decks,
      replies,
      posted,
      links: {
        to: (key, version, file) => `https://d/${key}/${version}/${file}`,
        verify: async () => undefined,
        revoke: async () => undefined,
      },
      defaults: {
        spaceId: genie.defaultSpaceId,
        spaces: {},
        maxSlides: 4,
        formats: ['pdf', 'png'],
        language: output.language,
      },
      clock,
      log,
    }),
  )
})

afterAll(async () => parts.disposeAsync())

describe('A question in a thread', () => {
  it('becomes a deck with pictures and files, and a follow-up goes on from it', async () => {
    const thread = newThread()
    const [first, second] = [messageIn(thread), messageIn(thread, { text: 'only EMEA' })]
    for (const message of [first, second]) {
      const { ahead } = await mailbox.accept(message)
      await acknowledge(message, ahead, { port, posted, clock, log })
    }

    const answered = await port.until((reply) => reply.turnId === first.id && reply.phase === 'ended')
    const followed = await port.until((reply) => reply.turnId === second.id && reply.phase === 'ended')

    const states = [...port.messages.values()]
    expect(states).toHaveLength(2)
    expect(states[1]?.[0]).toMatchObject({ phase: 'queued', ahead: 1 })
    expect(answered.result?.status).toBe('answered')
    expect(answered.firstAnswer?.rows.length).toBeGreaterThan(0)
    expect(answered.slides.length).toBeGreaterThan(1)
    expect(answered.slides.every(({ picture, title }) => picture !== '' && title !== '')).toBe(true)
    expect(answered.result?.deck?.version).toBe(1)
    expect(port.files[0]?.map(({ format }) => format)).toEqual(['pdf'])
    expect(followed.result?.deck?.version).toBe(2)
    expect(followed.result?.genieConversationId).toBe(answered.result?.genieConversationId)
    expect(followed.result?.sql[0]).toContain('EMEA')
  })

  it('is stopped while Genie works on it', async () => {
    // Without the stop this test would run out of time.
    deckhand.workspace.faults.add({ on: 'genie.ask', fault: { kind: 'message-stuck' } })
    const message = messageIn(newThread())
    await mailbox.accept(message)
    const isAsking = (step: { id: string; state: string }): boolean =>
      step.id === 'tool_execution_loop' && step.state === 'running'
    await port.until((reply) => reply.turnId === message.id && reply.steps.some(isAsking))

    expect(await mailbox.stop(message.thread, message.id)).toBe('stopping')
    const stopped = await port.until((reply) => reply.turnId === message.id && reply.phase === 'ended')
    deckhand.workspace.faults.clear()

    expect(stopped.result).toMatchObject({ status: 'stopped', canRetry: true })
  })
})
