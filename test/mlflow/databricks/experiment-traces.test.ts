import { describe, expect, it } from 'vitest'
import { clouds } from '../../../sandbox/databricks/mlflow/contract.ts'
import type { FaultPlan } from '../../../sandbox/databricks/faults.ts'
import type { Tracing, TurnTrace } from '../../../src/mlflow/tracing.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { aTurn, runTurn, soon } from '../set-up.ts'
import { experimentPath, setUp, type SetUp } from './set-up.ts'

const pixels = Uint8Array.from({ length: 256 }, (_, index) => index)

/** A turn that leaves files behind. */
function turnWithFiles(tracing: Tracing): Promise<TurnTrace> {
  return tracing.turn(aTurn, async (trace, _span, report) => {
    report.metric('slide_count', 5)
    report.artifact({ path: 'deck.json', mediaType: 'application/json', content: () => '{"title":"Übersicht"}' })
    report.artifact({ path: 'previews/slide 1.png', mediaType: 'image/png', content: () => pixels })
    report.artifact({ path: 'narrative.txt', mediaType: 'text/plain', content: () => '' })
    return trace
  })
}

function experimentId(context: SetUp): string {
  return context.workspace.mlflow.experiment(experimentPath)?.id ?? ''
}

function spansOf(context: SetUp, traceId: string): { readonly name: string; readonly attributes: object }[] {
  const file = context.workspace.mlflow.file(`traces/${traceId}/traces.json`)
  return (JSON.parse(Buffer.from(file ?? []).toString()) as { spans: { name: string; attributes: object }[] }).spans
}

const storageRequests = (context: SetUp): number =>
  context.sent.filter(({ url }) => url.startsWith(context.workspace.mlflow.storageUrl)).length

describe('a turn in an ordinary experiment of a workspace', () => {
  it('becomes a run, a trace and its spans', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing()

    const { traceId, traceUrl, runId } = await runTurn(tracing)
    await tracing.flush(soon())

    const { mlflow } = context.workspace
    const id = experimentId(context)
    const [run] = mlflow.runs(id)
    expect(run).toMatchObject({ id: await runId, status: 'FINISHED' })
    expect(run?.params.get('question')).toBe(aTurn.question)
    expect(run?.metrics.find(({ key }) => key === 'success')?.value).toBe(1)
    expect(mlflow.traces(id)).toEqual([
      expect.objectContaining({
        trace_id: traceId,
        trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id: id } },
        state: 'OK',
        request_preview: aTurn.question,
        response_preview: 'EMEA leads with 41 %',
        trace_metadata: expect.objectContaining({
          'mlflow.trace_schema.version': '3',
          'mlflow.sourceRun': run?.id,
          'mlflow.trace.session': aTurn.sessionId,
          'mlflow.trace.tokenUsage': '{"input_tokens":150,"output_tokens":30,"total_tokens":180}',
        }),
      }),
    ])
    const spans = spansOf(context, traceId)
    expect(spans.map(({ name }) => name)).toContain('tool_call_1_query_genie')
    expect(spans[0]).toMatchObject({
      name: 'agent_orchestration',
      attributes: { 'mlflow.spanType': '"AGENT"', 'mlflow.traceRequestId': `"${traceId}"` },
    })
    expect(traceUrl).toBe(
      `${context.workspace.url}/ml/experiments/${id}/traces?selectedEvaluationId=${traceId}&traceId=${traceId}`,
    )
  })

  it.each(clouds)('leaves its files in the storage of %s, byte by byte', async (cloud) => {
    await using context = await setUp({ cloud })
    const tracing = await context.startTracing()

    const { traceId } = await turnWithFiles(tracing)
    await tracing.flush(soon())

    const { mlflow } = context.workspace
    const [run] = mlflow.runs(experimentId(context))
    const file = (path: string) => mlflow.file(`runs/${run?.id}/${path}`)
    expect(Buffer.from(file('deck.json') ?? []).toString()).toBe('{"title":"Übersicht"}')
    expect(Buffer.from(file('previews/slide 1.png') ?? [])).toEqual(Buffer.from(pixels))
    expect(file('narrative.txt')).toHaveLength(0)
    expect(spansOf(context, traceId)).toHaveLength(1)
    expect(context.warnings()).toEqual([])
    expect(await context.spooled()).toEqual([])
    // One question for the addresses of all files of the run.
    expect(context.calls().filter((call) => call.endsWith('/credentials-for-write'))).toHaveLength(1)
  })

  it('leaves its files on the volume that the experiment lies on', async () => {
    await using context = await setUp()
    context.workspace.mlflow.createOnVolume(experimentPath, '/Volumes/main/deckhand/run files')
    const tracing = await context.startTracing()

    await turnWithFiles(tracing)
    await tracing.flush(soon())

    const { mlflow } = context.workspace
    const [run] = mlflow.runs(experimentId(context))
    const stored = mlflow.file(`/Volumes/main/deckhand/run files/${run?.id}/artifacts/previews/slide 1.png`)
    expect(Buffer.from(stored ?? [])).toEqual(Buffer.from(pixels))
    expect(run?.status).toBe('FINISHED')
  })

  it('keeps its trace where files cannot be written, and the run says what is missing', async () => {
    await using context = await setUp()
    context.workspace.mlflow.createOnVolume(experimentPath, '/unused')
    const experiment = context.workspace.mlflow.experiment(experimentPath)
    Object.assign(experiment ?? {}, { artifactLocation: 's3://bucket/with-a-secret-name' })
    const tracing = await context.startTracing()

    const { traceId } = await turnWithFiles(tracing)
    await tracing.flush(soon())

    const [run] = context.workspace.mlflow.runs(experimentId(context))
    expect(run?.status).toBe('FINISHED')
    expect(run?.tags.get('artifacts_left_out')).toContain("only the workspace's own storage and volumes")
    expect(spansOf(context, traceId)).toHaveLength(1)
  })
})

describe('a signed address', () => {
  it.each(clouds)('that has expired is asked for anew, once: %s', async (cloud) => {
    await using context = await setUp({ cloud })
    const tracing = await context.startTracing()
    context.workspace.faults.add({ on: 'storage.upload', fault: { kind: 'signature-expired' } })

    const { traceId } = await runTurn(tracing)
    await tracing.flush(soon())

    expect(spansOf(context, traceId).length).toBeGreaterThan(1)
    expect(context.calls().filter((call) => call.endsWith('/credentials-for-data-upload'))).toHaveLength(2)
    expect(context.warnings()).toEqual([])
  })

  it('of a file that has expired is asked for anew for that file alone', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing()
    context.workspace.faults.add({ on: 'storage.upload', fault: { kind: 'signature-expired' }, skip: 2 })

    await turnWithFiles(tracing)
    await tracing.flush(soon())

    const asked = context.sent.filter(({ url }) => url.endsWith('/credentials-for-write'))
    expect(asked.map(({ body }) => (JSON.parse(body.toString()) as { path: string[] }).path.length)).toEqual([3, 1])
    const [run] = context.workspace.mlflow.runs(experimentId(context))
    for (const path of ['deck.json', 'previews/slide 1.png', 'narrative.txt']) {
      expect(context.workspace.mlflow.file(`runs/${run?.id}/${path}`)).toBeDefined()
    }
  })

  it('of a kind that nobody knows keeps turns waiting', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing()
    const body = { credential_info: { type: 'CARRIER_PIGEON', signed_uri: 'https://roof.example/?sig=grain' } }
    context.workspace.faults.add({ on: 'mlflow.credentials', fault: { kind: 'status', status: 200, body }, times: 9 })

    await runTurn(tracing)
    await tracing.flush(soon())

    expect(await context.spooled()).toHaveLength(1)
    expect(context.warnings()).toEqual([expect.stringContaining('unknown type "CARRIER_PIGEON"')])
  })
})

describe('a workspace that fails', () => {
  const answers: readonly (readonly [what: string, plan: FaultPlan])[] = [
    ['breaks the connection', { on: 'mlflow.start-trace', fault: { kind: 'reset' } }],
    ['loses the answer to a trace it took', { on: 'mlflow.start-trace', fault: { kind: 'reply-lost' } }],
    ['loses the answer to a run it made', { on: 'mlflow.create-run', fault: { kind: 'reply-lost' } }],
    ['loses the answer to values it took', { on: 'mlflow.log-batch', fault: { kind: 'reply-lost' } }],
    ['limits the rate', { on: 'mlflow.start-trace', fault: { kind: 'rate-limited', shape: 'envelope' } }],
    ['refuses access', { on: 'mlflow.log-batch', fault: { kind: 'status', status: 403 } }],
    ['asks to sign in', { on: 'mlflow.log-batch', fault: { kind: 'login-redirect' } }],
    ['shows a page', { on: 'mlflow.update-run', fault: { kind: 'html' } }],
    ['breaks its JSON', { on: 'mlflow.start-trace', fault: { kind: 'malformed-json' } }],
    ['is away', { on: 'mlflow.credentials', fault: { kind: 'status', status: 503 } }],
    ['fails', { on: 'mlflow.start-trace', fault: { kind: 'status', status: 500 } }],
    ['has storage that is busy', { on: 'storage.upload', fault: { kind: 'status', status: 503 } }],
    [
      'has storage that refuses both addresses',
      { on: 'storage.upload', fault: { kind: 'signature-expired' }, times: 2 },
    ],
    ['has storage that breaks the connection', { on: 'storage.upload', fault: { kind: 'reset' } }],
  ]

  it.each(answers)('gets each turn once, later: it %s', async (_what, plan) => {
    const clock = createManualClock(Date.now())
    await using context = await setUp({ clock })
    const tracing = await context.startTracing()
    await runTurn(tracing)
    await tracing.flush(soon())
    context.workspace.faults.add(plan)

    const { traceId } = await turnWithFiles(tracing)
    await tracing.flush(soon())
    await clock.advance(60_000)
    await tracing.flush(soon())

    const { mlflow } = context.workspace
    const id = experimentId(context)
    expect(await context.spooled()).toEqual([])
    expect(await context.rejected()).toEqual([])
    expect(mlflow.traces(id)).toHaveLength(2)
    expect(spansOf(context, traceId)).toHaveLength(1)
    const runs = mlflow.runs(id).filter((run) => run.tags.get('deckhand.trace_id') === traceId)
    expect(runs.map((run) => run.status)).toContain('FINISHED')
    const [run] = runs.filter(({ status }) => status === 'FINISHED')
    expect(run?.metrics.filter(({ key }) => key === 'slide_count')).toHaveLength(1)
  })

  it('is told a trace that it already has, and that is no failure', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing()
    const body = { error_code: 'RESOURCE_ALREADY_EXISTS', message: 'The trace exists.' }
    context.workspace.faults.add({ on: 'mlflow.start-trace', fault: { kind: 'reply-lost' } })
    context.workspace.faults.add({ on: 'mlflow.start-trace', fault: { kind: 'status', status: 409, body }, skip: 1 })

    const { traceId } = await runTurn(tracing)
    await tracing.flush(soon())
    await tracing[Symbol.asyncDispose]()
    const next = await context.startTracing()
    await next.flush(soon())

    expect(await context.spooled()).toEqual([])
    expect(spansOf(context, traceId).length).toBeGreaterThan(1)
  })

  it('has a trace that it will not take set aside after a few tries, and gets the next one', async () => {
    const clock = createManualClock(Date.now())
    await using context = await setUp({ clock })
    const tracing = await context.startTracing()
    const body = { error_code: 'INVALID_PARAMETER_VALUE', message: 'No.' }
    context.workspace.faults.add({ on: 'mlflow.start-trace', fault: { kind: 'status', status: 400, body }, times: 6 })

    await runTurn(tracing)
    const { traceId } = await runTurn(tracing)
    for (let minute = 0; minute < 6; minute += 1) {
      await tracing.flush(soon())
      await clock.advance(60_000)
    }
    await tracing.flush(soon())

    expect(await context.rejected()).toHaveLength(1)
    expect(await context.spooled()).toEqual([])
    expect(context.workspace.mlflow.traces(experimentId(context))).toEqual([
      expect.objectContaining({ trace_id: traceId }),
    ])
  })

  it('asks storage for nothing while it has no address for it', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing()
    context.workspace.faults.add({ on: 'mlflow.credentials', fault: { kind: 'reset' }, times: 9 })

    await turnWithFiles(tracing)
    await tracing.flush(soon())

    expect(storageRequests(context)).toBe(0)
  })
})
