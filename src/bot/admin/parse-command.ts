import { type AdminCommand, commandNames, type CommandName, type Flag, flags, type Option, shapes } from './command.ts'
import { nearestWord } from './nearest.ts'
import { splitWords, type Word } from './split-words.ts'

/** `problem`: one line for who wrote it, what is wrong and what would be right. */
export type ParsedCommand = { readonly command: AdminCommand } | { readonly problem: string }

/** What one may call a command, too. */
const otherNames: Readonly<Record<string, CommandName>> = { '?': 'help', 'roll-back': 'rollback', promote: 'deploy' }
const behind = { version: 'a version', to: 'a version', plan: 'the id of a plan', reason: 'a text' } as const
const longestReason = 300

/** The words of somebody who means a command; `environments` are those there are. Never throws. */
export function parseCommand(text: string, environments: readonly string[]): ParsedCommand {
  try {
    const [first, ...rest] = splitWords(text)
    if (!first) return { command: { name: 'help' } }
    const name = nameOf(first.text)
    return { command: build(name, readWords(name, rest), environments) }
  } catch (error) {
    if (error instanceof Misunderstood) return { problem: error.message }
    throw error
  }
}

class Misunderstood extends Error {}

interface Written {
  readonly plain: readonly string[]
  readonly given: ReadonlyMap<Option, string>
}

function nameOf(written: string): CommandName {
  const word = written.toLowerCase()
  const name = commandNames.find((each) => each === word) ?? otherNames[word]
  if (name) return name
  const meant = nearestWord(word, commandNames)
  const hint = meant ? `did you mean "${meant}"?` : '"help" lists them all.'
  throw new Misunderstood(`There is no command "${clip(written)}": ${hint}`)
}

/** Sorts options from the other words. A reason goes on until the next option. */
function readWords(name: CommandName, words: readonly Word[]): Written {
  const plain: string[] = []
  const given = new Map<Option, string>()
  for (let index = 0; index < words.length; index++) {
    const word = words[index]
    if (!word) break
    if (!isOption(word)) {
      plain.push(word.text)
      continue
    }
    const [written = '', attached] = word.text.slice(2).split(/=(.*)/s)
    const option = optionOf(name, written)
    if (given.has(option)) throw new Misunderstood(`--${option} is there twice, should be once.`)
    if (isFlag(option)) {
      if (attached !== undefined) throw new Misunderstood(`--${option} stands alone, without "=${clip(attached)}".`)
      given.set(option, '')
      continue
    }
    const values = attached === undefined ? [] : [attached]
    for (;;) {
      const next = words[index + 1]
      if (!next || isOption(next) || (option !== 'reason' && values.length > 0)) break
      values.push(next.text)
      index += 1
    }
    if (values.length === 0) throw new Misunderstood(`--${option} needs ${behind[option]} behind it.`)
    given.set(option, values.join(' '))
  }
  return { plain, given }
}

function isFlag(option: Option): option is Flag {
  return (flags as readonly Option[]).includes(option)
}

function isOption({ text, isQuoted }: Word): boolean {
  return !isQuoted && text.startsWith('--') && text.length > 2
}

function optionOf(name: CommandName, written: string): Option {
  const word = written.toLowerCase()
  const known = shapes[name].options
  const option = known.find((each) => each === word)
  if (option) return option
  const meant = nearestWord(word, known)
  const list = known.map((each) => `--${each}`).join(', ')
  const hint = meant ? `did you mean --${meant}?` : known.length === 0 ? 'it takes none.' : `it takes ${list}.`
  throw new Misunderstood(`"${name}" has no option --${clip(written)}: ${hint}`)
}

function build(name: CommandName, { plain, given }: Written, environments: readonly string[]): AdminCommand {
  const [first, ...rest] = plain
  const isReasonPlain = name === 'lock'
  if (shapes[name].environment === 'none') {
    // "help deploy" is no mistake.
    if (first !== undefined && name !== 'help') throw tooMany(name, first)
    return { name: name as 'help' | 'versions' }
  }
  if (!isReasonPlain && rest[0] !== undefined) throw tooMany(name, rest[0])
  if (first === undefined) {
    if (name === 'status') return { name }
    throw new Misunderstood(`"${name}" needs an environment: ${environments.join(' or ')}.`)
  }
  const environment = environmentOf(first, environments)
  const reason = reasonOf(given.get('reason') ?? '')
  const version = versionOf(given)
  const isDryRun = given.has('dry-run')
  switch (name) {
    case 'deploy':
      return {
        name,
        environment,
        ...version,
        isDryRun,
        approves: given.has('approve'),
        acceptsDrift: given.has('accept-drift'),
        reason,
      }
    case 'rollback':
      return { name, environment, ...version, isDryRun, reason }
    case 'approve':
      return { name, environment, ...planOf(given) }
    case 'diff':
      return { name, environment, ...version }
    case 'lock': {
      const why = reasonOf(reason || rest.join(' '))
      if (why === '') throw new Misunderstood(`"lock" needs a reason for others to read: lock ${environment} REASON.`)
      return { name, environment, reason: why }
    }
    default:
      return { name, environment }
  }
}

function environmentOf(written: string, environments: readonly string[]): string {
  const word = written.toLowerCase()
  const known = environments.find((each) => each === word)
  if (known) return known
  const meant = nearestWord(word, environments)
  throw new Misunderstood(
    `There is no environment "${clip(written)}"${meant ? `, did you mean "${meant}"?` : '.'} There are ${environments.join(', ')}.`,
  )
}

function versionOf(given: Written['given']): { readonly version?: string } {
  for (const option of ['version', 'to'] as const) {
    const written = given.get(option)
    if (written === undefined) continue
    const version = /^v?0*([1-9]\d{0,9})$/i.exec(written)?.[1]
    if (version === undefined) {
      throw new Misunderstood(
        `--${option} is "${clip(written)}", should be the number of a version; "versions" lists them.`,
      )
    }
    return { version }
  }
  return {}
}

function planOf(given: Written['given']): { readonly plan?: string } {
  const plan = given.get('plan')?.toLowerCase()
  if (plan === undefined) return {}
  if (/^[\da-f]{4,64}$/.test(plan)) return { plan }
  throw new Misunderstood(
    `--plan is "${clip(plan)}", should be the id of a plan, such as 0123abcd; "status" lists them.`,
  )
}

/** On one line, for lists. */
function reasonOf(text: string): string {
  const reason = text.replaceAll(/\s+/g, ' ').trim()
  if (reason.length > longestReason) {
    throw new Misunderstood(`The reason has ${reason.length} characters, should have ${longestReason} at most.`)
  }
  return reason
}

function tooMany(name: CommandName, word: string): Misunderstood {
  const { usage } = shapes[name]
  return new Misunderstood(
    `"${clip(word)}" is too much: ${usage === '' ? `"${name}" stands alone` : `${name} ${usage}`}.`,
  )
}

function clip(text: string): string {
  return text.length > 40 ? `${text.slice(0, 39)}…` : text
}
