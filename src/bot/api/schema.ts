import { z } from 'zod'
import { statusOf, type ApiErrorCode } from './api-error.ts'

/** What goes over the wire, both ways. The OpenAPI document is made of these, and every answer is typed by them. */

const limits = { question: 4000, slides: 30, thread: 200, space: 200 } as const

const words = {
  question: `text of 1 to ${limits.question} characters, such as "Revenue by region in 2023"`,
  slides: `a whole number from 1 to ${limits.slides}`,
  space: 'the id of a Genie space, or a name that the configuration has for one',
  thread: `a name of 1 to ${limits.thread} characters`,
} as const

/** Messages are what a field should be; `null` is as good as nothing. */
export const GenerateRequest = z
  .strictObject(
    {
      question: z.string(words.question).trim().min(1, words.question).max(limits.question, words.question).meta({
        description: 'The question, or what to change about the deck of this thread',
        example: 'Revenue by region in 2023',
      }),
      max_slides: z
        .int(words.slides)
        .min(1, words.slides)
        .max(limits.slides, words.slides)
        .nullish()
        .meta({ description: 'Most slides; a small answer gets a small deck anyway', example: 6 }),
      genie_space_id: z.string(words.space).trim().min(1, words.space).max(limits.space, words.space).nullish().meta({
        description:
          'Genie space to ask, by id or configured name. Left out: the one the thread is in, else the default',
      }),
      thread: z
        .string(words.thread)
        .trim()
        .min(1, words.thread)
        .max(limits.thread, words.thread)
        .nullish()
        .meta({
          description:
            'Conversation to continue or start, by any name. Names belong to the key: another key has other threads. ' +
            'Left out: a new one, whose name is in the answer',
          example: 'q4-review',
        }),
    },
    'a JSON object with a question',
  )
  .meta({ id: 'GenerateRequest', description: 'A question to make a deck of, or to continue a thread with' })
export type GenerateRequest = z.infer<typeof GenerateRequest>

const id = z.string().meta({ description: 'Of this question; GET and DELETE /generate-slides/{id} take it' })
const thread = z.string().meta({ description: 'Name to continue the conversation under' })
const traceUrl = z.string().meta({ description: 'Page of the trace in MLflow; empty while there is none' })
const link = z.string().meta({ description: 'Signed link; works without a key until it expires', format: 'uri' })

export const FirstAnswer = z
  .object({
    headline: z.string(),
    columns: z.array(z.object({ title: z.string(), is_number: z.boolean() })),
    rows: z.array(z.array(z.string())).meta({ description: 'Cells as text, formatted for the language of the deck' }),
    more_rows: z.int().min(0).meta({ description: 'Rows there are beside these' }),
  })
  .meta({
    id: 'FirstAnswer',
    description: 'What can be said as soon as the rows are there, before the deck is written',
  })

export const SlideNews = z
  .object({
    number: z.int().min(1),
    total: z.int().min(1),
    title: z.string().meta({ description: 'Empty while its numbers are being filled in; the slide then comes again' }),
  })
  .meta({ id: 'SlideNews', description: 'A slide is written' })

const Step = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(['pending', 'running', 'done', 'failed']),
  detail: z.string(),
})

export const Progress = z
  .object({
    id,
    thread,
    status: z.enum(['queued', 'running']),
    ahead: z.int().min(0).meta({ description: 'Questions of this thread that are answered first' }),
    steps: z.array(Step),
    trace_url: traceUrl,
  })
  .meta({ id: 'Progress', description: 'How far a question is' })
export type Progress = z.infer<typeof Progress>

export const Running = z
  .object({
    ...Progress.shape,
    first_answer: FirstAnswer.optional(),
    slides: z.array(SlideNews),
  })
  .meta({ id: 'Running', description: 'A question that has no answer yet: ask again at its Location' })
export type Running = z.infer<typeof Running>

export const Answer = z
  .object({
    id,
    thread,
    status: z.enum(['answered', 'clarify', 'refused', 'failed', 'stopped']).meta({
      description:
        'answered; clarify: a question back; refused: nothing this service does; failed: `answer` says what went wrong and ' +
        'what to do; stopped: as asked by DELETE',
    }),
    answer: z.string().meta({ description: 'In plain words' }),
    slide_count: z.int().min(0),
    files: z
      .object({
        html: link.optional(),
        pdf: link.optional(),
        pptx: link.optional(),
        xlsx: link.optional(),
        png: z.array(link).optional().meta({ description: 'A picture of each slide, 1280 × 720' }),
        thumbnail: z.array(link).optional().meta({ description: 'A small picture of each slide, 640 × 360' }),
        overview: link.optional(),
        csv: z.array(link).optional().meta({ description: 'Each table' }),
      })
      .meta({ description: 'Signed links to the deck; empty when this question made none' }),
    numbers: z
      .object({ total: z.int().min(0), verified: z.int().min(0) })
      .meta({ description: 'Numbers in answer and deck, and how many rest on data' }),
    readings: z.array(z.string()).meta({ description: 'How the question was read, one line a query' }),
    sql: z.array(z.string()),
    suggestions: z.array(z.string()).meta({ description: 'Questions to go on with' }),
    provenance: z.string().meta({ description: 'Where the data is from, and which chat model wrote' }),
    genie_conversation_id: z.string(),
    trace_id: z.string(),
    trace_url: traceUrl,
    run_id: z.string(),
    timings_ms: z.object({ first_answer: z.int().min(0), deck: z.int().min(0), total: z.int().min(0) }),
    tokens: z.object({ input: z.int().min(0), output: z.int().min(0) }),
    cost_usd: z.number().min(0),
    error: z.string().meta({ description: 'One word when it failed; empty otherwise' }),
    can_retry: z.boolean().meta({ description: 'The same question may work when asked again' }),
  })
  .meta({ id: 'Answer', description: 'How a question ended: what `deckhand ask --json` prints, with links for files' })
export type Answer = z.infer<typeof Answer>

export const ErrorBody = z
  .object({
    error: z.object({
      code: z.enum(Object.keys(statusOf) as [ApiErrorCode, ...ApiErrorCode[]]),
      message: z.string().meta({ description: 'A sentence for people' }),
      fields: z
        .array(z.object({ field: z.string(), problem: z.string() }))
        .optional()
        .meta({ description: 'What is wrong with which field of the body, or which header' }),
    }),
  })
  .meta({ id: 'Error', description: 'Why a request is not answered' })
export type ErrorBody = z.infer<typeof ErrorBody>
