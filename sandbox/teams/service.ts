import { systemClock } from '../../src/lib/clock.ts'
import { startHttpServer } from '../local/http-server.ts'
import { waitForMessage } from '../local/wait-for-message.ts'
import { createConnector } from './connector.ts'
import type { ApiCall, Delivery, TeamsService, TeamsServiceOptions } from './contract.ts'
import { createDeliveries } from './deliveries.ts'
import { createFaultBook } from './faults.ts'
import { createIdentity, tokenIssuer } from './identity.ts'
import { createPeople } from './people.ts'
import { createRates } from './rates.ts'
import { createState, splitConversation } from './state.ts'
import { createStreams } from './streams.ts'

/**
 * A stand-in for Teams on 127.0.0.1: the Bot Connector service with its limits and faults, the keys and tokens that both
 * sides trust, and people who write to the bot by signed deliveries. One tenant, with Ada and Grace, and the app in it.
 */
export async function createTeamsService(options: TeamsServiceOptions = {}): Promise<TeamsService> {
  const clock = options.clock ?? systemClock
  const now = (): number => clock.now()
  const closing = new AbortController()
  const calls: ApiCall[] = []
  const deliveries: Delivery[] = []
  const uploads = new Map<string, Uint8Array>()
  const consents = new Map<string, string>()
  const faultBook = createFaultBook()
  let url = ''
  let target: string | undefined
  const place = { now, url: () => url }
  const state = createState({ ...place, moreGroups: options.moreGroups ?? 0 })
  const identity = createIdentity(place)
  const streams = createStreams(state)
  const rates = options.enforceRates ? createRates(now) : undefined
  const sender = createDeliveries({ state, identity, closing: closing.signal, target: () => target, deliveries })
  const people = createPeople({
    state,
    deliveries: sender,
    streams,
    hearsAll: options.hearsAll ?? false,
    url: () => url,
    consents,
  })
  const server = await startHttpServer({
    port: options.port ?? 0,
    answer: createConnector({ state, identity, streams, faultBook, rates, calls, uploads, consents }),
  })
  url = server.url

  const service: TeamsService = {
    ...people,
    url,
    ids: state.ids,
    openIdMetadataUrl: `${url}/openid/.well-known/openidconfiguration`,
    tokenIssuer,
    tokenUrl: `${url}/${state.ids.tenant}/oauth2/v2.0/token`,
    connect(messagesUrl) {
      target = messagesUrl
    },
    deliver: (body, how = {}) => sender.post(body, how),
    messages(conversation) {
      const { place, root } = splitConversation(conversation)
      return state.messages.filter(
        (message) =>
          message.place === place &&
          !message.isDeleted &&
          (root === '' || splitConversation(message.conversation).root === root),
      )
    },
    calls,
    deliveries,
    uploads,
    faults: faultBook.faults,
    waitFor: (fits, timeoutMs = 10_000) =>
      waitForMessage({
        shown: () => state.messages.filter(({ isDeleted }) => !isDeleted),
        onMessage: (listener) =>
          state.onChange((message) => {
            if (!message.isDeleted) listener(message)
          }),
        fits,
        describe: ({ text, attachments }) => text || JSON.stringify(attachments).slice(0, 200),
        timeoutMs,
      }),
    async [Symbol.asyncDispose]() {
      closing.abort(new DOMException('The service is closed', 'AbortError'))
      await server[Symbol.asyncDispose]()
    },
  }
  return service
}
