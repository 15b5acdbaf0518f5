import type { MlflowClient } from './client.ts'
import type { TraceRecord } from './turn/trace-record.ts'

/**
 * Where turns are told to: an MLflow server of one's own, or a Databricks workspace. These interfaces hold what differs
 * between the two; `deliver.ts` knows the order of things. Every method that leaves the process makes no tries of its
 * own beyond what it says, and rejects with MlflowError or with the signal's reason.
 */
export interface Backend {
  /** Without credentials. Names the spool's folder, so that a trace goes to the place it was made for. */
  readonly place: string
  readonly experiments: ExperimentStore
  readonly runs: RunStore
  readonly traces: TraceStore
  /** Absent where prompts are not registered. */
  readonly prompts?: PromptStore | undefined
  readonly links: Links
  /** Calls that are the same wherever MLflow runs: assessments, datasets, searches. */
  readonly rest: Pick<MlflowClient, 'call'>
}

/** An experiment, and where its traces are kept. */
export interface Experiment {
  readonly id: string
  /** Databricks only: the Unity Catalog tables the experiment is bound to. Absent for an ordinary experiment. */
  readonly traceTables?: TraceTables | undefined
}

export interface TraceTables {
  /** `catalog.schema` or `catalog.schema.prefix`. */
  readonly location: string
  /** Full name of the table that takes spans. */
  readonly spans: string
}

export interface ExperimentStore {
  /** The active experiment of this name, or undefined. @throws MlflowError `no-access` when the name belongs to a deleted one */
  find(name: string, signal: AbortSignal): Promise<Experiment | undefined>
  /** @throws MlflowError `already-exists` */
  create(name: string, signal: AbortSignal): Promise<void>
}

export interface RunStart {
  readonly experimentId: string
  readonly name: string
  /** Milliseconds since the epoch. */
  readonly startedAt: number
  readonly tags: Readonly<Record<string, string>>
}

/** One value of a run, cut to MLflow's limits. */
export interface Metric {
  readonly key: string
  readonly value: number
  /** 0 for what is measured once in a turn; else which time it was, from 1. */
  readonly step: number
  /** Milliseconds since the epoch. The same value at the same time and step is stored once: logging again is harmless. */
  readonly at: number
}

/** May be more than one request can carry: see `wire/run-batches.ts`. */
export interface RunData {
  readonly params: Readonly<Record<string, string>>
  readonly tags: Readonly<Record<string, string>>
  readonly metrics: readonly Metric[]
}

/** `KILLED`: a person stopped the turn. */
export type RunStatus = 'FINISHED' | 'FAILED' | 'KILLED'

/** A file of a run. */
export interface Artifact {
  /** Below the run's artifact folder, with `/` between parts. */
  readonly path: string
  /** Media type. */
  readonly contentType: string
  /** Read when its turn comes, so that not all files are in memory at once. */
  read(): Promise<Uint8Array>
}

export interface RunStore {
  /** Returns the run's id. */
  create(run: RunStart, signal: AbortSignal): Promise<string>
  /** The newest run of the experiment with this tag, or undefined. */
  find(experimentId: string, tag: string, value: string, signal: AbortSignal): Promise<string | undefined>
  /** Repeating it changes nothing. */
  log(runId: string, data: RunData, signal: AbortSignal): Promise<void>
  /** Writes the files one after another, over what has the same path. @throws MlflowError `unsupported` for a store we cannot write to */
  putArtifacts(runId: string, artifacts: readonly Artifact[], signal: AbortSignal): Promise<void>
  finish(runId: string, status: RunStatus, endedAt: number, signal: AbortSignal): Promise<void>
}

export interface TraceStore {
  /**
   * Stores a finished turn's trace, info and spans, over what there is of it. Repeating it changes nothing.
   * `beforeStep` is called before each request and throws when the record is no longer ours to send.
   */
  put(
    record: TraceRecord,
    at: { readonly experiment: Experiment; readonly runId: string },
    beforeStep: () => Promise<void>,
    signal: AbortSignal,
  ): Promise<void>
}

/** A prompt as MLflow's registry keeps it. */
export interface PromptContent {
  /** Ours: letters, digits and `_`. */
  readonly name: string
  readonly messages: readonly { readonly role: string; readonly content: string }[]
  /** Equal for equal messages. */
  readonly hash: string
}

export interface PromptVersion {
  /** The registry's. */
  readonly name: string
  /** A number, as text. */
  readonly version: string
}

export interface PromptStore {
  /** The version that holds these messages, made unless the registry has it; listed with the experiment. */
  register(prompt: PromptContent, experimentId: string, signal: AbortSignal): Promise<PromptVersion>
  /** So that the trace is found by its prompts. Repeating it changes nothing. */
  link(traceId: string, versions: readonly PromptVersion[], signal: AbortSignal): Promise<void>
}

/** Addresses in MLflow's page. */
export interface Links {
  trace(experiment: Experiment, traceId: string): string
  run(experiment: Experiment, runId: string): string
}
