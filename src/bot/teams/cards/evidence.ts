import { deckOf, readingsLine } from '../../chat/reply-words.ts'
import { clip, oneLine } from '../../chat/text.ts'
import type { ReplyResult } from '../../reply.ts'
import { limits } from './limits.ts'

/** What stands in the text where it is cited. */
const mark = ' [1]'

/** A message says of itself that a chat model wrote it, and where its numbers are from. */
export interface Evidence {
  /** To follow the answer where it is a text; in cards Teams looks for none. */
  readonly mark: string
  readonly entities: readonly Readonly<Record<string, unknown>>[]
}

export const noEvidence: Evidence = { mark: '', entities: [] }

/**
 * The AI label of an answer, and the Genie space as its source. There may be one such entity in a message.
 * @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/bot-messages-ai-generated-content
 */
export function evidenceOf(result: ReplyResult): Evidence {
  const isWritten = result.status === 'answered' || result.status === 'clarify' || result.status === 'refused'
  if (!isWritten || result.answer === '') return noEvidence
  const isCited = result.provenance !== '' && result.sql.length > 0
  const message = {
    type: 'https://schema.org/Message',
    '@type': 'Message',
    '@context': 'https://schema.org',
    '@id': '',
    additionalType: ['AIGeneratedContent'],
    ...(isCited ? { citation: [citationOf(result)] } : {}),
  }
  return { mark: isCited ? mark : '', entities: [message] }
}

function citationOf(result: ReplyResult): object {
  const { provenance, sql } = result
  const url = deckOf(result)?.links['html'] ?? ''
  const queries = sql.length === 1 ? 'One query' : `${sql.length} queries`
  return {
    '@type': 'Claim',
    position: 1,
    appearance: {
      '@type': 'DigitalDocument',
      name: clip(oneLine(provenance), limits.citationName),
      abstract: clip(oneLine(readingsLine(result) || queries), limits.citationAbstract),
      ...(/^https?:\/\//.test(url) && url.length <= limits.url ? { url } : {}),
    },
  }
}
