import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createAnalyst } from '../../sandbox/databricks/analyst/analyst.ts'
import { sandboxSpaceIds, type Workspace } from '../../sandbox/databricks/contract.ts'
import { createWorkspace } from '../../sandbox/databricks/workspace.ts'
import { startScoringServer, type ScoringServer } from '../../sandbox/local/scoring-server.ts'
import { workspaceEnv } from '../../sandbox/stack.ts'
import { packageModel } from '../../src/mlflow/model-package/package-model.ts'
import { Deck } from '../../src/render/deck.ts'
import { mlflowUrl } from '../support/parts.ts'
import { rejection } from '../support/rejection.ts'

const root = join(import.meta.dirname, '../..')
const question = 'What were Q4 2023 sales by region?'
const run = promisify(execFile)

let dir: string
let mlflow: string
let workspace: Workspace
let env: Record<string, string>
let server: ScoringServer

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'deckhand-served-'))
  mlflow = await mlflowUrl()
  workspace = await createWorkspace({ brain: createAnalyst(), today: '2026-11-23' })
  env = {
    ...workspaceEnv(workspace, { redisUrl: '', mlflowUrl: mlflow }),
    MLFLOW_EXPERIMENT_NAME: 'deckhand-served',
    DECKHAND_SPOOL_DIR: join(dir, 'spool'),
    LOG_LEVEL: 'error',
  }
  const sources = {
    root,
    agentEntry: join(root, 'src/served-agent.ts'),
    configFolder: join(root, 'config'),
    version: '1.2.3',
    commit: 'abc123 1700000000',
    secrets: [],
  }
  await packageModel(sources, join(dir, 'model'))
  server = await startScoringServer({ dir: join(dir, 'model'), env })
}, 180_000)

afterEach(() => workspace.faults.clear())

afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await workspace?.[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
})

const Prediction = z.object({
  html: z.string(),
  slide_count: z.number(),
  trace_url: z.string(),
  error: z.string(),
  genie_conversation_id: z.string(),
  deck: z.string(),
  status: z.string(),
  answer: z.string(),
})
const Predictions = z.object({ predictions: z.array(Prediction) })
type Row = Readonly<Record<string, unknown>>

async function predict(body: object): Promise<z.infer<typeof Prediction>[]> {
  const response = await fetch(`${server.url}/invocations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  expect(response.status, text.slice(0, 500)).toBe(200)
  return Predictions.parse(JSON.parse(text)).predictions
}

const predictRows = (...rows: readonly Row[]) => predict({ dataframe_records: rows })

describe('the served model', () => {
  it('answers with a deck, and a trace that MLflow has', async () => {
    const [answer] = await predictRows({ question, max_slides: 5 })

    expect(answer).toMatchObject({ status: 'answered', error: '' })
    expect(answer?.html).toContain('<!doctype html>')
    expect(answer?.html).toContain('Americas')
    expect(answer?.html).toContain('font/woff2')
    expect(answer?.slide_count).toBeLessThanOrEqual(5)
    expect(Deck.parse(JSON.parse(answer?.deck ?? '')).slides).toHaveLength(answer?.slide_count ?? 0)
    const traceId = /traceId=(tr-[0-9a-f]{32})/.exec(answer?.trace_url ?? '')?.[1]
    await expect
      .poll(async () => (await fetch(`${mlflow}/api/3.0/mlflow/traces/${traceId}`)).status, { timeout: 20_000 })
      .toBe(200)
  })

  it('takes every form of request that MLflow documents, and optional columns left out or empty', async () => {
    const columns = ['question', 'max_slides', 'genie_space_id']
    const data = [[question, 3, sandboxSpaceIds.sales]]

    const answers = [
      ...(await predict({ dataframe_split: { columns, data } })),
      ...(await predictRows({ question })),
      ...(await predictRows({ question, max_slides: 3, genie_space_id: null, deck: '' })),
    ]

    expect(answers.map(({ error }) => error)).toEqual(['', '', ''])
    for (const { slide_count: count } of answers) expect(count).toBeGreaterThan(0)
  })

  it('has one agent for all requests', async () => {
    const before = await agentPids()

    await predictRows({ question: '' })
    await predictRows({ question: '' })

    expect(before).toHaveLength(1)
    expect(await agentPids()).toEqual(before)
  })

  it('answers each row for itself: one that cannot be read spoils no other', async () => {
    const answers = await predictRows(
      { question },
      { question: '  ' },
      { question, max_slides: 99 },
      { question, deck: '{"not":"a deck"}' },
      { question, genie_space_id: sandboxSpaceIds.finance },
      { question: 'What were Q4 2023 sales by product?' },
    )

    expect(answers.map(({ error }) => error === '')).toEqual([true, false, false, false, false, true])
    expect(answers[1]?.error).toContain('question')
    expect(answers[2]?.error).toContain('at most 30')
    expect(answers[3]?.error).toContain('deck')
    expect(answers[4]?.error).toContain('may not see it')
    expect(answers[4]?.html).toBe('')
    expect(answers[5]?.html).toContain('<!doctype html>')
  })

  it('goes on with a conversation and a deck that come with the row', async () => {
    const [first] = await predictRows({ question })
    const before = workspace.requests.length

    const [narrowed] = await predictRows({
      question: 'only EMEA',
      genie_conversation_id: first?.genie_conversation_id,
      deck: first?.deck,
    })
    const [changed] = await predictRows({
      question: 'drop slide 2',
      genie_conversation_id: first?.genie_conversation_id,
      deck: first?.deck,
    })

    expect(narrowed).toMatchObject({ error: '', genie_conversation_id: first?.genie_conversation_id })
    const asked = workspace.requests.slice(before).filter(({ path }) => path.endsWith('/messages'))
    expect(asked[0]?.path).toContain(first?.genie_conversation_id ?? 'none')
    expect(changed?.slide_count).toBe((first?.slide_count ?? 0) - 1)
    expect(Deck.parse(JSON.parse(changed?.deck ?? '')).version).toBe(2)
  })

  it('starts the agent again when it has died, and says so to rows it took with it', async () => {
    workspace.faults.add({ on: 'genie.ask', fault: { kind: 'message-stuck' } })
    const before = workspace.requests.length
    const lost = predictRows({ question })
    const isAsking = () => workspace.requests.slice(before).some(({ path }) => path.includes('/messages/'))
    await expect.poll(isAsking, { timeout: 20_000 }).toBe(true)
    const pids = await agentPids()
    for (const pid of pids) process.kill(pid, 'SIGKILL')
    const [gone] = await lost
    workspace.faults.clear()

    const [answer] = await predictRows({ question })

    expect(pids).toHaveLength(1)
    expect(gone).toMatchObject({ error: 'The agent ended.', html: '' })
    expect(answer).toMatchObject({ error: '', status: 'answered' })
  })

  it('is loaded by mlflow models predict as it is', async () => {
    await writeFile(join(dir, 'in.json'), JSON.stringify({ dataframe_records: [{ question, max_slides: 4 }] }))
    const args = ['models', 'predict', '-m', join(dir, 'model'), '-i', join(dir, 'in.json'), '-t', 'json']

    await run(
      process.env['DECKHAND_MLFLOW'] ?? 'mlflow',
      [...args, '--env-manager', 'local', '-o', join(dir, 'out.json')],
      { env: { ...process.env, ...env, DECKHAND_NODE: process.execPath }, timeout: 120_000 },
    )

    const [answer] = Predictions.parse(JSON.parse(await readFile(join(dir, 'out.json'), 'utf8'))).predictions
    expect(answer).toMatchObject({ error: '', status: 'answered' })
  })

  it('does not load where it could not answer, and says why', async () => {
    const { DATABRICKS_TOKEN: _, ...rest } = env

    const error = await rejection(startScoringServer({ dir: join(dir, 'model'), env: rest }))

    expect(String(error)).toContain('DATABRICKS_TOKEN is not set')
  })
})

/** Of the program that the served model has started. */
async function agentPids(): Promise<number[]> {
  const program = join(dir, 'model/artifacts/agent/agent.mjs')
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async (pid) => {
      const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '') // it may have ended meanwhile
      return words.split('\0').includes(program) ? [Number(pid)] : []
    }),
  )
  return found.flat()
}
