import { randomUUID } from 'node:crypto'
import { PortError } from '../../src/bot/chat-port.ts'
import type { IncomingMessage } from '../../src/bot/message.ts'
import { messageIn, newThread } from '../support/mailbox.ts'
import { recordingPort } from '../support/recording-port.ts'
import { describeChatPort, type PortUnderTest } from './chat-port.ts'

const open = async (): Promise<PortUnderTest> => {
  const port = recordingPort()
  const asked: IncomingMessage[] = []
  const newest = (posted: string) => port.messages.get(posted)?.at(-1)
  return {
    port,
    another: () => port,
    async ask(text, after) {
      const message = messageIn(after?.thread ?? newThread(), { id: randomUUID(), text })
      asked.push(message)
      return message
    },
    textOf: (posted) => JSON.stringify(newest(posted) ?? ''),
    picturesOf: (posted) => newest(posted)?.slides.filter(({ picture }) => picture !== '').length ?? 0,
    countReplies: ({ thread }) => [...port.messages.values()].filter(([first]) => first?.thread === thread).length,
    filesIn: async () => port.files.flat().map(({ name }) => name),
    next(call, fault) {
      port.before = async (made, signal) => {
        signal.throwIfAborted()
        if (made !== call) return
        port.before = (_, later) => later.throwIfAborted()
        if (fault !== 'hang' && fault !== 'lost') throw failure(fault)
        await new Promise<never>((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
        })
      }
    },
    async [Symbol.asyncDispose]() {},
  }
}
describeChatPort('the port in memory', open, { readsBack: undefined })

function failure(code: 'busy' | 'gone' | 'unavailable'): PortError {
  const details = { userMessage: 'Please try again.' }
  return new PortError(code, `The platform is ${code}`, code === 'busy' ? { ...details, retryAfterMs: 1000 } : details)
}
