import type { Window } from '../chat/window.ts'
import { cardAttachment } from './cards/card.ts'
import { windowTitle, windowToCard } from './cards/windows.ts'
import type { InvokeAnswer } from './wire.ts'

/** Answers to invokes, in the shapes that Teams expects of each. */

/** Nothing to show; a dialog closes. */
export const done: InvokeAnswer = { status: 200, body: {} }

/**
 * The answer to a button of a card: a line of text that Teams shows for a moment.
 * @see https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/work-with-universal-actions-for-adaptive-cards
 */
export function cardMessage(text: string): InvokeAnswer {
  return { status: 200, body: { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: text } }
}

/**
 * A dialog that says one thing.
 * @see https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/task-modules/task-modules-bots
 */
export function dialogMessage(text: string): InvokeAnswer {
  return { status: 200, body: { task: { type: 'message', value: text } } }
}

/** A dialog with a window in it. */
export function dialogWindow(window: Window): InvokeAnswer {
  const isReading = window.kind === 'sql' || window.kind === 'why'
  const value = {
    title: windowTitle(window),
    width: isReading ? 'large' : 'medium',
    height: isReading ? 'large' : 'small',
    card: cardAttachment(windowToCard(window)),
  }
  return { status: 200, body: { task: { type: 'continue', value } } }
}
