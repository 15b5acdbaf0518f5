import { commandNames } from './command.ts'
import { splitWords } from './split-words.ts'

/** Nobody asks data about these. The others are words of questions, too: "history of revenue", "status of orders". */
const unmistakable: ReadonlySet<string> = new Set(['deploy', 'rollback', 'approve', 'unlock'])
/** Alone these mean something else in a chat: what the bot can do, and to stop. */
const alsoOurs: ReadonlySet<string> = new Set(['help', 'cancel'])

/**
 * Where questions are asked, too: the words of a command, without "/deckhand" before it, which makes anything one;
 * undefined when it is a question, or other words to the bot.
 */
export function commandWithin(text: string, environments: readonly string[]): string | undefined {
  const named = /^\/deckhand(\s+|$)/i.exec(text.trim())
  if (named) return text.trim().slice(named[0].length)
  const [first = '', second, ...more] = splitWords(text).map((word) => word.text.toLowerCase())
  if (!(commandNames as readonly string[]).includes(first)) return undefined
  if (unmistakable.has(first)) return text
  if (second === undefined) return alsoOurs.has(first) ? undefined : text
  const canGoOn = first === 'lock' || first === 'diff' || more.length === 0
  return environments.includes(second) && canGoOn ? text : undefined
}
