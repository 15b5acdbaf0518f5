/** One of Slack's errors: `ok: false` with this name. Throw it from a method: the server sends it. */
export class SlackError extends Error {
  override readonly name = 'SlackError'
  readonly error: string
  /** Further fields of the answer, such as `needed` or `response_metadata`. */
  readonly extra: Readonly<Record<string, unknown>>

  constructor(error: string, extra: Readonly<Record<string, unknown>> = {}) {
    super(error)
    this.error = error
    this.extra = extra
  }
}

/** What Slack answers to arguments it cannot use. */
export const invalidArguments = (...messages: readonly string[]): SlackError =>
  new SlackError('invalid_arguments', {
    response_metadata: { messages: messages.map((message) => `[ERROR] ${message}`) },
  })
