import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import type { Secret } from '../lib/secret.ts'
import type { Mailbox } from './mailbox.ts'
import type { Metrics } from './metrics.ts'

export interface QueueSettings {
  readonly turnsPerWorker: number
  readonly lockMs: number
  readonly maxAttempts: number
  readonly maxWaitingPerThread: number
  readonly shutdownMs: number
}

export interface MailboxDeps {
  readonly redisUrl: string | Secret
  readonly settings: QueueSettings
  readonly clock: Clock
  readonly log: Logger
  readonly metrics?: Metrics
}

/** @throws RedisError when Redis cannot be reached */
export async function createMailbox(deps: MailboxDeps): Promise<Mailbox> {
  throw new Error(`The mailbox for ${String(deps.redisUrl)} is being written`)
}
