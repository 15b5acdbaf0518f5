import { describe, expect, it } from 'vitest'
import type { Agent } from '../../src/agent/agent.ts'
import type { Turn } from '../../src/agent/events.ts'
import type { Judge, Judgement } from '../../src/agent/judge.ts'
import { createJudgedAgent } from '../../src/agent/judged-agent.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { scriptedAgent, type ScriptedOutcome } from '../support/scripted-agent.ts'

const turn: Turn = {
  id: 't1',
  question: 'What were sales by region?',
  spaceId: 's',
  maxSlides: 3,
  formats: ['html'],
  sessionId: 'thread',
  userId: 'ann',
  platform: 'slack',
  memory: { transcript: [] },
}
const judgement: Judgement = {
  coherence: 0.75,
  reason: 'Slide 3 repeats slide 2',
  model: 'm',
  usage: { inputTokens: 100, outputTokens: 10, costUsd: 0.001 },
}
const answered: ScriptedOutcome = { status: 'answered', answer: 'EMEA leads', traceId: 'tr-1' }

function setUp(options: {
  readonly outcome?: ScriptedOutcome
  readonly judge?: Judge['judge']
  readonly random?: () => number
  readonly sampleRate?: number
}) {
  const kept: string[] = []
  const judged: string[] = []
  const agent = createJudgedAgent({
    agent: scriptedAgent(() => options.outcome ?? answered),
    judge: {
      async judge(given, signal) {
        judged.push(`${given.question} → ${given.answer}`)
        return options.judge ? options.judge(given, signal) : judgement
      },
    },
    sampleRate: options.sampleRate ?? 1,
    random: options.random ?? (() => 0),
    timeoutMs: 60_000,
    language: 'en',
    keep: async ({ coherence }, { traceId }) => void kept.push(`${traceId} ${coherence}`),
    log: silentLogger,
  })
  return { agent, kept, judged }
}

describe('A judged agent', () => {
  it('answers without waiting for the judge, whose judgement is kept later', async () => {
    const gate = Promise.withResolvers<void>()
    const { agent, kept, judged } = setUp({ judge: async () => gate.promise.then(() => judgement) })

    expect(await drain(agent)).toBe('answered')
    expect(kept).toEqual([])
    gate.resolve()

    await expect.poll(() => kept).toEqual(['tr-1 0.75'])
    expect(judged).toEqual(['What were sales by region? → EMEA leads'])
  })

  it('judges the sampled share of answers, and only answers that are traced', async () => {
    const numbers = [0.1, 0.3, 0.2, 0.9]
    const sampled = setUp({ sampleRate: 0.25, random: () => numbers.shift() ?? 1 })
    for (let count = 0; count < 4; count += 1) await drain(sampled.agent)
    expect(sampled.judged).toHaveLength(2)

    for (const outcome of [
      { ...answered, traceId: '' },
      { ...answered, status: 'refused' } as const,
      { ...answered, status: 'failed' } as const,
    ]) {
      const { agent, judged } = setUp({ outcome })
      await drain(agent)
      expect(judged).toEqual([])
    }
  })

  it('is the same when the judge fails, and when it is closed while one judges', async () => {
    const failing = setUp({ judge: () => Promise.reject(new Error('overloaded')) })
    expect(await drain(failing.agent)).toBe('answered')
    expect(failing.kept).toEqual([])

    const hanging = setUp({
      judge: (_given, signal) =>
        new Promise<Judgement>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
        }),
    })
    await drain(hanging.agent)
    await hanging.agent[Symbol.asyncDispose]()
    expect(hanging.kept).toEqual([])
  })

  /** To its very end, as a bot does. */
  async function drain(agent: Agent): Promise<string> {
    let status = ''
    for await (const event of agent.answer(turn, new AbortController().signal)) {
      if (event.type === 'done') status = event.outcome.status
    }
    return status
  }
})
