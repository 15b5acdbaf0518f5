import type { z } from 'zod'
import type { Clock } from '../../lib/clock.ts'
import { DatabricksError } from '../../lib/databricks/error.ts'
import { restPath, type DatabricksRest } from '../../lib/databricks/rest.ts'
import { spacesPath } from './asking.ts'
import { failedStatement, timedOut } from './failures.ts'
import { Message, StatementReply, type MessageRef, type Statement } from './schema.ts'
import { waitUntilFinal, type Seen } from './waiting.ts'

/** A question that was asked and is waited for. */
export interface Pending extends MessageRef {
  readonly spaceId: string
  readonly rest: DatabricksRest
  readonly clock: Clock
  readonly deadlineAt: number
  /** The whole wait, for the error's text. */
  readonly timeoutMs: number
}

/** A look takes no longer than this; several make a wait. */
const lookTimeoutMs = 60_000

/** An unknown status means still running: Genie adds some now and then. */
const finalStatuses: ReadonlySet<string> = new Set(['COMPLETED', 'FAILED', 'CANCELLED', 'QUERY_RESULT_EXPIRED'])
const finalStates: ReadonlySet<string> = new Set(['SUCCEEDED', 'FAILED', 'CANCELED', 'CLOSED'])

/** Waits until Genie has ended the message, well or not. @throws GenieError `timeout`, DatabricksError */
export function waitForMessage(
  pending: Pending,
  onStatus: ((status: string) => void) | undefined,
  signal: AbortSignal,
): Promise<Message> {
  return wait(
    pending,
    async (lookSignal): Promise<Seen<Message>> => {
      const message = await get(pending, messagePath(pending), Message, lookSignal)
      const state = message.status ?? 'SUBMITTED'
      return { state, final: finalStatuses.has(state), value: message }
    },
    onStatus,
    signal,
  )
}

/**
 * Waits for a query's rows: a completed message does not promise that they are there. Rows that are gone (`expired`, or
 * a closed statement) are made again by running the query once more.
 * @throws GenieError, DatabricksError
 */
export async function waitForRows(
  pending: Pending,
  attachmentId: string,
  expired: boolean,
  signal: AbortSignal,
): Promise<Statement> {
  const statement = expired ? await runAgain(pending, attachmentId, signal) : await look(pending, attachmentId, signal)
  if (statement.status.state === 'SUCCEEDED') return statement
  const again =
    statement.status.state === 'CLOSED' && !expired ? await runAgain(pending, attachmentId, signal) : statement
  if (again.status.state === 'SUCCEEDED') return again
  throw failedStatement(again)
}

async function runAgain(pending: Pending, attachmentId: string, signal: AbortSignal): Promise<Statement> {
  const path = `${attachmentPath(pending, attachmentId)}/execute-query`
  try {
    const { statement_response: statement } = await pending.rest.call(
      {
        method: 'POST',
        path,
        body: {},
        schema: StatementReply,
        timeoutMs: Math.max(1, pending.deadlineAt - pending.clock.now()),
        retry: 'never-after-send',
      },
      signal,
    )
    if (statement.status.state === 'SUCCEEDED' && statement.result) return statement
  } catch (error) {
    // Whether the query runs again shows in its result.
    if (!(error instanceof DatabricksError) || !error.mayHaveHappened) throw error
  }
  return look(pending, attachmentId, signal)
}

function look(pending: Pending, attachmentId: string, signal: AbortSignal): Promise<Statement> {
  const path = `${attachmentPath(pending, attachmentId)}/query-result`
  return wait(
    pending,
    async (lookSignal): Promise<Seen<Statement>> => {
      const { statement_response: statement } = await get(pending, path, StatementReply, lookSignal)
      return { state: statement.status.state, final: finalStates.has(statement.status.state), value: statement }
    },
    undefined,
    signal,
  )
}

function get<T>(pending: Pending, path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
  const timeoutMs = Math.max(1, Math.min(lookTimeoutMs, pending.deadlineAt - pending.clock.now()))
  return pending.rest.call({ method: 'GET', path, schema, timeoutMs, retry: 'safe' }, signal)
}

function wait<T>(
  { clock, deadlineAt, timeoutMs }: Pending,
  lookOnce: (signal: AbortSignal) => Promise<Seen<T>>,
  onNews: ((state: string) => void) | undefined,
  signal: AbortSignal,
): Promise<T> {
  const late = (lastState: string): Error => timedOut(timeoutMs, lastState)
  return waitUntilFinal({ look: lookOnce, clock, deadlineAt, late, ...(onNews ? { onNews } : {}) }, signal)
}

function messagePath({ spaceId, conversationId, messageId }: Pending): string {
  return restPath(`${restPath(`${restPath(spacesPath, spaceId)}/conversations`, conversationId)}/messages`, messageId)
}

function attachmentPath(pending: Pending, attachmentId: string): string {
  return restPath(`${messagePath(pending)}/attachments`, attachmentId)
}
