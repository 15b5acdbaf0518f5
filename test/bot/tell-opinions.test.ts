import { describe, expect, it } from 'vitest'
import type { Feedback } from '../../src/bot/feedback.ts'
import type { Told } from '../../src/bot/feedback/outbox.ts'
import { createTellOpinions, type OpinionReaders } from '../../src/bot/feedback/tell-opinions.ts'
import type { Reply } from '../../src/bot/reply.ts'
import { encodeThreadId } from '../../src/bot/thread.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { MlflowError } from '../../src/mlflow/mlflow-error.ts'

const thread = encodeThreadId({ platform: 'slack', tenant: 'T1', channel: 'C1', root: '1.0' })
const asked = { spaceId: 's', conversationId: 'c', messageId: 'm' }

function opinion(userId: string, rating: Feedback['rating'], reason = ''): Feedback {
  return { turnId: 't', thread, traceId: 'tr-1', userId, rating, reason, at: 0 }
}

/** What was told of these opinions, to whom, and what came of it. */
async function tell(
  opinions: readonly Feedback[],
  options: { readonly askedGenie?: readonly (typeof asked)[]; readonly readers?: Partial<OpinionReaders> } = {},
): Promise<{ readonly said: readonly string[]; readonly told: Told }> {
  const said: string[] = []
  const { askedGenie = [asked] } = options
  const reply = { result: { askedGenie: [...askedGenie] } } as unknown as Reply
  const run = createTellOpinions({
    feedback: { list: async () => opinions },
    replies: { find: async () => reply },
    readers: {
      async genie({ messageId }, rating, comment) {
        said.push(`Genie ${messageId}: ${rating} ${comment}`.trim())
        return 'done'
      },
      async trace(traceId, given) {
        said.push(`MLflow ${traceId}: ${given.length}`)
        return 'done'
      },
      async collect(traceId) {
        said.push(`set: ${traceId}`)
        return 'done'
      },
      ...options.readers,
    },
    log: silentLogger,
  })
  const told = await run({ thread, turnId: 't' }, new AbortController().signal)
  return { said, told }
}

describe('Opinions about one answer', () => {
  it.each<[string, readonly Feedback[], string]>([
    ['all good', [opinion('ann', 'good'), opinion('bob', 'good')], 'POSITIVE'],
    ['all bad', [opinion('ann', 'bad', 'Wrong year')], 'NEGATIVE Wrong year'],
    ['divided', [opinion('ann', 'bad', 'Wrong year'), opinion('bob', 'good')], 'NONE Wrong year'],
  ])('are one rating for Genie: %s', async (_what, opinions, rating) => {
    const { said, told } = await tell(opinions)

    expect(said).toContain(`Genie m: ${rating}`)
    expect(said).toContain(`MLflow tr-1: ${opinions.length}`)
    expect(told).toBe('done')
  })

  it('go to every question of the turn, and to no other', async () => {
    const { said } = await tell([opinion('ann', 'good')], { askedGenie: [asked, { ...asked, messageId: 'm2' }] })
    const without = await tell([opinion('ann', 'good')], { askedGenie: [] })

    expect(said.filter((line) => line.startsWith('Genie'))).toEqual(['Genie m: POSITIVE', 'Genie m2: POSITIVE'])
    expect(without.said).toEqual(['MLflow tr-1: 1'])
  })

  it('are collected only where somebody found the answer bad', async () => {
    expect((await tell([opinion('ann', 'good')])).said).not.toContain('set: tr-1')
    expect((await tell([opinion('ann', 'good'), opinion('bob', 'bad')])).said).toContain('set: tr-1')
  })

  it('reach the others when one is away, who is told later', async () => {
    const away = async (): Promise<Told> => {
      throw new Error('connection refused')
    }

    const { said, told } = await tell([opinion('ann', 'bad')], { readers: { genie: away } })

    expect(told).toBe('later')
    expect(said).toEqual(expect.arrayContaining(['MLflow tr-1: 1', 'set: tr-1']))
  })

  it('are not told again to an MLflow that has no evaluation sets', async () => {
    const collect = async (): Promise<Told> => {
      throw new MlflowError('unsupported', 'Datasets are not there')
    }

    const { said, told } = await tell([opinion('ann', 'bad')], { readers: { collect } })

    expect(told).toBe('done')
    expect(said).toEqual(['Genie m: NEGATIVE', 'MLflow tr-1: 1'])
  })

  it('of a turn that was not traced go to Genie alone, and of a forgotten thread nowhere', async () => {
    const untraced = await tell([{ ...opinion('ann', 'bad'), traceId: '' }])
    const forgotten = await tell([])

    expect(untraced.said).toEqual(['Genie m: NEGATIVE'])
    expect(forgotten).toEqual({ said: [], told: 'done' })
  })
})
