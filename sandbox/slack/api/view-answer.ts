import type { Answered, OpenView } from '../contract.ts'
import { isRecord, parseRecord } from '../json.ts'
import type { State } from '../state.ts'
import { readView, replaceView, show } from './views.ts'

/**
 * What the answer to a submitted modal does: close it, close all, show errors at its fields, or show another view. An
 * answer that is no success leaves it open, as Slack does.
 */
export function applyViewAnswer(state: State, view: OpenView, { status, body }: Answered): void {
  if (status !== 200) {
    state.views.set(view.id, { ...view, errors: { '': 'We had some trouble connecting. Try again?' } })
  } else {
    const answer = parseRecord(body)
    switch (answer['response_action']) {
      case 'errors':
        state.views.set(view.id, { ...view, errors: toErrors(answer['errors']) })
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
  state.notify({ kind: 'views' })
}

const toErrors = (value: unknown): Record<string, string> =>
  isRecord(value) ? Object.fromEntries(Object.entries(value).map(([block, text]) => [block, String(text)])) : {}
