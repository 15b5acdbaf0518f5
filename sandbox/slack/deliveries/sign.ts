import { createHmac } from 'node:crypto'

/**
 * The headers by which the app knows a request is Slack's: HMAC-SHA256 over version, timestamp and raw body.
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function signatureHeaders(body: string, secret: string, timestampSeconds: number): Record<string, string> {
  const hash = createHmac('sha256', secret).update(`v0:${timestampSeconds}:${body}`).digest('hex')
  return { 'x-slack-request-timestamp': String(timestampSeconds), 'x-slack-signature': `v0=${hash}` }
}
