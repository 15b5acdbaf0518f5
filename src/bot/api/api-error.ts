import { DeckhandError, describeError, type ErrorDetails } from '../../lib/errors.ts'
import { MailboxError } from '../mailbox.ts'

/** One thing that is wrong with a request; `problem` is a sentence. */
export interface FieldProblem {
  readonly field: string
  readonly problem: string
}

/** Status of each kind of refusal. */
export const statusOf = {
  'bad-request': 400,
  unauthorized: 401,
  'not-found': 404,
  'method-not-allowed': 405,
  forgotten: 410,
  'too-large': 413,
  'unsupported-media-type': 415,
  'key-reused': 422,
  'too-many-requests': 429,
  'thread-full': 429,
  internal: 500,
  'not-set-up': 503,
  unavailable: 503,
} as const
export type ApiErrorCode = keyof typeof statusOf

interface ApiErrorDetails extends Partial<ErrorDetails> {
  readonly fields?: readonly FieldProblem[]
  readonly retryAfterMs?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** A request is not answered. `message` is the sentence the caller reads. */
export class ApiError extends DeckhandError {
  override readonly name = 'ApiError'
  readonly code: ApiErrorCode
  readonly fields: readonly FieldProblem[]
  readonly headers: Readonly<Record<string, string>>

  constructor(code: ApiErrorCode, userMessage: string, details: ApiErrorDetails = {}) {
    super(details.cause === undefined ? userMessage : `${userMessage} (${describeError(details.cause)})`, {
      userMessage,
      cause: details.cause,
    })
    this.code = code
    this.fields = details.fields ?? []
    const { retryAfterMs } = details
    const retryAfter = retryAfterMs === undefined ? {} : { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }
    this.headers = { ...details.headers, ...retryAfter }
  }
}

const fullRetryMs = 15_000
const unavailableRetryMs = 5000

/** What to answer for anything thrown while a request was handled. The framework's own words stay here: they may quote what was sent. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (error instanceof MailboxError) {
    return error.code === 'full'
      ? new ApiError('thread-full', error.userMessage, { cause: error, retryAfterMs: fullRetryMs })
      : unavailable(error)
  }
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined
  if (status === 413) return new ApiError('too-large', 'The request is too large; 64 KiB is the most.')
  if (status === 415) {
    return new ApiError('unsupported-media-type', 'Send the question as JSON, with Content-Type: application/json.')
  }
  if (status === 400) return new ApiError('bad-request', 'The body cannot be read as JSON.', { cause: error })
  return new ApiError(
    'internal',
    'Something went wrong on our side. Please try again; if it happens again, tell your administrator.',
    {
      cause: error,
    },
  )
}

/** For when Redis does not answer: nothing has been begun, or it goes on without us. */
export function unavailable(cause: unknown): ApiError {
  return new ApiError('unavailable', 'I cannot take or look up questions right now. Please try again in a moment.', {
    cause,
    retryAfterMs: unavailableRetryMs,
  })
}
