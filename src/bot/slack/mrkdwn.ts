import { cut, visible } from '../chat/text.ts'

/**
 * Untrusted text in Slack's markup. Where it can be avoided, texts of people, models and data go into `plain_text` and
 * `rich_text`, in which nothing is markup; what remains comes through here.
 */

/** No mention, link or channel can come out of it. @see https://docs.slack.dev/messaging/formatting-message-text#escaping */
export function escapeMrkdwn(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

/** Escaped text in at most `most` characters, escapes included. Never half an escape. */
export function escapeWithin(text: string, most: number): string {
  const escaped = escapeMrkdwn(visible(text))
  return escaped.length <= most ? escaped : cut(escaped, most, /&[a-z]{0,3}$/)
}

/** A link; '' when the address is none that Slack opens. */
export function linkTo(address: string, label: string): string {
  const url = URL.parse(address)
  if (!url || !/^https?:$/.test(url.protocol)) return ''
  // In a link `|` and `>` end the address.
  const safe = url.href.replaceAll('|', '%7C').replaceAll('>', '%3E').replaceAll('<', '%3C')
  return `<${safe.replaceAll('&', '&amp;')}|${escapeMrkdwn(label).replaceAll('|', '/')}>`
}
