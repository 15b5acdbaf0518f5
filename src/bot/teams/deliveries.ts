import { describeError } from '../../lib/errors.ts'
import { untilAborted } from '../../lib/abort.ts'
import type { Logger } from '../../lib/log.ts'
import type { Routes } from '../server.ts'
import { type Adapter, AuthenticationError } from './adapter.ts'
import { pace } from './limits.ts'
import { refOf, tenantOf, type References } from './references.ts'
import { tokenProblem, type TokenRules } from './token-check.ts'
import { trustsLoopback, type Trusts } from './trust.ts'
import { Activity, type InvokeAnswer, type OnActivity, type VerifiedActivity } from './wire.ts'

/** A request to `/api/messages`. */
export interface DeliveredRequest {
  readonly authorization: string | undefined
  readonly body: unknown
  /** Address of who is connected, and the `Host` they asked for. */
  readonly remoteAddress: string
  readonly host: string
}

export interface DeliveriesDeps {
  readonly adapter: Adapter
  readonly references: References
  /** Of tokens; undefined in local mode, where only this machine is heard, and has none. */
  readonly rules: TokenRules | undefined
  /** Tenants whose people may use the bot; undefined in local mode. */
  readonly tenants: ReadonlySet<string> | undefined
  /** Addresses we may be told to answer to. */
  readonly trusts: Trusts
  readonly onActivity: OnActivity
  /** Told of what could not be handled. */
  readonly onLost: (verified: VerifiedActivity) => void
  readonly log: Logger
}

/** What comes in from Teams: proven, then handled, then answered. */
export interface Deliveries {
  receive(request: DeliveredRequest): Promise<InvokeAnswer>
}

/** Local clients have no tenant of their own. */
const localTenant = 'local'

export function createDeliveries(deps: DeliveriesDeps): Deliveries {
  const { adapter, references, rules, tenants, trusts, onActivity, onLost, log } = deps

  function refuse(status: number, why: string): InvokeAnswer {
    log.warn({ status, why }, 'Delivery from Teams is refused')
    return { status }
  }

  /** The answer that ends it; undefined when the sender is who they say. */
  async function check({ authorization, remoteAddress, host }: DeliveredRequest, activity: Activity) {
    if (!rules) {
      return isLocal(remoteAddress, host) ? undefined : refuse(403, 'it does not come from this machine, in local mode')
    }
    const problem = tokenProblem(authorization, rules)
    if (problem !== undefined) return refuse(401, problem)
    try {
      await untilAborted(adapter.verify(authorization ?? '', activity), AbortSignal.timeout(pace.verifyMs))
    } catch (error) {
      if (isForged(error)) return refuse(401, describeError(error))
      return refuse(503, `its token could not be verified: ${describeError(error)}`)
    }
    return undefined
  }

  return {
    async receive(request) {
      // Nobody unknown learns what we think of the body.
      const problem = rules && tokenProblem(request.authorization, rules)
      if (problem !== undefined) return refuse(401, problem)
      const { data: activity } = Activity.safeParse(request.body)
      if (!activity) return refuse(400, 'it is no activity')
      const refusal = await check(request, activity)
      if (refusal) return refusal
      if (activity.channelId !== 'msteams') return refuse(403, 'it comes from another channel than Teams')
      const tenant = tenantOf(activity) ?? (tenants ? undefined : localTenant)
      if (tenant === undefined || tenants?.has(tenant) === false) return refuse(403, 'its tenant may not use the bot')
      const serviceUrl = URL.parse(activity.serviceUrl)
      if (!serviceUrl || !trusts(serviceUrl)) return refuse(403, 'its service address is none that Teams may have')

      const ref = refOf(activity, tenant)
      try {
        const isLeaving = takesUsOut(activity)
        // Teams waits for fifteen seconds, people for less.
        if (!isLeaving) await untilAborted(references.put(ref), AbortSignal.timeout(pace.keepMs))
        const answer = await onActivity({ activity, ref })
        if (isLeaving) await references.drop(ref)
        return answer ?? { status: activity.type === 'invoke' ? 501 : 200 }
      } catch (error) {
        log.warn({ type: activity.type, error: describeError(error) }, 'Delivery from Teams could not be handled')
        onLost({ activity, ref })
        return { status: 503 }
      }
    },
  }
}

/** `POST /api/messages`. */
export function messagesRoute(deliveries: Deliveries): Routes {
  return (scope) => {
    scope.post('/api/messages', async (request, reply) => {
      const { status, body } = await deliveries.receive({
        authorization: request.headers.authorization,
        body: request.body,
        remoteAddress: request.socket.remoteAddress ?? '',
        host: request.headers.host ?? '',
      })
      reply.code(status)
      return body === undefined ? reply.send() : reply.send(body)
    })
  }
}

/** No web page may speak to us in the name of whoever looks at it: such a request names another host. */
function isLocal(remoteAddress: string, host: string): boolean {
  const from = URL.parse(`http://${remoteAddress.replace(/^::ffff:/, '').replace(/^([^[].*:.*)$/, '[$1]')}`)
  const to = URL.parse(`http://${host}`)
  return from !== null && to !== null && trustsLoopback(from) && trustsLoopback(to)
}

/** False where keys could not be had. The library's own library throws for a signature that is none. */
function isForged(error: unknown): boolean {
  if (error instanceof AuthenticationError) return error.statusCode < 500
  return error instanceof Error && /^(JsonWebTokenError|TokenExpiredError|NotBeforeError)$/.test(error.name)
}

function takesUsOut({ type, action, membersRemoved, recipient }: Activity): boolean {
  if (type === 'installationUpdate') return action === 'remove' || action === 'remove-upgrade'
  return type === 'conversationUpdate' && (membersRemoved?.some(({ id }) => id === recipient.id) ?? false)
}
