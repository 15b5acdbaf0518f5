import { randomBytes, randomInt } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { Command, CommanderError } from 'commander'
import { ask, type AskResult } from '../src/bot/shell/ask.ts'
import { createLiveLine, createTerminalDisplay, quietDisplay } from '../src/bot/shell/display.ts'
import { exitCodeOf, exitCodeOfError, printError, printResult } from '../src/bot/shell/report.ts'
import { checkWords, UsageError, type AskRequest } from '../src/bot/shell/ask-request.ts'
import { systemClock } from '../src/lib/clock.ts'
import { DeckhandError, isAbort } from '../src/lib/errors.ts'
import { cancelOnSignals, endSoon, reportBrokenOutput } from '../src/lib/signals.ts'
import { loadSettings } from '../src/settings.ts'
import type { Service } from '../src/service.ts'
import { sandboxSpaceIds } from './databricks/contract.ts'
import { LocalPartError } from './local/child.ts'
import { type Playground, startPlayground } from './local/playground.ts'
import type { SlackWorkspace, SlackWorkspaceOptions } from './slack/contract.ts'
import { startStack, type Stack } from './stack.ts'

/**
 * `npm run demo`: the whole product on this machine. Starts the local parts and the bot, prints where to talk to it, asks a
 * first question, and takes more until Ctrl-C, here and on the chat page. With `--once` it answers one question and stops.
 */

const root = join(import.meta.dirname, '..')
const streams = { out: process.stdout, err: process.stderr }
const firstQuestion = 'What were Q4 2023 sales by region?'
/** Endpoints that a release makes in the sandbox; nothing serves them before. */
const servedInDemo = { DECKHAND_DEV_ENDPOINT: 'deckhand-dev', DECKHAND_PROD_ENDPOINT: 'deckhand-prod' }

interface DemoOptions extends Omit<AskRequest, 'question'> {
  readonly once?: string
  readonly json?: true
  readonly genieDelay: string
  readonly llmDelay: string
}

const command = new Command('npm run demo --')
  .description('Deckhand on local parts, with sandbox data')
  .option('--once <question>', 'answer one question, then stop everything')
  .option('--out <dir>', 'folder for the files (default: out/demo)')
  .option('--json', 'print JSON instead of text')
  .option('--thread <name>', 'conversation to continue')
  .option('--space <id>', 'Genie space')
  .option('--max-slides <n>', 'most slides')
  .option('--formats <list>', 'html,pdf,png,thumbnail,overview,pptx,xlsx,csv')
  .option('--genie-delay <seconds>', 'how long Genie takes for an answer', '0')
  .option('--llm-delay <seconds>', 'how long the chat model takes for an answer', '0')
  .allowExcessArguments(false)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'deckhand: ')) })

reportBrokenOutput(process)
try {
  command.parse()
  const exitCode = await runDemo(command.opts<DemoOptions>())
  process.exitCode ??= exitCode
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2
  } else if (isAbort(error)) {
    say('deckhand: Stopped.')
    process.exitCode = 130
  } else {
    printError(error, streams, process.env)
    process.exitCode = exitCodeOfError(error)
  }
}
endSoon(process)

async function runDemo(options: DemoOptions): Promise<number> {
  const delays = {
    genieDelayMs: milliseconds('--genie-delay', options.genieDelay),
    llmDelayMs: milliseconds('--llm-delay', options.llmDelay),
  }
  checkWords({ ...options, question: options.once ?? firstQuestion })
  using cancel = cancelOnSignals(process)
  const { signal } = cancel
  const loading = import('../src/app.ts') // While the servers start; not for --help, nor for what is refused before.
  const isOnce = options.once !== undefined
  await using stack = await startParts(
    { ...delays, ...(isOnce ? {} : { slack: { seed: randomInt(2 ** 31) } }) },
    signal,
  )
  const env = { ...process.env, LOG_LEVEL: process.env['LOG_LEVEL'] || 'silent', ...stack.env }
  const settings = loadSettings(env, join(root, 'config'))
  const { createApp } = await loading
  await using app = await createApp(settings, env)
  await using bot = stack.slack && (await startBot(stack.slack, env))
  await using teams = bot && (await startTeamsPage(bot, signal))

  const request = {
    ...options,
    thread: options.thread ?? `demo-${Date.now()}`,
    out: options.out ?? join(root, 'out/demo'),
  }
  const json = options.json === true
  const answer = async (question: string): Promise<AskResult> => {
    const display =
      process.stderr.isTTY && !json
        ? createTerminalDisplay(process.stderr, settings.output.language, systemClock)
        : quietDisplay
    const result = await ask({ ...request, question }, app.shell, display, signal)
    if (!json) process.stdout.write('\n')
    printResult(result, streams, { json, env: process.env })
    if (!json) process.stdout.write('\n')
    return result
  }
  if (options.once !== undefined) return exitCodeOf(await answer(options.once))

  say(`Open ${stack.slack?.url} and ask${teams ? `, or ${teams.url} for Teams` : ''}.\n\nAsking here: ${firstQuestion}`)
  const first = await answer(firstQuestion)
  if (first.status === 'stopped') return exitCodeOf(first)
  say(whereToLook(stack, bot, teams))
  await takeQuestions(answer, signal)
  return 0
}

/** The servers take some seconds: a line tells that they are on their way. */
async function startParts(
  options: { readonly genieDelayMs: number; readonly llmDelayMs: number; readonly slack?: SlackWorkspaceOptions },
  signal: AbortSignal,
): Promise<Stack> {
  const dir = join(root, '.deckhand/demo')
  mkdirSync(dir, { recursive: true })
  const text = 'Starting Redis, MLflow and the sandbox workspace …'
  const line = createLiveLine(process.stderr)
  if (line) line.show(text)
  else say(text)
  try {
    return await startStack({ dir, ...options, signal })
  } finally {
    line?.hide()
  }
}

/** Teams as Microsoft's own test client shows it. Where the development packages are left out, the demo goes without it. */
async function startTeamsPage(bot: Service, signal: AbortSignal): Promise<Playground | undefined> {
  try {
    const dir = join(root, '.deckhand/demo/playground')
    return await startPlayground({ botUrl: `${bot.url}/api/messages`, dir, signal })
  } catch (error) {
    if (!(error instanceof LocalPartError)) throw error
    printError(error, streams, process.env)
    return undefined
  }
}

/** What `deckhand serve` runs, in this process, and the chat pages connected to it. Nothing set for a real bot counts. */
async function startBot(slack: SlackWorkspace, env: Readonly<Record<string, string | undefined>>): Promise<Service> {
  const serveEnv = {
    ...env,
    DECKHAND_HOST: '127.0.0.1',
    DECKHAND_PORT: '0',
    DECKHAND_PUBLIC_URL: '',
    DECKHAND_LINK_KEY: randomBytes(32).toString('hex'),
    SLACK_CLIENT_ID: '',
    TEAMS_MODE: 'local',
  }
  const { startService } = await import('../src/service.ts')
  const service = await startService(loadSettings(serveEnv, join(root, 'config')), serveEnv)
  slack.connect(`${service.url}/slack/events`)
  return service
}

/** Keeps running: answers typed questions where there is a keyboard, else only waits for the end. */
async function takeQuestions(answer: (question: string) => Promise<AskResult>, signal: AbortSignal): Promise<void> {
  if (!process.stdin.isTTY) return await untilAborted(signal)
  let history: string[] = []
  for (;;) {
    // Between two prompts the terminal is as it was: Ctrl-C reaches whatever runs, and what is typed ahead waits.
    const input = createInterface({ input: process.stdin, output: process.stderr, history })
    input.on('history', (lines: string[]) => {
      history = [...lines]
    })
    input.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
    let question: string
    try {
      question = (await input.question('Ask (Ctrl-C ends): ', { signal })).trim()
    } catch (error) {
      if (isAbort(error)) return // Ctrl-C or Ctrl-D
      throw error
    } finally {
      input.close()
    }
    if (question === '') continue
    try {
      const result = await answer(question)
      if (result.status === 'stopped') return
    } catch (error) {
      if (!(error instanceof DeckhandError)) throw error
      printError(error, streams, process.env)
    }
  }
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const keepAlive = setInterval(() => undefined, 60_000)
  await new Promise((resolve) => {
    signal.addEventListener('abort', resolve, { once: true })
  })
  clearInterval(keepAlive)
}

function whereToLook(stack: Stack, bot: Service | undefined, teams: Playground | undefined): string {
  const exports = Object.entries({ ...stack.env, ...servedInDemo })
    .filter(([name, value]) => !name.startsWith('SLACK_') && (value !== '' || process.env[name]))
    .map(([name, value]) => `  export ${name}=${value}`)
  return [
    `Slack    ${stack.slack?.url} (a page of our own that stands in for it)`,
    ...(teams ? [`Teams    ${teams.url} (Microsoft's own playground)`] : []),
    `Bot      ${bot?.url} (what deckhand serve runs)`,
    `MLflow   ${stack.mlflowUrl}`,
    `Sandbox  ${stack.workspace.url} (a stand-in Databricks workspace; its data is made up)`,
    `Spaces   ${Object.entries(sandboxSpaceIds)
      .map(([name, id]) => `${name} ${id}${name === 'finance' ? ' (no access, to try that)' : ''}`)
      .join(', ')}`,
    '',
    'To ask from another shell with ./deckhand ask "…", or to release with ./deckhand register and ./deckhand deploy dev:',
    ...exports,
    '',
  ].join('\n')
}

function milliseconds(flag: string, text: string): number {
  const seconds = Number(text)
  if (text.trim() === '' || !Number.isFinite(seconds) || seconds < 0 || seconds > 600) {
    throw new UsageError(`${flag} is "${text}"; it should be seconds from 0 to 600.`)
  }
  return seconds * 1000
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
