import { createHmac } from 'node:crypto'
import { sandboxSlackCredentials, type SlackWorkspace } from '../../../sandbox/slack/contract.ts'
import { type Replies, startTestServer, type TestServer } from '../../support/http-server.ts'

/** What a call to the Web API came to. */
export interface Answer {
  readonly status: number
  readonly headers: Headers
  // oxlint-disable-next-line typescript/no-explicit-any -- answers differ by method; tests look at what they expect
  readonly json: any
}

/** Calls a method as an app does; `token: null` goes without. */
export async function call(
  slack: SlackWorkspace,
  method: string,
  args: Readonly<Record<string, unknown>> = {},
  options: { readonly token?: string | null; readonly asForm?: boolean } = {},
): Promise<Answer> {
  const token = options.token === undefined ? slack.ids.token : options.token
  const form = Object.entries(args).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
  const response = await fetch(`${slack.url}/api/${method}`, {
    method: 'POST',
    headers: {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      'content-type': options.asForm === true ? 'application/x-www-form-urlencoded' : 'application/json; charset=utf-8',
    },
    body: options.asForm === true ? new URLSearchParams(form).toString() : JSON.stringify(args),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, json: text.startsWith('{') ? JSON.parse(text) : text }
}

/** Uploads in the three steps; gives back the file's id. */
export async function upload(
  slack: SlackWorkspace,
  name: string,
  bytes: Uint8Array,
  share: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const { json } = await call(slack, 'files.getUploadURLExternal', { filename: name, length: bytes.byteLength })
  await fetch(json.upload_url, { method: 'POST', body: new Uint8Array(bytes) })
  await call(slack, 'files.completeUploadExternal', { files: [{ id: json.file_id, title: name }], ...share })
  return json.file_id
}

/** An app that answers deliveries as told, and the stand-in connected to it. */
export async function connectApp(slack: SlackWorkspace, replies: Replies = { status: 200 }): Promise<TestServer> {
  const app = await startTestServer({ 'POST /slack/events': replies })
  slack.connect(`${app.url}/slack/events`)
  return app
}

/** True when the request carries the signature its body and time ask for. */
export function isSigned(
  request: TestServer['requests'][number],
  secret: string = sandboxSlackCredentials.signingSecret,
) {
  const time = request.headers['x-slack-request-timestamp'] ?? ''
  const hash = createHmac('sha256', secret).update(`v0:${time}:${request.text}`).digest('hex')
  return request.headers['x-slack-signature'] === `v0=${hash}`
}

/** The smallest PNG: one pixel. */
export const pixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

export const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } })
export const button = (actionId: string, more: Readonly<Record<string, unknown>> = {}) => ({
  type: 'button',
  action_id: actionId,
  text: { type: 'plain_text', text: 'Go' },
  ...more,
})
