import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../support/manual-clock.ts'
import { runTurn, soon } from '../set-up.ts'
import { experimentPath, setUp } from './set-up.ts'

const byName = 'GET /api/2.0/mlflow/experiments/get-by-name'
const create = 'POST /api/2.0/mlflow/experiments/create'
const mkdirs = 'POST /api/2.0/workspace/mkdirs'

describe('the experiment of a workspace', () => {
  it('is made with its folder, below the home of whoever we are there', async () => {
    await using context = await setUp()

    const tracing = await context.startTracing()
    const { traceUrl } = await runTurn(tracing)
    await tracing.flush(soon())

    const experiment = context.workspace.mlflow.experiment(experimentPath)
    expect(experiment?.tags.get('mlflow.experimentKind')).toBe('genai_development')
    expect(context.calls().slice(0, 6)).toEqual([
      'GET /api/2.0/preview/scim/v2/Me',
      byName,
      create,
      mkdirs,
      create,
      byName,
    ])
    expect(traceUrl).toContain(`${context.workspace.url}/ml/experiments/${experiment?.id}/traces?`)
    expect(context.workspace.mlflow.runs(experiment?.id ?? '')).toHaveLength(1)
  })

  it('is used as it is when it is there, and asked for once', async () => {
    await using context = await setUp()
    await (await context.startTracing())[Symbol.asyncDispose]()
    const before = context.calls().length

    const tracing = await context.startTracing()
    await runTurn(tracing)
    await runTurn(tracing)
    await tracing.flush(soon())

    const asked = context.calls().slice(before)
    expect(asked.filter((call) => call === byName)).toHaveLength(1)
    expect(asked).not.toContain(create)
    expect(asked).not.toContain(mkdirs)
  })

  it('may be named as the page shows it, below /Workspace', async () => {
    await using context = await setUp()

    const tracing = await context.startTracing({ experimentName: '/Workspace/Shared/deckhand' })
    await runTurn(tracing)
    await tracing.flush(soon())

    const id = context.workspace.mlflow.experiment('/Shared/deckhand')?.id ?? ''
    expect(context.workspace.mlflow.runs(id)).toHaveLength(1)
    expect(context.calls()).not.toContain('GET /api/2.0/preview/scim/v2/Me')
  })

  it('may be made by another process meanwhile', async () => {
    await using context = await setUp()
    await (await context.startTracing())[Symbol.asyncDispose]()
    const missing = { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'Node does not exist.' }
    context.workspace.faults.add({ on: 'mlflow.get-experiment', fault: { kind: 'status', status: 404, body: missing } })

    const tracing = await context.startTracing()
    await runTurn(tracing)
    await tracing.flush(soon())

    expect(await context.spooled()).toEqual([])
    const id = context.workspace.mlflow.experiment(experimentPath)?.id ?? ''
    expect(context.workspace.mlflow.traces(id)).toHaveLength(1)
  })

  it('keeps turns waiting while it lies in the bin, with one warning that says so', async () => {
    const clock = createManualClock(Date.now())
    await using context = await setUp({ clock })
    await (await context.startTracing())[Symbol.asyncDispose]()
    const experiment = context.workspace.mlflow.experiment(experimentPath)
    context.workspace.mlflow.deleteExperiment(experimentPath)

    const tracing = await context.startTracing()
    await runTurn(tracing)
    await tracing.flush(soon())
    await clock.advance(60_000)
    await tracing.flush(soon())

    expect(await context.spooled()).toHaveLength(1)
    expect(context.warnings()).toEqual([expect.stringContaining('it is deleted, and MLflow keeps its name')])

    if (experiment) experiment.isDeleted = false
    await clock.advance(60_000)
    await tracing.flush(soon())

    expect(await context.spooled()).toEqual([])
  })

  it('gives a turn its link although the workspace is away, once an earlier start has learnt it', async () => {
    await using context = await setUp()
    await (await context.startTracing())[Symbol.asyncDispose]()
    const id = context.workspace.mlflow.experiment(experimentPath)?.id
    context.workspace.faults.add({ on: 'scim.me', fault: { kind: 'reset' }, times: 100 })

    const tracing = await context.startTracing()

    expect((await runTurn(tracing)).traceUrl).toContain(`/ml/experiments/${id}/traces?`)
  })
})
