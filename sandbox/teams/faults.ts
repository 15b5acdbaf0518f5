import type { Method, TeamsFaults } from './contract.ts'

/** What happens to one call instead of, or beside, its answer. */
export type CallFault =
  | { readonly kind: 'rate-limit'; readonly retryAfterSeconds: number | undefined }
  | { readonly kind: 'fail'; readonly status: number; readonly code: string; readonly message: string }
  | { readonly kind: 'http'; readonly status: number }
  | { readonly kind: 'lose-reply' }
  | { readonly kind: 'slow'; readonly delayMs: number }

export interface FaultBook {
  readonly faults: TeamsFaults
  /** The fault due for this call, used up by it. */
  take(method: Method): CallFault | undefined
}

export function createFaultBook(): FaultBook {
  let plans: { method: Method; fault: CallFault; times: number }[] = []
  const add = (method: Method, fault: CallFault, times = 1): void => void plans.push({ method, fault, times })
  return {
    faults: {
      rateLimit: (method, retryAfterSeconds, times) => add(method, { kind: 'rate-limit', retryAfterSeconds }, times),
      fail: (method, status, code, message, times) => add(method, { kind: 'fail', status, code, message }, times),
      failHttp: (method, status, times) => add(method, { kind: 'http', status }, times),
      loseReply: (method, times) => add(method, { kind: 'lose-reply' }, times),
      slow: (method, delayMs, times) => add(method, { kind: 'slow', delayMs }, times),
      clear: () => void (plans = []),
    },
    take(method) {
      const due = plans.find((plan) => plan.method === method && plan.times > 0)
      if (due) due.times -= 1
      return due?.fault
    },
  }
}
