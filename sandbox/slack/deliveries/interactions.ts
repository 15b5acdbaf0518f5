import type { Answered, Message, OpenView, People } from '../contract.ts'
import type { Channel, State, Team } from '../state.ts'
import { applyViewAnswer } from '../api/view-answer.ts'
import { toViewObject } from '../api/view-object.ts'
import { list, parseRecord, string } from '../../local/json.ts'
import { encodeTyped } from '../typed-text.ts'
import { type Element, elementsOf, toAction } from './elements.ts'
import type { Leases } from './leases.ts'
import type { Sender, Told } from './sender.ts'
import { toMessageObject } from '../api/message-object.ts'

type Interactions = Pick<People, 'command' | 'press' | 'pressInView' | 'shortcut' | 'submitView' | 'closeView'>

/** Slash commands, buttons, shortcuts and modals, as Slack hands them to the app. */
export function createInteractions(deps: {
  readonly state: State
  readonly sender: Sender
  readonly leases: Leases
}): Interactions {
  const { state, sender, leases } = deps

  async function send(told: Told): Promise<Answered> {
    const delivery = await sender.send(told)
    if (!delivery) throw new Error('Cannot deliver: call connect() with the address of the app first')
    const [first] = delivery.attempts
    return { status: first?.status ?? 0, body: first?.body ?? '', delivery }
  }

  const interact = (payload: Readonly<Record<string, unknown>>): Promise<Answered> =>
    send({ kind: 'interaction', type: String(payload['type']), payload })

  /** Everything that all interactions carry. */
  function common(team: Team, user: string) {
    return {
      user: { id: user, username: usernameOf(user), name: usernameOf(user), team_id: team.ids.team },
      team: { id: team.ids.team, domain: team.domain },
      api_app_id: state.appId,
      token: 'sandbox-verification-token',
      enterprise: null,
      is_enterprise_install: false,
    }
  }
  const usernameOf = (user: string): string => (state.people.get(user)?.name ?? user).toLowerCase()

  function place(channelId: string, user: string): { readonly team: Team; readonly channel: Channel } {
    const channel = state.channels.get(channelId)
    const team = channel && state.teams.get(channel.team)
    if (!channel || !team) throw new Error(`There is no channel "${channelId}"`)
    if (!channel.members.has(user)) throw new Error(`"${user}" is not in channel "${channelId}"`)
    return { team, channel }
  }

  function seen(channel: string, ts: string, user: string): Message {
    const message = state.find(channel, ts)
    if (!message || (message.visibleTo !== undefined && message.visibleTo !== user)) {
      throw new Error(`"${user}" sees no message "${ts}" in "${channel}"`)
    }
    return message
  }

  const channelObject = (channel: Channel) => ({
    id: channel.id,
    name: channel.kind === 'im' ? 'directmessage' : channel.name || 'privategroup',
  })

  function openView(viewId: string): { readonly view: OpenView; readonly team: Team } {
    const view = state.views.get(viewId)
    const team = view && state.teams.get(view.team)
    if (!view || !team) throw new Error(`There is no open view "${viewId}"`)
    return { view, team }
  }

  const actionTs = (): string => (state.time.now() / 1000).toFixed(6)

  const isEscaped = (command: string): boolean =>
    state.manifest.commands.some((each) => each.command === command && each.isEscaped === true)

  return {
    async command({ user, channel: channelId, command, text }) {
      const { team, channel } = place(channelId, user)
      const answered = await send({
        kind: 'command',
        type: command,
        payload: {
          token: 'sandbox-verification-token',
          team_id: team.ids.team,
          team_domain: team.domain,
          channel_id: channel.id,
          channel_name: channelObject(channel).name,
          user_id: user,
          user_name: usernameOf(user),
          command,
          text: isEscaped(command) ? encodeTyped(state, team.ids.team, text) : text,
          api_app_id: state.appId,
          is_enterprise_install: 'false',
          response_url: leases.newResponseUrl({ team: team.ids.team, channel: channel.id, user }),
          trigger_id: leases.newTrigger(team.ids.team, user),
        },
      })
      showAnswer(state, team, channel.id, user, answered, command)
      return answered
    },
    async press({ user, channel: channelId, ts, actionId, value, blockId }) {
      const { team, channel } = place(channelId, user)
      const message = seen(channelId, ts, user)
      const element = findElement(message.blocks, actionId, blockId, value)
      const isEphemeral = message.visibleTo !== undefined
      return await interact({
        type: 'block_actions',
        ...common(team, user),
        container: {
          type: 'message',
          message_ts: ts,
          channel_id: channelId,
          is_ephemeral: isEphemeral,
          ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
        },
        trigger_id: leases.newTrigger(team.ids.team, user),
        channel: channelObject(channel),
        ...(isEphemeral ? {} : { message: toMessageObject(state, message) }),
        state: { values: {} },
        response_url: leases.newResponseUrl({
          team: team.ids.team,
          channel: channelId,
          user,
          ts,
          ...(message.threadTs === undefined ? {} : { threadTs: message.threadTs }),
        }),
        actions: [toAction(element, value, actionTs())],
      })
    },
    async pressInView({ viewId, actionId, value }) {
      const { view, team } = openView(viewId)
      const element = findElement(view.blocks, actionId, undefined, value)
      return await interact({
        type: 'block_actions',
        ...common(team, view.user),
        container: { type: 'view', view_id: viewId },
        trigger_id: leases.newTrigger(team.ids.team, view.user),
        view: toViewObject(state, view),
        actions: [toAction(element, value, actionTs())],
      })
    },
    async shortcut({ user, channel: channelId, ts, callbackId }) {
      const { team, channel } = place(channelId, user)
      const message = seen(channelId, ts, user)
      return await interact({
        type: 'message_action',
        callback_id: callbackId,
        ...common(team, user),
        trigger_id: leases.newTrigger(team.ids.team, user),
        response_url: leases.newResponseUrl({ team: team.ids.team, channel: channelId, user }),
        action_ts: actionTs(),
        message_ts: ts,
        channel: channelObject(channel),
        message: toMessageObject(state, message),
      })
    },
    async submitView({ viewId, values }) {
      const { view, team } = openView(viewId)
      const answered = await interact({
        type: 'view_submission',
        ...common(team, view.user),
        trigger_id: leases.newTrigger(team.ids.team, view.user),
        view: { ...toViewObject(state, view), state: { values: filledIn(view, values) } },
        response_urls: [],
      })
      applyViewAnswer(state, view, answered)
      return answered
    },
    async closeView(viewId) {
      const { view, team } = openView(viewId)
      state.views.delete(viewId)
      state.notify({ kind: 'views' })
      if (toViewObject(state, view)['notify_on_close'] !== true) return undefined
      return await interact({
        type: 'view_closed',
        ...common(team, view.user),
        view: toViewObject(state, view),
        is_cleared: false,
      })
    },
  }
}

function findElement(
  blocks: Message['blocks'],
  actionId: string,
  blockId: string | undefined,
  value: string | undefined,
): Element {
  const element = elementsOf(blocks).find(
    (each) =>
      each.actionId === actionId &&
      (blockId === undefined || each.blockId === blockId) &&
      toAction(each, value, '') !== undefined,
  )
  if (element) return element
  const shown = elementsOf(blocks).map((each) => each.actionId)
  throw new Error(`Nothing to press with action id "${actionId}"; there are: ${shown.join(', ') || 'none'}`)
}

/** What a modal's fields hold, by block and action, as Slack sends it. @throws Error for a required field left empty */
function filledIn(view: OpenView, values: Readonly<Record<string, string | readonly string[]>>) {
  const state: Record<string, Record<string, unknown>> = {}
  for (const element of elementsOf(view.blocks)) {
    if (element.block.type !== 'input' && !(element.actionId in values)) continue
    const given = values[element.actionId]
    const isOptional = element.block['optional'] === true
    if (element.block.type === 'input' && !isOptional && (given === undefined || given.length === 0)) {
      throw new Error(`Field "${element.actionId}" is required`)
    }
    const action = toAction(element, typeof given === 'string' ? given : list(given).join(','), '') ?? {}
    const { action_id: _id, block_id: _block, action_ts: _ts, ...content } = action
    const isEmpty = given === undefined || given.length === 0
    state[element.blockId] = {
      ...state[element.blockId],
      [element.actionId]: isEmpty ? emptyOf(element.type) : content,
    }
  }
  return state
}

const emptyOf = (type: string): Record<string, unknown> => {
  if (type === 'checkboxes') return { type, selected_options: [] }
  if (type === 'static_select' || type === 'radio_buttons') return { type, selected_option: null }
  return { type, value: null }
}

/** Text in the acknowledgement of a command is shown to the person, or to all with `in_channel`. */
function showAnswer(
  state: State,
  team: Team,
  channel: string,
  user: string,
  answered: Answered,
  command: string,
): void {
  const bot = { channel, user: team.ids.botUser, botId: team.ids.bot }
  if (answered.status < 200 || answered.status > 299) {
    const reason = answered.status === 0 ? 'operation_timeout' : `http_status_${answered.status}`
    state.post({ ...bot, text: `${command} failed with the error “${reason}”`, visibleTo: user })
    return
  }
  const parsed = parseRecord(answered.body)
  const text = string(parsed['text'], isJson(answered.body) ? '' : answered.body)
  const blocks = list(parsed['blocks']) as Message['blocks']
  if (text === '' && blocks.length === 0) return
  state.post({ ...bot, text, blocks, ...(parsed['response_type'] === 'in_channel' ? {} : { visibleTo: user }) })
}

const isJson = (text: string): boolean => /^\s*[{[]/.test(text)
