/**
 * What a person typed, from Slack's markup: names instead of ids, link texts, no emphasis, entities resolved. Mentions of
 * `botUser` are left out, with the comma or colon that follows one.
 * @see https://docs.slack.dev/messaging/formatting-message-text
 */
export function toPlainText(markup: string, botUser = ''): string {
  return markup
    .replaceAll(/<([^<>\n]*)>[,:;]?/g, (match, inner: string) => {
      if (botUser !== '' && (inner === `@${botUser}` || inner.startsWith(`@${botUser}|`))) return ' '
      const after = /[,:;]$/.exec(match)?.[0] ?? ''
      return `${referenceText(inner)}${after}`
    })
    .replaceAll(/(^|[\s(])([*_~`]{1,3})(?=\S)([^\n]*?\S)\2(?=[\s).,:;!?]|$)/gm, '$1$3')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
    .replaceAll(/[^\S\n]+/g, ' ')
    .replaceAll(/ ?\n ?/g, '\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
}

/** Ids of the people and groups that a text addresses. */
export function mentionsIn(markup: string): readonly string[] {
  return [...markup.matchAll(/<@([UW][A-Z0-9]+)(?:\|[^>]*)?>|<!(subteam\^\w+|here|channel|everyone)\b[^>]*>/g)].map(
    ([, user, group]) => user ?? group ?? '',
  )
}

function referenceText(inner: string): string {
  const [target = '', ...labels] = inner.split('|')
  const label = labels.join('|')
  if (target.startsWith('@') || target.startsWith('#')) {
    if (label === '') return target
    return label.startsWith(target.charAt(0)) ? label : `${target.charAt(0)}${label}`
  }
  if (target.startsWith('!')) {
    if (label !== '') return label
    return `@${target.slice(1).replace(/\^.*/, '')}`
  }
  return label === '' ? target.replace(/^mailto:/, '') : label
}
