import { z } from 'zod'
import type { chartKinds, Deck, Slide } from '../../render/deck.ts'
import type { ReplyResult } from '../reply.ts'
import { Place } from './place.ts'

/** What a window that asks something carries through: what it was opened for. */
export const About = z.object({
  turnId: z.string(),
  /** Of the slide, from zero; absent for windows about a whole answer. */
  index: z.number().int().optional(),
  /** The message with the button, and the first one of its thread. */
  place: Place,
  root: Place,
  /** Differs for each press, where the platform does not tell one opened window from another. */
  press: z
    .string()
    .regex(/^[\w-]{1,60}$/)
    .optional(),
})
export type About = z.infer<typeof About>

/** Windows that ask one thing each: a change in words, another chart, why an answer is not good. */
export const askingKinds = ['edit', 'chart', 'reason'] as const
export type AskingKind = (typeof askingKinds)[number]

/** What opens beside the conversation, in no platform's words: a modal in Slack, a dialog in Teams. */
export type Window =
  /** The queries that an answer rests on. */
  | { readonly kind: 'sql'; readonly result: ReplyResult }
  /** Where the numbers of a slide come from. `number`: of the slide in that deck, from one. */
  | { readonly kind: 'why'; readonly deck: Deck; readonly slide: Slide; readonly number: number }
  | { readonly kind: 'edit' | 'chart'; readonly about: About; readonly number: number }
  | { readonly kind: 'reason'; readonly about: About }

/** The answer to a press: a word to who pressed, a window, or nothing but what happens in the thread. */
export type PressAnswer = { readonly tell: string } | { readonly window: Window } | undefined

/** The answer to a window that was filled in: what is wrong with it, a word of thanks, or nothing: it closes. */
export type SubmissionAnswer = { readonly error: string } | { readonly tell: string } | undefined

/** Longest words that a person may send from a window, in characters. */
export const longestWords = 1000

/** What windows say, on every platform. */
export const windowWords = {
  sql: { title: 'SQL', none: 'No query was run for this answer.' },
  why: {
    title: (number: number): string => `Numbers of slide ${number}`,
    none: 'This slide shows no number that was computed. What it draws comes from:',
    query: (title: string): string => `Query: ${title}`,
  },
  edit: {
    title: (number: number): string => `Edit slide ${number}`,
    label: 'What should be different?',
    placeholder: 'Shorter, and only the top three regions',
  },
  chart: { title: (number: number): string => `Chart of slide ${number}`, label: 'Show it as' },
  reason: {
    title: 'What was wrong?',
    label: 'What should have been different?',
    placeholder: 'The numbers leave out returns',
  },
} as const

/** How a slide's content can be shown: the value, and what it is called. */
export const chartChoices: Readonly<Record<(typeof chartKinds)[number] | 'table', string>> = {
  bar: 'bar chart',
  stacked_bar: 'stacked bar chart',
  horizontal_bar: 'horizontal bar chart',
  line: 'line chart',
  area: 'area chart',
  donut: 'donut chart',
  scatter: 'scatter chart',
  heat_map: 'heat map',
  waterfall: 'waterfall chart',
  small_multiples: 'small multiples',
  table: 'table',
}
