import { z } from 'zod'
import type { Clock } from '../../lib/clock.ts'
import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import { PortError } from '../chat-port.ts'
import { runningStep } from '../chat/reply-words.ts'
import type { Reply } from '../reply.ts'
import { pace } from './limits.ts'
import type { SlackApi } from './slack-api.ts'

/** "Deckhand is asking Genie…" under the composer, where Slack shows it. A nicety: it never fails anything. */
export interface SlackStatus {
  follow(
    thread: { readonly team: string; readonly channel: string; readonly root: string },
    reply: Reply,
    signal: AbortSignal,
  ): Promise<void>
}

const withinMs = 3000
/** Turns whose status is remembered; of one that is forgotten the status is set once more, or goes by itself. */
const mostTurns = 500

export function createSlackStatus(deps: {
  readonly api: SlackApi
  readonly clock: Clock
  readonly log: Logger
}): SlackStatus {
  const { api, clock, log } = deps
  const shown = new Map<string, { readonly status: string; readonly until: number }>()
  /** Workspaces where there is no such thing. */
  const without = new Set<string>()

  return {
    async follow({ team, channel, root }, reply, outer) {
      const before = shown.get(reply.turnId)
      const status = statusOf(reply)
      if (status === (before?.status ?? '') && (status === '' || clock.now() < (before?.until ?? 0))) return
      shown.delete(reply.turnId)
      if (without.has(team)) return
      if (status !== '') shown.set(reply.turnId, { status, until: clock.now() + pace.statusMs })
      for (const turn of shown.keys()) if (shown.size > mostTurns) shown.delete(turn)
      try {
        const signal = AbortSignal.any([outer, AbortSignal.timeout(withinMs)])
        const args = { channel_id: channel, thread_ts: root, status }
        await api.call(team, 'assistant.threads.setStatus', args, z.unknown(), signal)
      } catch (error) {
        log.debug({ turn: reply.turnId, error: describeError(error) }, 'Status could not be shown')
        if (error instanceof PortError && (error.code === 'gone' || error.code === 'refused')) without.add(team)
      }
    },
  }
}

/** '' takes it away. */
function statusOf(reply: Reply): string {
  if (reply.phase !== 'working') return ''
  const title = runningStep(reply)?.title.trim() ?? ''
  return title === '' ? 'is getting started…' : `is ${title.charAt(0).toLowerCase()}${title.slice(1, 80)}…`
}
