/** What is counted, as a monitoring system names it. */
export type CounterName =
  /** Messages taken in; `isNew`: no for repeated deliveries. */
  | 'messages_accepted'
  /** Messages not taken in; `code` of the MailboxError. */
  | 'messages_refused'
  /** Turns a worker began or took over; `attempt`: first or again. */
  | 'turns_started'
  /** Turns that ended; `platform`, `status`, `error`: one word or empty. */
  | 'turns_ended'
  /** Turns handed on without an end; `why`: lease-lost, shutdown or error. */
  | 'turns_handed_on'
  /** Turns that took down too many processes. */
  | 'turns_given_up'
  /** Tries to show a reply; `platform`, `kind`: post, edit, end, picture or files, `result`: ok or the PortError's code. */
  | 'replies_sent'
  /** US dollars that turns have cost; `platform`. */
  | 'cost_usd'
  /** Tokens of the chat model; `direction`: input or output. */
  | 'tokens'
  /** Slides of the decks that turns made; `platform`. */
  | 'slides'
  /** Numbers in answers and decks; `verified`: yes or no. */
  | 'numbers'

export const timerNames = [
  /** From the moment the person sent the message to the end of its turn; `platform`. */
  'turn_ms',
  /** From the sending to the first answer; `platform`. */
  'first_answer_ms',
  /** From the sending to the moment a worker took the turn up; `platform`. */
  'queue_wait_ms',
  /** How long the chat model took for one call, its own waits and retries included. */
  'llm_ms',
  /** How long Genie took for a question, waits for the rate limit not counted. */
  'genie_ms',
  /** How long the rate limit held a question to Genie back; 0 where it did not. */
  'genie_wait_ms',
  /** From a deck to files; `purpose`: turn, or link for those somebody opened a link to. */
  'render_ms',
] as const
export type TimerName = (typeof timerNames)[number]

export type Labels = Readonly<Record<string, string>>

/** Where the bot's parts count what happens. Never throws, never waits. */
export interface Metrics {
  /** `by`: how many, 1 unless told otherwise. */
  count(name: CounterName, labels?: Labels, by?: number): void
  observe(name: TimerName, ms: number, labels?: Labels): void
}

export const noMetrics: Metrics = { count() {}, observe() {} }
