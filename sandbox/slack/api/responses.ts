import type { Message } from '../contract.ts'
import type { Leases } from '../deliveries/leases.ts'
import type { State } from '../state.ts'
import { createArgs } from './args.ts'
import type { ChatHooks } from './chat.ts'
import { readContent } from './content.ts'
import { SlackError } from './error.ts'

/**
 * Takes what the app sends to a response URL: a new message, for the person alone unless it says `in_channel`, or the
 * message in question replaced or deleted, ephemeral ones too.
 * @throws SlackError
 */
export function respond(
  deps: { readonly state: State; readonly leases: Leases; readonly hooks: ChatHooks },
  id: string,
  body: Readonly<Record<string, unknown>>,
): void {
  const { state, leases, hooks } = deps
  const target = leases.takeResponse(id)
  if (typeof target === 'string') throw new SlackError(target)
  const team = state.teams.get(target.team)
  if (!team?.isInstalled) throw new SlackError('account_inactive')
  const args = createArgs(body)
  const original = target.ts === undefined ? undefined : state.find(target.channel, target.ts)
  if (args.flag('delete_original')) {
    if (!original) throw new SlackError('message_not_found')
    state.change(original, { isDeleted: true })
    if (original.visibleTo === undefined) hooks.deleted(original)
    return
  }
  const content = readContent(state, target.team, args)
  const says: Pick<Message, 'text' | 'blocks'> = { text: content.text ?? '', blocks: content.blocks ?? [] }
  if (says.text === '' && says.blocks.length === 0) throw new SlackError('no_text')
  if (args.flag('replace_original') && original) {
    const changed = state.change(original, { ...says, isEdited: true })
    if (original.visibleTo === undefined) hooks.changed(changed, original)
    return
  }
  const threadTs = args.text('thread_ts') || target.threadTs
  const posted = state.post({
    ...says,
    channel: target.channel,
    user: team.ids.botUser,
    botId: team.ids.bot,
    ...(threadTs === undefined ? {} : { threadTs }),
    ...(args.text('response_type') === 'in_channel' ? {} : { visibleTo: target.user }),
  })
  hooks.posted(posted)
}
