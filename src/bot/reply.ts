import { z } from 'zod'

/**
 * The reply to one message at some moment, in no platform's words: what a Slack message, a Teams card or the API's answer
 * shows. It grows while the turn runs and ends exactly once. Everything in it may be shown to the person; texts are plain,
 * without markup.
 */
export const Reply = z.object({
  turnId: z.string(),
  question: z.string(),
  /** Deck links are made for this thread. */
  thread: z.string(),
  /** Who asked, in the platform's ids. */
  userId: z.string(),
  phase: z.enum(['queued', 'working', 'ended']),
  /** Messages of the thread that are answered first; 0 when this one is next. */
  ahead: z.number().int(),
  /** The plan, in order, as a person would tell it. */
  steps: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      state: z.enum(['pending', 'running', 'done', 'failed']),
      /** What is being done right now, such as the question Genie works on, or the wait for its turn. */
      detail: z.string(),
    }),
  ),
  /** What could be said as soon as the rows were there. Cells are formatted for the deck's language. */
  firstAnswer: z
    .object({
      headline: z.string(),
      columns: z.array(z.object({ title: z.string(), isNumber: z.boolean() })),
      rows: z.array(z.array(z.string())),
      /** Rows there are beside those shown. */
      moreRows: z.number().int(),
    })
    .optional(),
  slides: z.array(
    z.object({
      /** From zero. */
      index: z.number().int(),
      id: z.string(),
      title: z.string(),
      /** The picture as the platform's port knows it: a file id on Slack, an address elsewhere; '' until there is one. */
      picture: z.string(),
    }),
  ),
  /** Slides the deck will have; 0 until known. */
  slideCount: z.number().int(),
  traceUrl: z.string(),
  /** Present when `phase` is `ended`. */
  result: z
    .object({
      status: z.enum(['answered', 'clarify', 'refused', 'failed', 'stopped']),
      answer: z.string(),
      /** One word for metrics on why there is no answer; '' when there is one, or none is needed. */
      errorCode: z.string(),
      /** The same message may be tried again as it is. */
      canRetry: z.boolean(),
      /** How the question was read, one line for each query: "sales by region, 2023-10-01 to 2023-12-31". */
      readings: z.array(z.string()),
      sql: z.array(z.string()),
      suggestions: z.array(z.string()),
      /** Where the data is from, whether it is made up, and which chat model wrote. */
      provenance: z.string(),
      numbers: z.object({ total: z.number().int(), verified: z.number().int() }),
      timingsMs: z.object({ firstAnswer: z.number(), deck: z.number(), total: z.number() }),
      tokens: z.object({ input: z.number(), output: z.number() }),
      costUsd: z.number(),
      traceId: z.string(),
      runId: z.string(),
      genieConversationId: z.string(),
      /** What the turn asked Genie, for people's opinions to reach it. */
      askedGenie: z
        .array(z.object({ spaceId: z.string(), conversationId: z.string(), messageId: z.string() }))
        .optional(),
      /** The deck after this turn; absent when there is none. */
      deck: z
        .object({
          /** Key of the stored deck, for links and buttons. */
          key: z.string(),
          version: z.number().int(),
          title: z.string(),
          /** Files that exist for it, by format, and the signed link to each. */
          links: z.record(z.string(), z.string()),
        })
        .optional(),
    })
    .optional(),
})
export type Reply = z.infer<typeof Reply>
export type ReplyResult = NonNullable<Reply['result']>
