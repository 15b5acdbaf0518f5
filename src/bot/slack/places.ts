import type { Place, Spot } from '../chat/place.ts'

/** The message with this `ts`. */
export function placeAt(team: string, channel: string, ts: string): Place {
  return { ...channelAt(team, channel), id: ts }
}

/** A channel, outside its threads. */
export function channelAt(team: string, channel: string): Spot {
  // Slack's ids of direct messages begin so.
  return { platform: 'slack', tenant: team, channel, isDirect: channel.startsWith('D') }
}

/** The time of a message, in milliseconds since the epoch; 0 when `ts` is none. */
export function timeOf(ts: string): number {
  const ms = Math.round(Number(ts) * 1000)
  return Number.isFinite(ms) ? ms : 0
}
