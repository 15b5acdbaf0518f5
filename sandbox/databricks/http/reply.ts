/** What a route answers. A `body` goes out as JSON, a string and bytes as they are; `tokens` and the like stay out of it. */
export interface Reply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

export const ok = (body: unknown = {}, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status: 200,
  headers,
  body,
})

/** The workspace's error envelope. Throw it from a route: the server sends it. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly reply: Reply

  constructor(
    status: number,
    errorCode: string | number,
    message: string,
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message)
    this.reply = { status, headers, body: { error_code: errorCode, message, details: [] } }
  }
}

export const notFound = (message: string): ApiError => new ApiError(404, 'RESOURCE_DOES_NOT_EXIST', message)
export const badRequest = (message: string): ApiError => new ApiError(400, 'INVALID_PARAMETER_VALUE', message)
