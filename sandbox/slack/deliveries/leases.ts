import type { Ids } from '../ids.ts'
import type { SlackTime } from '../time.ts'

/** What a response URL answers for. */
export interface ResponseTarget {
  readonly team: string
  readonly channel: string
  readonly user: string
  /** The message the interaction was on, for `replace_original`; absent for commands. */
  readonly ts?: string
  readonly threadTs?: string
}

/** Trigger ids and response URLs: rights the app gets with an interaction, which soon end. */
export interface Leases {
  newTrigger(team: string, user: string): string
  /** Uses a trigger up: whose it was, or Slack's error. */
  takeTrigger(
    id: string,
  ):
    | { readonly team: string; readonly user: string }
    | 'invalid_trigger_id'
    | 'expired_trigger_id'
    | 'exchanged_trigger_id'
  newResponseUrl(target: ResponseTarget): string
  /** One use of a response URL by its id: what it is for, or Slack's error. */
  takeResponse(id: string): ResponseTarget | 'expired_url' | 'used_url'
}

/** @see https://docs.slack.dev/interactivity/handling-user-interaction#modal_responses */
const triggerTtlMs = 3000
/** @see https://docs.slack.dev/interactivity/handling-user-interaction#message_responses */
const responseTtlMs = 30 * 60_000
const responseUses = 5

export function createLeases(options: {
  readonly time: SlackTime
  readonly ids: Ids
  readonly url: () => string
}): Leases {
  const { time, ids, url } = options
  const triggers = new Map<string, { team: string; user: string; until: number; isUsed: boolean }>()
  const responses = new Map<string, { target: ResponseTarget; until: number; uses: number }>()
  return {
    newTrigger(team, user) {
      const id = `${ids.next('1')}.${ids.next('2')}.${ids.next('t').toLowerCase()}`
      triggers.set(id, { team, user, until: time.now() + triggerTtlMs, isUsed: false })
      return id
    },
    takeTrigger(id) {
      const trigger = triggers.get(id)
      if (!trigger) return 'invalid_trigger_id'
      if (trigger.until < time.now()) return 'expired_trigger_id'
      if (trigger.isUsed) return 'exchanged_trigger_id'
      trigger.isUsed = true
      return trigger
    },
    newResponseUrl(target) {
      const id = ids.next('R')
      responses.set(id, { target, until: time.now() + responseTtlMs, uses: 0 })
      return `${url()}/hooks/${target.team}/${id}`
    },
    takeResponse(id) {
      const response = responses.get(id)
      if (!response || response.until < time.now()) return 'expired_url'
      if (response.uses >= responseUses) return 'used_url'
      response.uses += 1
      return response.target
    },
  }
}
