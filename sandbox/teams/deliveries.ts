import { isRecord } from '../local/json.ts'
import { sandboxTeamsApp, type Delivery, type Person, type Signing } from './contract.ts'
import type { Identity } from './identity.ts'
import { joinConversation, splitConversation, type State } from './state.ts'

/** Tells the app what people do, signed as Teams signs. */
export interface Deliveries {
  /** Undefined while the app is nowhere. */
  send(activity: Readonly<Record<string, unknown>>): Promise<Delivery | undefined>
  /** @throws Error while the app is nowhere */
  post(body: unknown, how: Signing): Promise<Response>
  /** What all activities of a person in a conversation have in common. */
  envelope(user: Person, full: string): Record<string, unknown>
}

/** How long Teams waits for an answer. Invokes have less; nobody has documented how much. */
const answerWithinMs = 15_000

export function createDeliveries(options: {
  readonly state: State
  readonly identity: Identity
  readonly closing: AbortSignal
  readonly target: () => string | undefined
  /** Added to when the answer is there, or when there will be none. */
  readonly deliveries: Delivery[]
}): Deliveries {
  const { state, identity, closing, target, deliveries } = options

  async function post(body: unknown, how: Signing): Promise<Response> {
    const url = target()
    if (url === undefined) throw new Error('Cannot deliver: call connect() with the address of the app first')
    const serviceUrl = isRecord(body) ? String(body['serviceUrl']) : state.ids.serviceUrl
    const authorization = identity.authorize(serviceUrl, how)
    return await fetch(url, {
      method: 'POST',
      redirect: 'manual',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        'user-agent': 'Microsoft-SkypeBotApi (stand-in)',
        ...(authorization === undefined ? {} : { authorization }),
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      signal: AbortSignal.any([closing, AbortSignal.timeout(answerWithinMs)]),
    })
  }

  return {
    post,
    async send(activity) {
      if (target() === undefined) return undefined
      const at = state.now()
      const startedAt = performance.now()
      let status = 0
      let answer: unknown
      try {
        const response = await post(activity, {})
        status = response.status
        answer = readAnswer(await response.text())
      } catch {
        status = 0 // no answer in time, or none at all
      }
      const type = String(activity['type'])
      const name = typeof activity['name'] === 'string' ? activity['name'] : ''
      const latencyMs = performance.now() - startedAt
      const delivery: Delivery = { type, name, activity, at, status, latencyMs, answer }
      deliveries.push(delivery)
      return delivery
    },
    envelope(user, full) {
      const { place, root } = splitConversation(full)
      const conversation = state.conversations.get(place)
      if (!conversation) throw new Error(`There is no conversation "${place}"`)
      const isChannel = conversation.type === 'channel'
      return {
        id: state.nextId(),
        timestamp: new Date(state.now()).toISOString(),
        localTimestamp: new Date(state.now()).toISOString(),
        channelId: 'msteams',
        serviceUrl: state.ids.serviceUrl,
        locale: 'en-US',
        from: { id: user.id, name: user.name, aadObjectId: user.aadObjectId },
        recipient: { id: state.ids.bot, name: sandboxTeamsApp.botName },
        conversation: {
          id: joinConversation(place, root),
          conversationType: conversation.type,
          tenantId: state.ids.tenant,
          ...(conversation.type === 'personal' ? {} : { isGroup: true }),
        },
        channelData: {
          tenant: { id: state.ids.tenant },
          ...(isChannel
            ? {
                team: { id: conversation.team },
                channel: { id: place },
                teamsTeamId: conversation.team,
                teamsChannelId: place,
              }
            : {}),
        },
      }
    },
  }
}

function readAnswer(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
