import type { FigureSums } from '../figure-sums.ts'

/** Everything that alerts are judged by, at one moment. */
export interface Situation {
  /** Milliseconds since the epoch. */
  readonly at: number
  /** The turns of all workers that ended within the window. */
  readonly window: FigureSums
  readonly windowMs: number
  /** What all turns of the day have cost, in US dollars. */
  readonly todayUsd: number
  /** How long the oldest question that no worker has taken up waits; 0 when none does. */
  readonly oldestWaitMs: number
  readonly waitingMessages: number
  /** What waits for MLflow on the disks of all machines; undefined when none has told lately. */
  readonly spool: { readonly traces: number; readonly bytes: number; readonly oldestMs: number } | undefined
  /** Endpoints that are watched, as they say themselves. */
  readonly endpoints: readonly EndpointState[]
}

export interface EndpointState {
  readonly name: string
  /** `unknown`: it could not be asked, or not by us. */
  readonly state: 'ready' | 'down' | 'unknown'
  /** The reason in words, for operators; '' when it is ready. */
  readonly why: string
}
