import { z } from 'zod'
import type { Clock } from '../clock.ts'
import { DatabricksError } from './error.ts'
import { restPath, type DatabricksRest } from './rest.ts'

/** Rows of one SELECT, every cell as text, as the SQL API prints it. */
export interface StatementRows {
  readonly columns: readonly { readonly name: string; readonly typeName: string }[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/** SQL on a warehouse of the workspace, for small results. */
export interface Statements {
  /** @throws DatabricksError, `bad-request` with the engine's words when it refuses the statement */
  run(sql: string, signal: AbortSignal): Promise<StatementRows>
}

const path = '/api/2.0/sql/statements'
/** Longest that the API holds a request back for the result. */
const waitSeconds = 30
const pollMs = 1000
const timeoutMs = 300_000

const Statement = z.object({
  statement_id: z.string().default(''),
  status: z.object({ state: z.string(), error: z.object({ message: z.string().default('') }).nullish() }),
  manifest: z
    .object({
      schema: z.object({ columns: z.array(z.object({ name: z.string(), type_name: z.string().default('STRING') })) }),
      truncated: z.boolean().default(false),
    })
    .nullish(),
  result: z
    .object({
      data_array: z.array(z.array(z.string().nullable())).nullish(),
      next_chunk_index: z.number().nullish(),
    })
    .nullish(),
})
type Statement = z.output<typeof Statement>

export function createStatements(deps: {
  readonly rest: DatabricksRest
  readonly warehouseId: string
  readonly clock: Clock
}): Statements {
  const { rest, warehouseId, clock } = deps

  async function settled(started: Statement, signal: AbortSignal): Promise<Statement> {
    const deadlineAt = clock.now() + timeoutMs
    let statement = started
    while (statement.status.state === 'PENDING' || statement.status.state === 'RUNNING') {
      if (clock.now() > deadlineAt) throw new DatabricksError('timeout', `SQL did not end within ${timeoutMs} ms`)
      await clock.sleep(pollMs, signal)
      statement = await rest.call(
        {
          method: 'GET',
          path: restPath(path, statement.statement_id),
          schema: Statement,
          timeoutMs: 60_000,
          retry: 'safe',
        },
        signal,
      )
    }
    return statement
  }

  return {
    async run(sql, signal) {
      const started = await rest.call(
        {
          method: 'POST',
          path,
          body: {
            statement: sql,
            warehouse_id: warehouseId,
            wait_timeout: `${waitSeconds}s`,
            on_wait_timeout: 'CONTINUE',
            disposition: 'INLINE',
            format: 'JSON_ARRAY',
          },
          schema: Statement,
          timeoutMs,
          attemptTimeoutMs: (waitSeconds + 30) * 1000,
          retry: 'safe', // a SELECT that ran twice did no harm
        },
        signal,
      )
      const { status, manifest, result } = await settled(started, signal)
      if (status.state !== 'SUCCEEDED' || !manifest) {
        throw new DatabricksError(
          'bad-request',
          `SQL ended ${status.state}: ${status.error?.message ?? 'no reason given'}`,
        )
      }
      if (manifest.truncated || (result?.next_chunk_index ?? undefined) !== undefined) {
        throw new DatabricksError('bad-answer', 'SQL has more rows than one answer holds, should be a small result')
      }
      return {
        columns: manifest.schema.columns.map((column) => ({ name: column.name, typeName: column.type_name })),
        rows: result?.data_array ?? [],
      }
    },
  }
}
