import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest'
import { z } from 'zod'
import { createWarehouse, type Warehouse } from '../../sandbox/data/warehouse.ts'
import { createAnalyst } from '../../sandbox/databricks/analyst/analyst.ts'
import { sandboxSpaceIds, type Workspace } from '../../sandbox/databricks/contract.ts'
import { createWorkspace } from '../../sandbox/databricks/workspace.ts'
import { workspaceEnv } from '../../sandbox/stack.ts'
import { pdfPages } from '../support/deckhand.ts'
import { mlflowUrl } from '../support/parts.ts'

/** The commands as a shell runs them: a process, its streams, its exit code. */

const root = join(import.meta.dirname, '../..')
const question = 'What were Q4 2023 sales by region?'
const secret = 'planted-secret-123'

let workspace: Workspace
let warehouse: Warehouse
/** Where the person is: an empty folder outside the checkout, a new one for each test. */
let folder: string
/** Holds those folders, traces that wait, and what commands leave behind that fail. */
const elsewhere = mkdtempSync(join(tmpdir(), 'deckhand-shell-'))

beforeAll(async () => {
  await mlflowUrl()
  warehouse = await createWarehouse({ today: '2026-11-23' })
  workspace = await createWorkspace({ brain: createAnalyst(), today: '2026-11-23', warehouse })
}, 60_000)

beforeEach(() => {
  folder = mkdtempSync(join(elsewhere, 'person-'))
})

afterAll(async () => {
  for (const child of running) child.kill('SIGKILL') // of tests that failed
  await workspace?.[Symbol.asyncDispose]()
  await warehouse?.[Symbol.asyncDispose]()
  rmSync(elsewhere, { recursive: true, force: true })
})

interface Ended {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

const running = new Set<ChildProcess>()

type Env = Readonly<Record<string, string>>

/** A command on its way; `ended` settles when the process is gone and all it printed is read. */
interface Started {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
}

function start(command: readonly string[], env: Env, cwd = folder): Started {
  const [program = '', ...args] = command
  const { PATH, NODE_COMPILE_CACHE = join(root, '.deckhand/compile-cache') } = process.env
  const child = spawn(program, args, { cwd, env: { PATH, NODE_COMPILE_CACHE, ...env } })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  running.add(child)
  const ended = once(child, 'close').then(([code]: (number | null)[]) => {
    running.delete(child)
    return { code: code ?? null, stdout, stderr }
  })
  return { child, ended }
}

function startDeckhand(args: readonly string[], env: Env = {}, cwd = folder): Started {
  const command = [process.execPath, join(root, 'src/main.ts'), ...args]
  const all = {
    ...workspaceEnv(workspace, { redisUrl: inject('redisUrl'), mlflowUrl: inject('mlflowUrl') }),
    PUPPETEER_EXECUTABLE_PATH: process.env['PUPPETEER_EXECUTABLE_PATH'] ?? '',
    MLFLOW_EXPERIMENT_NAME: 'deckhand-e2e',
    DECKHAND_SPOOL_DIR: join(elsewhere, 'spool'),
    ...env,
  }
  return start(command, all, cwd)
}

function deckhand(args: readonly string[], env: Env = {}, cwd = folder): Promise<Ended> {
  return startDeckhand(args, env, cwd).ended
}

/** Exactly the object that scripts rely on (design, "Contracts"), and what was added to it since. */
const Printed = z.strictObject({
  answer: z.string(),
  status: z.enum(['answered', 'clarify', 'refused', 'failed', 'stopped']),
  slide_count: z.int(),
  out: z.string(),
  files: z.strictObject({
    html: z.string().optional(),
    pdf: z.string().optional(),
    pptx: z.string().optional(),
    xlsx: z.string().optional(),
    png: z.array(z.string()).optional(),
    csv: z.array(z.string()).optional(),
  }),
  numbers: z.strictObject({ total: z.int(), verified: z.int() }),
  sql: z.array(z.string()),
  suggestions: z.array(z.string()),
  genie_conversation_id: z.string(),
  trace_id: z.string(),
  trace_url: z.string(),
  run_id: z.string(),
  timings_ms: z.strictObject({ first_answer: z.int(), deck: z.int(), total: z.int() }),
  tokens: z.strictObject({ input: z.int(), output: z.int() }),
  cost_usd: z.number(),
  error: z.string(),
})

/** Standard output as the one JSON object it has to be. */
function printed({ stdout }: Ended): z.infer<typeof Printed> {
  expect(stdout).toMatch(/^\{[^\n]*\}\n$/)
  return Printed.parse(JSON.parse(stdout))
}

describe('deckhand ask', () => {
  it('prints one JSON object and nothing else, and writes the files it names where the person is', async () => {
    const ended = await deckhand(['ask', question, '--json', '--out', 'out', '--formats', 'html,pdf,png'])

    const result = printed(ended)
    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(result).toMatchObject({ status: 'answered', out: join(folder, 'out'), error: '' })
    expect(result.numbers.total).toBeGreaterThan(0)
    expect(result.numbers.verified).toBe(result.numbers.total)
    expect(result.trace_url).toContain(result.trace_id)
    const { html = '', pdf = '', png = [] } = result.files
    expect(readdirSync(join(folder, 'out')).toSorted()).toEqual([html, pdf, ...png].toSorted())
    expect(png).toHaveLength(result.slide_count)
    expect(await pdfPages(readFileSync(join(folder, 'out', pdf)))).toHaveLength(result.slide_count)
    expect(readdirSync(folder)).toEqual(['out'])
  })

  it('continues a thread in another process, in a new folder of its own, asked without quotes', async () => {
    const thread = `shell-${Date.now()}`
    const options = ['--thread', thread, '--formats', 'html', '--json']

    const first = printed(await deckhand(['ask', 'Revenue', 'by', 'month', 'in', '2023', ...options]))
    const second = printed(await deckhand(['ask', 'only', 'EMEA', ...options]))

    expect(second.genie_conversation_id).toBe(first.genie_conversation_id)
    expect(second.sql.join()).toContain('EMEA')
    expect(second.out).not.toBe(first.out)
    for (const { out, files } of [first, second]) expect(existsSync(join(out, files.html ?? ''))).toBe(true)
  })

  it('keeps the log a person asked for off standard output', async () => {
    const ended = await deckhand(['ask', 'Hello!', '--json'], {
      LOG_LEVEL: 'debug',
      MLFLOW_TRACKING_URI: 'http://127.0.0.1:9',
    })

    expect(printed(ended).status).toBe('answered')
    const lines = ended.stderr.trim().split('\n')
    expect(lines.length).toBeGreaterThan(0)
    for (const line of lines) expect(JSON.parse(line)).toHaveProperty('msg')
  })

  it('answers without MLflow, and does not trouble the person with it', async () => {
    const ended = await deckhand(['ask', 'How many orders were there in 2022?', '--formats', 'html'], {
      MLFLOW_TRACKING_URI: 'http://127.0.0.1:9',
    })

    expect(ended).toMatchObject({ code: 0, stderr: '' })
    expect(ended.stdout).toContain('Trace    kept on disk')
  })

  it('is done in peace when the reader of its result has gone', async () => {
    const { child, ended } = startDeckhand(['ask', 'Hello!'])
    child.stdout?.destroy()

    expect(await ended).toMatchObject({ code: 0, stderr: '' })
  })

  it('stops on Ctrl-C while Genie works: says so, exits with 130, leaves no file', async () => {
    workspace.faults.add({ on: 'genie.ask', fault: { kind: 'message-stuck' } })
    const before = workspace.requests.length
    const { child, ended } = startDeckhand(['ask', 'Revenue by product in 2023', '--json', '--out', 'out'])
    await vi.waitFor(
      () =>
        expect(workspace.requests.slice(before).map(({ path }) => path)).toContainEqual(
          expect.stringMatching(/\/messages\/[^/]+$/),
        ),
      { timeout: 30_000 },
    )

    child.kill('SIGINT')

    const result = await ended
    expect(result).toMatchObject({ code: 130, stderr: 'deckhand: Stopped. Nothing was changed.\n' })
    expect(printed(result)).toMatchObject({ status: 'stopped', slide_count: 0, files: {} })
    expect(readdirSync(join(folder, 'out'))).toEqual([])
  })

  describe.concurrent('says in one line what is wrong', () => {
    const ask = (...more: string[]): string[] => ['ask', question, '--formats', 'html', ...more]

    it.each<[what: string, code: number, words: RegExp, args: string[], env?: Env]>([
      ['no question', 2, /missing required argument 'question'/, ['ask']],
      ['an empty question', 2, /Ask a question/, ['ask', ' ']],
      ['a question of 20,000 characters', 2, /20000 characters long; the most is 4000/, ['ask', 'x'.repeat(20_000)]],
      ['no slides', 2, /--max-slides is "0"/, ask('--max-slides', '0')],
      ['an unknown format', 2, /--formats is "gif"/, ['ask', question, '--formats', 'gif']],
      ['an unknown option', 2, /unknown option '--colour'/, ask('--colour', 'red')],
      ['an unknown command', 2, /unknown command 'aks'/, ['aks', question]],
      ['an unknown name of a space', 2, /"saels" is neither/, ask('--space', 'saels')],
      ['a space without access', 1, /no such Genie space/, ask('--space', sandboxSpaceIds.finance)],
      ['a folder that cannot be written', 1, /Cannot write to the folder \/dev\/null/, ask('--out', '/dev/null/deck')],
      ['no token', 2, /DATABRICKS_TOKEN is not set/, ask(), { DATABRICKS_TOKEN: '' }],
      ['a wrong token', 1, /did not accept our sign-in/, ask(), { DATABRICKS_TOKEN: secret }],
      ['no Redis', 1, /Cannot reach Redis at 127\.0\.0\.1:9/, ask(), { REDIS_URL: `redis://:${secret}@127.0.0.1:9` }],
      ['no place for traces', 1, /Cannot keep traces in .*: ENOTDIR/, ask(), { DECKHAND_SPOOL_DIR: '/dev/null/spool' }],
      ['an unknown chat model', 1, /language model .*does not exist/, ask(), { LLM_ENDPOINT: 'no-such-model' }],
      [
        'no browser',
        1,
        /no browser/,
        ['ask', question, '--out', join(elsewhere, 'out')],
        { PUPPETEER_EXECUTABLE_PATH: '/nowhere' },
      ],
    ])('%s', async (_what, code, words, args, env = {}) => {
      const ended = await deckhand(args, env, elsewhere)

      expect(ended.stderr).toMatch(/^deckhand: [^\n]+\n$/)
      expect(ended.stderr).toMatch(words)
      expect(ended.code).toBe(code)
      expect(ended.stderr + ended.stdout).not.toContain(secret)
      expect(ended.stderr).not.toMatch(/[{}]|\bat \//)
      if (code === 2) expect(ended.stdout).toBe('')
    })
  })
})

describe('npm run demo', () => {
  /** What a person with a real workspace may have set. */
  const realWorkspace = {
    DATABRICKS_HOST: 'https://dbc-1.example.com',
    DATABRICKS_CLIENT_ID: 'someone',
    DATABRICKS_CLIENT_SECRET: secret,
    LLM_BASE_URL: 'http://127.0.0.1:9/v1',
  }
  const env = (): Env => ({
    REDIS_URL: inject('redisUrl'),
    MLFLOW_TRACKING_URI: inject('mlflowUrl'),
    PUPPETEER_EXECUTABLE_PATH: process.env['PUPPETEER_EXECUTABLE_PATH'] ?? '',
    ...realWorkspace,
  })
  const demo = [process.execPath, join(root, 'sandbox/demo.ts')]

  it('answers one question with --once, prints its JSON and nothing else, and ends', async () => {
    const ended = await start([...demo, '--once', question, '--out', 'out', '--formats', 'html', '--json'], env()).ended

    const result = printed(ended)
    expect(ended.code).toBe(0)
    expect(ended.stderr).toBe('Starting Redis, MLflow and the sandbox workspace …\n')
    expect(result).toMatchObject({ status: 'answered', files: { html: 'deck.html' } })
    expect(result.numbers.verified).toBe(result.numbers.total)
  })

  it('stops on Ctrl-C while it starts', async () => {
    const { child, ended } = start(demo, env())
    child.stderr?.once('data', () => child.kill('SIGINT'))

    const { code, stderr } = await ended

    expect(code).toBe(130)
    expect(stderr).toMatch(/deckhand: Stopped\..*\n$/)
  })

  it('takes questions at a terminal until Ctrl-C: a follow-up, an empty line, one that is far too long', async () => {
    // `script` gives it a terminal, of which standard input is the keyboard.
    const command = [...demo, '--formats', 'html', '--out', 'out'].map((word) => `'${word}'`).join(' ')
    const terminal = ['script', '-qec', `stty cols 100; exec ${command}`, '/dev/null']
    const { child, ended } = start(terminal, { ...env(), TERM: 'xterm' })
    let screen = ''
    child.stdout?.on('data', (text: string) => (screen += text))
    /** Types, and waits for the answer and the next prompt. */
    const type = async (keys: string, answer: string): Promise<string> => {
      const from = screen.length
      child.stdin?.write(keys)
      const end = new RegExp(`${answer}[^]*Ask \\(Ctrl-C ends\\): \\S*$`)
      await vi.waitFor(() => expect(screen.slice(from)).toMatch(end), { timeout: 30_000 })
      return screen.slice(from)
    }

    await type('', 'Open http://127\\.0\\.0\\.1:\\d+ and ask[^]*Deck .*[^]*To ask from another shell')
    await type('Revenue by month in 2023\r', 'Jan 2023 .*[^]*Deck ')
    await type('only EMEA\r', 'Total revenue is \\$36\\.\\dM[^]*Deck ')
    expect(await type('\r', '')).not.toContain('Deck ')
    await type(`${'x'.repeat(5000)}\r`, '5000 characters long; the most is 4000')
    child.stdin?.write('\u0003')

    expect((await ended).code).toBe(0)
  })
})
