import type { types } from '@slack/bolt'
import type { Window } from '../../chat/window.ts'
import { chartView, editView, reasonView } from './asking-views.ts'
import { sqlView } from './sql-view.ts'
import { whyView } from './why-view.ts'

/** A window as Slack's modal. */
export function viewOf(window: Window): types.ModalView {
  switch (window.kind) {
    case 'sql':
      return sqlView(window.result)
    case 'why':
      return whyView(window.deck, window.slide, window.number)
    case 'edit':
      return editView(window.about, window.number)
    case 'chart':
      return chartView(window.about, window.number)
    case 'reason':
      return reasonView(window.about)
  }
}
