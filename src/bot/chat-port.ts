import { DeckhandError, type ErrorDetails } from '../lib/errors.ts'
import type { RenderedFile } from '../render/renderer.ts'
import type { IncomingMessage } from './message.ts'
import type { Reply } from './reply.ts'

/** The platform's id of a posted message, as text: what an edit needs, and nothing secret. Kept in Redis. */
export type PostedMessage = string

/**
 * What a platform must be able to do. A reply is one message: posted once, edited while the turn runs, and edited a last
 * time when it ends. Ports translate and send; when to post, how often to edit and what to do after a crash is decided
 * by the {@link file://./reply-writer.ts reply writer}, for all platforms alike. One contract suite tests them all.
 */
export interface ChatPort {
  /** Time to leave between two edits of a message, in milliseconds. */
  readonly editIntervalMs: number
  /** Posts the reply to a message, where the person will look for it. @throws PortError */
  post(message: IncomingMessage, reply: Reply, signal: AbortSignal): Promise<PostedMessage>
  /** Finds what a process that died posted for this message before it could note the id. @throws PortError */
  find(message: IncomingMessage, signal: AbortSignal): Promise<PostedMessage | undefined>
  /** Shows the reply as it is now. Editing to the same content twice is harmless. @throws PortError */
  edit(posted: PostedMessage, message: IncomingMessage, reply: Reply, signal: AbortSignal): Promise<void>
  /**
   * Makes the picture of a slide available for {@link Reply}s.
   * Undefined when the platform or the customer's rules do not take it: the reply then goes without.
   * @throws PortError
   */
  addPicture(
    message: IncomingMessage,
    picture: RenderedFile,
    alt: string,
    signal: AbortSignal,
  ): Promise<string | undefined>
  /**
   * Puts finished files into the thread. Gives back the names of those that got there; the person has links to all.
   * @throws PortError
   */
  addFiles(message: IncomingMessage, files: readonly RenderedFile[], signal: AbortSignal): Promise<readonly string[]>
}

/**
 * The platform did not do what it was asked. `busy`: try again later, `retryAfterMs` says when; `gone`: the thread, the
 * message or our permission no longer exists, trying again is no use; `refused`: this content is not accepted;
 * `unavailable`: no answer, or a broken one.
 */
export class PortError extends DeckhandError {
  override readonly name = 'PortError'
  readonly code: 'busy' | 'gone' | 'refused' | 'unavailable'
  readonly retryAfterMs?: number

  constructor(code: PortError['code'], message: string, details: ErrorDetails & { readonly retryAfterMs?: number }) {
    super(message, details)
    this.code = code
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs
  }
}
