import { setTimeout as delay } from 'node:timers/promises'
import type { Delivery, SlackWorkspace } from '../../sandbox/slack/contract.ts'
import { threadAt, turnIdAt } from '../../src/bot/chat/place.ts'
import { type Asked, type Crowd, followUpAfter, question } from './crowd.ts'

/**
 * Mentions, which Slack delivers twice, each of these once more; follow-ups in their threads; talk between people. Slack's
 * events about the bot's own replies come on top.
 */
export function slackCrowd(slack: SlackWorkspace): Crowd {
  const { team, people, channels } = slack.ids
  const [ada, grace] = [people.ada, people.grace]
  const channel = channels.sales
  const roots: string[] = []
  let asked: Asked[] = []
  let repeatedMs: number[] = []
  let taken = 0

  const placeOf = (ts: string) => ({ platform: 'slack' as const, tenant: team, channel, id: ts })

  async function write(text: string, threadTs?: string, user = ada): Promise<readonly Delivery[]> {
    const { ts, deliveries } = await slack.say({ user, channel, text, ...(threadTs === undefined ? {} : { threadTs }) })
    if (user === ada) asked.push({ turnId: turnIdAt(placeOf(ts)), thread: threadAt(placeOf(threadTs ?? ts)) })
    if (user === ada && threadTs === undefined) roots.push(ts)
    return deliveries
  }

  async function repeat({ payload }: Delivery): Promise<void> {
    const startedAt = performance.now()
    const isAcknowledged = await slack.deliver(payload, { retryNum: 1, retryReason: 'http_timeout' }).then(
      async (response) => (await response.text(), response.ok),
      () => false,
    )
    repeatedMs.push(isAcknowledged ? performance.now() - startedAt : Infinity)
  }

  return {
    round: [
      [4, async () => await Promise.all((await write(question)).map(repeat))],
      [1, async () => await write('Lunch at noon?', undefined, grace)],
      [2, async () => await write('@Deckhand by month instead', roots.at(-followUpAfter))],
      // In the thread without a mention; the first ones find no thread yet.
      [1, async () => await write(roots.length < followUpAfter ? question : 'only EMEA', roots.at(-followUpAfter))],
    ],
    async take() {
      while (slack.deliveries.some(({ attempts }) => attempts.length === 0)) await delay(50)
      const own = slack.deliveries.slice(taken)
      const latenciesMs = [
        ...own.map(({ attempts: [attempt] }) => (attempt?.status === 200 ? attempt.latencyMs : Infinity)),
        ...repeatedMs,
      ]
      const result = { latenciesMs, asked }
      taken = slack.deliveries.length
      repeatedMs = []
      asked = []
      return result
    },
    summary() {
      const unanswered = slack.deliveries.filter(({ attempts }) => attempts.at(-1)?.status !== 200).length
      const refused = slack.deliveries.filter(({ attempts }) => attempts.length > 1).length
      return `${slack.deliveries.length} deliveries in all, ${refused} sent again by Slack, ${unanswered} never acknowledged`
    },
  }
}
