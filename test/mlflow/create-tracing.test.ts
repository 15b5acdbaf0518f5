import { describe, expect, it } from 'vitest'
import { MlflowError } from '../../src/mlflow/mlflow-error.ts'
import type { ReadSpan, ReadTrace } from './real-server.ts'
import { aTurn, question, runTurn, setUp, soon, type SetUp } from './set-up.ts'

describe('createTracing, on a real MLflow server', () => {
  it('stores a turn as one trace with the tree, types, inputs and outputs of its spans', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing()

    const { traceId } = await runTurn(tracing)
    await tracing.flush(soon())

    const trace = await read(context, traceId)
    expect(tree(trace)).toEqual([
      'agent_orchestration AGENT',
      '  intent_analysis CHAIN',
      '    call_llm CHAT_MODEL',
      '  tool_execution_loop AGENT',
      '    tool_call_1_query_genie TOOL',
      '    tool_synthesis CHAIN',
      '      call_llm CHAT_MODEL',
    ])
    expect(span(trace, 'agent_orchestration').attributes).toMatchObject({
      'mlflow.spanInputs': aTurn.inputs,
      'mlflow.spanOutputs': { answer: 'EMEA leads with 41 %', slide_count: 5 },
    })
    expect(span(trace, 'tool_call_1_query_genie').attributes).toMatchObject({
      'mlflow.spanInputs': { query: question },
      'mlflow.spanOutputs': { row_count: 4 },
      row_count: 4,
      'genie.new_conversation': true,
      sql: 'SELECT region FROM orders',
    })
    expect(trace.requestPreview).toBe(question)
    expect(trace.responsePreview).toBe('EMEA leads with 41 %')
    expect(trace.state).toBe('OK')
    expect(new Set(trace.spans.map((each) => each.status))).toEqual(new Set(['STATUS_CODE_OK']))
  })

  it('adds up tokens and cost of the model calls, and groups the trace under session and user', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing()

    const { traceId } = await runTurn(tracing)
    await tracing.flush(soon())

    const trace = await read(context, traceId)
    expect(totals(trace)).toEqual({
      tokens: { input_tokens: 150, output_tokens: 30, total_tokens: 180 },
      cost: { input_cost: 0.00045, output_cost: 0.00045, total_cost: 0.0009 },
    })
    expect(span(trace, 'call_llm').attributes).toMatchObject({
      'mlflow.llm.model': 'claude-sonnet',
      'mlflow.chat.tokenUsage': { input_tokens: 100, output_tokens: 20, total_tokens: 120 },
      'mlflow.llm.cost': { input_cost: 0.0003, output_cost: 0.0003, total_cost: 0.0006 },
    })
    expect(trace.metadata).toMatchObject({
      'mlflow.trace.session': aTurn.sessionId,
      'mlflow.trace.user': aTurn.userId,
    })
    expect(trace.tags).toMatchObject({
      'mlflow.traceName': 'agent_orchestration',
      environment: 'test',
      platform: 'slack',
    })
  })

  it('makes one run for the turn, named after it, finished, and listing the trace', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing()

    const { traceId, runId } = await runTurn(tracing)
    await tracing.flush(soon())

    const id = await runId
    const { experimentId } = await read(context, traceId)
    expect(await context.mlflow.run(id)).toMatchObject({
      name: expect.stringMatching(new RegExp(`^slide-gen-test-\\d{8}T\\d{6}Z-${traceId.slice(3, 11)}$`)),
      status: 'FINISHED',
      params: { question },
      metrics: { success: 1, execution_time_seconds: expect.any(Number) },
      tags: { environment: 'test', platform: 'slack', 'deckhand.trace_id': traceId, 'mlflow.user': aTurn.userId },
    })
    expect(await context.mlflow.tracesOfRun(experimentId, id)).toEqual([traceId])
    expect(await context.mlflow.runsOfExperiment(experimentId)).toHaveLength(1)
  })

  it('marks trace and run as failed when the turn throws, and rethrows', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing()
    const failure = new MlflowError('rejected', 'Genie said no')
    let traceId = ''
    let runId = Promise.resolve('')

    const turn = tracing.turn(aTurn, async (trace) => {
      ;({ traceId, runId } = trace)
      await tracing.span('tool_execution_loop', 'AGENT', {}, () => Promise.reject(failure))
    })
    await expect(turn).rejects.toBe(failure)
    await tracing.flush(soon())

    const trace = await read(context, traceId)
    expect(trace.state).toBe('ERROR')
    for (const name of ['agent_orchestration', 'tool_execution_loop']) {
      const failed = span(trace, name)
      expect(failed.status).toBe('STATUS_CODE_ERROR')
      expect(failed.events).toEqual([
        {
          name: 'exception',
          attributes: expect.objectContaining({
            'exception.type': 'MlflowError',
            'exception.message': 'MlflowError: Genie said no',
            'exception.stacktrace': expect.stringContaining('create-tracing.test.ts'),
            'error.code': 'rejected',
          }),
        },
      ])
    }
    expect(await context.mlflow.run(await runId)).toMatchObject({ status: 'FAILED', metrics: { success: 0 } })
  })

  it('keeps a trace good when a span failed but the turn went on', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing()

    const traceId = await tracing.turn(aTurn, async (trace) => {
      await tracing.span('tool_call_1_query_genie', 'TOOL', {}, () => Promise.reject(new Error('busy'))).catch(() => {})
      return trace.traceId
    })
    await tracing.flush(soon())

    const trace = await read(context, traceId)
    expect(trace.state).toBe('OK')
    expect(span(trace, 'tool_call_1_query_genie').status).toBe('STATUS_CODE_ERROR')
  })

  it('does not mix the spans of turns that run at the same time, even of two tracings', async () => {
    await using context = await setUp()
    const [one, other] = [await context.startTracing(), await context.startTracing()]
    const gate = Promise.withResolvers<void>()
    let begun = 0
    const turn = (name: string, tracing: typeof one) =>
      tracing.turn({ ...aTurn, question: name }, async ({ traceId }) => {
        await tracing.span(`${name} outer`, 'CHAIN', {}, async () => {
          begun += 1
          if (begun === 6) gate.resolve()
          await gate.promise
          await tracing.span(`${name} inner`, 'TOOL', {}, async () => {})
        })
        return { name, traceId }
      })

    const turns = await Promise.all(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((name, index) => turn(name, index % 2 === 0 ? one : other)),
    )
    await Promise.all([one.flush(soon()), other.flush(soon())])

    for (const { name, traceId } of turns) {
      const trace = await read(context, traceId)
      expect(tree(trace)).toEqual(['agent_orchestration AGENT', `  ${name} outer CHAIN`, `    ${name} inner TOOL`])
      expect(trace.requestPreview).toBe(name)
    }
    const experimentId = await context.mlflow.experimentId(context.experimentName)
    expect(await context.mlflow.runsOfExperiment(experimentId ?? '')).toHaveLength(6)
  })

  it('keeps a span of one tracing out of the turn of another', async () => {
    await using context = await setUp()
    const [one, other] = [await context.startTracing(), await context.startTracing()]

    const traceId = await one.turn(aTurn, async (trace) => {
      await other.span('of another', 'TOOL', {}, async () => {})
      return trace.traceId
    })
    await one.flush(soon())

    expect(tree(await read(context, traceId))).toEqual(['agent_orchestration AGENT'])
  })

  it('ends work that outlives its turn with the turn, marked, and ignores what it does later', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing()
    const end = Promise.withResolvers<void>()
    let late: Promise<void> = Promise.resolve()

    const traceId = await tracing.turn(aTurn, async (trace) => {
      late = tracing.span('left behind', 'TOOL', {}, async (span) => {
        await end.promise
        span.setOutputs('too late')
        await tracing.span('later still', 'TOOL', {}, async () => {})
      })
      return trace.traceId
    })
    end.resolve()
    await late
    await tracing.flush(soon())

    const trace = await read(context, traceId)
    expect(tree(trace)).toEqual(['agent_orchestration AGENT', '  left behind TOOL'])
    expect(span(trace, 'left behind').attributes).toMatchObject({ unfinished: true })
    expect(span(trace, 'left behind').attributes).not.toHaveProperty(['mlflow.spanOutputs'])
  })

  it('creates the experiment once when several processes start at the same time', async () => {
    await using context = await setUp()

    const all = await Promise.all([1, 2, 3, 4].map(() => context.startTracing()))
    const traces = await Promise.all(all.map((tracing) => runTurn(tracing)))
    await Promise.all(all.map((tracing) => tracing.flush(soon())))

    const ids = await Promise.all(traces.map(async ({ traceId }) => (await read(context, traceId)).experimentId))
    expect(new Set(ids)).toEqual(new Set([await context.mlflow.experimentId(context.experimentName)]))
  })

  it('hands out the link before anything about the turn is sent', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing()
    const experimentId = await context.mlflow.experimentId(context.experimentName)

    const { traceId, traceUrl } = await tracing.turn(aTurn, async (trace) => trace)

    expect(traceUrl).toBe(
      `${context.proxy.url}/#/experiments/${experimentId}/traces?selectedEvaluationId=${traceId}&traceId=${traceId}`,
    )
  })

  it('puts endpoint, temperature and token limit into model spans, and leaves them out when told to', async () => {
    await using context = await setUp()
    const settings = { modelConfig: { endpoint: 'databricks-claude', temperature: 0.1, maxTokens: 4000 } }
    const keys = ['gen_ai.request.model', 'gen_ai.request.temperature', 'gen_ai.request.max_tokens']
    const configOf = async (captureModelConfig: boolean) => {
      const tracing = await context.startTracing({ captureModelConfig }, { settings })
      const { traceId } = await runTurn(tracing)
      await tracing.flush(soon())
      const { attributes } = span(await read(context, traceId), 'call_llm')
      return keys.map((key) => attributes[key])
    }

    expect(await configOf(true)).toEqual(['databricks-claude', 0.1, 4000])
    expect(await configOf(false)).toEqual([undefined, undefined, undefined])
  })
})

describe('createTracing with capture_input_output off', () => {
  it('sends names, times, sizes and tokens, but no word of what was said', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing({ captureInputOutput: false })

    const { traceId } = await runTurn(tracing)
    const failing = tracing.turn(aTurn, async () => {
      throw new Error(`No rows for "${question}"`)
    })
    await expect(failing).rejects.toThrow('No rows')
    await tracing.flush(soon())

    const sent = context.proxy.requests.map((request) => request.body.toString('latin1')).join('\n')
    for (const content of ['Q4 2023', 'EMEA', 'SELECT', 'Noted', 'data-question', 'No rows']) {
      expect(sent).not.toContain(content)
    }
    const trace = await read(context, traceId)
    expect(tree(trace)).toHaveLength(7)
    expect(totals(trace).tokens).toEqual({ input_tokens: 150, output_tokens: 30, total_tokens: 180 })
    expect(span(trace, 'tool_call_1_query_genie').attributes).toMatchObject({
      inputs_bytes: JSON.stringify({ query: question }).length,
      outputs_bytes: JSON.stringify({ row_count: 4 }).length,
      sql_bytes: 'SELECT region FROM orders'.length,
      row_count: 4,
    })
  })
})

describe('createTracing with a sample rate of 0, or switched off', () => {
  it.each([{ sampleRate: 0 }, { enabled: false }])('runs the turn without trace, run or link: %o', async (change) => {
    await using context = await setUp()
    const tracing = await context.startTracing(change)

    const trace = await runTurn(tracing)
    await tracing.flush(soon())

    expect({ ...trace, runId: await trace.runId }).toEqual({ traceId: '', traceUrl: '', runId: '' })
    expect(await context.spooled()).toEqual([])
    expect(context.proxy.calls().filter((call) => /runs|traces/.test(call))).toEqual([])
  })
})

describe('createTracing with a sample rate between 0 and 1', () => {
  it('keeps the spans of an unsampled turn out of the traced turn around it', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing({ sampleRate: 0.5 })
    const attempt = () =>
      tracing.turn(aTurn, async ({ traceId }) => {
        const inner = await tracing.turn(aTurn, async (trace) => {
          await tracing.span('of the inner turn', 'TOOL', {}, async () => {})
          return trace.traceId
        })
        await tracing.span('of the outer turn', 'TOOL', {}, async () => {})
        return inner === '' ? traceId : ''
      })

    // Chance decides which turns are sampled: one attempt in four is the case.
    let outer = ''
    for (let attempts = 0; outer === '' && attempts < 200; attempts += 1) outer = await attempt()
    await tracing.flush(soon())

    expect(tree(await read(context, outer))).toEqual(['agent_orchestration AGENT', '  of the outer turn TOOL'])
  })
})

async function read(context: SetUp, traceId: string): Promise<ReadTrace> {
  const trace = await context.mlflow.trace(traceId)
  if (trace === undefined) throw new Error(`MLflow does not know trace ${traceId}`)
  return trace
}

function span(trace: ReadTrace, name: string): ReadSpan {
  const found = trace.spans.find((each) => each.name === name)
  if (found === undefined) throw new Error(`No span ${name} in ${trace.spans.map((each) => each.name).join(', ')}`)
  return found
}

/** One line a span, indented below its parent, in the order of MLflow's list. */
function tree(trace: ReadTrace, parent?: string, indent = ''): string[] {
  return trace.spans
    .filter((each) => each.parent === parent)
    .flatMap((each) => [
      `${indent}${each.name} ${String(each.attributes['mlflow.spanType'])}`,
      ...tree(trace, each.id, `${indent}  `),
    ])
}

function totals(trace: ReadTrace): { readonly tokens: unknown; readonly cost: unknown } {
  const parse = (key: string): unknown => JSON.parse(trace.metadata[key] ?? 'null')
  return { tokens: parse('mlflow.trace.tokenUsage'), cost: parse('mlflow.trace.cost') }
}
