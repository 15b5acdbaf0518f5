import type { HttpClient } from '../../lib/http.ts'
import { acknowledge } from '../acknowledge.ts'
import type { AdminDesk } from '../admin/admin-desk.ts'
import { createBackground } from '../chat/background.ts'
import type { ChatParts } from '../chat/chat.ts'
import type { FollowUp } from '../chat/follow-up.ts'
import type { AnswerIn } from '../chat/listening.ts'
import type { Metrics } from '../metrics.ts'
import type { Platform } from '../platform.ts'
import type { PostedReplies } from '../posted-replies.ts'
import { cloudIssuer, createAdapter, type OpenIdIssuer } from './adapter.ts'
import { createCallBudget } from './budget.ts'
import { createTeamsCredentials, type ServiceClientCredentialsFactory } from './credentials.ts'
import { createDeliveries, messagesRoute } from './deliveries.ts'
import { createFileOffers } from './file-offers.ts'
import { createLostMessages } from './lost-messages.ts'
import { createMessageTurns } from './message-turns.ts'
import { createPictures } from './pictures.ts'
import { createReferences } from './references.ts'
import { createSentNotes } from './sent-notes.ts'
import type { TeamsWireSettings } from './settings.ts'
import { createStreams } from './streams.ts'
import { createTeamsPort } from './teams-port.ts'
import { createTeamsWire } from './teams-wire.ts'
import { createTeams } from './teams.ts'
import { trustsCloud, trustsLoopback, type Trusts } from './trust.ts'
import { createWaitingBytes } from './waiting-bytes.ts'

export interface TeamsPlatformDeps extends Omit<ChatParts, 'acknowledge'> {
  readonly settings: TeamsWireSettings & { readonly answerIn: AnswerIn; readonly followUp: FollowUp }
  readonly posted: PostedReplies
  readonly http: HttpClient
  readonly metrics: Metrics
  /** Where people reach this server, without a slash at the end; known once it listens. */
  readonly baseUrl: () => string
  /** Where admins command releases; undefined: not from here. */
  readonly desk?: AdminDesk | undefined
  /** Another cloud than Microsoft's public one, such as a test's. */
  readonly cloud?: TeamsCloud
}

/** Who is believed, how we prove who we are, and where we may send to. */
export interface TeamsCloud {
  readonly issuer: OpenIdIssuer
  readonly credentials: ServiceClientCredentialsFactory
  readonly trusts: Trusts
}

/**
 * Microsoft Teams, as far as this process serves it: `listens` is false in workers. Nothing of this folder is loaded
 * while Teams is off: its libraries take half a second to load.
 */
export function createTeamsPlatform(deps: TeamsPlatformDeps, listens: boolean): Platform {
  const { settings, redis, mailbox, decks, links, http, clock, log, posted, metrics, baseUrl } = deps
  const { mode, appId, threadTtlMs: ttlMs } = settings
  const isLocal = mode === 'local'
  const cloud: TeamsCloud = deps.cloud ?? {
    issuer: cloudIssuer,
    credentials: createTeamsCredentials(settings),
    trusts: isLocal ? trustsLoopback : trustsCloud,
  }
  const { trusts, issuer } = cloud
  const adapter = createAdapter({ ...cloud, appId: isLocal ? '' : appId, http })
  const references = createReferences({ redis, ttlMs, clock })
  const sending = { adapter, references, trusts, clock, log }
  const wire = createTeamsWire({ ...sending, budget: createCallBudget({ redis }) })
  const background = createBackground('teams', log)
  const messageTurns = createMessageTurns({ redis, ttlMs })
  const waiting = createWaitingBytes({ redis, decks, links })
  const pictures = createPictures({ waiting, links, baseUrl })
  const files = createFileOffers({ redis, waiting, wire, http, trusts, background })
  const streams = createStreams({
    redis,
    wire,
    clock,
    log,
    onStopped: ({ id, thread }) => background.run('stop', () => mailbox.stop(thread, id)),
  })
  const notes = createSentNotes({ redis, clock })
  // Of local clients we know one.
  const client = isLocal ? 'playground' : 'teams'
  const port = createTeamsPort({
    wire,
    references,
    streams,
    notes,
    messageTurns,
    pictures,
    files,
    background,
    log,
    client,
  })
  const settle = async (): Promise<void> => await background[Symbol.asyncDispose]()
  if (!listens) return { name: 'teams', port, settle, [Symbol.asyncDispose]: settle }

  const teams = createTeams({
    ...deps,
    wire,
    references,
    messageTurns,
    port,
    acknowledge: (message, ahead) => acknowledge(message, ahead, { port, posted, clock, log, metrics }),
    consented: (verified) => files.decided(verified),
  })
  const uncounted = createTeamsWire({ ...sending, budget: { take: () => Promise.resolve(0) } })
  const lost = createLostMessages({ wire: uncounted, background })
  const deliveries = createDeliveries({
    adapter,
    references,
    rules: isLocal ? undefined : { audience: appId, issuer: issuer.tokenIssuer },
    tenants: isLocal
      ? undefined
      : new Set(settings.allowedTenants.length > 0 ? settings.allowedTenants : [settings.tenantId]),
    trusts,
    onActivity: (verified) => teams.onActivity(verified),
    onLost: (verified) => lost.note(verified),
    log,
  })
  const messages = messagesRoute(deliveries)
  return {
    name: 'teams',
    port,
    routes(scope) {
      messages(scope)
      pictures.routes(scope)
    },
    async start() {
      if (!isLocal) background.run('keys', () => adapter.warm())
    },
    settle,
    async [Symbol.asyncDispose]() {
      await teams[Symbol.asyncDispose]()
      await settle()
    },
  }
}
