import {
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBMaterializedResult,
  DuckDBTypeId,
  StatementType,
} from '@duckdb/node-api'
import { DeckhandError, type ErrorDetails } from '../../src/lib/errors.ts'
import { generatorStatements } from './generate.ts'

/** The sample data behind the sandbox, to be read with SQL: `sandbox.sales.orders`, `.products`, `sandbox.crm.customers`. */
export interface Warehouse extends AsyncDisposable {
  /** The last day with data, ISO 8601. */
  readonly today: string
  /**
   * Runs exactly one SELECT. Nothing else is let through: the data cannot be changed, and neither files nor network
   * can be reached. Aborting interrupts it.
   * @throws WarehouseError, or the signal's reason
   */
  query(sql: string, options?: { readonly signal?: AbortSignal; readonly maxRows?: number }): Promise<QueryResult>
}

export interface QueryResult {
  readonly columns: readonly QueryColumn[]
  /** At most `maxRows` rows; every cell as text the way Databricks prints it, or null. */
  readonly rows: readonly (readonly (string | null)[])[]
  /** Rows the query has, fetched or not. */
  readonly totalRowCount: number
}

/** In Databricks' words: `typeName` DECIMAL, `typeText` DECIMAL(12,2). */
export interface QueryColumn {
  readonly name: string
  readonly typeName: 'BOOLEAN' | 'INT' | 'LONG' | 'DOUBLE' | 'DECIMAL' | 'DATE' | 'TIMESTAMP' | 'STRING'
  readonly typeText: string
  readonly precision?: number
  readonly scale?: number
}

/** A query could not be run. `not-allowed`: it is not one single SELECT. `sql`: the engine refused it. */
export class WarehouseError extends DeckhandError {
  override readonly name = 'WarehouseError'
  readonly code: 'not-allowed' | 'sql' | 'timeout'

  constructor(code: WarehouseError['code'], message: string, details: ErrorDetails) {
    super(message, details)
    this.code = code
  }
}

export interface WarehouseOptions {
  /** Last day with data, ISO 8601; from 2021-02-01 on. */
  readonly today: string
  /** Another seed gives another company (default `deckhand`). */
  readonly seed?: string
  /** Longest time one query may run (default 30 s). */
  readonly timeoutMs?: number
}

/** Generates the data in memory; takes about two seconds. The caller disposes it. @throws RangeError for a bad `today` */
export async function createWarehouse({
  today,
  seed = 'deckhand',
  timeoutMs = 30_000,
}: WarehouseOptions): Promise<Warehouse> {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(today) || Number.isNaN(Date.parse(today)) || today < '2021-02-01') {
    throw new RangeError(`Cannot generate data up to "${today}", expected a day such as 2026-11-23, from 2021-02-01 on`)
  }
  const instance = await DuckDBInstance.create(':memory:', { memory_limit: '1GB', temp_directory: '' })
  const setUp = await instance.connect()
  for (const statement of generatorStatements({ today, seed })) await setUp.run(statement)
  for (const lock of [
    'SET autoinstall_known_extensions = false',
    'SET autoload_known_extensions = false',
    'SET enable_external_access = false',
    'SET lock_configuration = true',
  ]) {
    await setUp.run(lock)
  }
  setUp.closeSync()

  const closing = new AbortController()
  const running = new Set<Promise<unknown>>()
  return {
    today,
    async query(sql, { signal, maxRows = 5000 } = {}) {
      const deadline = AbortSignal.timeout(timeoutMs)
      const stop = AbortSignal.any([closing.signal, deadline, ...(signal ? [signal] : [])])
      stop.throwIfAborted()
      const work = runOnOwnConnection(instance, sql, maxRows, stop)
      running.add(work)
      try {
        return await work
      } catch (error) {
        signal?.throwIfAborted()
        closing.signal.throwIfAborted()
        throw toWarehouseError(error, deadline.aborted ? timeoutMs : undefined)
      } finally {
        running.delete(work)
      }
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new DOMException('The warehouse is closed', 'AbortError'))
      await Promise.allSettled(running)
      instance.closeSync()
    },
  }
}

async function runOnOwnConnection(
  instance: DuckDBInstance,
  sql: string,
  maxRows: number,
  stop: AbortSignal,
): Promise<QueryResult> {
  const connection = await instance.connect()
  const interrupt = (): void => connection.interrupt()
  stop.addEventListener('abort', interrupt)
  try {
    stop.throwIfAborted()
    await connection.run('BEGIN TRANSACTION READ ONLY')
    return await toResult(await runSelect(connection, sql), maxRows)
  } finally {
    stop.removeEventListener('abort', interrupt)
    connection.closeSync()
  }
}

async function runSelect(connection: DuckDBConnection, sql: string): Promise<DuckDBMaterializedResult> {
  const statements = await connection.extractStatements(sql)
  if (statements.count !== 1) throw notAllowed(`the text has ${statements.count} statements, expected 1`)
  const prepared = await statements.prepare(0)
  if (prepared.statementType !== StatementType.SELECT) {
    throw notAllowed(`the statement is ${StatementType[prepared.statementType]}, expected SELECT`)
  }
  return await prepared.run()
}

function notAllowed(why: string): WarehouseError {
  return new WarehouseError('not-allowed', `Cannot run SQL: ${why}`, {
    userMessage: 'The sample data can only be read, with one SELECT at a time.',
  })
}

function toWarehouseError(error: unknown, timedOutAfterMs: number | undefined): WarehouseError {
  if (error instanceof WarehouseError) return error
  if (timedOutAfterMs !== undefined) {
    return new WarehouseError('timeout', `Query ran longer than ${timedOutAfterMs} ms`, {
      userMessage: 'The query took too long.',
      cause: error,
    })
  }
  return new WarehouseError('sql', error instanceof Error ? error.message : String(error), {
    userMessage: 'The query could not be run.',
    cause: error,
  })
}

async function toResult(result: DuckDBMaterializedResult, maxRows: number): Promise<QueryResult> {
  const columns: QueryColumn[] = []
  for (let index = 0; index < result.columnCount; index += 1) {
    columns.push({ name: result.columnName(index), ...databricksType(result, index) })
  }
  const rows: (string | null)[][] = []
  while (rows.length < maxRows) {
    const chunk = await result.fetchChunk()
    if (!chunk || chunk.rowCount === 0) break
    for (const row of chunk.getRows().slice(0, maxRows - rows.length)) {
      rows.push(row.map((cell) => (cell === null ? null : String(cell))))
    }
  }
  return { columns, rows, totalRowCount: result.rowCount }
}

function databricksType(result: DuckDBMaterializedResult, index: number): Omit<QueryColumn, 'name'> {
  const type = result.columnType(index)
  switch (type.typeId) {
    case DuckDBTypeId.BOOLEAN:
      return { typeName: 'BOOLEAN', typeText: 'BOOLEAN' }
    case DuckDBTypeId.TINYINT:
    case DuckDBTypeId.SMALLINT:
    case DuckDBTypeId.INTEGER:
      return { typeName: 'INT', typeText: 'INT' }
    // Sums of whole numbers are 128 bits wide here and 64 there; ours fit.
    case DuckDBTypeId.BIGINT:
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UBIGINT:
      return { typeName: 'LONG', typeText: 'BIGINT' }
    case DuckDBTypeId.FLOAT:
    case DuckDBTypeId.DOUBLE:
      return { typeName: 'DOUBLE', typeText: 'DOUBLE' }
    case DuckDBTypeId.DECIMAL: {
      const { width, scale } = type
      return { typeName: 'DECIMAL', typeText: `DECIMAL(${width},${scale})`, precision: width, scale }
    }
    case DuckDBTypeId.DATE:
      return { typeName: 'DATE', typeText: 'DATE' }
    case DuckDBTypeId.TIMESTAMP:
      return { typeName: 'TIMESTAMP', typeText: 'TIMESTAMP' }
    default:
      return { typeName: 'STRING', typeText: 'STRING' }
  }
}
