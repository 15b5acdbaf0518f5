/** Numbers from 0 to 1 that look random and are the same for the same seed (Mulberry32). */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

export interface Ids {
  /** Such as `C0A1B2C3D4E`: the prefix tells what it is. */
  next(prefix: string): string
  /** A message's `ts`: seconds with six decimals, later and different each time. */
  ts(nowMs: number): string
}

export function createIds(random: () => number): Ids {
  let lastMicros = 0
  return {
    next(prefix) {
      let id = `${prefix}0`
      for (let index = 0; index < 9; index += 1) id += letters[Math.floor(random() * letters.length)]
      return id
    },
    ts(nowMs) {
      lastMicros = Math.max(Math.round(nowMs * 1000), lastMicros + 100)
      return `${Math.floor(lastMicros / 1_000_000)}.${String(lastMicros % 1_000_000).padStart(6, '0')}`
    },
  }
}
