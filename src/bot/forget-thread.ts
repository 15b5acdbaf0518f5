import type { Conversations } from './conversation.ts'
import type { Decks } from './decks.ts'
import type { Links } from './links.ts'
import type { ThreadId } from './thread.ts'

const asking =
  /^\W*(please\s+)?(forget|delete|erase)\s+(all of\s+|everything (in|about|from)\s+)?(this|the|our)\s+(thread|conversation|chat)(\s+please)?\W*$/i

/** True for "forget this thread" and the like: words about the thread itself, with nothing else in them. */
export function asksToForget(text: string): boolean {
  return asking.test(text)
}

/**
 * Removes all that is kept of a thread: memory, every version of its deck, replies, and what its links lead to. Bears
 * repetition. A turn of the thread that runs at that moment keeps what it found: ask for it through the mailbox, where
 * it takes its turn.
 */
export async function forgetThread(
  thread: ThreadId,
  deps: { readonly conversations: Conversations; readonly decks: Decks; readonly links: Links },
): Promise<void> {
  await deps.links.revoke(deps.decks.keyOf(thread))
  await deps.conversations.forget(thread)
}
