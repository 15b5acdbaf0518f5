import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { userInfo } from 'node:os'
import type { EvalSet } from './eval/case.ts'
import { loadDataset } from './eval/dataset-set.ts'
import { EvalError } from './eval/eval-error.ts'
import { evaluate, type CaseResult } from './eval/evaluate.ts'
import { loadEvalSet, withToday } from './eval/load-set.ts'
import { startRecord } from './eval/record-results.ts'
import type { EvaluationReport } from './eval/report.ts'
import type { ExpectedRows } from './eval/scores.ts'
import { compare, missedThresholds, summarize } from './eval/summary.ts'
import type { Environment } from './lib/config-file.ts'
import { createDatabricksRest } from './lib/databricks/rest.ts'
import { createStatements } from './lib/databricks/statements.ts'
import { programVersion } from './lib/program-version.ts'
import { createParts, turnDefaults } from './parts.ts'
import { createRecords } from './quality.ts'
import type { Settings } from './settings.ts'

export interface EvaluationRequest {
  /** A YAML file or a dataset's name; the configured one when left out. */
  readonly set?: string | undefined
  /** What is evaluated, for the record; the program's version when left out. */
  readonly version?: string | undefined
}

/** Asks the configured agent a set of questions. Disposing it closes everything. */
export interface EvaluationApp extends AsyncDisposable {
  /**
   * Runs a set in this process and keeps it in MLflow, where there is one. `onResult` hears of each answer.
   * @throws EvalError, MlflowError, or the signal's reason
   */
  run(
    request: EvaluationRequest,
    onResult: (result: CaseResult, total: number) => void,
    signal: AbortSignal,
  ): Promise<EvaluationReport>
}

/** How long MLflow may take to have all traces, before scores are put beside them. */
const flushTimeoutMs = 120_000
const numberTypes = new Set(['BYTE', 'SHORT', 'INT', 'LONG', 'DECIMAL', 'FLOAT', 'DOUBLE'])

/** @throws DeckhandError when a needed part is not there */
export async function createEvaluationApp(
  settings: Settings,
  env: Environment,
  /** Relative paths of sets start here. */
  folder: string,
): Promise<EvaluationApp> {
  const parts = await createParts(settings, env)
  const { inProcessAgent: agent, clock, tracing } = parts
  const { evaluation } = settings.mlflow
  const records = settings.mlflow.tracing.enabled ? createRecords(settings, env, parts) : undefined
  const { spaceId: defaultSpaceId, spaces, maxSlides } = turnDefaults(settings)
  const rest = createDatabricksRest({ ...parts, host: settings.databricks.host })
  const statements = createStatements({ rest, warehouseId: evaluation.warehouseId, clock })
  const user = userInfo().username
  const today = new Date(clock.now()).toISOString().slice(0, 10)

  async function load(name: string, signal: AbortSignal): Promise<EvalSet> {
    const file = resolve(folder, name)
    if (/\.ya?ml$/.test(name) || existsSync(file)) return loadEvalSet(file, today)
    if (!records)
      throw new EvalError('usage', `"${name}" is no YAML file, and there is no MLflow to look for a dataset`)
    return withToday(await loadDataset(name, records, signal), today)
  }

  async function query(sql: string, signal: AbortSignal): Promise<ExpectedRows> {
    if (evaluation.warehouseId === '') {
      throw new EvalError(
        'usage',
        'evaluation.warehouse_id is empty, should be a SQL warehouse (DATABRICKS_WAREHOUSE_ID)',
      )
    }
    const { columns, rows } = await statements.run(sql, signal)
    return { columns: columns.map(({ name, typeName }) => ({ name, isNumber: numberTypes.has(typeName) })), rows }
  }

  return {
    async run({ set: name = evaluation.set, version = programVersion }, onResult, signal) {
      const set = await load(name, signal)
      const startedAt = clock.now()
      const run = `${new Date(startedAt).toISOString().replaceAll(/[-:]|\.\d+/g, '')}-${randomBytes(3).toString('hex')}`
      const plan = {
        set: set.name,
        version,
        name: `eval-${set.name}-${run}`,
        startedAt,
        user,
        params: {
          model_endpoint: settings.llm.endpoint,
          genie_space_id: defaultSpaceId,
          questions: String(set.cases.length),
        },
      }
      const record = records && (await startRecord(plan, records, signal))
      const deps = {
        agent,
        spaceOf: (space: string | undefined) => (space === undefined ? defaultSpaceId : (spaces[space] ?? space)),
        maxSlides,
        user,
        query,
        concurrency: evaluation.concurrency,
      }
      try {
        const results = await evaluate(set, run, deps, (result) => onResult(result, set.cases.length), signal)
        const summary = summarize(results)
        const missed = missedThresholds(summary, evaluation.thresholds)
        if (record) {
          await tracing.flush(AbortSignal.any([signal, AbortSignal.timeout(flushTimeoutMs)]))
          await record.finish(summary, results, { isGood: missed.length === 0, at: clock.now() }, signal)
        }
        return {
          set: set.name,
          version,
          summary,
          missed,
          results,
          changes: compare(results, record?.earlier),
          isCompared: record?.earlier !== undefined,
          runId: record?.runId ?? '',
          runUrl: record?.runUrl ?? '',
        }
      } catch (error) {
        await record?.abandon(clock.now())
        throw error
      }
    },
    [Symbol.asyncDispose]: () => parts[Symbol.asyncDispose](),
  }
}
