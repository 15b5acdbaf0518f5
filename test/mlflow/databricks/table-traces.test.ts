import { describe, expect, it } from 'vitest'
import { createManualClock } from '../../support/manual-clock.ts'
import { aTurn, runTurn, soon } from '../set-up.ts'
import { experimentPath, setUp, type SetUp } from './set-up.ts'

const location = 'main.deckhand.prod'
const table = 'main.deckhand.prod_otel_spans'
const tableHeader = 'x-databricks-uc-table-name'

const hexOf = (traceId: string): string => traceId.slice('tr-'.length)

function runsOf(context: SetUp) {
  return context.workspace.mlflow.runs(context.workspace.mlflow.experiment(experimentPath)?.id ?? '')
}

describe('a turn in an experiment that is bound to Unity Catalog tables', () => {
  it('becomes a run, an info of the fourth version, and rows in the table of spans', async () => {
    await using context = await setUp()
    const { mlflow } = context.workspace
    mlflow.bindToTables(experimentPath, location)
    const tracing = await context.startTracing()

    const { traceId } = await runTurn(tracing)
    await tracing.flush(soon())

    const hex = hexOf(traceId)
    const [run] = runsOf(context)
    expect(run?.status).toBe('FINISHED')
    expect(mlflow.tableTraces(location)).toEqual([
      expect.objectContaining({
        trace_id: hex,
        trace_location: {
          type: 'UC_TABLE_PREFIX',
          uc_table_prefix: { catalog_name: 'main', schema_name: 'deckhand', table_prefix: 'prod' },
        },
        state: 'OK',
        request_preview: aTurn.question,
        trace_metadata: expect.objectContaining({
          'mlflow.trace_schema.version': '4',
          'mlflow.sourceRun': run?.id,
          'mlflow.trace.user': 'ann@example.com',
        }),
        tags: expect.objectContaining({ platform: 'slack', 'mlflow.traceName': 'agent_orchestration' }),
      }),
    ])
    const spans = mlflow.spans(table)
    expect(spans.map((span) => span.traceId)).toEqual(spans.map(() => hex))
    const root = spans.find((span) => span.parentSpanId === '')
    expect(root?.name).toBe('agent_orchestration')
    expect(spans.filter((span) => span.parentSpanId === root?.spanId).map((span) => span.name)).toEqual([
      'intent_analysis',
      'tool_execution_loop',
    ])
    expect(spans.every((span) => span.status === 1 && span.endNs >= span.startNs)).toBe(true)
    expect(context.calls()).not.toContain('POST /api/3.0/mlflow/traces')
    expect(context.calls()).not.toContain('GET /api/2.0/mlflow/traces/{id}/credentials-for-data-upload')
  })

  it('has attributes in the words of MLflow and of OpenTelemetry', async () => {
    await using context = await setUp()
    context.workspace.mlflow.bindToTables(experimentPath, location)
    const tracing = await context.startTracing()

    await runTurn(tracing)
    await tracing.flush(soon())

    const spans = context.workspace.mlflow.spans(table)
    const attributesOf = (name: string) => spans.find((span) => span.name === name)?.attributes
    expect(attributesOf('agent_orchestration')).toMatchObject({
      'mlflow.spanType': 'AGENT',
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.input.messages': JSON.stringify(aTurn.inputs),
      'mlflow.spanInputs': JSON.stringify(aTurn.inputs),
      'gen_ai.output.messages': '{"answer":"EMEA leads with 41 %","slide_count":5}',
    })
    expect(attributesOf('call_llm')).toMatchObject({
      'gen_ai.operation.name': 'chat',
      'mlflow.chat.tokenUsage': expect.stringContaining('"total_tokens"'),
    })
    expect(attributesOf('tool_call_1_query_genie')).toMatchObject({
      'gen_ai.operation.name': 'execute_tool',
      row_count: 4,
      'genie.new_conversation': true,
    })
    expect(attributesOf('intent_analysis')).not.toHaveProperty('gen_ai.operation.name')
  })

  it('has a link with the name of its place', async () => {
    await using context = await setUp()
    const { id } = context.workspace.mlflow.bindToTables(experimentPath, location)
    const tracing = await context.startTracing()

    const { traceId, traceUrl } = await runTurn(tracing)

    const name = encodeURIComponent(`trace:/${location}/${hexOf(traceId)}`)
    expect(traceUrl).toBe(
      `${context.workspace.url}/ml/experiments/${id}/traces?selectedEvaluationId=${name}&traceId=${name}`,
    )
  })

  it('has the same link after a restart while the workspace is away', async () => {
    await using context = await setUp()
    context.workspace.mlflow.bindToTables(experimentPath, location)
    await (await context.startTracing())[Symbol.asyncDispose]()
    context.workspace.faults.add({ on: 'mlflow.get-experiment', fault: { kind: 'reset' }, times: 100 })

    const { traceId, traceUrl } = await runTurn(await context.startTracing())

    expect(traceUrl).toContain(encodeURIComponent(`trace:/${location}/${hexOf(traceId)}`))
  })

  it('is written to a schema without a prefix as well', async () => {
    await using context = await setUp()
    context.workspace.mlflow.bindToTables(experimentPath, 'main.deckhand')
    const tracing = await context.startTracing()

    await runTurn(tracing)
    await tracing.flush(soon())

    expect(context.workspace.mlflow.tableTraces('main.deckhand')).toHaveLength(1)
    expect(context.workspace.mlflow.spans('main.deckhand.mlflow_experiment_trace_otel_spans').length).toBeGreaterThan(1)
  })

  it('leaves rows once although the delivery was tried again', async () => {
    const clock = createManualClock(Date.now())
    await using context = await setUp({ clock })
    context.workspace.mlflow.bindToTables(experimentPath, location)
    const tracing = await context.startTracing()
    context.workspace.faults.add({ on: 'mlflow.update-run', fault: { kind: 'reset' } })

    await runTurn(tracing)
    await tracing.flush(soon())
    expect(await context.spooled()).toHaveLength(1)
    await clock.advance(60_000)
    await tracing.flush(soon())

    expect(await context.spooled()).toEqual([])
    const ids = context.workspace.mlflow.spans(table).map((span) => span.spanId)
    expect(new Set(ids).size).toBe(ids.length)
    expect(runsOf(context).map(({ status }) => status)).toEqual(['FINISHED'])
  })

  it('fails as the turn failed', async () => {
    await using context = await setUp()
    context.workspace.mlflow.bindToTables(experimentPath, location)
    const tracing = await context.startTracing()

    await tracing
      .turn(aTurn, async () => {
        throw new Error('Genie is away')
      })
      .catch(() => {})
    await tracing.flush(soon())

    expect(context.workspace.mlflow.tableTraces(location)).toMatchObject([{ state: 'ERROR' }])
    expect(context.workspace.mlflow.spans(table)).toMatchObject([{ status: 2, events: [{ name: 'exception' }] }])
    expect(runsOf(context)).toMatchObject([{ status: 'FAILED' }])
  })
})

describe('a table that takes a part of the spans', () => {
  it('has the rest of them named in the log, and is sent none of them again', async () => {
    await using context = await setUp()
    context.workspace.mlflow.bindToTables(experimentPath, location)
    const tracing = await context.startTracing()
    // ExportTraceServiceResponse { partial_success { rejected_spans: 2, error_message: "no" } }
    const body = '\n\x06\b\x02\x12\x02no'
    const headers = { 'content-type': 'application/x-protobuf' }
    context.workspace.faults.add({ on: 'otel.traces', fault: { kind: 'status', status: 200, body, headers } })

    const { traceId } = await runTurn(tracing)
    await tracing.flush(soon())

    expect(context.logged).toContainEqual({
      level: 'warn',
      fields: { trace: traceId, table, spans: 2, reason: 'no' },
      message: 'Spans of a trace were not taken',
    })
    expect(await context.spooled()).toEqual([])
    expect(context.calls().filter((call) => call.endsWith('/otel/v1/traces'))).toHaveLength(1)
  })
})

describe('a table of spans that cannot be written', () => {
  it('keeps turns waiting, says which and why, and gets them all once it is there', async () => {
    const clock = createManualClock(Date.now())
    await using context = await setUp({ clock })
    const { mlflow } = context.workspace
    mlflow.bindToTables(experimentPath, location)
    mlflow.dropTable(table)
    const tracing = await context.startTracing()

    for (let turn = 0; turn < 8; turn += 1) await runTurn(tracing)
    await tracing.flush(soon())
    // Longer than one trace would be tried if it were its own fault.
    for (let minute = 0; minute < 8; minute += 1) {
      await clock.advance(60_000)
      await tracing.flush(soon())
    }

    expect(await context.spooled()).toHaveLength(8)
    expect(await context.rejected()).toEqual([])
    expect(context.warnings()).toHaveLength(1)
    expect(context.warnings()[0]).toContain(`cannot be written to ${table}`)
    expect(context.warnings()[0]).toContain('MODIFY')

    mlflow.bindToTables(experimentPath, location)
    await clock.advance(60_000)
    await tracing.flush(soon())

    expect(await context.spooled()).toEqual([])
    expect(mlflow.tableTraces(location)).toHaveLength(8)
  })

  it('is looked up anew, so that another one bound meanwhile is used without a restart', async () => {
    const clock = createManualClock(Date.now())
    await using context = await setUp({ clock })
    const { mlflow } = context.workspace
    mlflow.bindToTables(experimentPath, location)
    mlflow.dropTable(table)
    const tracing = await context.startTracing()
    await runTurn(tracing)
    await tracing.flush(soon())

    mlflow.bindToTables(experimentPath, 'main.other.x')
    await clock.advance(60_000)
    await tracing.flush(soon())

    expect(mlflow.spans('main.other.x_otel_spans').length).toBeGreaterThan(1)
    expect(mlflow.spans(table)).toEqual([])
  })

  it('is waited for as well when access to it is refused', async () => {
    await using context = await setUp()
    context.workspace.mlflow.bindToTables(experimentPath, location)
    const tracing = await context.startTracing()
    const body = { error_code: 'PERMISSION_DENIED', message: `User does not have MODIFY on Table '${table}'.` }
    context.workspace.faults.add({ on: 'otel.traces', fault: { kind: 'status', status: 403, body }, times: 9 })

    await runTurn(tracing)
    await tracing.flush(soon())

    expect(await context.spooled()).toHaveLength(1)
    expect(context.warnings()).toEqual([expect.stringContaining('MODIFY on Table')])
  })
})

describe('the choice of where traces go', () => {
  it('is made anew when the experiment was bound to tables after we asked', async () => {
    const clock = createManualClock(Date.now())
    await using context = await setUp({ clock })
    const tracing = await context.startTracing()
    context.workspace.mlflow.bindToTables(experimentPath, location)

    const { traceId } = await runTurn(tracing)
    await tracing.flush(soon())
    await clock.advance(60_000)
    await tracing.flush(soon())

    expect(await context.rejected()).toEqual([])
    expect(await context.spooled()).toEqual([])
    expect(context.workspace.mlflow.tableTraces(location)).toMatchObject([{ trace_id: hexOf(traceId) }])
    expect((await runTurn(tracing)).traceUrl).toContain(encodeURIComponent('trace:/'))
  })

  it('is made by asking for the experiment once, and remembered', async () => {
    await using context = await setUp()
    context.workspace.mlflow.bindToTables(experimentPath, location)
    const tracing = await context.startTracing()

    for (let turn = 0; turn < 3; turn += 1) await runTurn(tracing)
    await tracing.flush(soon())

    const asked = context.calls().filter((call) => call.endsWith('/experiments/get-by-name'))
    expect(asked).toHaveLength(1)
    const sent = context.sent.filter(({ url }) => url.endsWith('/api/2.0/otel/v1/traces'))
    expect(sent.map(({ headers }) => [headers['content-type'], headers[tableHeader]])).toEqual(
      Array.from({ length: 3 }, () => ['application/x-protobuf', table]),
    )
  })
})
