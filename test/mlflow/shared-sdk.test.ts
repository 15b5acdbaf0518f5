import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { context, logs, metrics, propagation, ProxyTracer, trace, type Span } from '@opentelemetry/api'
import { TracerProvider, type ReadableSpan } from '@opentelemetry/sdk-trace'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Tracing } from '../../src/mlflow/tracing.ts'
import { aTurn, runTurn, setUp, soon, type SetUp } from './set-up.ts'

describe('the OpenTelemetry SDK of the process', () => {
  afterEach(() => vi.unstubAllEnvs())

  it('starts with the first tracing, ends with the last, and starts again with the next', async () => {
    await using set = await setUp()
    expect(takenGlobals()).toEqual([])

    const [one, two] = [await set.startTracing(), await set.startTracing()]
    expect(await spansOfTurn(set, one)).toHaveLength(7)
    expect(takenGlobals()).toEqual(['trace', 'context', 'logs'])

    await one[Symbol.asyncDispose]()
    await one[Symbol.asyncDispose]()
    expect(takenGlobals()).toEqual(['trace', 'context', 'logs'])
    expect(await spansOfTurn(set, two)).toHaveLength(7)

    await two[Symbol.asyncDispose]()
    expect(takenGlobals()).toEqual([])

    const three = await set.startTracing()
    expect(await spansOfTurn(set, three)).toHaveLength(7)
    await three[Symbol.asyncDispose]()
    expect(takenGlobals()).toEqual([])
  })

  it('samples each tracing at its own rate', async () => {
    await using set = await setUp()
    const [never, always] = [await set.startTracing({ sampleRate: 0 }), await set.startTracing({ sampleRate: 1 })]

    const traces = await Promise.all([runTurn(never), runTurn(always), runTurn(never), runTurn(always)])
    await Promise.all([never.flush(soon()), always.flush(soon())])

    expect(traces.map(({ traceId }) => traceId !== '')).toEqual([false, true, false, true])
    const experimentId = (await set.mlflow.experimentId(set.experimentName)) ?? ''
    expect((await set.mlflow.tracesOfExperiment(experimentId)).toSorted()).toEqual(
      [traces[1].traceId, traces[3].traceId].toSorted(),
    )
  })

  it('still records a turn that outlives its tracing', async () => {
    await using set = await setUp()
    const tracing = await set.startTracing()

    const { traceId } = await tracing.turn(aTurn, async (trace) => {
      await tracing.span('before', 'TOOL', {}, async () => {})
      await tracing[Symbol.asyncDispose]()
      await tracing.span('after', 'TOOL', {}, async () => {})
      return trace
    })

    await tracing[Symbol.asyncDispose]()
    const next = await set.startTracing()
    await next.flush(soon())
    expect(await spanNames(set, traceId)).toEqual(['agent_orchestration', 'before', 'after'])
  })

  it('records no span of another library, in a turn or outside, and is no parent to it', async () => {
    await using set = await setUp()
    const tracing = await set.startTracing()
    const theirs: Span[] = []
    const library = (name: string): void => {
      const tracer = trace.getTracer('a library')
      tracer.startActiveSpan(name, (outer) => {
        theirs.push(outer, tracer.startSpan(`${name}, nested`))
        for (const span of theirs.slice(-2)) span.end()
      })
    }

    const { traceId } = await tracing.turn(aTurn, async (each) => {
      library('in a turn')
      await tracing.span('ours', 'TOOL', {}, async () => library('in a span'))
      return each
    })
    library('outside')
    await tracing.flush(soon())

    expect(await spanNames(set, traceId)).toEqual(['agent_orchestration', 'ours'])
    expect(theirs.map((span) => span.isRecording())).toEqual([false, false, false, false, false, false])
    const theirTraces = theirs.map((span) => `tr-${span.spanContext().traceId}`)
    expect(new Set(theirTraces).size).toBe(3)
    expect(theirTraces).not.toContain(traceId)
  })

  it('obeys the settings and no OTEL_* variable, and sends nothing on its own', async () => {
    await using set = await setUp()
    await using collector = await startCollector()
    vi.stubEnv('OTEL_EXPORTER_OTLP_ENDPOINT', collector.url)
    for (const signal of ['TRACES', 'METRICS', 'LOGS']) vi.stubEnv(`OTEL_${signal}_EXPORTER`, 'otlp')
    vi.stubEnv('OTEL_TRACES_SAMPLER', 'always_off')
    vi.stubEnv('OTEL_ATTRIBUTE_COUNT_LIMIT', '1')
    vi.stubEnv('OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', '5')
    vi.stubEnv('OTEL_SPAN_EVENT_COUNT_LIMIT', '0')
    vi.stubEnv('OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT', '1')

    const tracing = await set.startTracing()
    const { traceId } = await tracing.turn(aTurn, async (each) => {
      await tracing.span('failed', 'TOOL', {}, () => Promise.reject(new Error('busy'))).catch(() => {})
      metrics.getMeter('a library').createCounter('calls').add(1)
      logs.getLogger('a library').emit({ body: 'a call' })
      return each
    })
    await tracing.flush(soon())
    await tracing[Symbol.asyncDispose]()

    const [root, failed] = (await set.mlflow.trace(traceId))?.spans ?? []
    expect(root?.attributes).toMatchObject({ 'mlflow.spanInputs': aTurn.inputs, 'session.id': aTurn.sessionId })
    expect(failed?.events).toMatchObject([
      { name: 'exception', attributes: { 'exception.type': 'Error', 'exception.message': 'Error: busy' } },
    ])
    expect(collector.requests).toEqual([])
  })

  it.each(['true', undefined])('traces turns with OTEL_SDK_DISABLED=%s', async (disabled) => {
    await using set = await setUp()
    vi.stubEnv('OTEL_SDK_DISABLED', disabled)
    const tracing = await set.startTracing()

    expect(await spansOfTurn(set, tracing)).toHaveLength(7)
    expect(takenGlobals()).toEqual(disabled ? [] : ['trace', 'context', 'logs'])
  })

  it('works beside another SDK that was there first, and takes nothing from it', async () => {
    await using set = await setUp()
    await using other = startAnotherSdk()
    const tracing = await set.startTracing()

    const { traceId } = await tracing.turn(aTurn, async (each) => {
      await tracing.span('ours', 'TOOL', {}, async () => trace.getTracer('a library').startSpan('theirs').end())
      return each
    })
    await tracing.flush(soon())
    await tracing[Symbol.asyncDispose]()
    trace.getTracer('a library').startSpan('theirs, later').end()

    expect(await spanNames(set, traceId)).toEqual(['agent_orchestration', 'ours'])
    expect(other.spans.map((span) => [span.name, span.parentSpanContext])).toEqual([
      ['theirs', undefined],
      ['theirs, later', undefined],
    ])
  })

  it('is installed once, as each further copy of its packages would be loaded as well', async () => {
    const lock: { packages: object } = JSON.parse(await readFile('package-lock.json', 'utf8'))
    const places = Object.keys(lock.packages).filter((place) => place.includes('node_modules/@opentelemetry/'))

    expect(places).toContain('node_modules/@opentelemetry/sdk-node')
    expect(places.filter((place) => place.lastIndexOf('node_modules/') > 0)).toEqual([])
  })
})

/** OpenTelemetry's globals that someone has registered. */
function takenGlobals(): string[] {
  const taken = {
    trace: !(trace.getTracer('test') instanceof ProxyTracer),
    context: context.with(context.active().setValue(Symbol.for('test'), 1), () =>
      Boolean(context.active().getValue(Symbol.for('test'))),
    ),
    propagation: propagation.fields().length > 0,
    logs: logs.getLoggerProvider().constructor.name !== 'ProxyLoggerProvider',
    metrics: metrics.getMeterProvider().constructor.name !== 'NoopMeterProvider',
  }
  return Object.entries(taken).flatMap(([name, is]) => (is ? [name] : []))
}

async function spansOfTurn(set: SetUp, tracing: Tracing): Promise<string[] | undefined> {
  const { traceId } = await runTurn(tracing)
  await tracing.flush(soon())
  return spanNames(set, traceId)
}

async function spanNames(set: SetUp, traceId: string): Promise<string[] | undefined> {
  return (await set.mlflow.trace(traceId))?.spans.map((span) => span.name)
}

/** Where an SDK left to itself would send. */
async function startCollector(): Promise<AsyncDisposable & { readonly url: string; readonly requests: string[] }> {
  const requests: string[] = []
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`)
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** As an operator's `--import` would. */
function startAnotherSdk(): AsyncDisposable & { readonly spans: ReadableSpan[] } {
  const spans: ReadableSpan[] = []
  const provider = new TracerProvider({
    spanProcessors: [
      { onStart() {}, onEnd: (span) => void spans.push(span), forceFlush: async () => {}, shutdown: async () => {} },
    ],
  })
  expect(trace.setGlobalTracerProvider(provider)).toBe(true)
  return {
    spans,
    async [Symbol.asyncDispose]() {
      trace.disable()
      await provider.shutdown()
    },
  }
}
