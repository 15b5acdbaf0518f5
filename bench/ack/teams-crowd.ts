import type { Delivery, Person, TeamsService } from '../../sandbox/teams/contract.ts'
import { threadAt, turnIdAt } from '../../src/bot/chat/place.ts'
import { firstTopic } from '../../src/bot/teams/topics.ts'
import { type Asked, type Crowd, followUpAfter, question } from './crowd.ts'

/**
 * Mentions in many group chats and in a channel, some of them delivered twice; follow-ups in reply chains, with and without
 * a mention; talk between people. Every delivery carries a token that has to be verified.
 */
export function teamsCrowd(teams: TeamsService): Crowd {
  const { tenant, people, conversations } = teams.ids
  const groups = [conversations.group, ...conversations.moreGroups]
  const roots: string[] = []
  let asked: Asked[] = []
  let repeatedMs: number[] = []
  let group = 0
  let taken = 0

  async function write(
    conversation: string,
    text: string,
    root?: string,
    user: Person = people.ada,
  ): Promise<Delivery | undefined> {
    const { id, delivery } = await teams.say({ user, conversation, text, ...(root === undefined ? {} : { root }) })
    if (user !== people.ada) return delivery
    const place = { platform: 'teams' as const, tenant, channel: conversation }
    const isChannel = conversation === conversations.sales
    const thread = threadAt({ ...place, id: isChannel ? (root ?? id) : firstTopic })
    asked.push({ turnId: turnIdAt({ ...place, id }), thread })
    if (isChannel && root === undefined) roots.push(id)
    return delivery
  }

  async function repeat(delivery: Delivery | undefined): Promise<void> {
    const startedAt = performance.now()
    const isAcknowledged = await teams.deliver(delivery?.activity).then(
      async (response) => (await response.text(), response.ok),
      () => false,
    )
    repeatedMs.push(isAcknowledged ? performance.now() - startedAt : Infinity)
  }

  const nextGroup = (): string => groups[(group += 1) % groups.length] ?? conversations.group
  const { sales } = conversations

  return {
    round: [
      [2, async () => await repeat(await write(nextGroup(), question))],
      [1, async () => await write(nextGroup(), question)],
      [1, async () => await write(sales, question)],
      [1, async () => await write(sales, 'Lunch at noon?', undefined, people.grace)],
      [1, async () => await write(sales, '@Deckhand by month instead', roots.at(-followUpAfter))],
      // In the chain without a mention; the first ones find no chain yet.
      [
        1,
        async () => await write(sales, roots.length < followUpAfter ? question : 'only EMEA', roots.at(-followUpAfter)),
      ],
    ],
    take() {
      const latenciesMs = [
        ...teams.deliveries.slice(taken).map(({ status, latencyMs }) => (status === 200 ? latencyMs : Infinity)),
        ...repeatedMs,
      ]
      const result = { latenciesMs, asked }
      taken = teams.deliveries.length
      repeatedMs = []
      asked = []
      return Promise.resolve(result)
    },
    summary() {
      const unanswered = teams.deliveries.filter(({ status }) => status !== 200).length
      return `${teams.deliveries.length} deliveries in all, ${unanswered} not acknowledged`
    },
  }
}
