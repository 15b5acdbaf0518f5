import { blockLimits as limits } from '../blocks/limits.ts'
import type { OpenView } from '../contract.ts'
import { isRecord } from '../../local/json.ts'
import type { Leases } from '../deliveries/leases.ts'
import type { State } from '../state.ts'
import { readBlocks } from './content.ts'
import { invalidArguments, SlackError } from './error.ts'
import type { Call, MethodDeps, Methods } from './method.ts'
import { toViewObject } from './view-object.ts'

/** @see https://docs.slack.dev/reference/views/modal-views */
const viewFields = new Set([
  'type',
  'title',
  'blocks',
  'submit',
  'close',
  'callback_id',
  'private_metadata',
  'external_id',
  'clear_on_close',
  'notify_on_close',
  'submit_disabled',
])
/** At most this many modals lie on each other. */
const deepest = 3

/** Opening and changing modals. */
export function viewMethods({ state, leases }: MethodDeps & { readonly leases: Leases }): Methods {
  const owner = ({ args, team }: Call): string => {
    const id = args.text('trigger_id')
    if (id === '') throw invalidArguments('missing required field: trigger_id')
    const lease = leases.takeTrigger(id)
    if (typeof lease === 'string') throw new SlackError(lease)
    if (lease.team !== team.ids.team) throw new SlackError('invalid_trigger_id')
    return lease.user
  }

  return {
    'views.open': {
      tier: 4,
      handle(call) {
        const user = owner(call)
        const view = readView(state, call.team.ids.team, user, call.args.structure('view'))
        for (const open of state.views.values()) if (open.user === user) state.views.delete(open.id)
        return { view: show(state, view) }
      },
    },
    'views.push': {
      tier: 4,
      handle(call) {
        const user = owner(call)
        const under = [...state.views.values()].filter((open) => open.user === user)
        const top = under.at(-1)
        if (!top) throw new SlackError('no_open_view')
        if (under.length >= deepest) throw new SlackError('push_limit_reached')
        const view = readView(state, call.team.ids.team, user, call.args.structure('view'))
        return { view: show(state, { ...view, rootId: top.rootId, previousId: top.id }) }
      },
    },
    'views.update': {
      tier: 4,
      handle({ args, team }) {
        const before = state.views.get(args.required('view_id'))
        if (!before || before.team !== team.ids.team) throw new SlackError('not_found')
        if (args.isSet('hash') && args.text('hash') !== before.hash) throw new SlackError('hash_conflict')
        return { view: show(state, replaceView(state, before, args.structure('view'))) }
      },
    },
  }
}

/** Puts a view in front of its person. */
export function show(state: State, view: OpenView): Record<string, unknown> {
  state.views.set(view.id, view)
  state.notify({ kind: 'views' })
  return toViewObject(state, view)
}

/** The view with new content in the place of an open one. @throws SlackError */
export function replaceView(state: State, before: OpenView, content: unknown): OpenView {
  const { id: _id, rootId: _root, ...now } = readView(state, before.team, before.user, content)
  return {
    ...now,
    id: before.id,
    rootId: before.rootId,
    ...(before.previousId === undefined ? {} : { previousId: before.previousId }),
  }
}

/** A modal out of what the app sent. @throws SlackError with what is wrong with it */
export function readView(state: State, team: string, user: string, content: unknown): OpenView {
  if (!isRecord(content)) throw invalidArguments('missing required field: view')
  if (JSON.stringify(content).length > limits.viewBytes) throw new SlackError('view_too_large')
  if (content['type'] !== 'modal') throw invalidArguments('unsupported type [json-pointer:/view/type]')
  const unknown = Object.keys(content).find((name) => !viewFields.has(name) && content[name] !== undefined)
  if (unknown !== undefined) throw invalidArguments(`invalid additional property: ${unknown} [json-pointer:/view]`)
  const text = (name: string, max: number): string => {
    const value = content[name]
    const words = isRecord(value) && value['type'] === 'plain_text' ? String(value['text']) : ''
    if (words.length > max)
      throw invalidArguments(`must be less than ${max + 1} characters [json-pointer:/view/${name}/text]`)
    return words
  }
  const string = (name: string, max: number): string => {
    const value = content[name] ?? ''
    if (typeof value !== 'string') throw invalidArguments(`must be a string [json-pointer:/view/${name}]`)
    if (value.length > max)
      throw invalidArguments(`must be less than ${max + 1} characters [json-pointer:/view/${name}]`)
    return value
  }
  const title = text('title', limits.viewTitle)
  if (title === '') throw invalidArguments('missing required field: title [json-pointer:/view]')
  const blocks = readBlocks(state, team, content['blocks'], 'modal')
  const submit = text('submit', limits.viewButton)
  if (submit === '' && blocks.some(({ type }) => type === 'input')) {
    throw invalidArguments('a submit button is required with input blocks [json-pointer:/view/submit]')
  }
  const id = state.ids.next('V')
  return {
    id,
    rootId: id,
    user,
    team,
    hash: state.ids.next('h'),
    type: 'modal',
    title,
    callbackId: string('callback_id', limits.callbackId),
    privateMetadata: string('private_metadata', limits.privateMetadata),
    blocks,
    errors: {},
    notifiesOnClose: content['notify_on_close'] === true,
    submit,
    close: text('close', limits.viewButton),
  }
}
