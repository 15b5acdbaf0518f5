import { execFile } from 'node:child_process'
import { appendFile, cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isRecord, list, parseRecord } from '../sandbox/local/json.ts'
import { startScoringServer } from '../sandbox/local/scoring-server.ts'
import { startStack } from '../sandbox/stack.ts'
import { packageSources } from '../src/commands/package.ts'
import { createRegisterApp } from '../src/register-app.ts'
import { loadSettings } from '../src/settings.ts'
import { startAgentLines } from './release/agent-lines.ts'
import { compare, median, printMachine, printRow } from './report.ts'

/**
 * What a release of the real agent takes in the sandbox, whose endpoint serves the uploaded folder with MLflow's own scoring
 * server, and what that server adds to a question. Run with `npm run bench release`; `-- --rounds 1` takes fewer releases,
 * `-- --questions 5` fewer questions.
 *
 * A release cannot be faster than the server it starts: each round times that server alone, then a deploy and a rollback as
 * commands, and compares within the round.
 */

const rounds = flag('rounds', 3)
const questions = flag('questions', 9)
const budgets = { packageMs: 10_000, packageKB: 30_000, releaseRatio: 3, predictMs: 100 }
const row = { question: 'Revenue by region and quarter in 2023', max_slides: 5 }
const root = join(import.meta.dirname, '..')
const run = promisify(execFile)

const dir = await mkdtemp(join(tmpdir(), 'deckhand-bench-'))
try {
  printMachine()
  await using stack = await startStack({ dir: join(dir, 'stack') })
  const home = join(dir, 'home')
  await mkdir(home)
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    ...stack.env,
    DECKHAND_PROD_ENDPOINT: 'deckhand-prod',
    DECKHAND_SPOOL_DIR: join(dir, 'spool'),
    LOG_LEVEL: 'error',
  }
  const model = join(dir, 'model')
  const passed = [
    ...(await benchPackage(model, env)),
    ...(await benchReleases(model, env)),
    await benchPredict(model, env),
  ]
  if (passed.includes(false)) process.exitCode = 1
} finally {
  await rm(dir, { recursive: true, force: true })
}

async function benchPackage(model: string, env: Readonly<Record<string, string>>): Promise<boolean[]> {
  const startedAt = performance.now()
  const packaged = parseRecord(await deckhand(env, 'package', '--out', model, '--json'))
  const tookMs = performance.now() - startedAt
  return [
    printRow({
      what: 'deckhand package, from command to exit',
      value: tookMs,
      unit: 'ms',
      budget: { most: budgets.packageMs },
    }),
    printRow({
      what: 'the folder, which has no Node in it',
      value: Number(packaged['size_bytes']) / 1000,
      unit: 'KB',
      budget: { most: budgets.packageKB },
      detail: `${String(packaged['file_count'])} files`,
    }),
  ]
}

async function benchReleases(model: string, env: Readonly<Record<string, string>>): Promise<boolean[]> {
  await register(env, join(root, 'config'))
  // A version of its own needs other contents.
  const changed = join(dir, 'config')
  await cp(join(root, 'config'), changed, { recursive: true })
  await appendFile(join(changed, 'prompts.yaml'), '\n# Another version.\n')
  await register(env, changed)
  await deckhand(env, 'deploy', 'prod', '--version', '1', '--approve')

  const alone: number[] = []
  const ratios = { deploy: [] as number[], rollback: [] as number[] }
  const times = { deploy: [] as number[], rollback: [] as number[] }
  for (let round = 0; round < rounds; round += 1) {
    const startMs = await ownStart(model, env)
    alone.push(startMs)
    const commands = {
      deploy: ['deploy', 'prod', '--version', '2', '--approve'],
      rollback: ['rollback', 'prod'],
    } as const
    for (const kind of ['deploy', 'rollback'] as const) {
      const startedAt = performance.now()
      await deckhand(env, ...commands[kind])
      const tookMs = performance.now() - startedAt
      times[kind].push(tookMs)
      ratios[kind].push(tookMs / startMs)
    }
  }
  printRow({ what: "the scoring server's own start", value: median(alone), unit: 'ms', detail: inSeconds(alone) })
  return (['deploy', 'rollback'] as const).map((kind) =>
    printRow({
      what: `deckhand ${kind} prod, from command to smoke-tested, against that start`,
      value: median(ratios[kind]),
      unit: '×',
      budget: { most: budgets.releaseRatio },
      detail: inSeconds(times[kind]),
    }),
  )
}

async function benchPredict(model: string, env: Readonly<Record<string, string>>): Promise<boolean> {
  await using lines = await startAgentLines(join(model, 'artifacts/agent/agent.mjs'), env)
  await using server = await startScoringServer({ dir: model, env })
  const ways = {
    agent: async () => answered(await lines.ask(row)),
    served: async () => {
      const response = await fetch(`${server.url}/invocations`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ dataframe_records: [row] }),
      })
      answered(list(parseRecord(await response.text())['predictions'])[0])
    },
  }
  const { agent, served } = await compare(ways, { rounds: questions, warmUps: 2 })
  return printRow({
    what: 'what predict and the scoring server add to a question',
    value: served - agent,
    unit: 'ms',
    budget: { most: budgets.predictMs },
    detail: `${served.toFixed(0)} ms, the agent alone ${agent.toFixed(0)} ms; medians of ${questions}`,
  })
}

/** A failure that answers at once would look fast. */
function answered(answer: unknown): void {
  if (isRecord(answer) && answer['status'] === 'answered' && Number(answer['slide_count']) > 0) return
  throw new Error(`The question was not answered: ${JSON.stringify(answer).slice(0, 300)}`)
}

async function register(env: Readonly<Record<string, string>>, configFolder: string): Promise<void> {
  const sources = { ...packageSources(env), configFolder }
  await using app = createRegisterApp(loadSettings(env, join(root, 'config')), env, sources)
  await app.register(undefined, () => undefined, new AbortController().signal)
}

/** Runs the command to its end. → what it printed; rejects when it failed, with what it said */
async function deckhand(env: Readonly<Record<string, string>>, ...args: readonly string[]): Promise<string> {
  const { stdout } = await run(process.execPath, [join(root, 'src/main.ts'), ...args], { env, cwd: env['HOME'] })
  return stdout
}

/** Milliseconds until the scoring server answers, with nothing round it. */
async function ownStart(model: string, env: Readonly<Record<string, string>>): Promise<number> {
  const startedAt = performance.now()
  const server = await startScoringServer({ dir: model, env })
  const tookMs = performance.now() - startedAt
  await server[Symbol.asyncDispose]()
  return tookMs
}

function inSeconds(times: readonly number[]): string {
  return `${times.map((ms) => (ms / 1000).toFixed(1)).join(', ')} s`
}

function flag(name: string, otherwise: number): number {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? otherwise : Number(process.argv[at + 1])
}
