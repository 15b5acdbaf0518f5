import { sandboxTeamsApp, type ApiCall, type Message, type TeamsService } from '../../sandbox/teams/contract.ts'
import { toOrigin } from '../../src/bot/chat/origin.ts'
import { threadAt, turnIdAt } from '../../src/bot/chat/place.ts'
import type { IncomingMessage } from '../../src/bot/message.ts'
import { firstTopic } from '../../src/bot/teams/topics.ts'
import type { ConversationRef } from '../../src/bot/teams/wire.ts'

/** A thread in Teams: a chat of its own, or the reply chain that a post of Ada's has begun. */
export interface TeamsThread {
  readonly ref: ConversationRef
  /** A message of Ada's in it, not yet delivered. */
  message(id: string, text: string): IncomingMessage
}

/** One thread in each personal chat, group and channel that there is. */
export async function teamsThreads(teams: TeamsService): Promise<readonly TeamsThread[]> {
  const { ids } = teams
  const { ada, grace, group, sales, general, moreGroups } = ids.conversations
  const places = [
    ...[ada, grace].map((id) => ({ id, type: 'personal' as const })),
    ...[group, ...moreGroups].map((id) => ({ id, type: 'groupChat' as const })),
    ...[sales, general].map((id) => ({ id, type: 'channel' as const })),
  ]
  return Promise.all(
    places.map(async ({ id: channel, type }): Promise<TeamsThread> => {
      const post = await teams.say({ user: ids.people.ada, conversation: channel, text: 'Let us look at the numbers' })
      const place = { platform: 'teams' as const, tenant: ids.tenant, channel, isDirect: type === 'personal' }
      const root = type === 'channel' ? post.id : firstTopic
      return {
        ref: {
          serviceUrl: ids.serviceUrl,
          tenantId: ids.tenant,
          conversationId: channel,
          conversationType: type,
          botId: ids.bot,
          botName: sandboxTeamsApp.botName,
          userId: ids.people.ada.id,
          userAadId: ids.people.ada.aadObjectId,
        },
        message: (id, text) => ({
          id: turnIdAt({ ...place, id }),
          thread: threadAt({ ...place, id: root }),
          text,
          user: { id: ids.people.ada.aadObjectId },
          sentAt: Date.now(),
          origin: toOrigin({ ...place, id }),
        }),
      }
    }),
  )
}

/** Texts of the questions in the order in which their answers were first taken by Teams. */
export function teamsEnds(teams: TeamsService, texts: readonly string[]): string[] {
  const ends = new Set<string>()
  for (const call of teams.calls) {
    if (!isTaken(call)) continue
    const body = JSON.stringify(call.body)
    for (const text of texts) if (body.includes(`${text}: `)) ends.add(text)
  }
  return [...ends]
}

/** Our messages in Teams that show the answer to a question. */
export function answersIn(teams: TeamsService, text: string): readonly Message[] {
  return ourMessages(teams).filter((message) =>
    JSON.stringify([message.text, message.attachments]).includes(`${text}: `),
  )
}

/** Our messages in Teams that stay as they were when their turn was still running. A stream that nobody ends goes by itself. */
export function orphansIn(teams: TeamsService, texts: readonly string[]): readonly Message[] {
  const answers = new Set(texts.flatMap((text) => answersIn(teams, text)))
  return ourMessages(teams).filter((message) => message.streamType === '' && !answers.has(message))
}

function ourMessages(teams: TeamsService): readonly Message[] {
  const { moreGroups, ...single } = teams.ids.conversations
  const conversations = [...Object.values(single), ...moreGroups]
  return conversations.flatMap((id) => teams.messages(id)).filter(({ from }) => from === teams.ids.bot)
}

function isTaken({ method, status }: ApiCall): boolean {
  // 0: the connection broke, after the work was done.
  return (method === 'send' || method === 'update') && (status < 300 || status === 0)
}
