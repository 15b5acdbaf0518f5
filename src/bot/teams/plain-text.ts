import type { Activity } from './wire.ts'

type Entities = NonNullable<Activity['entities']>

interface Mention {
  readonly id: string
  /** As it stands in the text, `<at>Name</at>`; '' when the activity does not say. */
  readonly text: string
}

/** Whom a message names. */
export function mentionsIn(entities: Entities | null | undefined): readonly Mention[] {
  return (entities ?? []).flatMap((entity) => {
    const mentioned = entity['mentioned']
    if (entity.type !== 'mention' || typeof mentioned !== 'object' || mentioned === null) return []
    const id = 'id' in mentioned && typeof mentioned.id === 'string' ? mentioned.id : ''
    return [{ id, text: typeof entity['text'] === 'string' ? entity['text'] : '' }]
  })
}

/**
 * What a person typed: mentions of `botId` left out, with the comma or colon that follows one, those of others by their
 * name, entities resolved. Only what an entity says is a mention is one: a person may write `<at>` as well.
 */
export function toPlainText({ text, entities, textFormat }: Activity, botId: string): string {
  let plain = text ?? ''
  for (const mention of mentionsIn(entities)) {
    if (mention.text === '') continue
    const name = mention.text.replaceAll(/<\/?at[^>]*>/g, '')
    plain = mention.id === botId ? leaveOut(plain, mention.text) : plain.replaceAll(mention.text, name)
  }
  return (textFormat === 'xml' ? withoutTags(plain) : plain)
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&')
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\S\n]+/g, ' ')
    .replaceAll(/ ?\n ?/g, '\n')
    .replaceAll(/\n{3,}/g, '\n\n')
    .trim()
}

function leaveOut(text: string, mention: string): string {
  return text.split(mention).reduce((before, after) => `${before} ${after.replace(/^\s*[,:;]/, '')}`)
}

function withoutTags(text: string): string {
  return text.replaceAll(/<br\s*\/?>|<\/p>/g, '\n').replaceAll(/<\/?[a-z][^<>]*>/gi, '')
}
