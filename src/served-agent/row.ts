import { z } from 'zod'
import { parseJson } from '../lib/json.ts'
import { Deck } from '../render/deck.ts'

/** One row that a served model was asked with, as its Python face passes it on. Columns that are missing are null. */
export const Row = z.object({
  question: z.string('text').trim().min(1, 'text, not empty').max(4000, 'text of 4000 characters at most'),
  max_slides: z.number('a number').int('a whole number').min(1, 'at least 1').max(30, 'at most 30').nullish(),
  genie_space_id: optional('the id of a Genie space'),
  /** To go on with an earlier question. */
  genie_conversation_id: optional('the id of a Genie conversation'),
  /** The deck to change, as an earlier answer had it. */
  deck: optional('the JSON of a deck').transform((text, context) => {
    if (text === undefined) return undefined
    const deck = Deck.safeParse(parseJson(text))
    if (deck.success) return deck.data
    context.addIssue('the JSON of a deck, as an earlier answer had it')
    return z.NEVER
  }),
})
export type Row = z.infer<typeof Row>

const column = z
  .string()
  .nullish()
  .transform((text) => text ?? '')

/** What a served model answers to a row; the columns of its signature. Texts that do not apply are ''. */
export const RowAnswer = z
  .object({
    /** The deck page; '' without a deck. */
    html: column,
    slide_count: z.number(),
    trace_url: column,
    /** What went wrong, in words for the person. */
    error: column,
    genie_conversation_id: column,
    /** The deck as JSON, to be sent back with a follow-up. */
    deck: column,
    /** answered, clarify, refused, failed or stopped. */
    status: column,
    /** In plain text: the answer, or the question back. */
    answer: column,
  })
  .readonly()
export type RowAnswer = z.infer<typeof RowAnswer>

export const noAnswer: RowAnswer = {
  html: '',
  slide_count: 0,
  trace_url: '',
  error: '',
  genie_conversation_id: '',
  deck: '',
  status: 'failed',
  answer: '',
}

function optional(what: string) {
  return z
    .string(what)
    .nullish()
    .transform((text) => (text === null || text?.trim() === '' ? undefined : text))
}
