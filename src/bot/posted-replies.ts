import type { Redis } from 'ioredis'
import type { PostedMessage } from './chat-port.ts'

/** Where each turn's reply was posted, so that whoever comes next edits it, and no two processes both post. */
export interface PostedReplies {
  /** `posted` when it is there; `ours` when posting it is now up to us alone, for a while; `theirs` while another posts. */
  claim(
    turnId: string,
  ): Promise<
    | { readonly state: 'posted'; readonly message: PostedMessage }
    | { readonly state: 'ours'; readonly isFirst: boolean }
    | { readonly state: 'theirs' }
  >
  /** Keeps the id of what was posted. */
  set(turnId: string, message: PostedMessage): Promise<void>
  /** Gives a claim back: it was not posted. */
  release(turnId: string): Promise<void>
}

export function createPostedReplies(deps: { readonly redis: Redis }): PostedReplies {
  throw new Error(`Being written for ${deps.redis.status}`)
}
