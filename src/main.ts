import { createRequire } from 'node:module'
import { join } from 'node:path'
import { Command, CommanderError } from 'commander'
import { ask } from './bot/shell/ask.ts'
import { checkWords, UsageError, type AskRequest } from './bot/shell/ask-request.ts'
import { createTerminalDisplay, quietDisplay } from './bot/shell/display.ts'
import { exitCodeOf, reportAsText } from './bot/shell/report.ts'
import { describeError, userMessageOf } from './lib/errors.ts'
import { cancelOnSignals } from './lib/signals.ts'
import { loadSettings, SettingsError } from './settings.ts'

/** The command line: parses arguments, calls the app, prints; results on standard output, everything else on standard error. */

const { version } = createRequire(import.meta.url)('../package.json') as { version: string }

const program = new Command('deckhand')
  .description('Ask your lakehouse a question, get a grounded slide deck back')
  .version(version)
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'deckhand: ')) })
  .showHelpAfterError('Try: deckhand --help')

program
  .command('ask')
  .description('answer one question and write the deck to a folder')
  .argument('<question>', 'the question, in quotes')
  .option('--thread <name>', 'continue (or start) a conversation under this name')
  .option('--space <id>', 'Genie space: an id, or a name from config.yaml')
  .option('--max-slides <n>', 'most slides of the deck')
  .option('--formats <list>', 'files to make: html,pdf,png')
  .option('--out <dir>', 'folder for the files (default: deck-<time>)')
  .option('--json', 'print one JSON object instead of text')
  .action(runAsk)

async function runAsk(
  question: string,
  options: Omit<AskRequest, 'question'> & { readonly json?: true },
): Promise<void> {
  checkWords({ question, ...options })
  const settings = loadSettings(process.env, join(import.meta.dirname, '../config'))
  const { createApp } = await import('./app.ts') // Loads Chromium's driver, MLflow and more: not for --help.
  await using app = await createApp(settings, process.env)
  using cancel = cancelOnSignals(process)
  const display =
    process.stderr.isTTY && !options.json
      ? createTerminalDisplay(process.stderr, settings.output.language)
      : quietDisplay
  const result = await ask({ question, ...options }, app.shell, display, cancel.signal)
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : `${reportAsText(result)}\n`)
  process.exitCode = exitCodeOf(result)
}

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = report(error)
}

/** One clear line on standard error; the exit code. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  process.stderr.write(`deckhand: ${userMessageOf(error)}\n`)
  if (process.env['LOG_LEVEL'] === 'debug') process.stderr.write(`${describeError(error)}\n`)
  return error instanceof UsageError || error instanceof SettingsError ? 2 : 1
}
