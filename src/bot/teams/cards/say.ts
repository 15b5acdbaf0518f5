import { clip, oneLine } from '../../chat/text.ts'
import type { Said, SaidPart } from '../../chat/voice.ts'
import { limits } from './limits.ts'
import { escapeMarkdown, linkTo } from './markdown.ts'

/** A message without a card. */
export interface SaidActivity {
  readonly type: 'message'
  readonly text: string
  readonly textFormat: 'markdown'
  /** For notifications. Plain. */
  readonly summary: string
}

/** What we say besides replies, in Teams' markup; words of others in it stay text. */
export function sayToActivity(said: Said): SaidActivity {
  const parts = typeof said === 'string' ? [said] : said
  return {
    type: 'message',
    text: parts.map(toMarkdown).join('').trim(),
    textFormat: 'markdown',
    summary: clip(oneLine(parts.map(toWords).join('')).trim(), limits.summary),
  }
}

function toMarkdown(part: SaidPart): string {
  if (typeof part === 'string') return between(part)
  if ('bold' in part) return part.bold.trim() === '' ? '' : `**${escapeMarkdown(part.bold.trim())}**`
  if ('quote' in part) return `\n\n${escapeMarkdown(part.quote).replaceAll(/^(?=.)/gm, '> ')}\n\n`
  if ('link' in part) return linkTo(part.link, part.label)
  return escapeMarkdown(toWords(part))
}

/** Text between other parts keeps the space that sets it apart from them. */
function between(text: string): string {
  const [, before = '', words = '', after = ''] = /^(\s*)(.*?)(\s*)$/s.exec(text) ?? []
  return `${spaceOf(before)}${escapeMarkdown(words)}${spaceOf(after)}`
}

function spaceOf(blank: string): string {
  if (blank === '') return ''
  return blank.includes('\n') ? '\n\n' : ' '
}

/** Teams shows a name only where its own ids stand beside it, which we are not told. */
function toWords(part: SaidPart): string {
  if (typeof part === 'string') return part
  if ('bold' in part) return part.bold
  if ('quote' in part) return ` ${part.quote} `
  if ('link' in part) return part.label
  return 'channel' in part ? 'the channel' : 'somebody'
}
