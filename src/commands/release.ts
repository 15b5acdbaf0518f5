import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Command } from 'commander'
import type { CommandResult } from '../bot/admin/admin-desk.ts'
import type { Identity } from '../bot/admin/admins.ts'
import { commandNames, type CommandName, shapes } from '../bot/admin/command.ts'
import { UsageError } from '../bot/shell/ask-request.ts'
import { printable } from '../bot/shell/printable.ts'
import { createReleaseDisplay } from '../bot/shell/release-display.ts'
import { userMessageOf } from '../lib/errors.ts'
import { cancelOnSignals } from '../lib/signals.ts'
import { loadSettings, type Settings } from '../settings.ts'
import { hasEndpoint } from '../settings/has-endpoint.ts'

const configFolder = join(import.meta.dirname, '../../config')
/** Those that stand elsewhere: `status` tells of the service, too, and `help` is the program's own. */
const elsewhere: ReadonlySet<CommandName> = new Set(['status', 'help'])

const examples: Partial<Record<CommandName, string>> = {
  deploy: `
Examples:
  deckhand deploy dev
  deckhand deploy prod --dry-run
  deckhand deploy prod --version 7 --approve --reason "new prompts"

Without --version the newest registered version (deckhand register makes one). Ctrl-C leaves the release where it stands:
the next command for that environment goes on with it, deckhand cancel turns it back.`,
  rollback: `
Examples:
  deckhand rollback prod --reason "numbers are wrong"
  deckhand rollback prod --to 6`,
}

/** `deckhand deploy`, `rollback` and the other commands about releases. `env` as `main` reads it. */
export function addReleaseCommands(program: Command, env: NodeJS.ProcessEnv): void {
  for (const name of commandNames) {
    if (elsewhere.has(name)) continue
    const { usage, does } = shapes[name]
    program
      .command(name)
      .description(does)
      .usage(`${usage} [--json]`.trim())
      // One parser reads them all, here and in chat.
      .argument('[words...]')
      .allowUnknownOption()
      .option('--json', 'print one JSON object instead of text')
      .addHelpText(
        'after',
        `${examples[name] ?? ''}
Exit code: 0 done, 1 refused, failed or waiting for approval, 2 wrong usage or configuration, 130 stopped.`,
      )
      .action(async (words: readonly string[], { json }: { readonly json?: true }) => {
        await runReleaseCommand(loadSettings(env, configFolder), env, [name, ...words], json === true)
      })
  }
}

/** Carries out a command of whoever is at this shell, prints what came of it and sets the exit code. @throws UsageError */
export async function runReleaseCommand(
  settings: Settings,
  env: NodeJS.ProcessEnv,
  words: readonly string[],
  json: boolean,
): Promise<void> {
  const { createReleaseApp } = await import('../release-app.ts')
  await using app = await createReleaseApp(settings, env)
  using cancel = cancelOnSignals(process)
  const considered = await app.desk.consider(whoIsHere(), words.map(quoted).join(' '))
  if (considered.kind === 'not-understood') throw new UsageError(considered.text)
  if (considered.kind !== 'allowed') {
    process.stderr.write(`deckhand: ${printable(considered.text)}\n`)
    process.exitCode = 1
    return
  }
  using display = createReleaseDisplay(process.stderr)
  try {
    const result = await considered.run({ signal: cancel.signal, onProgress: (line) => display.show(line) })
    display[Symbol.dispose]()
    process.stdout.write(`${json ? JSON.stringify(result.data) : result.text.split('\n').map(printable).join('\n')}\n`)
    process.exitCode = result.isOk ? 0 : 1
  } catch (error) {
    if (!cancel.signal.aborted) throw error
    process.stderr.write('deckhand: stopped. A release that had begun waits where it stands; status tells.\n')
    process.exitCode = 130
  }
}

/**
 * What is released where, beside the status of the service; undefined where there is nothing to release to. Never rejects
 * but with the signal's reason: what else there is to tell should be told.
 */
export async function releasesToTell(
  settings: Settings,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Pick<CommandResult, 'text' | 'data'> | undefined> {
  if (!hasEndpoint(settings)) return undefined
  try {
    const { createReleaseApp } = await import('../release-app.ts')
    await using app = await createReleaseApp(settings, env)
    const considered = await app.desk.consider(whoIsHere(), 'status')
    if (considered.kind === 'allowed') return await considered.run({ signal, onProgress: () => undefined })
    return { text: considered.text, data: { problem: considered.text } }
  } catch (error) {
    signal.throwIfAborted()
    const problem = `What is released cannot be told: ${userMessageOf(error)}`
    return { text: problem, data: { problem } }
  }
}

function whoIsHere(): Identity {
  return `shell:${userInfo().username}`
}

/** An argument as the parser for typed words reads it. */
function quoted(argument: string): string {
  const [, option, value] = /^(--[\w-]+)=(.*)$/s.exec(argument) ?? []
  if (option !== undefined && value !== undefined) return `${option} ${quoted(value)}`
  return /^[\w.-]+$/.test(argument) ? argument : `"${argument.replaceAll('"', "'")}"`
}
