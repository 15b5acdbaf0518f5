import type { Written } from './heard.ts'
import { threadAt } from './place.ts'
import type { ThreadPeople } from './thread-people.ts'

/** Whether messages in a thread we answer in need a mention; see `follow_up` in config.yaml. */
export type FollowUp = 'mention' | 'auto' | 'always'

/**
 * True when a message is for us: it mentions us, is said to us alone, or goes on in a thread that is between its author
 * and us. We never answer what people say to each other: who names somebody else without us does not mean us.
 * Notes who writes in our threads, for the messages after this one.
 */
export async function isForUs(written: Written, rule: FollowUp, people: ThreadPeople): Promise<boolean> {
  const { isMention, isReply, namesOthers, root, user } = written
  if (root.isDirect || isMention) return true
  if (!isReply) return false
  const count = await people.hear(threadAt(root), user)
  if (count === 0 || namesOthers || rule === 'mention') return false
  return rule === 'always' || count === 1
}

/** From now on we answer in the message's thread. Call it once its message is accepted. */
export async function joinThread(written: Written, people: ThreadPeople): Promise<void> {
  const { isReply, root, user } = written
  if (root.isDirect) return
  const thread = threadAt(root)
  const known = isReply ? await people.hear(thread, user) : 0
  if (known === 0) await people.join(thread, user, isReply)
}
