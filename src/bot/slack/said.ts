import type { Said, SaidPart } from '../chat/voice.ts'
import { escapeMrkdwn, escapeWithin, linkTo } from './mrkdwn.ts'

const longestQuote = 2000

/** What we say, in Slack's markup. */
export function toMrkdwn(said: Said): string {
  return typeof said === 'string' ? escapeMrkdwn(said) : said.map(partToMrkdwn).join('')
}

function partToMrkdwn(part: SaidPart): string {
  if (typeof part === 'string') return escapeMrkdwn(part)
  if ('bold' in part) return `*${escapeMrkdwn(part.bold)}*`
  if ('quote' in part) return `\n>${escapeWithin(part.quote, longestQuote).replaceAll('\n', '\n>')}`
  if ('link' in part) return linkTo(part.link, part.label) || escapeMrkdwn(part.label)
  if ('channel' in part) return `<#${part.channel.channel}>`
  return `<@${part.person}>`
}
