import type { Answered, OpenView } from '../contract.ts'
import { isRecord, parseRecord } from '../../local/json.ts'
import type { State } from '../state.ts'
import { SlackError } from './error.ts'
import { readView, replaceView, show } from './views.ts'

/**
 * What the answer to a submitted modal does: close it, close all, show errors at its fields, or show another view. An
 * answer that is no success, or asks for what cannot be shown, leaves it open and says so, as Slack does.
 */
export function applyViewAnswer(state: State, view: OpenView, { status, body }: Answered): void {
  const keepOpen = (errors: Readonly<Record<string, string>>): void =>
    void state.views.set(view.id, { ...view, errors })
  try {
    if (status === 200) apply(state, view, parseRecord(body), keepOpen)
    else keepOpen({ '': 'We had some trouble connecting. Try again?' })
  } catch (error) {
    if (!(error instanceof SlackError)) throw error
    keepOpen({ '': `The app answered with something that cannot be shown (${error.error}).` })
  }
  state.notify({ kind: 'views' })
}

function apply(
  state: State,
  view: OpenView,
  answer: Readonly<Record<string, unknown>>,
  keepOpen: (errors: Readonly<Record<string, string>>) => void,
): void {
  switch (answer['response_action']) {
    case 'errors':
      keepOpen(toErrors(answer['errors']))
      break
    case 'update':
      show(state, replaceView(state, view, answer['view']))
      break
    case 'push': {
      const pushed = readView(state, view.team, view.user, answer['view'])
      show(state, { ...pushed, rootId: view.rootId, previousId: view.id })
      break
    }
    case 'clear':
      for (const open of state.views.values()) if (open.rootId === view.rootId) state.views.delete(open.id)
      break
    default:
      state.views.delete(view.id)
  }
}

const toErrors = (value: unknown): Record<string, string> =>
  isRecord(value) ? Object.fromEntries(Object.entries(value).map(([block, text]) => [block, String(text)])) : {}
