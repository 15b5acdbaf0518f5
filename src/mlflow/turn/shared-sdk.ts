import {
  context,
  createContextKey,
  logs,
  ProxyTracer,
  ROOT_CONTEXT,
  trace,
  type Context,
  type HrTime,
  type Span,
  type Tracer,
} from '@opentelemetry/api'
import { NodeSDK } from '@opentelemetry/sdk-node'
import {
  SamplingDecision,
  TraceIdRatioBasedSampler,
  TracerProvider,
  type ReadableSpan,
  type Sampler,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace'

/*
 * OpenTelemetry has one tracer, one context and one logger per process, so this is the one place in src with state of its
 * own: the first tracing starts the SDK, the last one to leave gives the process back as it was found.
 *
 * Every span of ours is started in a context that names its owner. The sampler refuses spans without one, so a span of
 * another library is never recorded, held or sent; the processor hands each span to its owner's sink, so tracings
 * do not see each other's.
 */

/** Is told of the recorded spans of its tracing, and of no other. */
export type SpanSink = Pick<SpanProcessor, 'onStart' | 'onEnd'>

/** A tracing's share of the SDK. Spans that are open when it is disposed, or started later, still reach its sink. */
export interface SharedTracer extends AsyncDisposable {
  /** A root, beginning a trace of its own, when there is no parent. */
  startSpan(name: string, startTime: HrTime, parent: Span | undefined): Span
}

interface Owner {
  readonly sampler: Sampler
  readonly sink: SpanSink
}

interface RunningSdk {
  readonly tracer: Tracer
  stop(): Promise<void>
  memberCount: number
}

const tracerName = 'deckhand'
const ownerKey = createContextKey('deckhand tracing')
let running: RunningSdk | undefined

/**
 * Starts the SDK unless another tracing has done so.
 *
 * @param sampleRate how many of this tracing's traces are recorded, 0 to 1
 */
export function joinSdk(sampleRate: number, sink: SpanSink): SharedTracer {
  const sdk = (running ??= startSdk())
  sdk.memberCount += 1
  const owner: Owner = { sampler: new TraceIdRatioBasedSampler(sampleRate), sink }
  const rootContext = ROOT_CONTEXT.setValue(ownerKey, owner)
  let left = false
  return {
    startSpan: (name, startTime, parent) =>
      sdk.tracer.startSpan(name, { startTime }, parent ? trace.setSpan(rootContext, parent) : rootContext),
    async [Symbol.asyncDispose]() {
      if (left) return
      left = true
      sdk.memberCount -= 1
      if (sdk.memberCount > 0) return
      running = undefined
      await sdk.stop()
    },
  }
}

function startSdk(): RunningSdk {
  const options = {
    sampler: ownersSampler,
    spanProcessors: [createDispatcher()],
    // The SDK's own defaults, said here because the environment could change them.
    spanLimits: {
      attributeCountLimit: 128,
      attributeValueLengthLimit: Infinity,
      eventCountLimit: 128,
      attributePerEventCountLimit: 128,
    },
  }
  if (isTracerFree()) {
    // Whatever is not said here the SDK takes from OTEL_* variables, and without them it sends traces, metrics and logs
    // to localhost:4318. Our settings are in config/mlflow.yaml.
    const sdk = new NodeSDK({
      ...options,
      autoDetectResources: false,
      textMapPropagator: null,
      metricReaders: [],
      logRecordProcessors: [],
    })
    sdk.start()
    if (!isTracerFree()) {
      const stop = async (): Promise<void> => {
        for (const api of [trace, context, logs]) api.disable()
        await sdk.shutdown()
      }
      return { tracer: trace.getTracer(tracerName), stop, memberCount: 0 }
    }
  }
  // OTEL_SDK_DISABLED is set, or the process belongs to another SDK (an operator's `--import`): the same, unregistered.
  const provider = new TracerProvider(options)
  return { tracer: provider.getTracer(tracerName), stop: () => provider.shutdown(), memberCount: 0 }
}

function isTracerFree(): boolean {
  return trace.getTracer(tracerName) instanceof ProxyTracer
}

function ownerOf(parent: Context): Owner | undefined {
  return parent.getValue(ownerKey) as Owner | undefined // the key is known to this file only
}

const ownersSampler: Sampler = {
  shouldSample(parent, ...span) {
    // The decision depends on the trace's id alone, so all spans of a trace share it.
    return ownerOf(parent)?.sampler.shouldSample(parent, ...span) ?? { decision: SamplingDecision.NOT_RECORD }
  },
  toString: () => 'OwnersSampler',
}

function createDispatcher(): SpanProcessor {
  const owners = new WeakMap<ReadableSpan, Owner>()
  return {
    onStart(span, parent) {
      const owner = ownerOf(parent)
      if (owner === undefined) return
      owners.set(span, owner)
      owner.sink.onStart(span, parent)
    },
    onEnd: (span) => owners.get(span)?.sink.onEnd(span),
    forceFlush: async () => {},
    shutdown: async () => {},
  }
}
