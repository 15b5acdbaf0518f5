import { describe, expect, it } from 'vitest'
import { sandboxCredentials } from '../../../sandbox/databricks/contract.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { createBearer } from '../../../src/lib/databricks/credentials.ts'
import { createHttpClient, type HttpClient } from '../../../src/lib/http.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { createWorkspaceBackend } from '../../../src/mlflow/databricks/backend.ts'
import { createMlflowRecords, type MlflowRecords } from '../../../src/mlflow/records.ts'
import { aTurn, runTurn, soon } from '../set-up.ts'
import { experimentPath, setUp, type SetUp } from './set-up.ts'

const opinion = {
  name: 'user_rating',
  source: { type: 'HUMAN', id: 'ann@example.com' },
  value: true,
  rationale: 'Just what I asked for',
} as const

function recordsOf(context: SetUp, http: HttpClient): MlflowRecords {
  const credentials = createBearer(new Secret(sandboxCredentials.token))
  const workspace = { host: context.workspace.url, credentials }
  const backend = createWorkspaceBackend({ workspace, http, clock: systemClock, timeoutMs: 10_000 })
  return createMlflowRecords({ backend, experimentName: '/Users/{username}/ai-slide-generator/test' })
}

describe('what is said about a turn in an ordinary experiment of a workspace', () => {
  it('is kept beside its trace, can be changed, and is found by session and tag', async () => {
    await using context = await setUp()
    await using http = createHttpClient()
    const tracing = await context.startTracing()
    const { traceId, runId } = await runTurn(tracing)
    await tracing.flush(soon())
    const records = recordsOf(context, http)

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

describe('what is said about a turn whose trace lies in tables', () => {
  it('is refused, with the reason, rather than kept for ever', async () => {
    await using context = await setUp()
    await using http = createHttpClient()
    context.workspace.mlflow.bindToTables(experimentPath, 'main.deckhand.prod')
    const records = recordsOf(context, http)

    const refusal = { code: 'unsupported', message: expect.stringContaining('lie in main.deckhand.prod_otel_spans') }
    const traceId = `tr-${'ab'.repeat(16)}`
    await expect(records.assessments.put(traceId, opinion, soon())).rejects.toMatchObject(refusal)
    await expect(records.traces.get(traceId, soon())).rejects.toMatchObject(refusal)
  })
})
