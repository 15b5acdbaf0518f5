import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { Command, CommanderError } from 'commander'
import { createApp } from '../src/app.ts'
import { ask, type AskResult } from '../src/bot/shell/ask.ts'
import { createTerminalDisplay, quietDisplay } from '../src/bot/shell/display.ts'
import { exitCodeOf, reportAsText } from '../src/bot/shell/report.ts'
import { checkWords, UsageError, type AskRequest } from '../src/bot/shell/ask-request.ts'
import { isAbort, userMessageOf } from '../src/lib/errors.ts'
import { cancelOnSignals } from '../src/lib/signals.ts'
import { loadSettings, SettingsError } from '../src/settings.ts'
import { startStack, type Stack } from './stack.ts'

/**
 * `npm run demo`: the whole product on this machine. Starts the local parts, asks a first question, prints where to look,
 * and takes more questions until Ctrl-C. With `--once` it answers one question and stops everything.
 */

const root = join(import.meta.dirname, '..')
const firstQuestion = 'What were Q4 2023 sales by region?'

interface DemoOptions extends Omit<AskRequest, 'question'> {
  readonly once?: string
  readonly json?: true
  readonly genieDelay: string
  readonly llmDelay: string
}

const command = new Command('demo')
  .description('Deckhand on local parts, with sandbox data')
  .option('--once <question>', 'answer one question, then stop everything')
  .option('--out <dir>', 'folder for the files (default: out/demo)')
  .option('--json', 'print one JSON object (with --once)')
  .option('--thread <name>', 'conversation to continue')
  .option('--space <id>', 'Genie space')
  .option('--max-slides <n>', 'most slides')
  .option('--formats <list>', 'html,pdf,png')
  .option('--genie-delay <seconds>', 'how long Genie takes for an answer', '0')
  .option('--llm-delay <seconds>', 'how long the chat model takes for an answer', '0')
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'demo: ')) })

try {
  command.parse()
  process.exitCode = await runDemo(command.opts<DemoOptions>())
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2
  } else {
    process.stderr.write(`demo: ${userMessageOf(error)}\n`)
    if (process.env['LOG_LEVEL'] === 'debug') process.stderr.write(`${String(error)}\n`)
    process.exitCode = error instanceof UsageError || error instanceof SettingsError ? 2 : 1
  }
}

async function runDemo(options: DemoOptions): Promise<number> {
  const delays = {
    genieDelayMs: milliseconds('--genie-delay', options.genieDelay),
    llmDelayMs: milliseconds('--llm-delay', options.llmDelay),
  }
  checkWords({ ...options, question: options.once ?? firstQuestion })
  using cancel = cancelOnSignals(process)
  const dir = join(root, '.deckhand/demo')
  mkdirSync(dir, { recursive: true })
  say('Starting Redis, MLflow and the sandbox workspace …')
  await using stack = await startStack({ dir, ...delays })
  const env = { ...process.env, LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'warn', ...stack.env }
  const settings = loadSettings(env, join(root, 'config'))
  await using app = await createApp(settings, env)

  const request = {
    ...options,
    thread: options.thread ?? `demo-${Date.now()}`,
    out: options.out ?? join(root, 'out/demo'),
  }
  const display =
    process.stderr.isTTY && !options.json
      ? createTerminalDisplay(process.stderr, settings.output.language)
      : quietDisplay
  const answer = async (question: string, signal: AbortSignal): Promise<AskResult> => {
    const result = await ask({ ...request, question }, app.shell, display, signal)
    process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : `\n${reportAsText(result)}\n\n`)
    return result
  }
  if (options.once !== undefined) return exitCodeOf(await answer(options.once, cancel.signal))

  say(`Asking: ${firstQuestion}`)
  const first = await answer(firstQuestion, cancel.signal)
  if (first.status === 'stopped') return exitCodeOf(first)
  say(whereToLook(stack))
  await takeQuestions(answer, cancel.signal)
  return 0
}

/** Keeps running: answers typed questions where there is a keyboard, else only waits for the end. */
async function takeQuestions(
  answer: (question: string, signal: AbortSignal) => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  if (!process.stdin.isTTY) {
    await new Promise<void>((resolve) => {
      const keepAlive = setInterval(() => undefined, 60_000)
      signal.addEventListener('abort', () => {
        clearInterval(keepAlive)
        resolve()
      })
    })
    return
  }
  const input = createInterface({ input: process.stdin, output: process.stderr })
  input.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    for (;;) {
      const question = (await input.question('Ask (Ctrl-C ends): ', { signal })).trim()
      if (question === '') continue
      try {
        await answer(question, signal)
      } catch (error) {
        if (!(error instanceof UsageError)) throw error
        say(error.userMessage)
      }
    }
  } catch (error) {
    if (!isAbort(error)) throw error
  } finally {
    input.close()
  }
}

function whereToLook(stack: Stack): string {
  const exports = Object.entries(stack.env).map(([name, value]) => `  export ${name}=${value}`)
  return [
    `MLflow   ${stack.mlflowUrl}`,
    `Sandbox  ${stack.workspace.url} (a stand-in Databricks workspace; its data is made up)`,
    '',
    'To ask from another shell with ./deckhand ask "…":',
    ...exports,
    '',
  ].join('\n')
}

function milliseconds(flag: string, text: string): number {
  const seconds = Number(text)
  if (!Number.isFinite(seconds) || seconds < 0 || seconds > 600) {
    throw new UsageError(`${flag} is "${text}"; it should be seconds from 0 to 600.`)
  }
  return seconds * 1000
}

function say(text: string): void {
  process.stderr.write(`${text}\n`)
}
