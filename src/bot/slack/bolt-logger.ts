import { type Logger as BoltLogger, LogLevel } from '@slack/bolt'
import type { Logger } from '../../lib/log.ts'

/** Bolt's words in our log. It says much that is no news to an operator: its levels count one less here. */
export function toBoltLogger(log: Logger): BoltLogger {
  const words = (parts: readonly unknown[]): string => `Bolt: ${parts.map(String).join(' ')}`
  return {
    debug() {},
    info: (...parts) => log.debug({}, words(parts)),
    warn: (...parts) => log.info({}, words(parts)),
    error: (...parts) => log.warn({}, words(parts)),
    setLevel() {},
    getLevel: () => LogLevel.INFO,
    setName() {},
  }
}
