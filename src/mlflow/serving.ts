import { z } from 'zod'

/**
 * Serving endpoints of a workspace: what they serve, changing it, waiting for it, asking them. Every method rejects with
 * ServingError or with the signal's reason.
 */
export interface ServingEndpoints {
  /** The endpoint's page. */
  link(name: string): string
  find(name: string, signal: AbortSignal): Promise<Endpoint | undefined>
  /** Repeating it with the same configuration changes nothing. @throws ServingError `conflict` when there is another of this name */
  create(
    name: string,
    config: EndpointConfig,
    tags: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<void>
  /**
   * Asks for this configuration instead of what is there. The earlier one serves until it is ready: see `waitUntilReady`.
   * Repeating it changes nothing. @throws ServingError `busy` while another change is being made
   */
  updateConfig(name: string, config: EndpointConfig, signal: AbortSignal): Promise<void>
  /** Repeating it changes nothing. */
  delete(name: string, signal: AbortSignal): Promise<void>
  /**
   * Resolves once the endpoint answers with exactly `wanted` and no change is under way.
   * @throws ServingError `update-failed`, `update-cancelled` with the end of the build log; `replaced` when it settled on
   * something else; `timeout`; `not-found`
   */
  waitUntilReady(name: string, wanted: EndpointConfig, options: WaitOptions): Promise<Endpoint>
  /** Asks the model; waits for it while it starts. */
  invoke(name: string, rows: readonly Row[], options: InvokeOptions): Promise<Invocation>
  /** What building this served entity printed; '' where there is nothing. */
  buildLogs(name: string, entityName: string, signal: AbortSignal): Promise<string>
  /** What the model itself printed; '' where there is nothing. */
  logs(name: string, entityName: string, signal: AbortSignal): Promise<string>
}

/** One model version behind an endpoint. Plain data: it goes into JSON and back. */
export const ServedEntity = z.object({
  /** Letters, digits, `-` and `_`. Ours to choose; traffic and logs go by it. */
  name: z.string().min(1),
  modelName: z.string(),
  /** A number as text. */
  modelVersion: z.string(),
  /** Of all requests, 0 to 100; those of all entities add up to 100. */
  trafficPercent: z.int().min(0).max(100),
  /** Everything else about it, by the vendor's names (`workload_size`, `environment_vars` …), so that nothing is lost on the way back. */
  settings: z.record(z.string(), z.unknown()),
})
export type ServedEntity = z.infer<typeof ServedEntity>

/** What an endpoint is to serve. */
export const EndpointConfig = z.object({ entities: z.array(ServedEntity) })
export type EndpointConfig = z.infer<typeof EndpointConfig>

export interface Endpoint {
  readonly name: string
  /** Whether it answers; true during a change, with what it served before. */
  readonly isReady: boolean
  /** The last change. */
  readonly update: 'none' | 'running' | 'failed' | 'cancelled'
  /** What serves now; undefined before the first version is up. */
  readonly config: EndpointConfig | undefined
  /** Counts changes. 0 when the workspace does not say. */
  readonly configVersion: number
  /** What it is changing to, or failed to. */
  readonly pending: EndpointConfig | undefined
  /** Of both. */
  readonly deployments: readonly Deployment[]
}

export interface Deployment {
  /** Of the served entity. */
  readonly entityName: string
  readonly state: 'creating' | 'ready' | 'failed' | 'aborted' | 'recovering' | 'unknown'
  /** The vendor's words, for operators. */
  readonly message: string
}

export interface WaitOptions {
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** Hears of each look at the endpoint. */
  readonly onProgress?: (endpoint: Endpoint) => void
}

/** Values by column. */
export type Row = Readonly<Record<string, string | number>>

export interface InvokeOptions {
  readonly signal: AbortSignal
  /** Of one try. */
  readonly timeoutMs: number
  /** Asks this served entity, whatever share of the traffic it has. */
  readonly entityName?: string
  /** How long to wait for a model that is not up (default 0: not at all). */
  readonly coldStartMs?: number
  /** Hears once that the model is starting. */
  readonly onColdStart?: () => void
}

export interface Invocation {
  /** One for each row, as the model gave it. */
  readonly predictions: readonly unknown[]
  /** Name of the served entity that answered; '' when the workspace does not say. */
  readonly servedBy: string
}
