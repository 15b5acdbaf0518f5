import type { OpenView } from '../contract.ts'
import type { State } from '../state.ts'

/** A view as the Web API and interactions carry it. */
export function toViewObject(state: State, view: OpenView): Record<string, unknown> {
  const botId = state.teams.get(view.team)?.ids.bot
  const plain = (text: string) => (text === '' ? null : { type: 'plain_text', text, emoji: true })
  return {
    id: view.id,
    team_id: view.team,
    type: view.type,
    title: plain(view.title),
    submit: plain(view.submit),
    close: plain(view.close),
    blocks: view.blocks,
    callback_id: view.callbackId,
    private_metadata: view.privateMetadata,
    notify_on_close: view.notifiesOnClose,
    clear_on_close: false,
    external_id: '',
    state: { values: {} },
    hash: view.hash,
    previous_view_id: view.previousId ?? null,
    root_view_id: view.rootId,
    app_id: state.appId,
    app_installed_team_id: view.team,
    bot_id: botId,
  }
}
