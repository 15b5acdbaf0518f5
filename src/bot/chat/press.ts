import type { Action } from './action.ts'
import type { Place } from './place.ts'
import type { About, AskingKind } from './window.ts'

/** A button or menu of ours that somebody used. */
export interface Press {
  readonly user: string
  readonly action: Action
  /** The message with the button, and the first message of its thread. */
  readonly place: Place
  readonly root: Place
  /** The person belongs to another company. */
  readonly isStranger: boolean
  /** Goes into {@link About} of what opens. */
  readonly press?: string
}

/** A window of ours that somebody filled in. */
export interface Submission {
  readonly tenant: string
  readonly user: string
  readonly kind: AskingKind
  readonly about: About
  /** What was typed or picked; '' when nothing was. */
  readonly value: string
  /** The same for every copy of this submission, another for another. Letters, digits, `-`, `_`. */
  readonly id: string
}
