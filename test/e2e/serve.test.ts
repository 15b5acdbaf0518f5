import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { z } from 'zod'
import { createWarehouse, type Warehouse } from '../../sandbox/data/warehouse.ts'
import { createAnalyst } from '../../sandbox/databricks/analyst/analyst.ts'
import type { Workspace } from '../../sandbox/databricks/contract.ts'
import { createWorkspace } from '../../sandbox/databricks/workspace.ts'
import { createSlackWorkspace } from '../../sandbox/slack/workspace.ts'
import { workspaceEnv } from '../../sandbox/stack.ts'
import { pdfPages } from '../support/deckhand.ts'
import { freePort } from '../support/free-port.ts'
import { startOwnRedis } from '../support/own-redis.ts'
import { isolatedRedisUrl, mlflowUrl } from '../support/parts.ts'
import { startServe, type ServeProcess } from '../support/serve-process.ts'

/** `deckhand serve` as an operator runs it: processes, probes, signals, exit codes. */

const today = '2026-11-23'
const question = 'What were Q4 2023 sales by region?'
const linkKey = 'planted-link-key-that-nobody-should-see'
const apiKey = 'planted-api-key-that-nobody-should-see'
const dir = mkdtempSync(join(tmpdir(), 'deckhand-serve-'))
let workspace: Workspace
let warehouse: Warehouse

beforeAll(async () => {
  await mlflowUrl()
  warehouse = await createWarehouse({ today })
  workspace = await createWorkspace({ brain: createAnalyst(), today, warehouse })
}, 60_000)

afterAll(async () => {
  await workspace?.[Symbol.asyncDispose]()
  await warehouse?.[Symbol.asyncDispose]()
  rmSync(dir, { recursive: true, force: true })
})

function serve(redisUrl: string, env: Readonly<Record<string, string>> = {}, ...args: string[]): ServeProcess {
  return startServe(args, {
    ...workspaceEnv(workspace, { redisUrl, mlflowUrl: inject('mlflowUrl') }),
    PUPPETEER_EXECUTABLE_PATH: process.env['PUPPETEER_EXECUTABLE_PATH'] ?? '',
    MLFLOW_EXPERIMENT_NAME: 'deckhand-e2e',
    DECKHAND_SPOOL_DIR: join(dir, 'spool'),
    DECKHAND_PORT: '0',
    DECKHAND_LINK_KEY: linkKey,
    DECKHAND_API_KEYS: apiKey,
    ...env,
  })
}

const Ready = z.object({
  status: z.string(),
  checks: z.record(z.string(), z.object({ status: z.string(), problem: z.string().optional() })),
})

async function readiness(url: string): Promise<{ status: number } & z.infer<typeof Ready>['checks']> {
  const response = await fetch(`${url}/readyz`)
  return { ...Ready.parse(await response.json()).checks, status: response.status } as never
}

const Answer = z.looseObject({
  status: z.string(),
  slide_count: z.number(),
  files: z.looseObject({ html: z.string(), pdf: z.string() }),
})

async function ask(url: string, signal?: AbortSignal): Promise<z.infer<typeof Answer>> {
  const response = await fetch(`${url}/generate-slides`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${apiKey}` },
    body: JSON.stringify({ question }),
    ...(signal ? { signal } : {}),
  })
  expect(response.status).toBe(200)
  return Answer.parse(await response.json())
}

const counted = async (url: string, line: string): Promise<number> =>
  Number(new RegExp(`^${line} (\\d+)`, 'm').exec(await (await fetch(`${url}/metrics`)).text())?.[1] ?? 0)

describe('deckhand serve', () => {
  it('says where it listens, is ready, answers, counts, and ends cleanly when told to', async () => {
    await using server = serve(await isolatedRedisUrl(), { LOG_LEVEL: 'debug' })
    const url = await server.url

    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect(await readiness(url)).toEqual({
      status: 200,
      redis: { status: 'ok' },
      browser: { status: 'ok' },
      genie: { status: 'ok' },
      mlflow: { status: 'ok' },
    })
    const answer = await ask(url)
    expect(answer.status).toBe('answered')
    const pdf = await fetch(answer.files.pdf)
    expect(await pdfPages(new Uint8Array(await pdf.arrayBuffer()))).toHaveLength(answer.slide_count)
    expect(await counted(url, 'deckhand_turns_ended_total{platform="api",status="answered",error=""}')).toBe(1)
    expect(await counted(url, 'deckhand_messages_accepted_total{is_new="yes"}')).toBe(1)
    expect(await counted(url, 'deckhand_waiting_messages')).toBe(0)

    server.signal('SIGTERM')
    const { code, stdout, stderr } = await server.ended

    expect(code).toBe(0)
    expect(stdout).toMatch(/^Deckhand listens \(.*\): http:\/\/127\.0\.0\.1:\d+\n$/)
    const signature = new URL(answer.files.pdf).searchParams.get('s') ?? 'no signature'
    for (const secret of [question, linkKey, apiKey, signature]) expect(stderr).not.toContain(secret)
  })

  it('is alive but not ready while Redis is away, gives no deck then, and is well again by itself', async () => {
    await using redis = await startOwnRedis()
    await using server = serve(redis.url)
    const url = await server.url
    const { files } = await ask(url)

    await redis.kill()
    await expect
      .poll(() => readiness(url), { timeout: 30_000 })
      .toMatchObject({
        status: 503,
        redis: { status: 'failed' },
        browser: { status: 'ok' },
      })
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    expect((await fetch(`${url}/metrics`)).status).toBe(200)
    expect((await fetch(files.html)).status).toBe(503)

    await redis.start()
    await expect.poll(() => readiness(url), { timeout: 30_000 }).toMatchObject({ status: 200, redis: { status: 'ok' } })
    expect((await fetch(files.html)).status).toBe(200)
    server.signal('SIGINT')
    expect((await server.ended).code).toBe(0)
  })

  it('is not ready with credentials that Databricks does not take, and says so in one word', async () => {
    await using server = serve(await isolatedRedisUrl(), { DATABRICKS_TOKEN: 'planted-wrong-token' })
    const url = await server.url

    const response = await fetch(`${url}/readyz`)
    const text = await response.text()

    expect(response.status).toBe(503)
    expect(Ready.parse(JSON.parse(text)).checks).toMatchObject({ genie: { status: 'failed' }, redis: { status: 'ok' } })
    expect(text).not.toContain('planted')
  })

  it('is ready without MLflow, with a warning', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}`
    await using server = serve(await isolatedRedisUrl(), { MLFLOW_TRACKING_URI: nobody })

    expect(await readiness(await server.url)).toMatchObject({ status: 200, mlflow: { status: 'warning' } })
  })

  it('splits into bots that take messages in and workers that answer them, which end what they run when stopped', async () => {
    const redisUrl = await isolatedRedisUrl()
    const port = String(await freePort())
    workspace.faults.add({ on: 'genie.ask', fault: { kind: 'slow', delayMs: 1500 } })
    await using bot = serve(redisUrl, { DECKHAND_PORT: port }, '--role', 'bot')
    await using worker = serve(redisUrl, { DECKHAND_PORT: port }, '--role', 'worker')
    const [botUrl, workerUrl] = await Promise.all([bot.url, worker.url])

    expect((await readiness(workerUrl)).status).toBe(200)
    expect((await fetch(`${workerUrl}/generate-slides`, { method: 'POST' })).status).toBe(404)
    const answering = ask(botUrl)
    await expect
      .poll(() => counted(workerUrl, 'deckhand_turns_started_total{attempt="first"}'), { timeout: 30_000 })
      .toBe(1)
    worker.signal('SIGTERM')

    const [answer, { code }] = await Promise.all([answering, worker.ended])
    expect([answer.status, code]).toEqual(['answered', 0])
    expect(answer.files.html.startsWith(`${botUrl}/d/`)).toBe(true)
    expect((await fetch(answer.files.html)).status).toBe(200)
  })

  it('refuses to start where another program listens, with one line that says what to do', async () => {
    const taken = createServer().listen(0, '127.0.0.1')
    await once(taken, 'listening')
    const { port } = taken.address() as AddressInfo

    const { code, stdout, stderr } = await serve(await isolatedRedisUrl(), { DECKHAND_PORT: String(port) }).ended

    expect([code, stdout]).toEqual([1, ''])
    expect(stderr).toBe(`deckhand: Cannot listen on 127.0.0.1:${port}: another program does; set DECKHAND_PORT.\n`)
    taken.close()
    await once(taken, 'close')
  })

  it('names every setting it misses, all at once', async () => {
    const { code, stdout, stderr } = await serve('', { DECKHAND_LINK_KEY: 'short', SLACK_MODE: 'socket' }).ended

    expect([code, stdout]).toEqual([2, ''])
    for (const name of ['redis.url', 'DECKHAND_LINK_KEY', 'SLACK_APP_TOKEN', 'SLACK_BOT_TOKEN'])
      expect(stderr).toContain(name)
  })

  it('refuses to start with an app token that Slack does not take, and waits for a Slack that is away until it is stopped', async () => {
    await using slack = await createSlackWorkspace({ mode: 'socket' })
    const env = { ...slack.env, SLACK_APP_TOKEN: 'planted-wrong' }
    const nobody = `http://127.0.0.1:${await freePort()}/api/`
    const port = await freePort()
    await using waiting = serve(await isolatedRedisUrl(), {
      ...slack.env,
      SLACK_API_URL: nobody,
      DECKHAND_PORT: String(port),
    })

    const { code, stderr } = await serve(await isolatedRedisUrl(), env).ended
    const alive = (): Promise<number> =>
      fetch(`http://127.0.0.1:${port}/healthz`).then(
        ({ status }) => status,
        () => 0,
      )
    await expect.poll(alive, { timeout: 30_000 }).toBe(200)
    waiting.signal('SIGTERM')

    expect(code).toBe(2)
    expect(stderr).toContain('check SLACK_APP_TOKEN')
    expect(stderr).not.toContain('planted')
    expect(await waiting.ended).toMatchObject({ code: 0, stdout: '' })
  })

  it('refuses to start without Redis, and roles it does not know', async () => {
    const [away, unknown] = await Promise.all([
      serve(`redis://:planted-password@127.0.0.1:${await freePort()}`).ended,
      serve('', {}, '--role', 'boss').ended,
    ])

    expect(away.code).toBe(1)
    expect(away.stderr).toContain('Cannot reach Redis at 127.0.0.1')
    expect(away.stderr).not.toContain('planted-password')
    expect(unknown.code).toBe(2)
    expect(unknown.stderr).toContain('all, bot, worker')
  })
})
