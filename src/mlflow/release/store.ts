import { z } from 'zod'
import { type EnvironmentRecord, type HistoryEntry, type Operation, Person } from './operation.ts'
import type { Plan } from './plan.ts'

export type { Person }

/** The right to change an environment, for one process at a time. */
export interface Lease {
  readonly environment: string
  /** Grows with each lease of the environment. Everything written under an older one is refused. */
  readonly fence: number
}

export const Approval = z.object({ planHash: z.string(), who: Person, at: z.number() })
export type Approval = z.infer<typeof Approval>

export const Lock = z.object({ who: Person, reason: z.string(), at: z.number() })
export type Lock = z.infer<typeof Lock>

/** One line for each thing that was done, or refused. */
export const AuditEntry = z.object({
  at: z.number(),
  who: Person,
  environment: z.string(),
  action: z.enum(['plan', 'approve', 'deploy', 'rollback', 'resume', 'cancel', 'lock', 'unlock']),
  /** `failed`: it returned to what was before, or broke off and waits to be resumed. */
  result: z.enum(['started', 'done', 'refused', 'failed']),
  planHash: z.string().nullable(),
  releaseId: z.string().nullable(),
  /** One line for operators. */
  detail: z.string(),
})
export type AuditEntry = z.infer<typeof AuditEntry>

/**
 * What releases remember, in whichever process they run. Everything that takes a lease rejects with ReleaseError
 * `lease-lost`, and writes nothing, when the lease is no longer the environment's.
 */
export interface ReleaseStore {
  /** → undefined while another process has it */
  acquire(environment: string, ms: number): Promise<Lease | undefined>
  /** → whether somebody wants the release cancelled */
  renew(lease: Lease, ms: number): Promise<{ readonly cancelledBy: Person | undefined }>
  release(lease: Lease): Promise<void>
  isHeld(environment: string): Promise<boolean>

  /** An id for the next release. */
  nextId(environment: string): Promise<string>
  /** The release that is under way. */
  findOperation(environment: string): Promise<Operation | undefined>
  /** Begins a release, uses its plan up and notes it in the audit, all or nothing. */
  begin(lease: Lease, operation: Operation, entry: AuditEntry): Promise<void>
  write(lease: Lease, operation: Operation): Promise<void>
  /** Ends a release: record, history and audit, all or nothing. */
  end(lease: Lease, record: EnvironmentRecord, entry: HistoryEntry, audit: AuditEntry): Promise<void>
  /** Wants the release of this id cancelled. → false when it is not the one under way */
  cancel(environment: string, operationId: string, who: Person): Promise<boolean>

  /** Undefined when we have not released there, or have forgotten. */
  findRecord(environment: string): Promise<EnvironmentRecord | undefined>
  /** Newest first. */
  history(environment: string, count: number): Promise<readonly HistoryEntry[]>

  /** Kept until it expires. */
  keepPlan(plan: Plan): Promise<void>
  findPlan(environment: string, hash: string): Promise<Plan | undefined>
  /** Newest first. */
  listPlans(environment: string): Promise<readonly Plan[]>
  /** Kept as long as its plan. → the approval that was first; undefined when the plan is gone */
  approve(environment: string, approval: Approval): Promise<Approval | undefined>
  findApproval(environment: string, planHash: string): Promise<Approval | undefined>

  /** → the lock that was first */
  lock(environment: string, lock: Lock): Promise<Lock>
  findLock(environment: string): Promise<Lock | undefined>
  /** → what was there */
  unlock(environment: string): Promise<Lock | undefined>

  audit(entry: AuditEntry): Promise<void>
  /** Newest first. */
  listAudit(environment: string, count: number): Promise<readonly AuditEntry[]>
}
