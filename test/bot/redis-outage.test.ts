import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LeaseLost, type Mailbox } from '../../src/bot/mailbox.ts'
import { messageIn, newThread, openMailbox, recordingHandler, until } from '../support/mailbox.ts'
import { startOwnRedis, type OwnRedis } from '../support/own-redis.ts'

let parts: AsyncDisposableStack
let server: OwnRedis
let mailbox: Mailbox

beforeEach(async () => {
  parts = new AsyncDisposableStack()
  server = parts.use(await startOwnRedis())
  mailbox = parts.use(await openMailbox(server.url, { lockMs: 1000, maxAttempts: 1 }))
})

afterEach(async () => parts.disposeAsync())

describe('Mailbox while Redis is away', () => {
  it('refuses messages so that they are sent again, and takes them when Redis is back', async () => {
    const message = messageIn(newThread())
    await server.kill()

    await expect(mailbox.accept(message)).rejects.toMatchObject({ name: 'MailboxError', code: 'unavailable' })
    await expect(mailbox.stop(message.thread)).rejects.toMatchObject({ code: 'unavailable' })
    await server.start()
    const handler = recordingHandler()
    mailbox.work(handler)
    await expect.poll(async () => (await mailbox.accept(message)).isNew, { timeout: 20_000 }).toBe(true)

    await handler.until('end')
  })

  it('abandons running turns without a word, goes on from their last step later, and does not blame them', async () => {
    const reasons: unknown[] = []
    const started = Promise.withResolvers<void>()
    const abandoned = Promise.withResolvers<void>()
    const handler = recordingHandler(async (_, { attempt, journal, signal }) => {
      if (attempt > 1) return `resumed with ${String(await journal.get('step'))}`
      await journal.put('step', 'a finished step')
      started.resolve()
      return until(signal).catch((reason: unknown) => {
        reasons.push(reason)
        abandoned.resolve()
        throw reason
      })
    })
    const message = messageIn(newThread())
    mailbox.work(handler)
    await mailbox.accept(message)
    await started.promise

    await server.kill()
    await abandoned.promise
    await server.start()
    await handler.until('end')

    expect(reasons).toEqual([expect.any(LeaseLost)])
    expect(handler.log).toEqual([
      `run ${message.id}`,
      `run ${message.id}`,
      `end ${message.id} resumed with a finished step`,
    ])
  })

  it('loses no accepted message when Redis is killed', async () => {
    const messages = Array.from({ length: 50 }, () => messageIn(newThread()))
    for (const message of messages) await mailbox.accept(message)

    await server.kill()
    await server.start()
    const handler = recordingHandler()
    mailbox.work(handler)
    await handler.until('end', 50)

    expect(handler.log.filter((line) => line.startsWith('run'))).toHaveLength(50)
  })
})
