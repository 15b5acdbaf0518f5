import { afterEach, describe, expect, it } from 'vitest'
import type { Feedback } from '../../src/bot/feedback.ts'
import { createTraceOpinions } from '../../src/bot/feedback/trace-opinions.ts'
import { encodeThreadId } from '../../src/bot/thread.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { createHttpClient } from '../../src/lib/http.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { chooseBackend } from '../../src/mlflow/choose-backend.ts'
import { createMlflowRecords } from '../../src/mlflow/records.ts'
import { runTurn, setUp, soon } from '../mlflow/set-up.ts'

let parts = new AsyncDisposableStack()
afterEach(async () => {
  await parts.disposeAsync()
  parts = new AsyncDisposableStack()
})

const opinion = (traceId: string, userId: string, rating: Feedback['rating']): Feedback => ({
  turnId: 't',
  thread: encodeThreadId({ platform: 'slack', tenant: 'T1', channel: 'C1', root: '1.0' }),
  traceId,
  userId,
  rating,
  reason: '',
  at: 0,
})

describe('An opinion on the way to MLflow', () => {
  it('waits for a trace that is still in the spool, and for a server that is away', async () => {
    const set = parts.use(await setUp())
    const http = parts.use(createHttpClient())
    const deps = { http, clock: systemClock, log: silentLogger }
    const backend = chooseBackend({ trackingUri: set.proxy.url, spanFormat: 'auto' }, deps)
    if (!backend) throw new Error('There is no backend for the test server')
    const records = createMlflowRecords({ backend, experimentName: set.experimentName })
    const tell = createTraceOpinions({ records, clock: systemClock, log: silentLogger })
    const tracing = await set.startTracing()
    set.proxy.decide = () => 'refuse'
    const { traceId } = await runTurn(tracing)
    const opinions = [opinion(traceId, 'ann', 'good'), opinion(traceId, 'bob', 'bad')]

    expect(await tell(traceId, opinions, soon())).toBe('later')
    // The server is back; the trace waits on disk all the same, until its next try.
    set.proxy.decide = ({ path }) => (path.startsWith('/api/2.0/mlflow/experiments') ? 'refuse' : 'pass')
    expect(await tell(traceId, opinions, soon())).toBe('later')
    set.proxy.decide = () => 'pass'
    await expect.poll(() => set.spooled(), { timeout: 30_000 }).toEqual([])
    expect(await tell(traceId, opinions, soon())).toBe('done')
    expect(await tell(traceId, opinions, soon())).toBe('done')

    const { feedback } = await records.assessments.list(traceId, soon())
    expect(
      feedback.map(({ source, value }) => `${source.id} ${String(value)}`).toSorted((a, b) => a.localeCompare(b)),
    ).toEqual(['ann true', 'bob false'])
    const { runId } = await records.traces.get(traceId, soon())
    expect(await set.mlflow.run(runId)).toMatchObject({ metrics: { user_rating: 0.5 }, tags: { user_rating: 'mixed' } })
  })
})
