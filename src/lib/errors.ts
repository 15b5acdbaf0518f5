import { inspect } from 'node:util'

/** What every error of ours carries beside `message`, which is for operators and may name internals. */
export interface ErrorDetails {
  /** Plain words for the person in chat or at the shell: what happened and what to do. No internals, no upstream text. */
  readonly userMessage: string
  readonly cause?: unknown
}

/**
 * Base of every error we throw on purpose. Three readers: the person gets `userMessage`, the operator `message` and
 * `cause`, metrics and exit codes get `code`, one word of a closed set that each subclass names.
 */
export abstract class DeckhandError extends Error {
  abstract readonly code: string
  readonly userMessage: string

  constructor(message: string, details: ErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.userMessage = details.userMessage
  }
}

/** What to tell a person about any thrown value. Unknown errors get one honest general sentence. */
export function userMessageOf(error: unknown): string {
  if (error instanceof DeckhandError) return error.userMessage
  return 'Something went wrong on our side. Please try again; if it happens again, tell your administrator.'
}

/** True when `error` is the reason of an aborted signal (cancelled or timed out), however deep it is wrapped. */
export function isAbort(error: unknown): boolean {
  for (let current = error; current instanceof Error; current = current.cause) {
    if (current.name === 'AbortError' || current.name === 'TimeoutError') return true
  }
  return false
}

/** One line for an operator: name, message and the chain of causes. */
export function describeError(error: unknown): string {
  const parts: string[] = []
  for (let current = error; current !== undefined && parts.length < 6;) {
    if (current instanceof Error) {
      parts.push(`${current.name}: ${current.message}`)
      current = current.cause
    } else {
      parts.push(typeof current === 'string' ? current : inspect(current, { depth: 1, breakLength: Infinity }))
      break
    }
  }
  return parts.join(' <- ')
}
