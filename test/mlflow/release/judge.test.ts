import { describe, expect, it } from 'vitest'
import { createJudge, type CanaryFigures } from '../../../src/mlflow/release/judge.ts'

const limits = { errorShare: 0.05, p95Ms: 60_000, thumbsDownShare: 0.3, fewest: 10 }
const good: CanaryFigures = { requests: 40, errors: 1, p95Ms: 20_000, thumbsUp: 9, thumbsDown: 1 }

const verdict = (figures: Partial<CanaryFigures>) =>
  createJudge(async () => ({ ...good, ...figures }), limits).look(
    { environment: 'prod', endpointName: 'deckhand', entityName: 'v2', trafficPercent: 10, since: 0 },
    new AbortController().signal,
  )

describe('createJudge', () => {
  it('finds a canary good within its limits', async () => {
    expect(await verdict({})).toEqual({ isGood: true, why: '40 requests, 1 failed, 1 of 10 opinions bad' })
  })

  it.each([
    ['too many errors', { errors: 3 }, '3 of 40 requests failed'],
    ['slow answers', { p95Ms: 61_000 }, 'p95 is 61000 ms, expected at most 60000 ms'],
    ['bad opinions', { thumbsUp: 6, thumbsDown: 4 }, '4 of 10 opinions are bad'],
    ['all of it', { errors: 40, thumbsUp: 0, thumbsDown: 10 }, '40 of 40 requests failed, 10 of 10 opinions are bad'],
  ])('finds %s bad', async (_what, figures, why) => {
    expect(await verdict(figures)).toEqual({ isGood: false, why })
  })

  it.each([
    ['requests', { requests: 9, errors: 9, p95Ms: 90_000 }],
    ['opinions', { thumbsUp: 0, thumbsDown: 9 }],
    ['figures', { requests: undefined, errors: undefined, p95Ms: undefined }],
  ])('says nothing against it over too few %s', async (_what, figures) => {
    expect((await verdict(figures)).isGood).toBe(true)
  })
})
