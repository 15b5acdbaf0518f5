import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path/posix'
import { ApiError, badRequest, notFound } from '../http/reply.ts'
import type { SandboxMlflow, StoredExperiment, StoredRun } from './contract.ts'
import type { TableSpan } from './otlp.ts'
import type { Storage } from './storage.ts'

/** `TraceInfo`, as it came. */
export type TraceInfo = Readonly<Record<string, unknown>>

export interface StoredTrace {
  readonly experimentId: string
  readonly info: TraceInfo
  /** By id. */
  readonly assessments: Map<string, Readonly<Record<string, unknown>>>
}

/** All that the sandbox's MLflow knows, in memory. */
export interface Store {
  readonly folders: Set<string>
  readonly experiments: StoredExperiment[]
  readonly runs: Map<string, StoredRun>
  /** Infos of traces in experiments, by trace id. */
  readonly traces: Map<string, StoredTrace>
  /** Infos of traces in tables, by location and hex id. */
  readonly tableTraces: Map<string, Map<string, TraceInfo>>
  /** Rows by full name. */
  readonly tables: Map<string, TableSpan[]>
  /** Files on volumes, by path. */
  readonly volumeFiles: Map<string, Uint8Array>
  /** @throws ApiError */
  createExperiment(name: string, tags?: ReadonlyMap<string, string>, artifactLocation?: string): StoredExperiment
  /** One that is there and not deleted. @throws ApiError */
  experimentById(id: string): StoredExperiment
  /** @throws ApiError */
  runById(id: string): StoredRun
}

/** Tags by which an experiment says that its traces lie in tables. */
const destinationTag = 'mlflow.experiment.databricksTraceDestinationPath'
const spansTableTag = 'mlflow.experiment.databricksTraceSpanStorageTable'

/** `userName`: whose home folder there is from the beginning. */
export function createStore(userName: string): Store {
  const folders = new Set(['/', '/Shared', '/Users', `/Users/${userName}`])
  const experiments: StoredExperiment[] = []
  const runs = new Map<string, StoredRun>()

  return {
    folders,
    experiments,
    runs,
    traces: new Map(),
    tableTraces: new Map(),
    tables: new Map(),
    volumeFiles: new Map(),
    createExperiment(name, tags = new Map(), artifactLocation) {
      if (!name.startsWith('/')) {
        throw badRequest(`Got an invalid experiment name '${name}'. It must be an absolute path in the workspace.`)
      }
      if (experiments.some((each) => each.name === name)) {
        throw new ApiError(400, 'RESOURCE_ALREADY_EXISTS', `Node named '${name}' already exists.`)
      }
      if (!folders.has(dirname(name))) throw notFound(`Parent directory ${dirname(name)} does not exist.`)
      const id = String(100_000_000_000_000 + experiments.length + 1)
      const experiment = {
        id,
        name,
        artifactLocation: artifactLocation ?? `dbfs:/databricks/mlflow-tracking/${id}`,
        tags: new Map(tags),
        isDeleted: false,
      }
      experiments.push(experiment)
      return experiment
    },
    experimentById(id) {
      const found = experiments.find((each) => each.id === id)
      if (!found) throw notFound(`Node ID ${id} does not exist.`)
      // [U] The open-source server's words; the workspace's own are not written down.
      if (found.isDeleted) throw badRequest(`The experiment ${id} must be in the 'active' state.`)
      return found
    },
    runById(id) {
      const run = runs.get(id)
      if (!run) throw notFound(`Run '${id}' not found.`)
      return run
    },
  }
}

/** The tables an experiment is bound to, read from its tags. */
export function tablesOf(
  experiment: StoredExperiment,
): { readonly location: string; readonly spans: string } | undefined {
  const location = experiment.tags.get(destinationTag)
  return location === undefined ? undefined : { location, spans: experiment.tags.get(spansTableTag) ?? '' }
}

export const newRunId = (): string => randomBytes(16).toString('hex')
export const newAssessmentId = (): string => `a-${randomBytes(16).toString('hex')}`

/** What tests and administrators see of the store. */
export function viewOf(store: Store, storage: Storage): SandboxMlflow {
  function makeFolders(path: string): void {
    for (let folder = path; !store.folders.has(folder); folder = dirname(folder)) store.folders.add(folder)
  }

  return {
    storageUrl: storage.url,
    folders: store.folders,
    experiment: (name) => store.experiments.find((each) => each.name === name && !each.isDeleted),
    bindToTables(name, location) {
      const [catalog, schema, prefix] = location.split('.')
      const table = prefix === undefined ? 'mlflow_experiment_trace_otel_spans' : `${prefix}_otel_spans`
      const spans = `${catalog}.${schema}.${table}`
      makeFolders(dirname(name))
      const experiment =
        store.experiments.find((each) => each.name === name && !each.isDeleted) ?? store.createExperiment(name)
      experiment.tags.set(destinationTag, location)
      experiment.tags.set(spansTableTag, spans)
      store.tables.set(spans, store.tables.get(spans) ?? [])
      store.tableTraces.set(location, store.tableTraces.get(location) ?? new Map<string, TraceInfo>())
      return experiment
    },
    createOnVolume(name, volume) {
      makeFolders(dirname(name))
      return store.createExperiment(name, new Map(), `dbfs:${volume}`)
    },
    dropTable: (name) => void store.tables.delete(name),
    deleteExperiment(name) {
      for (const each of store.experiments) if (each.name === name) each.isDeleted = true
    },
    runs: (experimentId) => [...store.runs.values()].filter((run) => run.experimentId === experimentId),
    traces: (experimentId) =>
      [...store.traces.values()].filter((trace) => trace.experimentId === experimentId).map(({ info }) => info),
    tableTraces: (location) => [...(store.tableTraces.get(location)?.values() ?? [])],
    spans: (table) => store.tables.get(table) ?? [],
    file: (path) => storage.files.get(path) ?? store.volumeFiles.get(path),
  }
}
