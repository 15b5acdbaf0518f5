import { z } from 'zod'
import type { Press, Submission } from '../chat/press.ts'
import { askingKinds } from '../chat/window.ts'
import { parseAction } from './actions.ts'
import type { Shortcut } from './beginnings.ts'
import { placeAt } from './places.ts'
import { toPlainText } from './plain-text.ts'
import { callbackIds, fieldId, parseAbout } from './views/modal.ts'

/** A press, and what opens a modal within three seconds of it. */
export interface Pressed {
  readonly press: Press
  readonly trigger: string
}

const optionalText = z.string().nullish()
const Team = z.object({ id: z.string() }).nullish()
const User = z.object({ id: z.string(), team_id: optionalText })
const Option = z.looseObject({ value: z.string() }).nullish()

const PressBody = z.looseObject({
  team: Team,
  enterprise: z.unknown().optional(),
  user: User,
  trigger_id: z.string().default(''),
  container: z.looseObject({ message_ts: optionalText, channel_id: optionalText, thread_ts: optionalText }),
  actions: z.array(z.looseObject({ action_id: z.string(), value: optionalText, selected_option: Option })).min(1),
})

/** Undefined when there is nothing to do about it: a link, none of our elements, or one that cannot be read. */
export function parsePress(body: unknown): Pressed | undefined {
  const parsed = PressBody.safeParse(body)
  const [pressed] = parsed.data?.actions ?? []
  if (!parsed.success || !pressed) return undefined
  const { team, enterprise, user, trigger_id: trigger, container } = parsed.data
  const { channel_id: channel, message_ts: ts, thread_ts: threadTs } = container
  const action = parseAction(pressed.action_id, pressed.selected_option?.value ?? pressed.value ?? '')
  const teamId = team?.id ?? user.team_id
  if (!action || action.name === 'link' || !teamId || !channel || !ts) return undefined
  return {
    press: {
      user: user.id,
      action,
      place: placeAt(teamId, channel, ts),
      root: placeAt(teamId, channel, threadTs || ts),
      isStranger: !enterprise && Boolean(user.team_id) && user.team_id !== teamId,
    },
    trigger,
  }
}

const SubmissionBody = z.looseObject({
  team: Team,
  user: User,
  view: z.looseObject({
    id: z.string(),
    callback_id: z.string(),
    private_metadata: z.string().default(''),
    state: z
      .looseObject({
        values: z.record(
          z.string(),
          z.record(z.string(), z.looseObject({ value: optionalText, selected_option: Option })),
        ),
      })
      .nullish(),
  }),
})

/** Undefined when it is none of our modals, or one that cannot be read. */
export function parseSubmission(body: unknown): Submission | undefined {
  const parsed = SubmissionBody.safeParse(body)
  if (!parsed.success) return undefined
  const { team, user, view } = parsed.data
  const kind = askingKinds.find((known) => callbackIds[known] === view.callback_id)
  const about = parseAbout(view.private_metadata)
  if (!kind || !about) return undefined
  const fields = Object.values(view.state?.values ?? {}).flatMap((block) => Object.entries(block))
  const field = fields.find(([id]) => id === fieldId)?.[1]
  return {
    tenant: team?.id ?? user.team_id ?? '',
    user: user.id,
    kind,
    about,
    value: field?.selected_option?.value ?? field?.value ?? '',
    id: view.id,
  }
}

const ShortcutBody = z.looseObject({
  team: Team,
  user: User,
  channel: z.object({ id: z.string() }),
  trigger_id: z.string(),
  message: z.looseObject({ ts: z.string(), thread_ts: optionalText, text: optionalText }),
})

/** Undefined when it cannot be read. `botUser`: whose mention is left out of the text. */
export function parseShortcut(body: unknown, botUser: string): Shortcut | undefined {
  const parsed = ShortcutBody.safeParse(body)
  if (!parsed.success) return undefined
  const { team, user, channel, message, trigger_id: id } = parsed.data
  const teamId = team?.id ?? user.team_id ?? ''
  return {
    place: placeAt(teamId, channel.id, message.ts),
    root: placeAt(teamId, channel.id, message.thread_ts || message.ts),
    user: user.id,
    text: toPlainText(message.text ?? '', botUser),
    id,
  }
}
