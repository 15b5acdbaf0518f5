/** How often the bot may call for one conversation. */
export interface Rates {
  /** Seconds to wait when this call is one too many; undefined when it may pass. */
  take(conversation: string): number | undefined
}

/** Calls in a time, for each bot and conversation. @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit */
const windows = [
  { calls: 7, ms: 1000 },
  { calls: 8, ms: 2000 },
  { calls: 60, ms: 30_000 },
  { calls: 1800, ms: 3_600_000 },
] as const

export function createRates(now: () => number): Rates {
  const times = new Map<string, number[]>()
  return {
    take(conversation) {
      const at = now()
      const past = (times.get(conversation) ?? []).filter((time) => time > at - 3_600_000)
      times.set(conversation, past)
      for (const { calls, ms } of windows) {
        const oldest = past.at(-calls)
        if (oldest !== undefined && oldest > at - ms) return Math.max(1, Math.ceil((oldest + ms - at) / 1000))
      }
      past.push(at)
      return undefined
    },
  }
}
