import type { IncomingHttpHeaders } from 'node:http'
import { ApiError } from './api-error.ts'

/** True when the caller would rather be told what happens than wait for the end. */
export function wantsEvents({ accept = '' }: IncomingHttpHeaders): boolean {
  return accept.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    return type === 'text/event-stream' && !parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))
  })
}

/** How long the caller wants to wait for the end, by RFC 7240: `respond-async`, or `wait=SECONDS`. */
export function wantedWaitMs({ prefer }: IncomingHttpHeaders): number | undefined {
  const wishes = [prefer ?? []].flat().join(',').toLowerCase()
  const [, seconds] = /(?:^|[\s,;])wait\s*=\s*"?(\d{1,6})/.exec(wishes) ?? []
  if (seconds !== undefined) return Number(seconds) * 1000
  return /(?:^|[\s,;])respond-async(?:$|[\s,;])/.test(wishes) ? 0 : undefined
}

/** The `Idempotency-Key` header, which may stand in quotes. @throws ApiError */
export function idempotencyKeyIn(headers: IncomingHttpHeaders): string | undefined {
  const given = headers['idempotency-key']
  if (given === undefined) return undefined
  const [, quoted] = /^"(.*)"$/.exec(String(given)) ?? []
  const key = quoted ?? String(given)
  if (/^[\x21-\x7e]{1,255}$/.test(key)) return key
  const problem = 'Idempotency-Key should be 1 to 255 letters, digits or signs, without spaces.'
  throw new ApiError('bad-request', problem, { fields: [{ field: 'Idempotency-Key', problem }] })
}
