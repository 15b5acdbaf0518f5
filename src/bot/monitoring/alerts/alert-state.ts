import { z } from 'zod'
import type { Rule, Verdict } from './rules.ts'

/** Looks in a row that have to find nothing before an alert is over, so that it does not come and go. */
const cleanLooks = 2

/** How long an announcer that was begun with is left to its work before the next process takes it for dead. */
const claimMs = 60_000

/** What is known about one alert, kept in Redis between looks. */
export const AlertState = z.object({
  isOn: z.boolean(),
  /** Since when it is on, or off, in milliseconds since the epoch. */
  since: z.number(),
  /** Since when it is over its limit without a break; left out when it is not. */
  overSince: z.number().optional(),
  /** Looks in a row that found nothing. */
  clean: z.number().int(),
  /** The last that was seen of it. */
  text: z.string(),
  measure: z.number().optional(),
  /** By announcer: what is to be said there, or was. */
  told: z.record(
    z.string(),
    z.object({
      what: z.enum(['on', 'over']),
      state: z.enum(['pending', 'claimed', 'done']),
      claimedUntil: z.number().optional(),
    }),
  ),
})
export type AlertState = z.infer<typeof AlertState>

export function offSince(at: number): AlertState {
  return { isOn: false, since: at, clean: 0, text: '', told: {} }
}

/** The state after one more look. `announcers` are the names of those that are to be told of a change. */
export function afterLook(
  before: AlertState,
  verdict: Verdict,
  how: { readonly at: number; readonly holdMs: number; readonly announcers: readonly string[] },
): AlertState {
  const { at, holdMs, announcers } = how
  const { measure: _old, ...rest } = before
  const seen = {
    ...rest,
    text: verdict.text,
    ...(verdict.measure === undefined ? {} : { measure: verdict.measure }),
  }
  if (verdict.is === 'unknown') return { ...before, text: before.isOn ? before.text : verdict.text }
  if (verdict.is === 'over') {
    const overSince = before.overSince ?? at
    const state = { ...seen, overSince, clean: 0 }
    if (before.isOn || at - overSince < holdMs) return state
    return { ...state, isOn: true, since: at, told: toTell('on', announcers) }
  }
  const { overSince: _over, ...cleared } = seen
  const state = { ...cleared, clean: before.clean + 1 }
  if (!before.isOn || state.clean < cleanLooks) return state
  // Who has not heard that it began need not hear that it is over.
  const heard = announcers.filter((name) => before.told[name] && before.told[name].state !== 'pending')
  return { ...state, isOn: false, since: at, told: toTell('over', heard) }
}

function toTell(what: 'on' | 'over', announcers: readonly string[]): AlertState['told'] {
  return Object.fromEntries(announcers.map((name) => [name, { what, state: 'pending' as const }]))
}

/** Takes on what is to be said: by nobody, or by a process that seems to have died over it. */
export function claim(
  state: AlertState,
  at: number,
): { readonly state: AlertState; readonly claimed: readonly string[] } {
  const claimed = Object.entries(state.told).flatMap(([name, { state: how, claimedUntil = 0 }]) =>
    how === 'pending' || (how === 'claimed' && claimedUntil <= at) ? [name] : [],
  )
  const told = { ...state.told }
  for (const name of claimed) {
    const entry = told[name]
    if (entry) told[name] = { what: entry.what, state: 'claimed', claimedUntil: at + claimMs }
  }
  return { state: { ...state, told }, claimed }
}

/** The state after an announcer was told, or was not. */
export function afterTelling(state: AlertState, name: string, isTold: boolean): AlertState {
  const entry = state.told[name]
  if (!entry) return state
  return { ...state, told: { ...state.told, [name]: { what: entry.what, state: isTold ? 'done' : 'pending' } } }
}

/** How the alert is called to people. */
export function titleOf(rule: Rule, environment: string): string {
  return `Deckhand ${environment}: ${rule.title}`
}
