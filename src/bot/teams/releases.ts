import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import type { AdminDesk } from '../admin/admin-desk.ts'
import type { Identity } from '../admin/admins.ts'
import { type CommandThread, runInThread } from '../admin/run-in-thread.ts'
import type { Background } from '../chat/background.ts'
import { clip } from '../chat/text.ts'
import { sayToActivity } from './cards/say.ts'
import { pace } from './limits.ts'
import { userOf } from './places.ts'
import type { TeamsWire, VerifiedActivity } from './wire.ts'

/** Commands of admins in their personal chat. Disposing it leaves releases that run where they stand, for another process. */
export interface TeamsReleases extends AsyncDisposable {
  /** The words of a command, where the message is one; undefined for everything else that people write. */
  find(verified: VerifiedActivity, text: string): string | undefined
  /** Answers in the chat; what takes long is told in one message that changes, and its end in another. */
  command(verified: VerifiedActivity, words: string): Promise<void>
}

export interface TeamsReleasesDeps {
  readonly desk: AdminDesk
  readonly wire: TeamsWire
  readonly background: Background
  readonly clock: Clock
  readonly log: Logger
}

const longest = 6000

export function createTeamsReleases({ desk, wire, background, clock, log }: TeamsReleasesDeps): TeamsReleases {
  const stopping = new AbortController()
  const { signal } = stopping
  const running = new Set<Promise<void>>()

  function threadIn({ ref }: VerifiedActivity): CommandThread {
    const within = (): AbortSignal => AbortSignal.timeout(pace.callMs)
    const activity = (text: string) => sayToActivity(clip(text, longest))
    return {
      async begin(text) {
        const { id } = await wire.send(ref, activity(text), within())
        return (next) => wire.update(ref, id, activity(next), within())
      },
      async end(text) {
        await wire.send(ref, activity(text), within())
      },
    }
  }

  return {
    find: (verified, text) => desk.find(identityOf(verified), text),

    async command(verified, words) {
      const considered = await desk.consider(identityOf(verified), words)
      const thread = threadIn(verified)
      background.run('release', () => {
        if (considered.kind !== 'allowed') return thread.end(considered.text, undefined)
        const run = runInThread(considered, thread, { clock, log, pauseMs: pace.editIntervalMs, signal })
        running.add(run)
        return run.finally(() => running.delete(run))
      })
    },

    async [Symbol.asyncDispose]() {
      stopping.abort(new DOMException('The service is shutting down', 'AbortError'))
      await Promise.allSettled(running)
    },
  }
}

function identityOf({ activity, ref }: VerifiedActivity): Identity {
  return `teams:${ref.tenantId}/${userOf(activity)}`
}
