import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { freePort } from '../../sandbox/local/child.ts'
import { createWarehouse, type Warehouse } from '../../sandbox/data/warehouse.ts'
import { createAnalyst } from '../../sandbox/databricks/analyst/analyst.ts'
import type { Workspace } from '../../sandbox/databricks/contract.ts'
import { createWorkspace } from '../../sandbox/databricks/workspace.ts'
import { workspaceEnv } from '../../sandbox/stack.ts'
import { Answer, ErrorBody } from '../../src/bot/api/schema.ts'
import { apiKeys, readEvents, type ServerSentEvent } from '../support/api-bot.ts'
import { pdfPages } from '../support/deckhand.ts'
import { isolatedRedisUrl, mlflowUrl } from '../support/parts.ts'

/** `deckhand serve` in processes of its own, one bot and its workers, asked over HTTP as a script would. */

const root = join(import.meta.dirname, '../..')
const question = 'What were Q4 2023 sales by region?'
const folder = mkdtempSync(join(tmpdir(), 'deckhand-api-'))

let warehouse: Warehouse
let workspace: Workspace
let redisUrl: string
let botUrl: string
let env: NodeJS.ProcessEnv
const running = new Set<ChildProcess>()

beforeAll(async () => {
  await mlflowUrl()
  redisUrl = await isolatedRedisUrl()
  warehouse = await createWarehouse({ today: '2026-11-23' })
  workspace = await createWorkspace({ brain: createAnalyst(), today: '2026-11-23', warehouse, llmDelayMs: 300 })
  const port = await freePort()
  env = {
    PATH: process.env['PATH'],
    NODE_COMPILE_CACHE: join(root, '.deckhand/compile-cache'),
    ...workspaceEnv(workspace, { redisUrl, mlflowUrl: inject('mlflowUrl') }),
    PUPPETEER_EXECUTABLE_PATH: process.env['PUPPETEER_EXECUTABLE_PATH'] ?? '',
    MLFLOW_EXPERIMENT_NAME: 'deckhand-e2e',
    DECKHAND_SPOOL_DIR: join(folder, 'spool'),
    DECKHAND_PORT: String(port),
    DECKHAND_LINK_KEY: 'a link key of thirty-two characters or more',
    DECKHAND_API_KEYS: Object.values(apiKeys).join(','),
    LOG_LEVEL: 'error',
  }
  botUrl = (await serve('bot')).url
}, 60_000)

/** Workers belong to tests. */
const workers = new Set<ChildProcess>()
afterEach(async () => {
  await Promise.all([...workers].map(kill))
})

afterAll(async () => {
  await Promise.all([...running].map(kill))
  await workspace?.[Symbol.asyncDispose]()
  await warehouse?.[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

/** Starts a process and waits until it says where it is. */
async function serve(role: 'bot' | 'worker'): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const child = spawn(process.execPath, [join(root, 'src/main.ts'), 'serve', '--role', role], { env, cwd: folder })
  running.add(child)
  if (role === 'worker') workers.add(child)
  let said = ''
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
      const [url] = /http:\/\/\S+/.exec(said) ?? []
      if (url !== undefined && said.includes('\n')) resolve(url)
    })
  }
  child.once('close', () => reject(new Error(`deckhand serve ended: ${said}`)))
  return { child, url: await promise }
}

/** As by `kill -9`. */
async function kill(child: ChildProcess): Promise<void> {
  running.delete(child)
  workers.delete(child)
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'close')
  child.kill('SIGKILL')
  await ended
}

function post(
  body: object,
  headers: Readonly<Record<string, string>> = {},
  key: string = apiKeys.ada,
): Promise<Response> {
  return fetch(`${botUrl}/generate-slides`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

async function ask(body: object): Promise<Answer> {
  const response = await post(body)
  expect(response.status).toBe(200)
  return Answer.parse(await response.json())
}

function genieQuestions(): string[] {
  return workspace.requests
    .filter(({ method, path }) => method === 'POST' && /(start-conversation|\/messages)$/.test(path))
    .map(({ body }) => String((body as { content: unknown }).content))
}

async function leftInMailbox(): Promise<string[]> {
  const redis = new Redis(redisUrl)
  try {
    return (await redis.keys('deckhand:mail:*')).filter((key) => !/:seen:|sweeping/.test(key))
  } finally {
    redis.disconnect()
  }
}

describe('deckhand serve, asked over HTTP', { timeout: 90_000 }, () => {
  it('answers with a deck whose links open, and with nothing for altered ones', async () => {
    await serve('worker')

    const { files, ...answer } = await ask({ question, max_slides: 6, thread: 'links' })

    expect(answer).toMatchObject({ thread: 'links', status: 'answered', error: '' })
    expect(answer.slide_count).toBeGreaterThan(1)
    expect(answer.numbers.verified).toBe(answer.numbers.total)
    expect(answer.provenance).toContain('sandbox')
    expect(answer.trace_id).toMatch(/^tr-/)
    const links = [
      files.html,
      files.pdf,
      files.pptx,
      files.xlsx,
      files.overview,
      ...(files.png ?? []),
      ...(files.csv ?? []),
    ]
    const got = await Promise.all(links.map(async (link = '') => fetch(link)))
    expect(got.map(({ status }) => status)).toEqual(links.map(() => 200))
    expect(await got[0]?.text()).toContain('<!doctype html>')
    const pages = await pdfPages(new Uint8Array((await got[1]?.arrayBuffer()) ?? new ArrayBuffer()))
    expect(pages).toHaveLength(answer.slide_count)
    expect(files.png).toHaveLength(answer.slide_count)
    const altered = [
      files.pdf?.replace(/s=./, (found) => (found === 's=A' ? 's=B' : 's=A')),
      files.pdf?.replace('/1/deck.pdf', '/2/deck.pdf'),
      files.pdf?.replace('deck.pdf', 'deck.pptx'),
      files.pdf?.replace(/\?.*/, ''),
    ]
    const statuses = await Promise.all(altered.map(async (link = '') => (await fetch(link)).status))
    expect(statuses).toEqual([403, 403, 403, 403])
  })

  it('streams what happens, and refines the deck of the thread without asking Genie again', async () => {
    await serve('worker')
    const first = await ask({ question, thread: 'refine' })
    const before = genieQuestions().length

    const response = await post({ question: 'drop the last slide', thread: 'refine' }, { accept: 'text/event-stream' })
    const events = await Array.fromAsync(readEvents(response))

    const done = Answer.parse(events.at(-1)?.data)
    expect(events.at(-1)?.event).toBe('done')
    expect(done).toMatchObject({ thread: 'refine', status: 'answered', slide_count: first.slide_count - 1 })
    expect(done.files.pdf).toContain('/2/deck.pdf')
    expect(genieQuestions()).toHaveLength(before)
    expect((await fetch(first.files.html ?? '')).status).toBe(200)
  })

  it('forgets a thread, its answers and its links', async () => {
    await serve('worker')
    const { id, files } = await ask({ question, thread: 'forget' })
    const location = `${botUrl}/generate-slides/${id}`
    const headers = { authorization: `Bearer ${apiKeys.ada}` }
    expect((await fetch(location, { headers })).status).toBe(200)

    await ask({ question: 'forget this thread', thread: 'forget' })

    const response = await fetch(location, { headers })
    expect(response.status).toBe(410)
    expect(ErrorBody.parse(await response.json()).error.code).toBe('forgotten')
    expect((await fetch(files.html ?? '')).status).toBe(403)
    expect((await fetch(files.pdf ?? '')).status).toBe(403)
  })

  it('goes on in another worker when the first is killed in the middle, and tells the end once', async () => {
    const first = await serve('worker')
    const before = genieQuestions().length

    const response = await post(
      { question: 'Revenue by month in 2023', thread: 'kill' },
      { accept: 'text/event-stream' },
    )
    const events: ServerSentEvent[] = []
    let second: Promise<unknown> | undefined
    for await (const event of readEvents(response)) {
      events.push(event)
      if (event.event !== 'first_answer' || second) continue
      await kill(first.child)
      second = serve('worker')
    }
    await second

    const names = events.map(({ event }) => event)
    expect(names.filter((name) => name === 'first_answer')).toHaveLength(1)
    expect(names.filter((name) => name === 'done')).toHaveLength(1)
    expect(names.at(-1)).toBe('done')
    const done = Answer.parse(events.at(-1)?.data)
    expect(done).toMatchObject({ status: 'answered', thread: 'kill' })
    expect(genieQuestions()).toHaveLength(before + 1)
    expect((await fetch(done.files.pdf ?? '')).status).toBe(200)
    // The end is noted as delivered after it was.
    await vi.waitFor(async () => expect(await leftInMailbox()).toEqual([]), { timeout: 10_000 })
  })
})
