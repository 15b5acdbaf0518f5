import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { expect } from 'vitest'
import { sandboxTeamsApp, type Message, type TeamsService } from '../../../sandbox/teams/contract.ts'
import { createTeamsService } from '../../../sandbox/teams/service.ts'
import { toOrigin, isWritten } from '../../../src/bot/chat/origin.ts'
import { threadAt, turnIdAt } from '../../../src/bot/chat/place.ts'
import type { IncomingMessage } from '../../../src/bot/message.ts'
import { decodeThreadId } from '../../../src/bot/thread.ts'
import { silentLogger } from '../../../src/lib/log.ts'
import { connectRedis } from '../../../src/lib/redis.ts'
import { describeChatPort, type PortCall, type PortFault, type PortUnderTest } from '../../contracts/chat-port.ts'
import { isolatedRedisUrl } from '../../support/parts.ts'
import { noBudget, openTeamsSide, type TeamsSide } from '../../support/teams-side.ts'

type Kind = 'personal' | 'group' | 'channel'

interface Bench extends AsyncDisposable {
  readonly teams: TeamsService
  readonly redis: Redis
  readonly side: TeamsSide
  ask(text?: string, after?: IncomingMessage): Promise<IncomingMessage>
  /** Messages of ours in the message's thread that will stay. */
  replies(message: IncomingMessage): readonly Message[]
}

async function openBench(kind: Kind): Promise<Bench> {
  await using parts = new AsyncDisposableStack()
  const teams = parts.use(await createTeamsService())
  const redis = parts.use(await connectRedis(await isolatedRedisUrl(), { log: silentLogger }))
  const side = parts.use(openTeamsSide({ teams, redis, budget: noBudget }))
  const { ids } = teams
  const { ada } = ids.people
  const channel = { personal: ids.conversations.ada, group: ids.conversations.group, channel: ids.conversations.sales }[
    kind
  ]
  await side.references.put({
    serviceUrl: ids.serviceUrl,
    tenantId: ids.tenant,
    conversationId: channel,
    conversationType: kind === 'group' ? 'groupChat' : kind,
    botId: ids.bot,
    botName: sandboxTeamsApp.botName,
    userId: ada.id,
    userAadId: ada.aadObjectId,
  })
  const owned = parts.move()
  return {
    teams,
    redis,
    side,
    async ask(text = 'Revenue by region', after) {
      const root = after && decodeThreadId(after.thread).root
      const said = await teams.say({
        user: ada,
        conversation: channel,
        text: `@Deckhand ${text}`,
        ...(root === undefined || kind !== 'channel' ? {} : { root }),
      })
      const place = {
        platform: 'teams' as const,
        tenant: ids.tenant,
        channel,
        id: said.id,
        isDirect: kind === 'personal',
      }
      const thread = threadAt({ ...place, id: root ?? (kind === 'channel' ? said.id : randomUUID()) })
      const message = {
        id: turnIdAt(place),
        thread,
        text,
        user: { id: ada.aadObjectId },
        sentAt: Date.now(),
        origin: toOrigin(place),
      }
      expect(isWritten(message)).toBe(true)
      return message
    },
    replies({ thread }) {
      const { root } = decodeThreadId(thread)
      return teams
        .messages(kind === 'channel' ? `${channel};messageid=${root}` : channel)
        .filter(({ from, streamType }) => from === ids.bot && streamType === '')
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

const isOffer = ({ attachments }: Message): boolean =>
  attachments.some(({ contentType }) => contentType.includes('consent'))

async function open(kind: Kind): Promise<PortUnderTest> {
  const bench = await openBench(kind)
  const { teams, side, redis } = bench
  const others: TeamsSide[] = []
  const shown = (posted: string, { thread }: IncomingMessage) => {
    const id = posted.replace(/^stream:/, '')
    return teams.messages(decodeThreadId(thread).channel).find((message) => message.id === id)
  }
  return {
    port: side.port,
    another() {
      const other = openTeamsSide({ teams, redis, budget: noBudget })
      others.push(other)
      return other.port
    },
    ask: (text, after) => bench.ask(text, after),
    textOf: (posted, message) => JSON.stringify([shown(posted, message)?.text, shown(posted, message)?.attachments]),
    picturesOf: (posted, message) =>
      JSON.stringify(shown(posted, message)?.attachments).split('"type":"Image"').length - 1,
    countReplies: (message) => bench.replies(message).filter((reply) => !isOffer(reply)).length,
    async filesIn(message) {
      return bench
        .replies(message)
        .filter(isOffer)
        .flatMap(({ attachments }) => attachments.map(({ name }) => name ?? ''))
    },
    next(call: PortCall, fault: PortFault) {
      // What began as a stream ends as one: its last part is sent, not edited in.
      const method = call === 'edit' && kind !== 'personal' ? 'update' : 'send'
      if (fault === 'busy') teams.faults.rateLimit(method, 7)
      else if (fault === 'gone') teams.faults.fail(method, 403, 'BotNotInConversationRoster', 'Not part of it.')
      else if (fault === 'unavailable') teams.faults.failHttp(method, 500)
      else if (fault === 'lost') teams.faults.loseReply(method)
      else teams.faults.slow(method, 60_000)
    },
    async [Symbol.asyncDispose]() {
      for (const other of others) await other[Symbol.asyncDispose]()
      await bench[Symbol.asyncDispose]()
    },
  }
}

// Teams lets no bot read a conversation back: a reply is found by our own notes. Pictures wait in Redis until Teams fetches
// them. Files go into a person's OneDrive, so only where a person is alone with the bot.
describeChatPort('Teams in a channel', () => open('channel'), {
  withoutPlatform: ['find', 'picture', 'files'],
  takes: () => false,
  readsBack: false,
})
describeChatPort('Teams in a group', () => open('group'), {
  withoutPlatform: ['find', 'picture', 'files'],
  takes: () => false,
  readsBack: false,
})
describeChatPort('Teams in a personal chat', () => open('personal'), {
  withoutPlatform: ['find', 'picture'],
  takes: ({ format }) => format === 'pdf' || format === 'pptx',
  readsBack: false,
})
