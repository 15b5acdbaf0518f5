import { z } from 'zod'
import { DatabricksError } from '../../lib/databricks/error.ts'
import { restPath, type DatabricksRest } from '../../lib/databricks/rest.ts'
import type { AskedGenie } from '../events.ts'
import { spacesPath } from './asking.ts'

/** In Genie's words; `NONE` takes an earlier one back. */
export type GenieRating = 'POSITIVE' | 'NEGATIVE' | 'NONE'

/** Tells Genie what people think of its answers, for the owners of its spaces to see. */
export interface GenieRatings {
  /** The last rating of a message counts. False when the message is not there any more, or not ours to rate. @throws DatabricksError */
  rate(asked: AskedGenie, rating: GenieRating, comment: string, signal: AbortSignal): Promise<boolean>
}

const timeoutMs = 30_000
/** Ours: nobody reads more. */
const longestComment = 2000

export function createGenieRatings({ rest }: { readonly rest: DatabricksRest }): GenieRatings {
  return {
    async rate({ spaceId, conversationId, messageId }, rating, comment, signal) {
      const path = restPath(spacesPath, spaceId, 'conversations', conversationId, 'messages', messageId, 'feedback')
      const text = comment.slice(0, longestComment).toWellFormed()
      try {
        await rest.call(
          {
            method: 'POST',
            path,
            body: { rating, ...(text === '' ? {} : { comment: text }) },
            schema: z.unknown(),
            timeoutMs,
            retry: 'safe',
          },
          signal,
        )
        return true
      } catch (error) {
        const isGone =
          error instanceof DatabricksError && ['not-found', 'no-access', 'bad-request'].includes(error.code)
        if (isGone) return false
        throw error
      }
    },
  }
}
