import type { Assessment } from './assessment.ts'

import type { Waiting } from './sending/spool.ts'

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
  /** Of the trace and of its run. */
  readonly tags: Readonly<Record<string, string>>
  /** Of the run, beside the question. */
  readonly params?: Readonly<Record<string, string | number>>
}

/**
 * What a turn says about itself for its run, beside its spans: from those the run gets its time, tokens, cost, and the
 * times of each model call, tool call and rendering. Never throws, never waits; calls after the turn's end do nothing.
 */
export interface TurnReport {
  /** The last one of a name counts. */
  tag(name: string, value: string): void
  /**
   * `step` tells apart what is measured several times in a turn, from 1; without one the last value of a name counts.
   * What is no number is left out.
   */
  metric(name: string, value: number, step?: number): void
  /** A file of the run; the last one of a path counts. None is kept when inputs and outputs are not captured. */
  artifact(file: TurnFile): void
  /** A prompt of this name has been used. */
  prompt(name: string): void
  /** What can be said about the turn itself; the last one of a name and source counts. It goes with the trace. */
  assess(assessment: Assessment): void
}

export interface TurnFile {
  /** With `/` between folders. */
  readonly path: string
  readonly mediaType: string
  /** Asked for once, when the turn is over and answered. Secrets are taken out of text and of text types' bytes. */
  readonly content: () => string | Uint8Array
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
  turn<T>(info: TurnInfo, fn: (trace: TurnTrace, span: Span, report: TurnReport) => Promise<T>): Promise<T>
  /**
   * Resolves when every turn finished so far is on disk, and then sent, or MLflow has failed, or the signal aborts.
   * What is not sent by then is sent later, by this process or the next. Never rejects.
   */
  flush(signal: AbortSignal): Promise<void>
  /** What waits on this machine's disk for MLflow. Rejects when the disk cannot be read. */
  waiting(): Promise<Waiting>
}
