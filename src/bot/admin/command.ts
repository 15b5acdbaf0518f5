/**
 * What an admin can ask for, on every way in. `environment` is one of mlflow.yaml's `serving`, `version` the number of a
 * model version as text.
 */
export type AdminCommand =
  | { readonly name: 'help' | 'versions' }
  | { readonly name: 'status'; readonly environment?: string }
  | { readonly name: 'smoke' | 'history' | 'unlock' | 'cancel'; readonly environment: string }
  /** `plan`: how the hash of the plan begins. Undefined: there is only one. */
  | { readonly name: 'approve'; readonly environment: string; readonly plan?: string }
  | { readonly name: 'diff'; readonly environment: string; readonly version?: string }
  | { readonly name: 'lock'; readonly environment: string; readonly reason: string }
  | {
      readonly name: 'deploy'
      readonly environment: string
      /** Undefined: the newest. */
      readonly version?: string
      readonly isDryRun: boolean
      /** Who deploys approves, too. */
      readonly approves: boolean
      /** What somebody changed at the endpoint by hand may be lost. */
      readonly acceptsDrift: boolean
      readonly reason: string
    }
  | {
      readonly name: 'rollback'
      readonly environment: string
      /** Undefined: what ran before. */
      readonly version?: string
      readonly isDryRun: boolean
      readonly reason: string
    }

export type CommandName = AdminCommand['name']

/** What a person may be allowed to do in an environment. Looking needs none of these. */
export const rights = ['deploy', 'approve', 'rollback', 'lock'] as const
export type Right = (typeof rights)[number]

/** Those that stand alone, and those with words behind them. */
export const flags = ['dry-run', 'approve', 'accept-drift'] as const
export type Flag = (typeof flags)[number]
export type Option = Flag | 'version' | 'to' | 'plan' | 'reason'

interface Shape {
  /** As people write it, behind the name. */
  readonly usage: string
  readonly does: string
  readonly environment: 'needed' | 'possible' | 'none'
  readonly options: readonly Option[]
}

/** Every command, in the order that help tells them in. */
export const shapes: Readonly<Record<CommandName, Shape>> = {
  status: {
    usage: '[ENV]',
    does: 'what runs where, traffic, aliases, locks, last releases',
    environment: 'possible',
    options: [],
  },
  versions: { usage: '', does: 'the registered versions', environment: 'none', options: [] },
  diff: {
    usage: 'ENV [--to N]',
    does: 'what deploying would change',
    environment: 'needed',
    options: ['to'],
  },
  deploy: {
    usage: 'ENV [--version N] [--dry-run] [--approve] [--accept-drift] [--reason TEXT]',
    does: 'bring a version (the newest) to traffic, smoke-tested, with a way back',
    environment: 'needed',
    options: ['version', 'dry-run', 'approve', 'accept-drift', 'reason'],
  },
  approve: { usage: 'ENV [--plan ID]', does: 'let a planned release begin', environment: 'needed', options: ['plan'] },
  rollback: {
    usage: 'ENV [--to N] [--dry-run] [--reason TEXT]',
    does: 'put back what ran before',
    environment: 'needed',
    options: ['to', 'dry-run', 'reason'],
  },
  smoke: { usage: 'ENV', does: 'ask the endpoint sample questions', environment: 'needed', options: [] },
  history: {
    usage: 'ENV',
    does: 'the last releases, and attempts that were refused',
    environment: 'needed',
    options: [],
  },
  lock: { usage: 'ENV REASON', does: 'let nobody release there', environment: 'needed', options: ['reason'] },
  unlock: { usage: 'ENV', does: 'let people release again', environment: 'needed', options: [] },
  cancel: { usage: 'ENV', does: 'end the release that runs, and go back', environment: 'needed', options: [] },
  help: { usage: '', does: 'this list', environment: 'none', options: [] },
}

export const commandNames = Object.keys(shapes) as readonly CommandName[]

/** Whether it does something to an environment; the others only look. */
export function changesSomething(command: AdminCommand): boolean {
  return rightsFor(command).length > 0
}

/** What its asker needs: of each list, one right is enough. */
export function rightsFor(command: AdminCommand): readonly (readonly Right[])[] {
  switch (command.name) {
    case 'deploy':
      if (command.isDryRun) return []
      return command.approves ? [['deploy'], ['approve']] : [['deploy']]
    case 'approve':
      return [['approve']]
    case 'rollback':
      return command.isDryRun ? [] : [['rollback']]
    case 'cancel':
      return [['deploy', 'rollback']]
    case 'lock':
    case 'unlock':
      return [['lock']]
    case 'help':
    case 'versions':
    case 'status':
    case 'smoke':
    case 'history':
    case 'diff':
      return []
  }
}

/** The command as people write it, without optional words that say what holds anyway. */
export function commandToText(command: AdminCommand): string {
  const words: string[] = [command.name]
  if ('environment' in command && command.environment !== undefined) words.push(command.environment)
  if ('version' in command && command.version !== undefined) {
    words.push(command.name === 'deploy' ? '--version' : '--to', command.version)
  }
  if ('plan' in command && command.plan !== undefined) words.push('--plan', command.plan)
  if ('isDryRun' in command && command.isDryRun) words.push('--dry-run')
  if ('approves' in command && command.approves) words.push('--approve')
  if ('acceptsDrift' in command && command.acceptsDrift) words.push('--accept-drift')
  if ('reason' in command && command.reason !== '') {
    // Last, because the reason goes on until the next option.
    if (command.name !== 'lock') words.push('--reason')
    words.push(quoted(command.reason))
  }
  return words.join(' ')
}

function quoted(text: string): string {
  return `"${text.replaceAll('"', "'")}"`
}
