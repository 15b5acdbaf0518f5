import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Argument, Command, CommanderError, Option } from 'commander'
import { ask } from './bot/shell/ask.ts'
import { checkWords, UsageError, type AskRequest } from './bot/shell/ask-request.ts'
import { createTerminalDisplay, quietDisplay } from './bot/shell/display.ts'
import { exitCodeOf, exitCodeOfError, printError, printResult } from './bot/shell/report.ts'
import { addPackageCommand } from './commands/package.ts'
import { addQualityCommands } from './commands/quality.ts'
import { addRegisterCommand } from './commands/register.ts'
import { addReleaseCommands, releasesToTell, runReleaseCommand } from './commands/release.ts'
import { aborted } from './lib/abort.ts'
import { systemClock } from './lib/clock.ts'
import { programVersion } from './lib/program-version.ts'
import { cancelOnSignals, endSoon, reportBrokenOutput } from './lib/signals.ts'
import { loadBotSections, loadSettings } from './settings.ts'
import { roles, serveProblems, type Role } from './settings/serve-problems.ts'

/** The command line: parses arguments, calls the app, prints; results on standard output, everything else on standard error. */

const configFolder = join(import.meta.dirname, '../config')
const manifestFolder = join(import.meta.dirname, '../manifests')
const streams = { out: process.stdout, err: process.stderr }
// People at a shell read sentences. The log, JSON lines on standard error, is there for whoever asks for it.
const env = { ...process.env, LOG_LEVEL: process.env['LOG_LEVEL'] || 'silent' }

const program = new Command('deckhand')
  .description('Ask your lakehouse a question, get a grounded slide deck back')
  .version(programVersion)
  .enablePositionalOptions() // `eval run --version 7` is not about this program
  .exitOverride()
  .configureOutput({ outputError: (text, write) => write(`${usageLine(text)} Try: deckhand --help\n`) })
  .addHelpText('after', '\nLOG_LEVEL=debug, info, warn or error tells more on standard error.')

program
  .command('ask')
  .description('answer one question and write the deck to a folder')
  .argument('<question...>', 'the question; quotes keep the shell from reading it')
  .option('--thread <name>', 'continue (or start) a conversation under this name')
  .option('--space <id>', 'Genie space: an id, or a name from config.yaml')
  .option('--max-slides <n>', 'most slides of the deck')
  .option('--formats <list>', 'files to make: html,pdf,png,thumbnail,overview,pptx,xlsx,csv')
  .option('--out <dir>', 'folder for the files (default: deck-<time>)')
  .option('--json', 'print one JSON object instead of text')
  .addHelpText(
    'after',
    `
Examples:
  deckhand ask "Revenue by region in 2023"
  deckhand ask --thread sales "Revenue by month in 2023" --out sales
  deckhand ask --thread sales "only EMEA" --out sales

Exit code: 0 answered or asked back, 1 failed or refused, 2 wrong usage or configuration, 130 stopped.`,
  )
  .action(runAsk)

program
  .command('serve')
  .description('answer people on chat platforms and over HTTP, until stopped')
  .addOption(new Option('--role <role>', 'bot takes messages in, worker runs turns').choices([...roles]).default('all'))
  .addHelpText(
    'after',
    `
Any number of bots and workers share one Redis. config/config.yaml says where to listen.

Ctrl-C (SIGINT) or SIGTERM stops: turns that run are finished or handed to another worker. Again: at once.
Exit code: 0 stopped, 1 failed, 2 wrong usage or configuration.`,
  )
  .action(runServe)

program
  .command('status')
  .description('how the service is doing: times, failures, cost, queue, budgets, alerts; or what is released where')
  .argument('[environment]', 'only the releases of this environment, such as prod')
  .option('--hours <n>', 'of turns that ended in the last so many hours, 1 to 840', '24')
  .option('--json', 'print one JSON object instead of text')
  .addHelpText(
    'after',
    `
Figures of all bots and workers, from Redis; the service need not run on this machine.

Exit code: 0 told, 1 Redis cannot be reached, 2 wrong usage or configuration.`,
  )
  .action(runStatus)

program
  .command('manifest')
  .description('write what a chat platform has to know about the app')
  .addArgument(new Argument('<platform>').choices(['slack', 'teams']))
  .option('--url <base>', 'https address that the platform reaches this server at (Slack: none for Socket Mode)')
  .option('--app-id <id>', 'Teams: id of the bot’s registration in Entra (default: teams.app_id of config.yaml)')
  .option('--out <file>', 'write to this file (default: standard output for Slack, deckhand-teams.zip for Teams)')
  .addHelpText(
    'after',
    `
Examples:
  deckhand manifest slack
  deckhand manifest slack --url https://deckhand.example.com --out slack.yaml
  deckhand manifest teams --url https://deckhand.example.com --app-id 11111111-2222-3333-4444-555555555555`,
  )
  .action(runManifest)

interface ManifestOptions {
  readonly url?: string
  readonly appId?: string
  readonly out?: string
}

addPackageCommand(program)
addRegisterCommand(program, env)
addQualityCommands(program, env)
addReleaseCommands(program, env)

async function runManifest(platform: string, options: ManifestOptions): Promise<void> {
  await (platform === 'teams' ? writeTeamsPackage(options) : writeSlackManifest(options))
}

async function writeSlackManifest({ url, out }: ManifestOptions): Promise<void> {
  const { slackManifest } = await import('./bot/slack/manifest.ts')
  const template = await readFile(join(manifestFolder, 'slack.yaml'), 'utf8')
  const manifest = slackManifest(template, url)
  if (out === undefined) process.stdout.write(manifest)
  else await writeFile(out, manifest)
}

async function writeTeamsPackage({ url, appId, out = 'deckhand-teams.zip' }: ManifestOptions): Promise<void> {
  const { teamsPackage } = await import('./bot/teams/manifest.ts')
  const { server, teams } = loadBotSections(process.env, configFolder)
  const [template, color, outline] = await Promise.all([
    readFile(join(manifestFolder, 'teams/manifest.json'), 'utf8'),
    readFile(join(manifestFolder, 'teams/color.png')),
    readFile(join(manifestFolder, 'teams/outline.png')),
  ])
  const app = { url: url ?? server.publicUrl, appId: appId ?? teams.appId }
  await writeFile(out, await teamsPackage({ template, color, outline }, app))
  process.stdout.write(`${out}: in Teams, Apps → Manage your apps → Upload an app\n`)
}

async function runStatus(
  environment: string | undefined,
  options: { readonly hours: string; readonly json?: true },
): Promise<void> {
  if (environment !== undefined) {
    await runReleaseCommand(loadSettings(env, configFolder), env, ['status', environment], options.json === true)
    return
  }
  const hours = Number(options.hours)
  if (!Number.isInteger(hours) || hours < 1 || hours > 840) {
    throw new UsageError(`--hours is "${options.hours}", should be a whole number from 1 to 840`)
  }
  const settings = loadSettings(env, configFolder)
  const [{ serviceStatus }, { statusToText }] = await Promise.all([
    import('./status.ts'),
    import('./bot/monitoring/status/status-text.ts'),
  ])
  using cancel = cancelOnSignals(process)
  const [status, releases] = await Promise.all([
    serviceStatus(settings, env, hours, cancel.signal),
    releasesToTell(settings, env, cancel.signal),
  ])
  process.stdout.write(
    options.json
      ? `${JSON.stringify({ ...status, releases: releases?.data ?? null })}\n`
      : `${statusToText(status)}\n${releases ? `\n${releases.text}\n` : ''}`,
  )
}

async function runServe({ role }: { readonly role: Role }): Promise<void> {
  // A service is read by machines: it logs as the configuration says, also where nobody asked for it.
  const settings = loadSettings(process.env, configFolder, serveProblems(role))
  const { startService } = await import('./service.ts')
  using cancel = cancelOnSignals(process)
  try {
    await using service = await startService(settings, process.env, role, cancel.signal)
    const { url, platforms } = service
    const what =
      role === 'worker'
        ? 'Deckhand worker runs turns; health'
        : `Deckhand listens (${['links', ...platforms].join(', ')})`
    process.stdout.write(`${what}: ${url}\n`)
    await aborted(cancel.signal)
  } catch (error) {
    if (!cancel.signal.aborted) throw error // who stops it before it is up has what they wanted
  }
}

async function runAsk(
  words: readonly string[],
  options: Omit<AskRequest, 'question'> & { readonly json?: true },
): Promise<void> {
  const request = { ...options, question: words.join(' ') }
  checkWords(request)
  const settings = loadSettings(env, configFolder)
  const { createApp } = await import('./app.ts') // Loads Chromium's driver, MLflow and more: not for --help.
  await using app = await createApp(settings, env)
  using cancel = cancelOnSignals(process)
  const display =
    process.stderr.isTTY && !options.json
      ? createTerminalDisplay(process.stderr, settings.output.language, systemClock)
      : quietDisplay
  const result = await ask(request, app.shell, display, cancel.signal)
  process.exitCode = exitCodeOf(result)
  printResult(result, streams, { json: options.json === true, env: process.env })
}

reportBrokenOutput(process)
try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2 // it has said itself what is wrong
  } else {
    printError(error, streams, process.env)
    process.exitCode = exitCodeOfError(error)
  }
}
endSoon(process)

/** What commander has against the arguments, as one sentence in our voice. */
function usageLine(text: string): string {
  return text
    .trim()
    .replace(/^error: /, 'deckhand: ')
    .replaceAll(/\s*\n\s*/g, ' ')
    .replace(/\.?$/, '.')
}
