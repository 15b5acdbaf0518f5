import type { Clock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import type { Redact } from '../redact.ts'
import { ReleaseError } from './release-error.ts'
import type { AuditEntry, ReleaseStore } from './store.ts'

/** What somebody tries to do with an environment. */
export type Attempt = Pick<AuditEntry, 'environment' | 'action' | 'who'> & { readonly planHash?: string }

export interface AttemptsDeps {
  readonly store: Pick<ReleaseStore, 'audit'>
  readonly clock: Clock
  readonly log: Logger
  readonly redact: Redact
}

/** Writes the audit of what is tried. */
export interface Attempts {
  readonly entryOf: (attempt: Attempt, result: AuditEntry['result'], detail: string, releaseId?: string) => AuditEntry
  /** Does something that is audited when it is done (with `doneDetail` alone), and when it is refused or fails. */
  readonly audited: <T>(
    attempt: Attempt,
    work: () => Promise<T>,
    doneDetail?: (value: T) => Partial<AuditEntry>,
  ) => Promise<T>
  /** Never rejects: what happened counts, even when it cannot be written down. */
  readonly note: (entry: AuditEntry) => Promise<void>
}

export function createAttempts({ store, clock, log, redact }: AttemptsDeps): Attempts {
  function entryOf(attempt: Attempt, result: AuditEntry['result'], detail: string, releaseId?: string): AuditEntry {
    const { environment, action, who, planHash = null } = attempt
    return { at: clock.now(), environment, action, who, planHash, releaseId: releaseId ?? null, result, detail }
  }

  async function audited<T>(
    attempt: Attempt,
    work: () => Promise<T>,
    doneDetail?: (value: T) => Partial<AuditEntry>,
  ): Promise<T> {
    let value: T
    try {
      value = await work()
    } catch (error) {
      const result = error instanceof ReleaseError && error.code !== 'lease-lost' ? 'refused' : 'failed'
      await note(entryOf(attempt, result, redact(describeError(error))))
      throw error
    }
    if (doneDetail) await note({ ...entryOf(attempt, 'done', ''), ...doneDetail(value) })
    return value
  }

  async function note(entry: AuditEntry): Promise<void> {
    try {
      await store.audit(entry)
    } catch (error) {
      log.error({ audit: entry, error: describeError(error) }, 'An entry of the release audit could not be kept')
    }
  }

  return { entryOf, audited, note }
}
