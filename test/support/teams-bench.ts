import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import {
  sandboxTeamsApp,
  type Message,
  type TeamsService,
  type TeamsServiceOptions,
} from '../../sandbox/teams/contract.ts'
import { createTeamsService } from '../../sandbox/teams/service.ts'
import { toOrigin } from '../../src/bot/chat/origin.ts'
import { threadAt, turnIdAt } from '../../src/bot/chat/place.ts'
import type { IncomingMessage } from '../../src/bot/message.ts'
import type { CallBudget } from '../../src/bot/teams/budget.ts'
import { inChain } from '../../src/bot/teams/references.ts'
import type { ConversationRef } from '../../src/bot/teams/wire.ts'
import { decodeThreadId } from '../../src/bot/thread.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { connectRedis } from '../../src/lib/redis.ts'
import { isolatedRedisUrl } from './parts.ts'
import { noBudget, openTeamsSide, type TeamsSide } from './teams-side.ts'

export type ChatKind = 'personal' | 'group' | 'channel'

/** A stand-in for Teams, our side of it, and Ada who writes in one conversation. Nothing of ours listens. */
export interface TeamsBench extends AsyncDisposable {
  readonly teams: TeamsService
  readonly redis: Redis
  readonly side: TeamsSide
  readonly ref: ConversationRef
  /** Ada writes: in a thread of its own, or further down in that of an earlier message. */
  ask(text?: string, after?: IncomingMessage): Promise<IncomingMessage>
  /** Messages of ours in the message's thread that will stay. */
  replies(message: IncomingMessage): readonly Message[]
  /** Where the message's thread is. */
  refOf(message: IncomingMessage): ConversationRef
  /** Our side as another process has it. */
  another(): TeamsSide
}

export async function openTeamsBench(
  kind: ChatKind,
  options: { readonly teams?: TeamsServiceOptions; readonly clock?: Clock; readonly budget?: CallBudget } = {},
): Promise<TeamsBench> {
  await using parts = new AsyncDisposableStack()
  const { clock, budget = noBudget } = options
  const teams = parts.use(await createTeamsService({ ...options.teams, ...(clock ? { clock } : {}) }))
  const redis = parts.use(await connectRedis(await isolatedRedisUrl(), { log: silentLogger }))
  const another = (): TeamsSide => sides.use(openTeamsSide({ teams, redis, budget, ...(clock ? { clock } : {}) }))
  const sides = parts.use(new AsyncDisposableStack())
  const side = another()
  const { ids } = teams
  const { ada } = ids.people
  const { ada: personal, group, sales } = ids.conversations
  const channel = { personal, group, channel: sales }[kind]
  const ref: ConversationRef = {
    serviceUrl: ids.serviceUrl,
    tenantId: ids.tenant,
    conversationId: channel,
    conversationType: kind === 'group' ? 'groupChat' : kind,
    botId: ids.bot,
    botName: sandboxTeamsApp.botName,
    userId: ada.id,
    userAadId: ada.aadObjectId,
  }
  await side.references.put(ref)
  const refOf = ({ thread }: IncomingMessage): ConversationRef => inChain(ref, decodeThreadId(thread).root)
  const owned = parts.move()
  return {
    teams,
    redis,
    side,
    ref,
    another,
    refOf,
    async ask(text = 'Revenue by region', after) {
      const root = after && decodeThreadId(after.thread).root
      const isReply = root !== undefined && kind === 'channel'
      const said = await teams.say({
        user: ada,
        conversation: channel,
        text: `@Deckhand ${text}`,
        ...(isReply ? { root } : {}),
      })
      const place = {
        platform: 'teams' as const,
        tenant: ids.tenant,
        channel,
        id: said.id,
        isDirect: kind === 'personal',
      }
      return {
        id: turnIdAt(place),
        // Chats have topics in the place of reply chains.
        thread: threadAt({ ...place, id: root ?? (kind === 'channel' ? said.id : randomUUID()) }),
        text,
        user: { id: ada.aadObjectId },
        sentAt: Date.now(),
        origin: toOrigin(place),
      }
    },
    replies: (message) =>
      teams
        .messages(refOf(message).conversationId)
        .filter(({ from, streamType }) => from === ids.bot && streamType === ''),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
