import { pino } from 'pino'

/** Structured log for operators. The first argument holds fields, the second says what happened. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/**
 * JSON lines on standard error; standard output belongs to the command's result. `redact` hides secrets in each line:
 * what other services answer is told to operators, and may repeat what we sent them.
 */
export function createLogger(options: { readonly level: string; readonly redact?: (line: string) => string }): Logger {
  const { level, redact } = options
  const hooks = redact ? { hooks: { streamWrite: redact } } : {}
  return pino({ level, base: null, ...hooks }, pino.destination({ dest: 2, sync: true }))
}

export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
}
