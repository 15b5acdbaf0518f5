import type { TableSpan } from './otlp.ts'

/** Whose storage the workspace signs for; Azure has two kinds of it. */
export const clouds = ['aws', 'gcp', 'azure-blob', 'azure-data-lake'] as const
export type Cloud = (typeof clouds)[number]

/** What an administrator does to the sandbox's MLflow, and what can be read back of what was written. */
export interface SandboxMlflow {
  /** Where the signed addresses lead: another server than the workspace. */
  readonly storageUrl: string
  /** Undefined for an experiment that there is not, or that was deleted. */
  experiment(name: string): StoredExperiment | undefined
  /**
   * Makes the experiment, its folder and the tables, and binds it to them: what a person does once with MLflow's Python
   * client. `location` is `catalog.schema` or `catalog.schema.prefix`.
   */
  bindToTables(name: string, location: string): StoredExperiment
  /** Makes an experiment whose files lie on a Unity Catalog volume, such as `/Volumes/main/deckhand/runs`. */
  createOnVolume(name: string, volume: string): StoredExperiment
  dropTable(name: string): void
  deleteExperiment(name: string): void
  /** Oldest first. */
  runs(experimentId: string): readonly StoredRun[]
  /** Infos of traces that lie in the experiment itself, in the order in which they first came. */
  traces(experimentId: string): readonly Readonly<Record<string, unknown>>[]
  /** Infos of traces that lie in tables. */
  tableTraces(location: string): readonly Readonly<Record<string, unknown>>[]
  /** Rows of a table of spans, in the order in which they came, with their repetitions. */
  spans(table: string): readonly TableSpan[]
  /** A file in storage or on a volume. Those of runs are `runs/{run}/{path}`, those of traces `traces/{trace}/traces.json`. */
  file(path: string): Uint8Array | undefined
  /** Every folder of the workspace. */
  readonly folders: ReadonlySet<string>
}

export interface StoredExperiment {
  readonly id: string
  readonly name: string
  readonly artifactLocation: string
  readonly tags: Map<string, string>
  isDeleted: boolean
}

export interface StoredRun {
  readonly id: string
  readonly experimentId: string
  readonly name: string
  readonly artifactUri: string
  readonly startTime: number
  status: string
  endTime: number | undefined
  readonly params: Map<string, string>
  readonly tags: Map<string, string>
  readonly metrics: {
    readonly key: string
    readonly value: number
    readonly timestamp: number
    readonly step: number
  }[]
}
