import type { ConnectorClient } from 'botframework-connector'
import { z } from 'zod'
import { untilAborted } from '../../lib/abort.ts'
import type { Clock } from '../../lib/clock.ts'
import { HttpError } from '../../lib/http.ts'
import type { Logger } from '../../lib/log.ts'
import { retry } from '../../lib/retry.ts'
import { PortError } from '../chat-port.ts'
import type { Adapter } from './adapter.ts'
import type { CallBudget } from './budget.ts'
import { busyError, TeamsRefusal, toPortError } from './errors.ts'
import { pace } from './limits.ts'
import { channelOf, type References } from './references.ts'
import type { Trusts } from './trust.ts'
import type { ConversationRef, OutgoingActivity, TeamsWire } from './wire.ts'

export interface TeamsWireDeps {
  readonly adapter: Adapter
  readonly references: References
  readonly budget: CallBudget
  /** Where we may send to. */
  readonly trusts: Trusts
  readonly clock: Clock
  readonly log: Logger
  /** From 0 to 1, so that many who wait do not come back together. */
  readonly random?: () => number
}

/** What this wire can beside {@link TeamsWire}. */
export interface BudgetedWire extends TeamsWire {
  /** An edit that is left out when the conversation's rate is used up. @throws PortError `busy` then, at once */
  tryUpdate(ref: ConversationRef, id: string, activity: OutgoingActivity, signal: AbortSignal): Promise<void>
  /** A message, or a part of a stream, that is left out when the conversation's rate is used up. */
  trySend(ref: ConversationRef, activity: OutgoingActivity, signal: AbortSignal): Promise<{ readonly id: string }>
}

/** As documented for bots. @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit */
const retriedStatuses: ReadonlySet<number> = new Set([412, 429, 502, 504])
const tries = 4
const firstPauseMs = 250
/** Services in different regions have addresses of their own; there are a handful. */
const mostServices = 50

/** What the library throws for an answer that is none of success. */
const RestFailure = z.object({
  statusCode: z.number(),
  code: z.string().optional().catch(undefined),
  message: z.string(),
  response: z.object({ headers: z.custom<{ get(name: string): string | undefined }>() }).optional(),
})

export function createTeamsWire(deps: TeamsWireDeps): BudgetedWire {
  const { adapter, references, budget, trusts, clock, log, random = Math.random } = deps
  const clients = new Map<string, Promise<ConnectorClient>>()

  function connect(serviceUrl: string): Promise<ConnectorClient> {
    const url = URL.parse(serviceUrl)
    if (!url || !trusts(url)) {
      throw new PortError('gone', `Cannot send to "${serviceUrl}": it is no address that Teams may have`, {
        userMessage: 'I cannot write there. Please tell your administrator.',
      })
    }
    const known = clients.get(serviceUrl)
    if (known) return known
    const client = adapter.connect(serviceUrl)
    clients.set(serviceUrl, client)
    client.catch(() => clients.delete(serviceUrl))
    for (const oldest of clients.keys()) if (clients.size > mostServices) clients.delete(oldest)
    return client
  }

  /** One call, tried again where Teams asks for that, within the conversation's rate. */
  async function call<T>(
    name: string,
    ref: ConversationRef,
    canBeLeftOut: boolean,
    run: (client: ConnectorClient, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    signal.throwIfAborted()
    try {
      return await retry(
        async () => {
          await takeTurn(name, ref, canBeLeftOut, signal)
          const within = AbortSignal.any([signal, AbortSignal.timeout(pace.callMs)])
          // Tokens are fetched by the library, which knows no signals.
          return await untilAborted(
            connect(ref.serviceUrl).then((client) => run(client, within)),
            within,
          )
        },
        { attempts: canBeLeftOut ? 1 : tries, delayMs: delayAfter },
        clock,
        signal,
      )
    } catch (error) {
      signal.throwIfAborted()
      const failure = toFailure(name, error)
      if (failure.code === 'gone') await noteGone(ref, failure)
      throw failure
    }
  }

  async function takeTurn(
    name: string,
    ref: ConversationRef,
    canBeLeftOut: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    for (let waitedMs = 0; ;) {
      const waitMs = await budget.take(channelOf(ref.conversationId), canBeLeftOut)
      if (waitMs === 0) return
      if (canBeLeftOut || waitedMs + waitMs > pace.retryWithinMs) throw busyError(name, waitMs)
      waitedMs += waitMs
      await clock.sleep(waitMs, signal)
    }
  }

  /** Exponential, with jitter; as long as Teams says where it does. Longer waits are the caller's. */
  function delayAfter(error: unknown, attempt: number): number | null {
    const pauseMs = Math.round(firstPauseMs * 2 ** (attempt - 1) * (0.5 + random()))
    if (error instanceof HttpError) return error.code === 'connect' ? pauseMs : null
    const failure = toFailure('', error)
    if (!(failure instanceof TeamsRefusal) || !retriedStatuses.has(failure.refusal.status)) return null
    const asked = failure.refusal.retryAfter === undefined ? pauseMs : (failure.retryAfterMs ?? pauseMs)
    return asked > pace.retryWithinMs ? null : asked
  }

  async function noteGone(ref: ConversationRef, failure: PortError): Promise<void> {
    if (!(failure instanceof TeamsRefusal) || failure.refusal.code === 'ActivityNotFoundInConversation') return
    try {
      if (failure.isRemoval) {
        log.info({ tenant: ref.tenantId, why: failure.refusal.code }, 'The app is no longer in a conversation of Teams')
        await references.drop(ref)
      } else if (failure.refusal.status === 403) {
        await references.noteRefusal(ref)
      }
    } catch {
      // Redis is away: the next refusal says the same.
    }
  }

  async function send(
    ref: ConversationRef,
    activity: OutgoingActivity,
    canBeLeftOut: boolean,
    signal: AbortSignal,
  ): Promise<{ readonly id: string }> {
    const body = toWire(ref, activity)
    const posted = await call(
      'send',
      ref,
      canBeLeftOut,
      (client, abortSignal) => client.conversations.sendToConversation(ref.conversationId, body, { abortSignal }),
      signal,
    )
    return { id: posted.id ?? '' }
  }

  async function update(
    ref: ConversationRef,
    id: string,
    activity: OutgoingActivity,
    canBeLeftOut: boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const body = { ...toWire(ref, activity), id }
    await call(
      'update',
      ref,
      canBeLeftOut,
      (client, abortSignal) => client.conversations.updateActivity(ref.conversationId, id, body, { abortSignal }),
      signal,
    )
  }

  return {
    send: (ref, activity, signal) => send(ref, activity, false, signal),
    trySend: (ref, activity, signal) => send(ref, activity, true, signal),
    update: (ref, id, activity, signal) => update(ref, id, activity, false, signal),
    tryUpdate: (ref, id, activity, signal) => update(ref, id, activity, true, signal),

    async remove(ref, id, signal) {
      await call(
        'remove',
        ref,
        false,
        (client, abortSignal) => client.conversations.deleteActivity(ref.conversationId, id, { abortSignal }),
        signal,
      )
    },

    async openPersonal(near, userId, signal) {
      const parameters = {
        isGroup: false,
        bot: { id: near.botId, name: near.botName },
        members: [{ id: userId, name: '' }],
        tenantId: near.tenantId,
        channelData: { tenant: { id: near.tenantId } },
      }
      const opened = await call(
        'create',
        // Its own rate: it is no call for the conversation that happens to be near.
        { ...near, conversationId: `create:${near.tenantId}` },
        false,
        (client, abortSignal) =>
          client.conversations.createConversation(
            parameters as unknown as Parameters<typeof client.conversations.createConversation>[0],
            { abortSignal },
          ),
        signal,
      )
      const ref: ConversationRef = {
        ...near,
        conversationId: z.string().min(1).parse(opened.id),
        conversationType: 'personal',
        userId,
        userAadId: '',
      }
      await references.put(ref)
      return ref
    },
  }
}

type LibraryActivity = Parameters<ConnectorClient['conversations']['sendToConversation']>[1]

/** The library's type asks for all fields of what is received; what is sent has those that say something. */
function toWire(ref: ConversationRef, activity: OutgoingActivity): LibraryActivity {
  const { conversationId, conversationType, tenantId, botId, botName, userId } = ref
  return {
    ...activity,
    from: { id: botId, name: botName },
    conversation: {
      id: conversationId,
      conversationType,
      tenantId,
      isGroup: conversationType !== 'personal',
      name: '',
    },
    ...(userId === '' ? {} : { recipient: { id: userId, name: '' } }),
  } as unknown as LibraryActivity
}

function toFailure(name: string, error: unknown): PortError {
  const { data } = RestFailure.safeParse(error)
  if (!data) return toPortError(name, error)
  // A body that was no JSON stands in the message as it came.
  const message = data.code === undefined ? 'no reason that can be read' : data.message
  const retryAfter = data.response?.headers.get('retry-after')
  return new TeamsRefusal(name, { status: data.statusCode, code: data.code ?? '', message, retryAfter })
}
