import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import type { Json } from '../../mlflow/tracing.ts'
import type { Admin, Admins, Identity } from './admins.ts'
import type { AuditLog, AuditRecord } from './audit-log.ts'
import { type AdminCommand, changesSomething, commandToText, type Right, rightsFor } from './command.ts'
import { commandWithin } from './command-within.ts'
import { helpText } from './help-text.ts'
import { parseCommand } from './parse-command.ts'

/** Something that goes on while a command is carried out. A later one with the same key stands for the earlier. */
export interface ProgressLine {
  readonly key: string
  /** One line of text without markup. */
  readonly text: string
  readonly state: 'running' | 'done' | 'failed'
}

/** What a command came to. */
export interface CommandResult {
  readonly isOk: boolean
  /** For a person: lines of text without markup. */
  readonly text: string
  /** For a script. */
  readonly data: Json
  /** A plan that waits for another admin. */
  readonly approval?: { readonly environment: string; readonly plan: string }
}

export interface RunOptions {
  readonly signal: AbortSignal
  readonly onProgress: (line: ProgressLine) => void
}

/** Carries out what an admin may do. @throws ReleaseError and what else stands in its way, or the signal's reason */
export type CarryOut = (command: AdminCommand, admin: Admin, options: RunOptions) => Promise<CommandResult>

/** What is to be done about somebody's words. */
export type Considered =
  /** One answer, and that is all. */
  | { readonly kind: 'help' | 'refused' | 'not-understood'; readonly text: string }
  | {
      readonly kind: 'allowed'
      readonly command: AdminCommand
      readonly admin: Admin
      /** Worth a question before it is run. */
      readonly changesSomething: boolean
      /** Keeps the attempt, then carries it out. What cannot be kept is not carried out. */
      run(options: RunOptions): Promise<CommandResult>
    }

/** Where commands of admins come in, from every platform. */
export interface AdminDesk {
  /**
   * Who may not, or is not understood, is kept as an attempt at once; what is allowed, when it is run: who looks at the
   * question before it and thinks better of it has tried nothing. @throws what Redis throws when an attempt cannot be kept
   */
  consider(identity: Identity, words: string): Promise<Considered>
  /**
   * The words of a command, where people ask questions, too; undefined when it is none. Only an admin's words are one, but
   * for those that begin with "/deckhand": then a stranger is refused.
   */
  find(identity: Identity, text: string): string | undefined
}

export interface AdminDeskDeps {
  readonly environments: readonly string[]
  readonly admins: Admins
  readonly audit: AuditLog
  readonly carryOut: CarryOut
  readonly clock: Clock
  readonly log: Logger
}

/** Says nothing of what there is. */
const toStrangers = 'I take commands from administrators only. Ask whoever runs Deckhand to make you one.'
const longestKept = 500

const doing: Readonly<Record<Right, string>> = {
  deploy: 'deploy to',
  approve: 'approve releases to',
  rollback: 'roll back',
  lock: 'lock or unlock',
}

export function createAdminDesk(deps: AdminDeskDeps): AdminDesk {
  const { environments, admins, audit, carryOut, clock, log } = deps

  async function keep(
    identity: Identity,
    attempt: Omit<AuditRecord, 'at' | 'identity' | 'environment'> & { readonly environment?: string | undefined },
  ): Promise<void> {
    const { environment, ...rest } = attempt
    const command = rest.command.slice(0, longestKept).toWellFormed()
    const about = environment === undefined ? {} : { environment }
    await audit.append({ ...rest, command, ...about, at: clock.now(), identity })
    log.info(
      { identity, outcome: rest.outcome, command: command.split(' ')[0], ...about },
      'An admin command was given',
    )
  }

  return {
    find(identity, text) {
      const words = commandWithin(text, environments)
      return words !== text || admins.find(identity) ? words : undefined
    },

    async consider(identity, words) {
      const admin = admins.find(identity)
      const parsed = parseCommand(words, environments)
      const environment =
        'command' in parsed && 'environment' in parsed.command ? parsed.command.environment : undefined
      if (!admin) {
        await keep(identity, { person: '', command: words, environment, outcome: 'refused', why: 'is no admin' })
        return { kind: 'refused', text: toStrangers }
      }
      const { person } = admin
      if ('problem' in parsed) {
        await keep(identity, { person, command: words, outcome: 'not-understood', why: parsed.problem })
        return { kind: 'not-understood', text: parsed.problem }
      }
      const { command } = parsed
      const attempt = { person, command: commandToText(command), environment }
      const why = refusal(command, admin)
      if (why !== undefined) {
        await keep(identity, { ...attempt, outcome: 'refused', why })
        return { kind: 'refused', text: why }
      }
      if (command.name === 'help') {
        await keep(identity, { ...attempt, outcome: 'allowed', why: '' })
        return { kind: 'help', text: helpText(prefixOf(identity), environments) }
      }
      return {
        kind: 'allowed',
        command,
        admin,
        changesSomething: changesSomething(command),
        async run(options) {
          await keep(identity, { ...attempt, outcome: 'allowed', why: '' })
          return await carryOut(command, admin, options)
        },
      }
    },
  }

  /** Why not, in one line; undefined when nothing speaks against it. */
  function refusal(command: AdminCommand, admin: Admin): string | undefined {
    if (command.name === 'deploy' && command.approves && !admin.identity.startsWith('shell:')) {
      return '--approve is for the shell. Leave it out: another admin approves the plan here.'
    }
    if (!('environment' in command) || command.environment === undefined) return undefined
    const { environment } = command
    const missing = rightsFor(command).find((any) => !any.some((right) => admins.may(admin, right, environment)))
    const [right] = missing ?? []
    if (!missing || !right) return undefined
    const others = [...new Set(missing.flatMap((each) => admins.whoMay(each, environment)))]
    const may = others.length === 0 ? 'nobody may' : `${others.join(', ')} may`
    return `You may not ${doing[right]} ${environment}; ${may} (admins in config.yaml).`
  }
}

/** What one writes before a command where it comes from. */
function prefixOf(identity: Identity): string {
  if (identity.startsWith('slack:')) return '/deckhand'
  return identity.startsWith('shell:') ? 'deckhand' : ''
}
