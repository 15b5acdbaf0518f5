/** A message as a link copied in Slack names it. The workspace's id is not in it, only its name. */
export interface SlackMessageLink {
  readonly channel: string
  readonly ts: string
  /** First message of the thread; `ts` itself when the link names no thread. */
  readonly root: string
}

/** Reads `https://NAME.slack.com/archives/CHANNEL/pTIME?thread_ts=…`. Undefined for anything else. */
export function parseSlackLink(text: string): SlackMessageLink | undefined {
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' || !/(^|\.)slack(-gov)?\.com$/.test(url.hostname)) return undefined
  const [, channel, seconds, fraction] = /^\/archives\/([A-Z0-9]+)\/p(\d{10})(\d{6})\/?$/.exec(url.pathname) ?? []
  if (channel === undefined || seconds === undefined || fraction === undefined) return undefined
  const ts = `${seconds}.${fraction}`
  const thread = url.searchParams.get('thread_ts') ?? ''
  return { channel, ts, root: /^\d{10}\.\d{6}$/.test(thread) ? thread : ts }
}
