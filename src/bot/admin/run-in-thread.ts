import type { Clock } from '../../lib/clock.ts'
import { describeError, userMessageOf } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import type { CommandResult, Considered } from './admin-desk.ts'
import { createLiveMessage } from './live-message.ts'

/** Where a command's progress and end are told. */
export interface CommandThread {
  /** Posts a message that is edited as things go on. → edits it */
  begin(text: string): Promise<(text: string) => Promise<void>>
  end(text: string, approval: CommandResult['approval']): Promise<void>
}

export interface RunInThreadDeps {
  readonly clock: Clock
  readonly log: Logger
  /** Between two edits. */
  readonly pauseMs: number
  readonly signal: AbortSignal
}

const stopped = 'This process stops. Another one goes on with the release where it stands; status tells how it goes.'

/** Carries out what was allowed and tells in the thread how it goes and ends. Rejects when not even the end can be told. */
export async function runInThread(
  allowed: Considered & { readonly kind: 'allowed' },
  thread: CommandThread,
  { clock, log, pauseMs, signal }: RunInThreadDeps,
): Promise<void> {
  const edit = await thread.begin('…')
  const message = createLiveMessage({ edit, pauseMs, clock, log })
  let text: string
  let approval: CommandResult['approval']
  try {
    const result = await allowed.run({ signal, onProgress: (line) => message.show(line) })
    text = result.text
    approval = result.approval
  } catch (error) {
    if (!signal.aborted) log.warn({ error: describeError(error) }, 'A command of an admin failed')
    text = signal.aborted ? stopped : userMessageOf(error)
  }
  await message.finish()
  await thread.end(text, approval)
}
