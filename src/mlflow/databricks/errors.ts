import { DatabricksError } from '../../lib/databricks/error.ts'
import { HttpError } from '../../lib/http.ts'
import { MlflowError, type MlflowErrorCode } from '../mlflow-error.ts'
import { saysDeleted } from '../transport.ts'

/** A workspace's failure in the words by which the spool decides what to do. Anything else comes back as it is. */
export function toMlflowError(error: unknown): unknown {
  if (error instanceof MlflowError) return error
  if (error instanceof HttpError) {
    const code = error.code === 'too-large' ? 'not-mlflow' : 'unreachable'
    return new MlflowError(code, error.message, { cause: error })
  }
  if (!(error instanceof DatabricksError)) return error
  const { message, status, retryAfterMs } = error
  return new MlflowError(codeOf(error), message, { cause: error, status, retryAfterMs })
}

function codeOf(error: DatabricksError): MlflowErrorCode {
  switch (error.code) {
    case 'misconfigured':
    case 'unauthenticated':
    case 'no-access':
      return 'no-access'
    case 'rate-limited':
    case 'timeout':
      return 'unreachable'
    case 'unavailable':
      // An internal error may be this request's own; a gateway that is away, or no answer, is nobody's.
      return error.status === undefined || error.status === 502 || error.status === 503 ? 'unreachable' : 'server-error'
    case 'not-found':
      return missing(error)
    case 'conflict':
      return error.errorCode?.endsWith('ALREADY_EXISTS') === true ? 'already-exists' : 'server-error'
    case 'bad-request':
      return saysDeleted(error.message) ? 'not-found' : 'rejected'
    case 'bad-answer':
      return 'not-mlflow'
  }
}

/** Whether a thing is missing, a call, or the whole API: the last is what a wrong address looks like. */
function missing({ errorCode }: DatabricksError): MlflowErrorCode {
  if (errorCode === undefined) return 'not-mlflow'
  return errorCode === 'ENDPOINT_NOT_FOUND' || errorCode === 'FEATURE_DISABLED' ? 'unsupported' : 'not-found'
}
