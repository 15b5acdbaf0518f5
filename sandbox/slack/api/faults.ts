import type { SlackFaults } from '../contract.ts'

/** What happens to one call instead of, or beside, its answer. */
export type CallFault =
  | { readonly kind: 'rate-limit'; readonly retryAfterSeconds: number }
  | { readonly kind: 'fail'; readonly error: string }
  | { readonly kind: 'http'; readonly status: number }
  | { readonly kind: 'lose-reply' }
  | { readonly kind: 'slow'; readonly delayMs: number }

export interface FaultBook {
  readonly faults: SlackFaults
  /** The fault due for this call, used up by it. */
  take(method: string): CallFault | undefined
  /** The workspace's rule about uploads. */
  refusal(): string | undefined
}

export function createFaultBook(options: {
  readonly fileDelayMs: number
  readonly enforceRates: boolean
  readonly revoke: (scopes: readonly string[]) => void
}): FaultBook {
  let plans: { method: string; fault: CallFault; times: number }[] = []
  let refused: string | undefined
  const add = (method: string, fault: CallFault, times = 1): void => void plans.push({ method, fault, times })
  return {
    faults: {
      rateLimit: (method, retryAfterSeconds, times) => add(method, { kind: 'rate-limit', retryAfterSeconds }, times),
      fail: (method, error, times) => add(method, { kind: 'fail', error }, times),
      failHttp: (method, status, times) => add(method, { kind: 'http', status }, times),
      loseReply: (method, times) => add(method, { kind: 'lose-reply' }, times),
      slow: (method, delayMs, times) => add(method, { kind: 'slow', delayMs }, times),
      refuseFiles: (reason) => void (refused = reason),
      fileDelayMs: options.fileDelayMs,
      enforceRates: options.enforceRates,
      revokeScopes: (...scopes) => options.revoke(scopes),
      clear() {
        plans = []
        refused = undefined
      },
    },
    take(method) {
      const due = plans.find((plan) => plan.method === method && plan.times > 0)
      if (due) due.times -= 1
      return due?.fault
    },
    refusal: () => refused,
  }
}
