import type { RegisteredFolder } from './registry.ts'
import type { HistoryEntry } from './release/operation.ts'
import type { Drift } from './release/drift.ts'
import type { Plan } from './release/plan.ts'
import type { Approval, AuditEntry, Lock, Person } from './release/store.ts'
import type { EndpointConfig } from './serving.ts'

export type { Approval, AuditEntry, Drift, HistoryEntry, Lock, Person, Plan }

/**
 * Brings model versions to traffic and back, one environment at a time.
 *
 * What a release does is a list of steps, kept in Redis: each is written there before it begins and when it is done. A step
 * looks before it acts, so doing it again does no harm. That is why a release survives the death of its process: whoever
 * comes next reads how far it got and goes on, or back. Users see the earlier version until the new one has passed its
 * smoke test, and again when anything fails.
 *
 * deploy: register, configure, wait, smoke, [hold, configure, wait …], aliases. A failure turns it round: configure-back,
 * wait-back, aliases-back. See docs/decisions/0012.
 *
 * Every method rejects with ReleaseError when it refuses, and with ServingError, RegistryError or RedisError when it cannot
 * look. Whatever changes something, or wanted to, is in the audit.
 */
export interface Releases {
  /** What a deploy would do. Changes nothing; good for an hour, unless it is a dry run. */
  plan(environment: string, wish: Wish, who: Person, options?: CallOptions): Promise<Plan>
  /** A second person's yes to exactly this plan. */
  approve(environment: string, planHash: string, who: Person): Promise<Approval>
  /** Does what the plan says, if everything still is as it was planned. */
  deploy(environment: string, planHash: string, who: Person, options?: DeployOptions): ReleaseRun
  /** What a rollback would put back. Changes nothing. */
  previewRollback(environment: string, options?: RollbackOptions): Promise<WayBack>
  /** Puts back what served before; again, what served before that. Needs no approval. */
  rollback(environment: string, who: Person, options?: RollbackOptions & RunOptions): ReleaseRun
  /**
   * Goes on with releases whose process is gone, in all environments; none is touched whose process lives. Releases and
   * rollbacks call it for their environment before they begin.
   */
  resume(who: Person, options?: RunOptions): Promise<readonly ReleaseRun[]>
  /** Tells a release to turn back, in whichever process it runs. Too late once aliases move. */
  cancel(environment: string, who: Person): Promise<{ readonly releaseId: string }>
  /** Of one environment, or of all. */
  status(environment?: string, signal?: AbortSignal): Promise<readonly EnvironmentStatus[]>
  /** Newest first. */
  history(environment: string, count?: number): Promise<readonly HistoryEntry[]>
  /** Newest first. */
  audit(environment: string, count?: number): Promise<readonly AuditEntry[]>
  /** Nobody else releases or rolls back there until it is unlocked. */
  lock(environment: string, who: Person, reason: string): Promise<Lock>
  unlock(environment: string, who: Person): Promise<Lock>
  /** Asks what serves now the questions of the smoke test. */
  smoke(environment: string, signal: AbortSignal): Promise<readonly SmokeAnswer[]>
}

/** What somebody wants to have served. */
export interface Wish {
  /** A registered version. Undefined: that of `folder`, or the newest that is ready. */
  readonly version?: string
  /** A packaged model, registered as the first step unless its content is known already. */
  readonly folder?: RegisteredFolder
  readonly reason?: string
  /** The endpoint was changed by hand, and that may be lost. */
  readonly acceptsDrift?: boolean
}

export interface CallOptions {
  readonly isDryRun?: boolean
  readonly signal?: AbortSignal
}

export interface RunOptions {
  /**
   * Ends the work where it stands: the next process goes on with it. To turn a release back use {@link Releases.cancel}.
   */
  readonly signal?: AbortSignal
}

export interface DeployOptions extends RunOptions {
  /** Who deploys may approve, and does: `--approve` in the shell. The caller has checked the right to. */
  readonly approves?: boolean
}

export interface RollbackOptions {
  /** A version that has served here. Undefined: what served before. */
  readonly to?: string
  readonly reason?: string
}

/** What a rollback puts in place of what. */
export interface WayBack {
  readonly from: string | undefined
  readonly to: string | undefined
  readonly config: EndpointConfig
}

/**
 * A release at work. It goes on whether or not anybody listens. Iterating gives what is being done, from the beginning; it
 * ends when the work does, and never throws.
 */
export interface ReleaseRun extends AsyncIterable<ReleaseEvent> {
  readonly environment: string
  /** Rejects with ReleaseError when the release was refused, and with the signal's reason. */
  readonly result: Promise<ReleaseResult>
}

export interface ReleaseEvent {
  readonly step: StepName | 'begin' | 'turn-back'
  readonly state: 'started' | 'progress' | 'done' | 'failed'
  /** Plain words for the person who waits; '' when the step says it all. */
  readonly detail: string
  /** Which step it is, from 1, and of how many in this direction. Zero beside `begin` and `turn-back`. */
  readonly index: number
  readonly count: number
  /** Milliseconds since the epoch. */
  readonly at: number
}

export type StepName =
  | 'register'
  | 'configure'
  | 'wait'
  | 'smoke'
  | 'hold'
  | 'alias-previous'
  | 'alias-champion'
  | 'configure-back'
  | 'wait-back'
  | 'alias-champion-back'
  | 'alias-previous-back'

export interface EndOfRelease {
  readonly releaseId: string
  readonly kind: 'deploy' | 'rollback'
  readonly environment: string
  /** The version it was about; undefined when it was not registered yet, or when there is nothing to go back to. */
  readonly version: string | undefined
}

export type ReleaseResult =
  /** The version serves, aliases point to it. `warnings` in plain words. */
  | (EndOfRelease & { readonly outcome: 'released'; readonly warnings: readonly string[] })
  /** All is as it was before. */
  | (EndOfRelease & { readonly outcome: 'returned' } & Failure)
  /** The way back is not done yet: `resume`, or the next command, goes on with it. */
  | (EndOfRelease & { readonly outcome: 'unfinished' } & Failure)

export interface Failure {
  readonly failedStep: StepName
  /** For operators. */
  readonly reason: string
  /** For the person in chat. */
  readonly userMessage: string
  /** The end of what the build or the model printed, without secrets; '' when nothing is known. */
  readonly logTail: string
}

export interface EnvironmentStatus {
  readonly environment: string
  readonly endpointName: string
  readonly endpointLink: string
  /** Undefined: there is no endpoint. */
  readonly endpoint: { readonly isReady: boolean; readonly update: string } | undefined
  /** With their traffic, most first. */
  readonly serving: readonly { readonly version: string; readonly trafficPercent: number }[]
  readonly champion: string | undefined
  readonly previous: string | undefined
  readonly drift: Drift
  readonly lock: Lock | undefined
  /** `isHeld`: a process works on it; otherwise it waits to be resumed. */
  readonly running:
    | {
        readonly releaseId: string
        readonly kind: 'deploy' | 'rollback'
        readonly who: Person
        readonly startedAt: number
        readonly direction: 'forward' | 'back'
        readonly isHeld: boolean
      }
    | undefined
  /** Plans of the last hour, newest first. */
  readonly plans: readonly { readonly plan: Plan; readonly approval: Approval | undefined }[]
  readonly last: readonly HistoryEntry[]
}

/** How the served model answered one question of the smoke test. */
export interface SmokeAnswer {
  readonly question: string
  /** What is wrong with the answer, for operators; undefined: nothing. */
  readonly problem: string | undefined
  readonly slideCount: number
  readonly traceUrl: string
  readonly tookMs: number
}
