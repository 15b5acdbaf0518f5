import { goalOf } from './configs.ts'
import type { EnvironmentRecord, HistoryEntry, Operation, ServedState } from './operation.ts'
import { aliasesAfter } from './steps.ts'

/** What is kept of a release that is over, and what it means for the next. */
export function finalState(
  operation: Operation,
  record: EnvironmentRecord | undefined,
  now: number,
): { readonly record: EnvironmentRecord; readonly entry: HistoryEntry } {
  const { before, failure } = operation
  const isReleased = operation.direction === 'forward'
  const served: ServedState | null = isReleased
    ? {
        version: operation.version,
        config: operation.shown ?? goalOf(operation),
        aliases: aliasesAfter(operation),
      }
    : before
  const { id, kind, environment, who, approvedBy, reason, planHash, startedAt, version, warnings, log } = operation
  return {
    record: {
      expected: served?.config ?? null,
      wayBack: isReleased ? operation.wayBackAfter : (record?.wayBack ?? []),
    },
    entry: {
      id,
      kind,
      environment,
      who,
      approvedBy,
      reason,
      planHash,
      startedAt,
      version,
      warnings,
      log,
      endedAt: now,
      outcome: isReleased ? 'released' : 'returned',
      from: before?.version ?? null,
      served,
      failure,
    },
  }
}
