/** A canary at work: a new version with a part of the traffic. */
export interface Canary {
  readonly environment: string
  readonly endpointName: string
  /** Its served entity. */
  readonly entityName: string
  readonly trafficPercent: number
  /** When it got this share, in milliseconds since the epoch. */
  readonly since: number
}

/** `why` in words for operators. */
export interface Verdict {
  readonly isGood: boolean
  readonly why: string
}

/** Looks at a canary, several times while it is held. It rejects when it cannot look: that is no verdict. */
export interface Judge {
  look(canary: Canary, signal: AbortSignal): Promise<Verdict>
}

/** What became of requests since an instant. Undefined is what nobody knows. */
export interface CanaryFigures {
  readonly requests: number | undefined
  readonly errors: number | undefined
  readonly p95Ms: number | undefined
  /** Opinions of people about answers. */
  readonly thumbsUp: number
  readonly thumbsDown: number
}

/** What a canary may be like. */
export interface CanaryLimits {
  /** Of its requests, 0 to 1. */
  readonly errorShare: number
  readonly p95Ms: number
  /** Of all opinions, 0 to 1. */
  readonly thumbsDownShare: number
  /** Shares over fewer requests, or opinions, say nothing. */
  readonly fewest: number
}

/** Compares figures with limits. */
export function createJudge(
  figuresOf: (canary: Canary, signal: AbortSignal) => Promise<CanaryFigures>,
  limits: CanaryLimits,
): Judge {
  return {
    async look(canary, signal) {
      const { requests = 0, errors = 0, p95Ms, thumbsUp, thumbsDown } = await figuresOf(canary, signal)
      const opinions = thumbsUp + thumbsDown
      const bad: string[] = []
      if (requests >= limits.fewest && errors / requests > limits.errorShare) {
        bad.push(`${errors} of ${requests} requests failed`)
      }
      if (requests >= limits.fewest && p95Ms !== undefined && p95Ms > limits.p95Ms) {
        bad.push(`p95 is ${Math.round(p95Ms)} ms, expected at most ${limits.p95Ms} ms`)
      }
      if (opinions >= limits.fewest && thumbsDown / opinions > limits.thumbsDownShare) {
        bad.push(`${thumbsDown} of ${opinions} opinions are bad`)
      }
      if (bad.length > 0) return { isGood: false, why: bad.join(', ') }
      return { isGood: true, why: `${requests} requests, ${errors} failed, ${thumbsDown} of ${opinions} opinions bad` }
    },
  }
}
