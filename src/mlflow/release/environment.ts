/** How releases go in one environment, as `serving.NAME` of mlflow.yaml has it. */
export interface ReleaseEnvironment {
  readonly name: string
  readonly endpointName: string
  /** Of the served entity, by the vendor's names: `workload_size`, `scale_to_zero_enabled`, `environment_vars` … */
  readonly entitySettings: Readonly<Record<string, unknown>>
  /** Releases move the aliases `champion` and `previous`. At most one environment does. */
  readonly movesAliases: boolean
  /** A second person has to say yes. */
  readonly needsApproval: boolean
  /**
   * Shares of traffic that a new version gets before all of it, ascending; none: all at once. A smoke test without traffic
   * comes before.
   */
  readonly canary: readonly CanaryStep[]
  /** Asked beside the samples of the package. */
  readonly smokeQuestions: readonly string[]
  /** The smoke test wants a link to a trace. */
  readonly expectsTrace: boolean
  readonly timeouts: ReleaseTimeouts
}

export interface CanaryStep {
  readonly trafficPercent: number
  readonly holdMs: number
}

export interface ReleaseTimeouts {
  readonly registerMs: number
  /** Building a version and bringing it up. */
  readonly updateMs: number
  /** One question of the smoke test, a cold start included. */
  readonly questionMs: number
  /** How long a plan may be approved and deployed. */
  readonly planMs: number
  /** A release that is older than this when its process died is not gone on with: it turns back. */
  readonly resumeMs: number
}
