/** Where one continuing exchange happens. */
export interface Thread {
  readonly platform: 'slack' | 'teams' | 'api' | 'cli'
  /** The customer's Slack workspace or Entra tenant; the user for `cli`. */
  readonly tenant: string
  readonly channel: string
  /** Slack: root `ts`. Teams: reply chain. `cli`: the name given with `--thread`. */
  readonly root: string
}

declare const threadId: unique symbol
/** A thread as one text that is safe in Redis keys and file names. Made by {@link encodeThreadId} only. */
export type ThreadId = string & { readonly [threadId]: true }

export function encodeThreadId(thread: Thread): ThreadId {
  const parts = [thread.platform, thread.tenant, thread.channel, thread.root]
  return parts.map((part) => encodeURIComponent(part).replaceAll('.', '%2E')).join('.') as ThreadId
}

/** @throws TypeError when `id` was not made by {@link encodeThreadId} */
export function decodeThreadId(id: ThreadId): Thread {
  const [platform, tenant, channel, root, ...rest] = id.split('.').map(decodeURIComponent)
  if (!isPlatform(platform) || tenant === undefined || channel === undefined || root === undefined || rest.length > 0) {
    throw new TypeError(`Cannot decode thread id "${id}": expected platform.tenant.channel.root`)
  }
  return { platform, tenant, channel, root }
}

function isPlatform(text: string | undefined): text is Thread['platform'] {
  return text === 'slack' || text === 'teams' || text === 'api' || text === 'cli'
}
