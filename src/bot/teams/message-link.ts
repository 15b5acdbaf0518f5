/** A message as a link copied in Teams names it. */
export interface TeamsMessageLink {
  readonly tenant: string
  readonly channel: string
  readonly id: string
  /** First message of the reply chain; `id` itself when the link names none. */
  readonly root: string
}

/** Reads `https://teams.microsoft.com/l/message/CHANNEL/ID?tenantId=…&parentMessageId=…`. Undefined for anything else. */
export function parseTeamsLink(text: string): TeamsMessageLink | undefined {
  const url = URL.parse(text)
  if (url?.protocol !== 'https:' || !/^teams\.(microsoft\.com|cloud\.microsoft|live\.com)$/.test(url.hostname))
    return undefined
  const [, channel, id] = /^\/l\/message\/([^/]+)\/(\d+)\/?$/.exec(url.pathname) ?? []
  const tenant = url.searchParams.get('tenantId') ?? ''
  if (channel === undefined || id === undefined || tenant === '') return undefined
  return { tenant, channel: decodeURIComponent(channel), id, root: url.searchParams.get('parentMessageId') || id }
}
