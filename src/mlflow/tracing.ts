/** MLflow's span types that we use. */
export type SpanType = 'AGENT' | 'CHAIN' | 'TOOL' | 'CHAT_MODEL'

/** Any JSON value. Larger things (HTML, images) are artifacts, not span content. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined }

/** A span while its function runs. After the function ends, calls do nothing. */
export interface Span {
  setInputs(inputs: Json): void
  setOutputs(outputs: Json): void
  /** Further attributes under their own keys, such as `genie.new_conversation`. */
  setAttributes(attributes: Readonly<Record<string, string | number | boolean>>): void
  /** On CHAT_MODEL spans only: they are the leaves from which MLflow adds up the trace. `costUsd` per direction. */
  setUsage(usage: ModelUsage): void
}

export interface ModelUsage {
  readonly model: string
  readonly inputTokens: number
  readonly outputTokens: number
  readonly inputCostUsd: number
  readonly outputCostUsd: number
}

/** Puts a span round a function. Nesting follows the async call tree. A tracing failure never fails `fn`. */
export interface Tracer {
  span<T>(name: string, type: SpanType, inputs: Json, fn: (span: Span) => Promise<T>): Promise<T>
}

/** One turn to be traced. */
export interface TurnInfo {
  readonly question: string
  /** MLflow session: all turns of a thread share it. */
  readonly sessionId: string
  readonly userId: string
  /** Root inputs of the trace: question, max_slides, model_endpoint … */
  readonly inputs: Json
  readonly tags: Readonly<Record<string, string>>
}

/** Ids and links of a turn, known before anything is sent. `traceId` and the rest are empty strings when not sampled or switched off. */
export interface TurnTrace {
  readonly traceId: string
  readonly traceUrl: string
  /** Resolves to the run's id, or '' when MLflow could not be reached in time; never rejects. */
  readonly runId: Promise<string>
}

/** Traces and runs of turns, sent to MLflow off the reply's path. */
export interface Tracing extends Tracer, AsyncDisposable {
  /**
   * Runs `fn` inside the root span `agent_orchestration` (AGENT) of a new trace, with one MLflow run for it.
   * A throw of `fn` marks trace and run as failed and is rethrown. Nothing here waits for the network.
   */
  turn<T>(info: TurnInfo, fn: (trace: TurnTrace, span: Span) => Promise<T>): Promise<T>
  /**
   * Resolves when every turn finished so far is on disk, and then sent, or MLflow has failed, or the signal aborts.
   * What is not sent by then is sent later, by this process or the next. Never rejects.
   */
  flush(signal: AbortSignal): Promise<void>
}
