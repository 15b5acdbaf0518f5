import type { IncomingMessage, ServerResponse } from 'node:http'
import { type App, HTTPReceiver, type HTTPReceiverOptions, type Receiver, SocketModeReceiver } from '@slack/bolt'
import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import type { Secret } from '../../lib/secret.ts'
import { toBoltLogger } from './bolt-logger.ts'

/**
 * Deliveries come in here. Slack counts a delivery as done when it is acknowledged; Bolt acknowledges events before
 * anything was done about them. So all acknowledgements are held back until the app is through with the delivery, and are
 * not given when it failed: then Slack delivers again.
 */
export interface Deliveries {
  readonly receiver: Receiver
  /** HTTP only: answers requests below `/slack/`. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => void
  /** Socket Mode only: connects, and stays connected. */
  readonly connect?: () => Promise<void>
  readonly disconnect?: () => Promise<void>
}

/** Slack's largest deliveries are some ten kilobytes; modals are 250. */
const largestBytes = 1024 * 1024
/** Slack waits for three seconds. */
const answerWithinMs = 2900

export type InstallOptions = Pick<
  HTTPReceiverOptions,
  'clientId' | 'clientSecret' | 'stateSecret' | 'redirectUri' | 'installationStore' | 'scopes' | 'installerOptions'
>

/** Signed requests. `install` adds `/slack/install` and `/slack/oauth_redirect`. */
export function createHttpDeliveries(
  signingSecret: Secret,
  install: InstallOptions | undefined,
  log: Logger,
): Deliveries {
  const receiver = new HTTPReceiver({
    signingSecret: signingSecret.reveal(),
    logger: toBoltLogger(log),
    bodyLimit: largestBytes,
    unhandledRequestTimeoutMillis: answerWithinMs,
    unhandledRequestHandler: ({ response }) => refuse(response, log, 'it took too long'),
    processEventErrorHandler: async ({ error, response }) => {
      refuse(response, log, describeError(error))
      return true // nobody else is to answer
    },
    ...install,
  })
  return {
    receiver: deferringReceiver(receiver),
    answer(request, response) {
      try {
        receiver.requestListener(request, response)
      } catch {
        response.writeHead(404).end() // Bolt has no other way to say that the address is none of its own
      }
    },
  }
}

/** A connection that we open. */
export function createSocketDeliveries(appToken: Secret, apiUrl: string, log: Logger): Deliveries {
  const receiver = new SocketModeReceiver({
    appToken: appToken.reveal(),
    logger: toBoltLogger(log),
    installerOptions: { clientOptions: { slackApiUrl: apiUrl } },
    processEventErrorHandler: async ({ error }) => {
      log.warn({ error: describeError(error) }, 'Slack delivery is not acknowledged, so that it comes again')
      return false
    },
  })
  return {
    receiver: deferringReceiver(receiver),
    connect: async () => void (await receiver.start()),
    disconnect: () => receiver.stop(),
  }
}

/** The same receiver, whose acknowledgements wait for the end of the processing. What nobody answered is acknowledged, too. */
function deferringReceiver(receiver: Receiver): Receiver {
  return {
    init(app: App) {
      const deferring: Pick<App, 'processEvent'> = {
        async processEvent(event) {
          let answer: Parameters<typeof event.ack>[0]
          let isAnswered = false
          const ack: typeof event.ack = async (response) => {
            if (isAnswered && response === undefined) return
            isAnswered = true
            answer = response
          }
          await app.processEvent({ ...event, ack })
          await event.ack(answer)
        },
      }
      // All that receivers use of an app.
      receiver.init(deferring as App)
    },
    start: (...args) => receiver.start(...args),
    stop: (...args) => receiver.stop(...args),
  }
}

function refuse(response: ServerResponse, log: Logger, why: string): void {
  log.warn({ why }, 'Slack delivery is refused, so that it comes again')
  if (!response.headersSent) response.writeHead(503, { 'retry-after': '1' }).end()
}
