import { pino } from 'pino'

/** Structured log for operators. The first argument holds fields, the second says what happened. */
export interface Logger {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** JSON lines on standard error; standard output belongs to the command's result. */
export function createLogger(options: { readonly level: string }): Logger {
  return pino({ level: options.level, base: null }, pino.destination({ dest: 2, sync: true }))
}

export const silentLogger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error() {},
}
