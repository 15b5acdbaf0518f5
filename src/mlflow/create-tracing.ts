import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { setImmediate as nextLoop } from 'node:timers/promises'
import type { Attributes } from '@opentelemetry/api'
import type { Clock } from '../lib/clock.ts'
import { describeError } from '../lib/errors.ts'
import type { HttpClient } from '../lib/http.ts'
import type { Logger } from '../lib/log.ts'
import type { Secret } from '../lib/secret.ts'
import type { PromptContent } from './backend.ts'
import { chooseBackend } from './choose-backend.ts'
import { connect, type Connection } from './sending/connection.ts'
import type { WorkspaceAccess } from './databricks/backend.ts'
import { leftOutTag } from './sending/deliver.ts'
import { createLane } from './sending/lane.ts'
import { createRedactor, type Redact } from './redact.ts'
import { SpoolError } from './mlflow-error.ts'
import { listOtherPlaces, rememberIn } from './sending/remembered.ts'
import { parseServerAddress } from './server-address.ts'
import type { SpanFormat } from './server-backend.ts'
import { openSpool, type SpoolBounds, type Waiting } from './sending/spool.ts'
import type { RunDescription } from './turn/run-record.ts'
import { watchSystem } from './turn/system-metrics.ts'
import type { Tracing, TurnFile } from './tracing.ts'
import { keepFiles } from './turn/turn-files.ts'
import { describeRun, toTraceRecord } from './turn/turn-record.ts'
import { createTurnTracer, noTracer, type FinishedTurn } from './turn/turn-tracer.ts'

export interface TracingSettings {
  /** `http(s)://host:port`, or `databricks`. */
  readonly trackingUri: string
  /** With `{environment}` filled in, and `{username}` too unless a workspace is to do so. */
  readonly experimentName: string
  readonly environment: string
  readonly tracing: {
    readonly enabled: boolean
    readonly backend: SpanFormat
    /** 0 to 1. */
    readonly sampleRate: number
    readonly captureInputOutput: boolean
    readonly captureModelConfig: boolean
    readonly spoolDir: string
  }
  /** User name and password win over the token. */
  readonly username?: string | undefined
  readonly password?: Secret | undefined
  readonly token?: Secret | undefined
  /** What `captureModelConfig` puts into CHAT_MODEL spans. */
  readonly modelConfig?: { readonly endpoint: string; readonly temperature: number; readonly maxTokens: number }
  /** Sample the machine's CPU and memory while a turn runs, into its run. */
  readonly logSystemMetrics?: boolean
  /** What all runs have in common. */
  readonly run?: RunDescription
  /** Prompts to be registered, and linked with the turns that used them. */
  readonly prompts?: readonly PromptContent[]
}

export interface TracingDeps {
  readonly settings: TracingSettings
  /** Where `databricks` leads. */
  readonly workspace?: WorkspaceAccess
  readonly http: HttpClient
  readonly clock: Clock
  readonly log: Logger
  /** Hides secrets of other parts of the program; MLflow's own are hidden in any case. */
  readonly redact?: Redact
  readonly spoolBounds?: SpoolBounds
}

/** A turn that takes longer counts as interrupted, even if its process still lives on another machine. */
const longestTurnMs = 3_600_000
const nothingWaits: Waiting = { traces: 0, bytes: 0, oldestAt: undefined }

/**
 * Traces and runs of turns on an MLflow server or in a workspace. Ready even when that is not: traces then wait in the
 * spool, where each server has a folder of its own, so that a trace goes to the server it was made for and to no other.
 * Disposing stops sending at once and leaves the rest in the spool: call `flush` before it to let MLflow have everything.
 * @throws SpoolError when that folder cannot be used, and for nothing else
 */
export async function createTracing(deps: TracingDeps): Promise<Tracing> {
  const { settings, clock, log } = deps
  const { tracing, experimentName, environment, prompts = [] } = settings
  if (!tracing.enabled) return { ...noTracer, flush: async () => {}, waiting: async () => nothingWaits }

  const address = parseServerAddress(settings.trackingUri, settings)
  const redact = withOwnSecrets(deps.redact, [settings.password, settings.token, address?.authorization])
  const backend = chooseBackend({ ...settings, spanFormat: tracing.backend }, deps)
  const place = backend?.place ?? settings.trackingUri
  const dir = join(tracing.spoolDir, createHash('sha256').update(place).digest('hex').slice(0, 16))
  const { spool, remembered, others } = await openPlace().catch((cause: unknown) => {
    throw new SpoolError(tracing.spoolDir, cause)
  })
  for (const other of others) log.info(other, 'Unsent traces wait for another MLflow server')
  let connection: Connection | undefined
  if (backend) {
    connection = await connect({ backend, experimentName, prompts, spool, remembered, clock, log })
  } else {
    log.warn(
      { trackingUri: place, dir },
      'Traces stay on disk: tracking_uri leads to no MLflow, expected http(s)://… or databricks',
    )
  }

  const { captureInputOutput } = tracing
  const run = settings.run ?? { params: {}, tags: {} }
  const promptHashes = new Map(prompts.map((prompt) => [prompt.name, prompt.hash]))
  const recordOptions = { experimentName, environment, captureInputOutput, redact, run, promptHashes }
  const writes = new Set<Promise<unknown>>()
  /** Turns reach the spool in the order in which they ended, however many files they have. */
  const inOrder = createLane()

  async function openPlace() {
    const bounds = deps.spoolBounds ? { bounds: deps.spoolBounds } : {}
    return {
      spool: await openSpool({ dir, clock, log, ...bounds }),
      remembered: await rememberIn(dir, place),
      others: await listOtherPlaces(tracing.spoolDir, dir),
    }
  }

  function filesOf(turn: FinishedTurn): readonly TurnFile[] {
    const { configYaml } = run
    const config: TurnFile[] =
      configYaml === undefined ? [] : [{ path: 'run_config.yaml', mediaType: 'text/yaml', content: () => configYaml }]
    return captureInputOutput ? [...turn.reported.files, ...config] : config
  }

  /** Off the reply's path: only `flush` and the end wait for it. */
  function write<T>(work: () => Promise<T>): Promise<T | undefined> {
    const done: Promise<T | undefined> = work()
      .catch((error: unknown) => {
        log.error({ error: describeError(error) }, 'A trace may be lost: the spool cannot be written')
        return undefined
      })
      .finally(() => writes.delete(done))
    writes.add(done)
    return done
  }

  const tracer = createTurnTracer({
    sampleRate: tracing.sampleRate,
    captureInputOutput: tracing.captureInputOutput,
    modelAttributes: modelAttributes(settings),
    redact,
    clock,
    log,
    onTurn(turn, interrupted) {
      const { startedAt } = turn
      const system = settings.logSystemMetrics ? watchSystem(clock) : undefined
      const opening = connection?.openRun(turn.traceId, { ...describeRun(turn, recordOptions), startedAt })
      // Should the process be killed, this is what the next one tells MLflow, so that neither the run stays open for
      // ever nor a link already handed out leads nowhere.
      const held = write(async () =>
        spool.hold(toTraceRecord(interrupted, { mayExist: true }, recordOptions), startedAt + longestTurnMs),
      )
      return {
        trace: {
          traceId: turn.traceId,
          traceUrl: connection?.link(turn.traceId) ?? '',
          runId: opening?.id ?? Promise.resolve(''),
        },
        ended(finished) {
          const samples = system?.end() ?? []
          const opened = opening?.turnEnded() ?? { mayExist: false }
          void write(() =>
            inOrder.run(async () => {
              // The reply first.
              await nextLoop()
              const record = toTraceRecord(finished, opened, recordOptions)
              const { files, artifacts, leftOut } = await keepFiles(filesOf(finished), { redact, log })
              record.run.artifacts.push(...artifacts)
              record.run.metrics.push(...samples)
              if (leftOut.length > 0) record.run.tags[leftOutTag] = leftOut.join(', ')
              await spool.add(record, files)
              await (await held)?.done()
              connection?.wake()
            }),
          )
        },
      }
    },
  })
  return {
    ...tracer,
    async flush(signal) {
      await Promise.all(writes)
      await untilAborted(connection?.settled() ?? Promise.resolve(), signal)
    },
    waiting: () => spool.waiting(),
    async [Symbol.asyncDispose]() {
      await Promise.all(writes)
      await Promise.all([connection?.[Symbol.asyncDispose](), tracer[Symbol.asyncDispose]()])
    },
  }
}

/** In the words of OpenTelemetry's conventions, which MLflow's page understands. */
function modelAttributes(settings: TracingSettings): Attributes {
  const { modelConfig } = settings
  if (modelConfig === undefined || !settings.tracing.captureModelConfig) return {}
  return {
    'gen_ai.request.model': modelConfig.endpoint,
    'gen_ai.request.temperature': modelConfig.temperature,
    'gen_ai.request.max_tokens': modelConfig.maxTokens,
  }
}

function withOwnSecrets(redact: Redact | undefined, own: readonly (Secret | undefined)[]): Redact {
  const redactOwn = createRedactor(own.filter((secret) => secret !== undefined))
  return redact ? (text) => redactOwn(redact(text)) : redactOwn
}

/** Settles as `work` does, or resolves when the signal aborts; `work` itself goes on. */
async function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  const { promise: aborted, resolve } = Promise.withResolvers<void>()
  const onAbort = (): void => resolve()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
