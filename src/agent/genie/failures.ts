import { DatabricksError } from '../../lib/databricks/error.ts'
import { durationInWords } from '../../lib/duration.ts'
import { GenieError } from './genie.ts'
import { suggestionsOf } from './answer.ts'
import { ResultFormError } from './result.ts'
import type { Message, Statement } from './schema.ts'

interface Reading {
  readonly code: GenieError['code']
  readonly userMessage: string
}

const noDataAccess: Reading = {
  code: 'no-access',
  userMessage:
    'You or this bot may not read some of the data this question needs. Please ask the owner of the data for access.',
}
const sqlFailed: Reading = {
  code: 'failed',
  userMessage:
    "Genie's query for this question could not be run. Please ask in other words, or ask for something simpler.",
}
const busy: Reading = {
  code: 'unavailable',
  userMessage: 'Genie has a problem on its side right now. Please try again in a moment.',
}
const slow: Reading = {
  code: 'timeout',
  userMessage: 'Genie took too long over this question. Please try again, or ask for less at once.',
}
const rateLimited: Reading = {
  code: 'rate-limited',
  userMessage: 'Genie has more questions than it takes right now. Please try again in a minute.',
}
const tooLong: Reading = {
  code: 'failed',
  userMessage:
    'This question, or the conversation so far, is too long for Genie. Please ask for less, or start a new thread.',
}
const spaceNotReady: Reading = {
  code: 'failed',
  userMessage: 'This Genie space is not set up to answer questions yet. Please tell the owner of the space.',
}
const noWarehouse: Reading = {
  code: 'no-access',
  userMessage: 'The SQL warehouse behind this Genie space cannot be used. Please tell the owner of the space.',
}
const cancelled: Reading = {
  code: 'cancelled',
  userMessage: 'This question was stopped in Genie before it was answered. Please ask again.',
}
const unexplained: Reading = {
  code: 'failed',
  userMessage: 'Genie could not answer this question. Please ask in other words.',
}

/** Genie's error types by what a person can do about them; the first match counts. Types come and go, patterns stay. */
const readings: readonly (readonly [RegExp, Reading])[] = [
  [/^RATE_LIMIT_EXCEEDED/, rateLimited],
  [
    /^(BUDGET_EXCEEDED|PAY_PER_TOKEN_DISABLED)/,
    {
      code: 'failed',
      userMessage: 'Genie is switched off here or its budget is used up. Please tell your administrator.',
    },
  ],
  [/^WAREHOUSE_(ACCESS_MISSING|NOT_FOUND)/, noWarehouse],
  [/PERMISSION_DENIED/, noDataAccess],
  [/^MESSAGE_(CANCELLED|DELETED|UPDATED)_WHILE|^STOP_PROCESS/, cancelled],
  [
    /^BLOCK_MULTIPLE_EXECUTIONS/,
    {
      code: 'unavailable',
      userMessage: 'Genie is still working on the question before this one. Please ask again when it is done.',
    },
  ],
  [/^CONTENT_FILTER/, { code: 'failed', userMessage: 'Genie declines to answer this question.' }],
  [
    /^UNSUPPORTED_CONVERSATION_TYPE/,
    {
      code: 'not-found',
      userMessage: 'This conversation cannot be continued. Please start a new thread.',
    },
  ],
  [/CONTEXT_EXCEEDED|TOKEN_LENGTH|TOO_LONG/, tooLong],
  [/TIMEOUT/, slow],
  [/SQL|^INVALID_TABLE|^ILLEGAL_PARAMETER|^DESCRIBE_QUERY|^NO_QUERY/, sqlFailed],
  [/TABLES?_|CERTIFIED_ANSWER|_UC_|INTERNAL_CATALOG|FUNCTIONS_NOT_AVAILABLE|DASHBOARD_SCHEMA/, spaceNotReady],
  [/CHAT_COMPLETION|DEPLOYMENT|^RETRYABLE|^UNEXPECTED_REPLY|^UNKNOWN_AI_MODEL|^COULD_NOT_GET|^DELEGATION/, busy],
]

function readingOf(type: string, text: string): Reading {
  // A refused query arrives as a general SQL error whose text opens with the class of refusal.
  if (/INSUFFICIENT_PERMISSIONS|PERMISSION_DENIED|UNAUTHORIZED_ACCESS/.test(text)) return noDataAccess
  return readings.find(([pattern]) => pattern.test(type))?.[1] ?? unexplained
}

/** The error of a message that ended as FAILED, CANCELLED, or without any answer. */
export function failedMessage(message: Message): GenieError {
  const suggestions = suggestionsOf(message)
  if (message.status === 'CANCELLED') {
    return new GenieError('cancelled', 'Genie message ended as CANCELLED', {
      userMessage: cancelled.userMessage,
      suggestions,
    })
  }
  if (message.status !== 'FAILED') {
    return new GenieError('failed', `Genie message ended as ${message.status} without an answer`, {
      userMessage: unexplained.userMessage,
      suggestions,
    })
  }
  const type = message.error?.type ?? ''
  const text = message.error?.error ?? ''
  const { code, userMessage } = readingOf(type, text)
  return new GenieError(
    code,
    `Genie message ended as FAILED: ${short([type, text].filter(Boolean).join(' ') || 'no reason given')}`,
    {
      userMessage,
      suggestions,
      ...(type === '' ? {} : { vendorType: type }),
    },
  )
}

/** The error of a result whose statement did not succeed. */
export function failedStatement({ status }: Statement): GenieError {
  const type = status.error?.error_code ?? ''
  const text = status.error?.message ?? ''
  const { code, userMessage } =
    status.state === 'CANCELED' ? cancelled : type === 'DEADLINE_EXCEEDED' ? slow : readingOf(`SQL_${type}`, text)
  return new GenieError(
    code,
    `Genie query ended as ${status.state}: ${short([type, text].filter(Boolean).join(' ') || 'no reason given')}`,
    {
      userMessage,
      ...(type === '' ? {} : { vendorType: type }),
    },
  )
}

export function timedOut(timeoutMs: number, lastStatus: string): GenieError {
  const waited = durationInWords(timeoutMs)
  return new GenieError('timeout', `Genie gave no answer within ${timeoutMs} ms, last status ${lastStatus}`, {
    userMessage: `Genie did not answer within ${waited}. Please try again, or ask for less at once.`,
  })
}

/** Any failure on the way to an answer, as Genie's. Unknown errors come back as they are. */
export function toGenieError(error: unknown): unknown {
  if (error instanceof ResultFormError) {
    return new GenieError('failed', `Cannot read Genie's result: ${error.message}`, {
      cause: error,
      userMessage: 'Genie sent a result that we cannot read. Please try again, or tell your administrator.',
    })
  }
  if (!(error instanceof DatabricksError)) return error
  const { code, userMessage } = fromRest(error)
  return new GenieError(code, `Cannot use Genie: ${error.message}`, {
    userMessage,
    cause: error,
    ...(error.errorCode === undefined ? {} : { vendorType: error.errorCode }),
    ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
  })
}

function fromRest(error: DatabricksError): Reading {
  switch (error.code) {
    case 'misconfigured':
    case 'unauthenticated':
      return { code: 'no-access', userMessage: error.userMessage }
    case 'no-access':
      return {
        code: 'no-access',
        userMessage: 'This bot may not use that Genie space. Please ask the owner of the space for access.',
      }
    case 'not-found':
      return {
        code: 'not-found',
        userMessage:
          'There is no such Genie space or conversation, or this bot may not see it. Please check with the owner of the space.',
      }
    case 'rate-limited':
      if ((error.retryAfterMs ?? 0) <= 60_000) return rateLimited
      return {
        code: 'rate-limited',
        userMessage: `Genie has more questions than it takes right now. Please try again in ${durationInWords(error.retryAfterMs ?? 0)}.`,
      }
    case 'timeout':
      return slow
    case 'unavailable':
      // Without any response it is the workspace that cannot be reached, or the address that is wrong.
      return error.status === undefined ? { code: 'unavailable', userMessage: error.userMessage } : busy
    case 'conflict':
      return busy
    case 'bad-request':
      return { code: 'failed', userMessage: 'Genie did not accept this question. Please ask in other words.' }
    case 'bad-answer':
      return {
        code: 'failed',
        userMessage: 'Genie sent an answer that we cannot read. Please try again, or tell your administrator.',
      }
  }
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 300 ? `${line.slice(0, 299)}…` : line
}
