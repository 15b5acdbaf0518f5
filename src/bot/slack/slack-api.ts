import { webApi } from '@slack/bolt'
import { fetch as send } from 'undici'
import type { z } from 'zod'
import type { Logger } from '../../lib/log.ts'
import { PortError } from '../chat-port.ts'
import { pace } from './limits.ts'
import { toPortError } from './slack-errors.ts'

/** Slack's Web API, on behalf of the workspaces (Slack: teams) that have the app. One call is one try: callers decide. */
export interface SlackApi {
  /**
   * Calls a method and checks what comes back. `signal` ends the wait; so does the time one call may take.
   * @throws PortError, or the signal's reason
   */
  call<Shape extends z.ZodType>(
    team: string,
    method: string,
    args: Readonly<Record<string, unknown>>,
    shape: Shape,
    signal: AbortSignal,
  ): Promise<z.output<Shape>>
  /** Sends a file's bytes to the address Slack gave for it. @throws PortError, or the signal's reason */
  upload(address: string, bytes: Uint8Array, signal: AbortSignal): Promise<void>
}

export interface SlackApiDeps {
  /** Ends with a slash, such as `https://slack.com/api/`. */
  readonly apiUrl: string
  /** The bot token for a workspace; undefined when the app is not installed there. */
  readonly tokenOf: (team: string) => Promise<string | undefined>
  readonly log: Logger
}

export function createSlackApi({ apiUrl, tokenOf, log }: SlackApiDeps): SlackApi {
  const logger = toSlackLogger(log)
  return {
    async call(team, method, args, shape, outer) {
      outer.throwIfAborted()
      const signal = AbortSignal.any([outer, AbortSignal.timeout(pace.callMs)])
      try {
        const token = await tokenOf(team)
        if (token === undefined) throw notInstalled(team)
        // A client of its own for each call: that is how a call gets a signal, and it costs less than a tenth of a millisecond.
        const client = new webApi.WebClient(token, {
          slackApiUrl: apiUrl,
          allowAbsoluteUrls: false,
          logger,
          retryConfig: { retries: 0 },
          rejectRateLimitedCalls: true,
          fetch: (url, init) => fetch(url, { ...(init as RequestInit), signal }),
        })
        return shape.parse(await client.apiCall(method, args))
      } catch (error) {
        outer.throwIfAborted()
        throw toPortError(method, error)
      }
    },

    async upload(address, bytes, outer) {
      outer.throwIfAborted()
      const signal = AbortSignal.any([outer, AbortSignal.timeout(pace.uploadMs)])
      try {
        const response = await send(address, {
          method: 'POST',
          headers: { 'content-type': 'application/octet-stream' },
          body: bytes,
          redirect: 'error',
          signal,
        })
        await response.body?.cancel()
        if (response.status === 200) return
        throw new webApi.WebAPIHTTPError(response.status, response.statusText, {}, '')
      } catch (error) {
        outer.throwIfAborted()
        throw toPortError('file upload', error)
      }
    },
  }
}

function notInstalled(team: string): PortError {
  return new PortError('gone', `Cannot call Slack for team "${team}": the app is not installed there`, {
    userMessage: 'I am not installed in that workspace. Please tell your administrator.',
  })
}

/** Slack's client tells much; what matters is in the errors it throws. */
function toSlackLogger(log: Logger): webApi.Logger {
  const say = (...parts: unknown[]): void => log.debug({}, `Slack client: ${parts.map(String).join(' ')}`)
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: say,
    error: say,
    setLevel: () => undefined,
    getLevel: () => webApi.LogLevel.WARN,
    setName: () => undefined,
  }
}
