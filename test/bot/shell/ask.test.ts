import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Agent } from '../../../src/agent/agent.ts'
import type { AgentEvent, ThreadMemory, Turn, TurnStatus } from '../../../src/agent/events.ts'
import { ask, ShellError, type AskDeps, type AskResult } from '../../../src/bot/shell/ask.ts'
import type { AskRequest } from '../../../src/bot/shell/ask-request.ts'
import { quietDisplay } from '../../../src/bot/shell/display.ts'
import { encodeThreadId } from '../../../src/bot/thread.ts'
import type { Format, RenderedFile } from '../../../src/render/renderer.ts'

let folder: string
const home = process.cwd()

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'deckhand-ask-'))
  process.chdir(folder)
})

afterEach(async () => {
  process.chdir(home)
  await rm(folder, { recursive: true })
})

function file(format: Format, name: string): RenderedFile {
  return { format, name, mediaType: 'text/plain', bytes: Buffer.from(name) }
}

const slides = (count: number): RenderedFile[] =>
  Array.from({ length: count }, (_, index) => file('png', `slide-${index + 1}.png`))

/** An agent that answers every turn with these files, and remembers the question. */
function answering(
  files: readonly RenderedFile[],
  status: TurnStatus = 'answered',
): Agent & { readonly turns: Turn[] } {
  const turns: Turn[] = []
  return {
    turns,
    async *answer(turn): AsyncGenerator<AgentEvent> {
      turns.push(turn)
      for (const each of files) yield { type: 'file', file: each }
      const memory: ThreadMemory = { transcript: [...turn.memory.transcript, { question: turn.question, answer: 'A' }] }
      yield {
        type: 'done',
        outcome: {
          status,
          answer: 'A',
          errorCode: '',
          numbers: { total: 0, verified: 0 },
          sql: [],
          suggestions: [],
          memory,
          traceId: '',
          traceUrl: '',
          runId: Promise.resolve('run-1'),
          usage: { inputTokens: 0, outputTokens: 0, costUsd: 0 },
          timingsMs: { firstAnswer: 0, deck: 0, total: 1.6 },
        },
      }
    },
  }
}

const remembered = new Map<string, ThreadMemory>()
beforeEach(() => remembered.clear())

function run(agent: Agent, request: Partial<AskRequest> = {}): Promise<AskResult> {
  const deps: AskDeps = {
    agent,
    conversations: {
      load: async (thread) => remembered.get(thread) ?? { transcript: [] },
      save: async (thread, memory) => void remembered.set(thread, memory),
      deck: async () => undefined,
    },
    user: 'ada',
    now: () => new Date('2026-11-23T08:15:30.999Z'),
    newId: () => 'id-1',
    defaults: { spaceId: '01ef', spaces: {}, maxSlides: 10, formats: ['html', 'pdf', 'png'] },
  }
  return ask({ question: 'Revenue?', ...request }, deps, quietDisplay, new AbortController().signal)
}

describe('ask', () => {
  it('writes the files into a folder named after the time, and a new one each time', async () => {
    const agent = answering([file('html', 'deck.html')])

    const first = await run(agent)
    const second = await run(agent)

    expect(first.out).toMatch(/deck-20261123-081530$/)
    expect(second.out).toMatch(/deck-20261123-081530-2$/)
    expect(await readFile(join(second.out, 'deck.html'), 'utf8')).toBe('deck.html')
    expect(second).toMatchObject({ files: { html: 'deck.html' }, run_id: 'run-1', timings_ms: { total: 2 } })
  })

  it('makes no folder when there is nothing to put in', async () => {
    await run(answering([], 'clarify'))

    expect(await readdir(folder)).toEqual([])
  })

  it('replaces an earlier, longer deck in the folder it is given, and nothing else', async () => {
    await run(answering([...slides(4), file('csv', 'T1.csv'), file('csv', 'T2.csv')]), { out: 'out' })
    await writeFile(join('out', 'slide-notes.png'), 'mine')

    const result = await run(answering([...slides(2), file('pdf', 'deck.pdf')]), { out: 'out' })

    expect(result.files).toEqual({ pdf: 'deck.pdf', png: ['slide-1.png', 'slide-2.png'] })
    expect((await readdir('out')).toSorted()).toEqual([
      'T1.csv',
      'T2.csv',
      'deck.pdf',
      'slide-1.png',
      'slide-2.png',
      'slide-notes.png',
    ])
  })

  it('tells the small pictures and the overview beside the pictures, and replaces those of a longer deck', async () => {
    const small = (count: number): RenderedFile[] =>
      Array.from({ length: count }, (_, index) => file('thumbnail', `thumbnail-${index + 1}.png`))
    await run(answering([...small(3), file('overview', 'overview.png')]), { out: 'out' })

    const result = await run(answering([...slides(1), ...small(1), file('overview', 'overview.png')]), { out: 'out' })

    expect(result.files).toEqual({ png: ['slide-1.png'], thumbnail: ['thumbnail-1.png'], overview: 'overview.png' })
    expect((await readdir('out')).toSorted()).toEqual(['overview.png', 'slide-1.png', 'thumbnail-1.png'])
  })

  it('leaves no file of a turn that was stopped', async () => {
    const result = await run(answering([file('html', 'deck.html')], 'stopped'), { out: 'out' })

    expect(result.files).toEqual({})
    expect(await readdir('out')).toEqual([])
  })

  it('keeps what there is of a deck whose drawing failed', async () => {
    const result = await run(answering([file('html', 'deck.html')], 'failed'), { out: 'out' })

    expect(result.files).toEqual({ html: 'deck.html' })
    expect(await readdir('out')).toEqual(['deck.html'])
  })

  it('puts no question when the folder cannot be written', async () => {
    await writeFile('taken', '')
    const agent = answering([])

    await expect(run(agent, { out: 'taken/deck' })).rejects.toThrow(ShellError)
    expect(agent.turns).toEqual([])
  })

  it('says that a file cannot be written, should that show only at the end', async () => {
    await mkdir('out/deck.html', { recursive: true })

    await expect(run(answering([file('html', 'deck.html')]), { out: 'out' })).rejects.toThrow(
      /^Cannot write to the folder .*\/out\. Choose another one with --out\.$/,
    )
  })

  it('remembers answers and questions back under the thread’s name, but no failure', async () => {
    const thread = encodeThreadId({ platform: 'cli', tenant: 'ada', channel: 'shell', root: 'sales' })

    for (const status of ['answered', 'clarify', 'failed', 'refused', 'stopped'] as const) {
      await run(answering([], status), { thread: 'sales', question: status })
    }

    expect(remembered.get(thread)?.transcript.map(({ question }) => question)).toEqual(['answered', 'clarify'])
  })

  it('hands the turn what was asked for', async () => {
    const agent = answering([])

    await run(agent, { question: ' Orders? ', space: '01ab', maxSlides: '3', formats: 'pdf' })

    expect(agent.turns).toMatchObject([
      {
        id: 'id-1',
        question: 'Orders?',
        spaceId: '01ab',
        maxSlides: 3,
        formats: ['pdf'],
        userId: 'ada',
        platform: 'cli',
      },
    ])
  })
})
