import { describe, expect, it } from 'vitest'
import { sandboxCredentials } from '../../../sandbox/databricks/contract.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { createBearer } from '../../../src/lib/databricks/credentials.ts'
import { createHttpClient } from '../../../src/lib/http.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { createWorkspaceBackend } from '../../../src/mlflow/databricks/backend.ts'
import { createMlflowRecords } from '../../../src/mlflow/records.ts'
import { aTurn, runTurn, soon } from '../set-up.ts'
import { setUp } from './set-up.ts'

const opinion = {
  name: 'user_rating',
  source: { type: 'HUMAN', id: 'ann@example.com' },
  value: true,
  rationale: 'Just what I asked for',
} as const

describe('what is said about a turn in an ordinary experiment of a workspace', () => {
  it('is kept beside its trace, can be changed, and is found by session and tag', async () => {
    await using context = await setUp()
    await using http = createHttpClient()
    const tracing = await context.startTracing()
    const { traceId, runId } = await runTurn(tracing)
    await tracing.flush(soon())
    const backend = createWorkspaceBackend({
      workspace: {
        host: context.workspace.url,
        credentials: createBearer(new Secret(sandboxCredentials.token)),
      },
      http,
      clock: systemClock,
      timeoutMs: 10_000,
    })
    const records = createMlflowRecords({ backend, experimentName: '/Users/{username}/ai-slide-generator/test' })

    await records.assessments.put(traceId, opinion, soon())
    await records.assessments.put(traceId, { ...opinion, value: false, rationale: 'On second thoughts' }, soon())

    const { feedback } = await records.assessments.list(traceId, soon())
    expect(feedback.map(({ value, isValid }) => [value, isValid])).toEqual([
      [true, false],
      [false, true],
    ])
    const { id } = await records.experiment(soon())
    const filter = { sessionId: aTurn.sessionId, tags: { platform: 'slack' } }
    expect(await records.traces.find(id, filter, soon())).toMatchObject([{ traceId, runId: await runId }])
    expect(await records.traces.find(id, { tags: { platform: 'teams' } }, soon())).toEqual([])
    expect(records.links.run({ id }, await runId)).toBe(
      `${context.workspace.url}/ml/experiments/${id}/runs/${await runId}`,
    )
  })
})
