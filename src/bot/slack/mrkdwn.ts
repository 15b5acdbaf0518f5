/**
 * Untrusted text in Slack's markup. Where it can be avoided, texts of people, models and data go into `plain_text` and
 * `rich_text`, in which nothing is markup; what remains comes through here.
 */

/** No mention, link or channel can come out of it. @see https://docs.slack.dev/messaging/formatting-message-text#escaping */
export function escapeMrkdwn(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** The text, or its beginning with `…`, in at most `most` characters, as Slack counts them. Never half a character. */
export function clip(text: string, most: number): string {
  if (text.length <= most) return text.toWellFormed()
  const cut = text.slice(0, Math.max(0, most - 1))
  return `${(/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut).toWellFormed().trimEnd()}…`
}

/** Escaped text in at most `most` characters, escapes included. Never half an escape. */
export function escapeWithin(text: string, most: number): string {
  const escaped = escapeMrkdwn(text.toWellFormed())
  if (escaped.length <= most) return escaped
  const cut = escaped.slice(0, Math.max(0, most - 1)).replace(/&[a-z]{0,3}$/, '')
  return `${(/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut).trimEnd()}…`
}

/** A link; '' when the address is none that Slack opens. */
export function linkTo(address: string, label: string): string {
  const url = URL.parse(address)
  if (!url || !/^https?:$/.test(url.protocol)) return ''
  // In a link `|` and `>` end the address.
  const safe = url.href.replaceAll('|', '%7C').replaceAll('>', '%3E').replaceAll('<', '%3C')
  return `<${safe.replaceAll('&', '&amp;')}|${escapeMrkdwn(label).replaceAll('|', '/')}>`
}
