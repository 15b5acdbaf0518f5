import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate } from 'node:timers/promises'
import { SpanStatusCode, type Attributes, type HrTime, type Span as OtelSpan } from '@opentelemetry/api'
import type { Clock } from '../../lib/clock.ts'
import { DeckhandError, describeError, isAbort } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import type { Redact } from '../redact.ts'
import { attribute, preview, toJsonText, usageAttributes } from './span-attributes.ts'
import type { SharedTracer } from './shared-sdk.ts'
import { createSpanCollector, toNanoseconds } from './span-collector.ts'
import type { SpanRecord } from './trace-record.ts'
import type { Json, ModelUsage, Span, SpanType, Tracer, TurnInfo, TurnReport, TurnTrace } from '../tracing.ts'
import { createReport, nothingReported, noReport, type Reported } from './turn-report.ts'

export interface StartedTurn {
  /** `tr-` and 32 hex digits. */
  readonly traceId: string
  readonly info: TurnInfo
  /** Milliseconds since the epoch. */
  readonly startedAt: number
}

export interface FinishedTurn extends StartedTurn {
  readonly state: 'OK' | 'ERROR'
  /** Somebody ended it before its end. */
  readonly isStopped: boolean
  /** Redacted; the root is last. */
  readonly spans: readonly SpanRecord[]
  /** Of each CHAT_MODEL span that told it. */
  readonly usages: readonly ModelUsage[]
  /** Absent when inputs and outputs are not captured. */
  readonly responsePreview: string | undefined
  /** As it was told, not redacted. */
  readonly reported: Reported
}

export interface TurnTracerOptions {
  /** 0 to 1. */
  readonly sampleRate: number
  readonly captureInputOutput: boolean
  /** Put on every CHAT_MODEL span. */
  readonly modelAttributes: Attributes
  readonly redact: Redact
  readonly clock: Clock
  readonly log: Logger
  /** Called as a sampled turn begins. `interrupted` is what is to be told if the process should die before its end. */
  readonly onTurn: (turn: StartedTurn, interrupted: FinishedTurn) => TurnWatch
}

export interface TurnWatch {
  /** Handed to the turn's function. */
  readonly trace: TurnTrace
  /** Called once the turn is over, whatever its end. */
  ended(turn: FinishedTurn): void
}

/** The tracer proper: spans in memory, no disk, no network. Disposing it leaves the process's OpenTelemetry SDK. */
export interface TurnTracer extends Tracer, AsyncDisposable {
  turn<T>(info: TurnInfo, fn: (trace: TurnTrace, span: Span, report: TurnReport) => Promise<T>): Promise<T>
}

export const rootName = 'agent_orchestration'

const notTraced: TurnTrace = { traceId: '', traceUrl: '', runId: Promise.resolve('') }

const noSpan: Span = { setInputs() {}, setOutputs() {}, setAttributes() {}, setUsage() {} }

/** Runs everything and records nothing. */
export const noTracer: TurnTracer = {
  span: async (_name, _type, _inputs, fn) => fn(noSpan),
  turn: async (_info, fn) => fn(notTraced, noSpan, noReport),
  async [Symbol.asyncDispose]() {},
}

interface OpenSpan {
  readonly span: Span
  readonly otel: OtelSpan
  usage: ModelUsage | undefined
  outputs: Json | undefined
}

interface OpenTurn {
  /** Open ones, the root first. */
  readonly spans: Set<OpenSpan>
  readonly usages: ModelUsage[]
  readonly now: () => HrTime
  readonly tracer: SharedTracer
  ended: boolean
}

interface Scope {
  readonly turn: OpenTurn
  readonly parent: OtelSpan
}

/**
 * Shares the OpenTelemetry SDK with the other tracers of the process (see shared-sdk.ts) and nothing else: which span is
 * the parent of the next is kept here and not in OTel's context, where other libraries would find our spans, and we theirs.
 */
export function createTurnTracer(options: TurnTracerOptions): TurnTracer {
  const { redact, sampleRate, log } = options
  const collector = createSpanCollector(redact)
  // Loading the SDK keeps the process busy for some 0.15 s. It begins once the caller waits for something else, such as
  // the browser; a turn that comes earlier waits for it.
  const joined = setImmediate()
    .then(() => import('./shared-sdk.ts'))
    .then(({ joinSdk }) => joinSdk(sampleRate, collector))
    .catch((error: unknown) => {
      log.error({ error: describeError(error) }, 'Turns are not traced: OpenTelemetry cannot be started')
      return undefined
    })
  const scopes = new AsyncLocalStorage<Scope | undefined>()

  /** A tracing failure never fails a turn. */
  function guard(what: () => void): void {
    try {
      what()
    } catch (error) {
      log.warn({ error: describeError(error) }, 'Part of a trace was lost')
    }
  }

  function open(otel: OtelSpan, type: SpanType, inputs: Json): OpenSpan {
    const setContent = (key: 'inputs' | 'outputs', value: Json): void =>
      guard(() => {
        if (!otel.isRecording()) return
        const text = toJsonText(value, redact)
        if (options.captureInputOutput) otel.setAttribute(attribute[key], text)
        else otel.setAttribute(`${key}_bytes`, Buffer.byteLength(text))
      })
    const span: Span = {
      setInputs: (value) => setContent('inputs', value),
      setOutputs(value) {
        if (otel.isRecording()) opened.outputs = value
        setContent('outputs', value)
      },
      setAttributes: (attributes) => guard(() => void otel.setAttributes(withoutContent(attributes))),
      setUsage: (usage) =>
        guard(() => {
          if (!otel.isRecording()) return
          opened.usage = usage
          otel.setAttributes(usageAttributes(usage))
        }),
    }
    const opened: OpenSpan = { span, otel, usage: undefined, outputs: undefined }
    guard(() => {
      otel.setAttribute(attribute.spanType, type)
      if (type === 'CHAT_MODEL') otel.setAttributes(options.modelAttributes)
    })
    span.setInputs(inputs)
    return opened
  }

  /** With capture off any text may be content (an SQL text, a cell): only its size stays. */
  function withoutContent(attributes: Readonly<Record<string, string | number | boolean>>): Attributes {
    if (options.captureInputOutput) return { ...attributes }
    return Object.fromEntries(
      Object.entries(attributes).map(([key, value]) =>
        typeof value === 'string' ? [`${key}_bytes`, Buffer.byteLength(value)] : [key, value],
      ),
    )
  }

  function markFailed(turn: OpenTurn, otel: OtelSpan, error: unknown): void {
    guard(() => {
      if (!otel.isRecording()) return
      const type = error instanceof Error ? error.name : typeof error
      const code = error instanceof DeckhandError ? { 'error.code': error.code } : {}
      const told = options.captureInputOutput
        ? {
            'exception.message': describeError(error),
            'exception.stacktrace': error instanceof Error ? (error.stack ?? '') : '',
          }
        : {}
      otel.addEvent('exception', { 'exception.type': type, ...code, ...told }, turn.now())
      otel.setStatus({
        code: SpanStatusCode.ERROR,
        message: options.captureInputOutput ? describeError(error) : type,
      })
    })
  }

  function end(turn: OpenTurn, opened: OpenSpan): void {
    guard(() => {
      if (!turn.spans.delete(opened)) return
      if (opened.usage) turn.usages.push(opened.usage)
      opened.otel.end(turn.now())
    })
  }

  function interruptedTurn(started: StartedTurn, otelTraceId: string, now: () => HrTime): FinishedTurn {
    const statusMessage = 'The process ended before the turn did'
    const end = { endNs: toNanoseconds(now()), status: 'ERROR', statusMessage } as const
    const root = collector.peekRoot(otelTraceId, end)
    const spans = root ? [root] : []
    const nothing = { usages: [], responsePreview: undefined, reported: nothingReported }
    return { ...started, ...nothing, state: 'ERROR', isStopped: false, spans }
  }

  return {
    async span(name, type, inputs, fn) {
      const scope = scopes.getStore()
      if (scope === undefined || scope.turn.ended) return fn(noSpan)
      const otel = scope.turn.tracer.startSpan(name, scope.turn.now(), scope.parent)
      const opened = open(otel, type, inputs)
      scope.turn.spans.add(opened)
      try {
        return await scopes.run({ turn: scope.turn, parent: otel }, () => fn(opened.span))
      } catch (error) {
        markFailed(scope.turn, otel, error)
        throw error
      } finally {
        end(scope.turn, opened)
      }
    },

    async turn(info, fn) {
      const startedAt = options.clock.now()
      const now = createTurnTime(startedAt)
      const began = now()
      const tracer = await joined
      const otel = tracer?.startSpan(rootName, began, undefined)
      // The spans of this turn must not land in the trace of another turn around it.
      if (!tracer || !otel?.isRecording()) return scopes.run(undefined, () => fn(notTraced, noSpan, noReport))
      const otelTraceId = otel.spanContext().traceId
      const started = { traceId: `tr-${otelTraceId}`, info, startedAt }
      const root = open(otel, 'AGENT', info.inputs)
      guard(() => void otel.setAttributes({ [attribute.session]: info.sessionId, [attribute.user]: info.userId }))
      const turn: OpenTurn = { spans: new Set([root]), usages: [], now, tracer, ended: false }
      let watch: TurnWatch = { trace: notTraced, ended() {} }
      guard(() => void (watch = options.onTurn(started, interruptedTurn(started, otelTraceId, now))))
      let state: FinishedTurn['state'] = 'OK'
      let isStopped = false
      const { report, end: endReport } = createReport(options.clock)
      try {
        return await scopes.run({ turn, parent: otel }, () => fn(watch.trace, root.span, report))
      } catch (error) {
        state = 'ERROR'
        isStopped = isAbort(error)
        markFailed(turn, otel, error)
        throw error
      } finally {
        turn.ended = true
        // Work that outlives its turn cannot be part of the trace any more: it ends here, marked, the root last.
        for (const opened of [...turn.spans].toReversed()) {
          if (opened !== root) guard(() => void opened.otel.setAttribute('unfinished', true))
          end(turn, opened)
        }
        guard(() => {
          const spans = collector.take(otelTraceId)
          const responsePreview =
            options.captureInputOutput && root.outputs !== undefined
              ? preview(root.outputs, 'answer', redact)
              : undefined
          const { usages } = turn
          watch.ended({ ...started, state, isStopped, spans, usages, responsePreview, reported: endReport() })
        })
      }
    },

    async [Symbol.asyncDispose]() {
      await (await joined)?.[Symbol.asyncDispose]()
    },
  }
}

/**
 * The time within one turn: begins at the given instant and goes on evenly whatever happens to the machine's clock. OTel's
 * own start times have whole milliseconds, in which short spans would lose their order.
 */
function createTurnTime(startedAt: number): () => HrTime {
  const begin = performance.now()
  return () => {
    const elapsedNs = Math.round((performance.now() - begin) * 1_000_000)
    const seconds = Math.floor(startedAt / 1000)
    const nanoseconds = Math.round((startedAt - seconds * 1000) * 1_000_000) + elapsedNs
    return [seconds + Math.floor(nanoseconds / 1_000_000_000), nanoseconds % 1_000_000_000]
  }
}
