import type { Place, Spot } from './place.ts'

/** What a delivery about messages tells us, in our own words. */
export type Heard = Written | Deleted | { readonly kind: 'ignored'; readonly why: string }

/** Somebody wrote something. Whether it is for us is decided by {@link file://./follow-up.ts}. */
export interface Written {
  readonly kind: 'written'
  readonly place: Place
  /** First message of its thread; its own place when it starts one. */
  readonly root: Place
  /** Where a word to this person alone is seen. */
  readonly aside: Spot
  readonly user: string
  /** Plain text, our mention left out; '' when there is none. */
  readonly text: string
  /** Milliseconds since the epoch, by the platform's clock; 0 when it does not say. */
  readonly sentAt: number
  readonly isMention: boolean
  /** It names other people or groups. */
  readonly namesOthers: boolean
  /** The thread was begun by somebody else than us, before. */
  readonly isReply: boolean
  readonly hasFiles: boolean
  /** The person belongs to another company, in a channel that two companies share. */
  readonly isStranger: boolean
}

/** A person took their message back. */
export interface Deleted {
  readonly kind: 'deleted'
  readonly place: Place
  readonly root: Place
}
