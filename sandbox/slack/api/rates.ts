import type { SlackTime } from '../time.ts'
import type { Method } from './method.ts'

/** Calls each method, workspace and, for posting, channel may make. */
export interface Rates {
  /** Seconds to wait when this call is one too many; undefined when it may pass. */
  take(method: string, tier: Method['tier'], team: string, channel: string): number | undefined
}

/**
 * Calls a minute. Slack promises these and tolerates short bursts beyond them; how far is not documented.
 * @see https://docs.slack.dev/apis/web-api/rate-limits
 */
const perMinute = { 1: 1, 2: 20, 3: 50, 4: 100 } as const
/** One message a second for each channel, with bursts; five at once is our reading of "short bursts". */
const post = { perSecond: 1, burst: 5 }

export function createRates(time: SlackTime): Rates {
  const windows = new Map<string, number[]>()
  const buckets = new Map<string, { tokens: number; at: number }>()
  return {
    take(method, tier, team, channel) {
      const now = time.now()
      if (tier === 'none') return undefined
      if (tier === 'post') {
        const key = `${team} ${channel}`
        const bucket = buckets.get(key) ?? { tokens: post.burst, at: now }
        bucket.tokens = Math.min(post.burst, bucket.tokens + ((now - bucket.at) / 1000) * post.perSecond)
        bucket.at = now
        buckets.set(key, bucket)
        if (bucket.tokens < 1) return 1
        bucket.tokens -= 1
        return undefined
      }
      const key = `${team} ${method}`
      const calls = (windows.get(key) ?? []).filter((at) => at > now - 60_000)
      windows.set(key, calls)
      const [oldest] = calls
      if (oldest !== undefined && calls.length >= perMinute[tier])
        return Math.max(1, Math.ceil((oldest + 60_000 - now) / 1000))
      calls.push(now)
      return undefined
    },
  }
}
