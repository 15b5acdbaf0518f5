import { HttpError } from '../../lib/http.ts'
import { readRetryAfter } from '../../lib/retry-after.ts'
import { PortError } from '../chat-port.ts'

/** A call that Teams answered with something else than success. */
export interface Refusal {
  readonly status: number
  /** Teams' own word, such as `BotNotInConversationRoster`; '' when there is none. */
  readonly code: string
  readonly message: string
  /** Value of `Retry-After`, as it came. */
  readonly retryAfter: string | undefined
}

/** The app or the conversation is no longer there: what we know of the conversation is of no more use. */
const removedCodes: ReadonlySet<string> = new Set([
  'BotNotInConversationRoster',
  'BotDisabledByAdmin',
  'ConversationNotFound',
  'ConversationBlockedByUser',
  'MessageWritesBlocked',
])

const userMessages: Readonly<Record<PortError['code'], string>> = {
  busy: 'Teams asks me to slow down. I go on in a moment.',
  gone: 'I cannot write there. Please add me to the chat or team again, or tell your administrator.',
  refused: 'Teams does not accept my answer as it is.',
  unavailable: 'Teams does not answer right now. Please try again in a moment.',
}

/** A PortError that remembers what Teams said; nothing of the request, which carries our token. */
export class TeamsRefusal extends PortError {
  readonly refusal: Refusal

  constructor(call: string, refusal: Refusal) {
    const code = codeOf(refusal)
    const said = refusal.code === '' ? `HTTP ${refusal.status}` : `HTTP ${refusal.status} ${refusal.code}`
    const retryAfterMs =
      code === 'busy' ? (readRetryAfter(refusal.retryAfter, Date.now()) ?? fallbackWaitMs) : undefined
    super(code, `Teams answered "${call}" with ${said}: ${refusal.message.slice(0, 200)}`, {
      userMessage: userMessages[code],
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    })
    this.refusal = refusal
  }

  /** The app was taken out, or the conversation is gone. */
  get isRemoval(): boolean {
    return removedCodes.has(this.refusal.code)
  }
}

/** Where Teams does not say how long. */
const fallbackWaitMs = 2000

/** Any failure of a call as ours. */
export function toPortError(call: string, error: unknown): PortError {
  if (error instanceof PortError) return error
  const cause = error instanceof HttpError ? error : new Error(error instanceof Error ? error.message : String(error))
  return new PortError('unavailable', `Teams gave no answer to "${call}" that can be read`, {
    userMessage: userMessages.unavailable,
    cause,
  })
}

export function goneError(message: string): PortError {
  return new PortError('gone', message, { userMessage: userMessages.gone })
}

/** Other calls of ours have used up what the conversation takes. */
export function busyError(call: string, retryAfterMs: number): PortError {
  const message = `Teams takes "${call}" in ${retryAfterMs} ms, when the conversation's rate allows it`
  return new PortError('busy', message, { userMessage: userMessages.busy, retryAfterMs })
}

function codeOf({ status, code }: Refusal): PortError['code'] {
  if (status === 429) return 'busy'
  if (removedCodes.has(code)) return 'gone'
  // 401: our own credentials; an operator's matter, and nothing that another form of the message would change.
  if (status === 401 || status === 408 || status === 412 || status >= 500) return 'unavailable'
  if (status === 404 || status === 403) return code === 'ContentStreamNotAllowed' ? 'refused' : 'gone'
  return 'refused'
}
