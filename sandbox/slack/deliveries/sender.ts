import type { Delivery, DeliveryAttempt } from '../contract.ts'
import type { SlackTime } from '../time.ts'
import { signatureHeaders } from './sign.ts'

/** Something to tell the app. */
export interface Told {
  readonly kind: Delivery['kind']
  readonly type: string
  readonly eventId?: string
  readonly payload: Readonly<Record<string, unknown>>
}

/** An open Socket Mode connection, as far as deliveries care. */
export interface AppSocket {
  /** Sends one envelope; resolves with the payload of its acknowledgement, '' when it had none. */
  send(envelope: Readonly<Record<string, unknown>>, signal: AbortSignal): Promise<string>
}

export interface Sender {
  /** Sends it now. Resolves after the first attempt; events are tried again later. Undefined when the app is nowhere. */
  send(told: Told): Promise<Delivery | undefined>
  /** A signed request with this body. Null as secret leaves the signature out. */
  post(body: string, how: PostOptions): Promise<Response>
}

export interface PostOptions {
  readonly contentType: string
  readonly secret: string | null
  readonly timestampSeconds: number
  readonly retryNum: number
  readonly retryReason?: string | undefined
  readonly signal: AbortSignal
}

/** How long the app has to answer. @see https://docs.slack.dev/apis/events-api#responding */
export const ackTimeoutMs = 3000
/** Waits before the three retries of an event: at once, a minute, five minutes. */
const retryWaitsMs = [0, 60_000, 300_000] as const

/** Sends to the app by signed HTTP, or through the socket it has opened, and keeps what became of each attempt. */
export function createSender(options: {
  readonly time: SlackTime
  readonly closing: AbortSignal
  readonly secret: string
  /** Where the app listens; undefined before it is known. */
  readonly target: () => string | undefined
  /** The app's socket when it is in Socket Mode and connected. */
  readonly socket: () => AppSocket | undefined
  readonly isSocketMode: boolean
  /** Everything sent so far, added to when sending begins. */
  readonly deliveries: Delivery[]
}): Sender {
  const { time, closing, secret, target, socket, deliveries } = options

  async function post(body: string, how: PostOptions): Promise<Response> {
    const url = target()
    if (url === undefined) throw new Error('Cannot deliver: call connect() with the address of the app first')
    return await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': how.contentType,
        'user-agent': 'Slackbot 1.0 (stand-in)',
        ...(how.secret === null ? {} : signatureHeaders(body, how.secret, how.timestampSeconds)),
        ...(how.retryNum === 0 ? {} : { 'x-slack-retry-num': String(how.retryNum) }),
        ...(how.retryReason === undefined ? {} : { 'x-slack-retry-reason': how.retryReason }),
      },
      body,
      signal: how.signal,
    })
  }

  async function attempt(told: Told, retryNum: number, retryReason?: string) {
    const at = time.now()
    const startedAt = performance.now()
    const signal = AbortSignal.any([closing, AbortSignal.timeout(ackTimeoutMs)])
    const done = (status: number, body: string): DeliveryAttempt => ({
      retryNum,
      ...(retryReason === undefined ? {} : { retryReason }),
      at,
      status,
      latencyMs: performance.now() - startedAt,
      body,
    })
    try {
      if (options.isSocketMode) {
        const open = socket()
        if (open === undefined) return { result: done(0, ''), reason: 'connection_failed', isFinal: false }
        const ack = await open.send(toEnvelope(told, retryNum, retryReason), signal)
        return { result: done(200, ack), reason: '', isFinal: true }
      }
      const response = await post(toBody(told), {
        contentType: told.kind === 'event' ? 'application/json' : 'application/x-www-form-urlencoded',
        secret,
        timestampSeconds: Math.floor(time.now() / 1000),
        retryNum,
        retryReason,
        signal,
      })
      const result = done(response.status, await response.text())
      const isFinal = response.ok || response.headers.get('x-slack-no-retry') === '1'
      return { result, reason: 'http_error', isFinal }
    } catch (error) {
      const reason = isTimeout(error) ? 'http_timeout' : 'connection_failed'
      return { result: done(0, ''), reason, isFinal: false }
    }
  }

  return {
    post,
    async send(told) {
      if (target() === undefined && !options.isSocketMode) return undefined
      const attempts: DeliveryAttempt[] = []
      let isDone = false
      const delivery: Delivery = {
        ...told,
        attempts,
        get isDone() {
          return isDone
        },
      }
      deliveries.push(delivery)
      const first = await attempt(told, 0)
      attempts.push(first.result)
      isDone = first.isFinal || told.kind !== 'event' || closing.aborted
      if (!isDone) void retry(first.reason).catch(() => undefined) // the workspace closes: nobody is left to tell
      return delivery

      async function retry(firstReason: string): Promise<void> {
        let reason = firstReason
        for (const [index, waitMs] of retryWaitsMs.entries()) {
          await time.wait(waitMs)
          const next = await attempt(told, index + 1, reason)
          attempts.push(next.result)
          reason = next.reason
          if (next.isFinal) break
        }
        isDone = true
      }
    },
  }
}

const isTimeout = (error: unknown): boolean => error instanceof Error && error.name === 'TimeoutError'

/** Events go as JSON, commands as a form, interactions as a form with JSON in it. */
function toBody({ kind, payload }: Told): string {
  if (kind === 'event') return JSON.stringify(payload)
  if (kind === 'interaction') return new URLSearchParams({ payload: JSON.stringify(payload) }).toString()
  return new URLSearchParams(Object.entries(payload).map(([name, value]) => [name, String(value)])).toString()
}

function toEnvelope({ kind, payload }: Told, retryNum: number, retryReason: string | undefined) {
  const types = { event: 'events_api', command: 'slash_commands', interaction: 'interactive' } as const
  return {
    type: types[kind],
    payload,
    accepts_response_payload: kind !== 'event',
    ...(kind === 'event' ? { retry_attempt: retryNum, retry_reason: retryReason ?? '' } : {}),
  }
}
