import { z } from 'zod'
import { parseAction, type Action } from './actions.ts'
import type { Place } from './origin.ts'
import { toPlainText } from './plain-text.ts'
import type { Shortcut } from './beginnings.ts'

/** A button or menu of ours that somebody used. */
export interface Press {
  readonly team: string
  readonly user: string
  readonly action: Action
  /** The message with the button, and the first message of its thread. */
  readonly place: Place
  readonly root: Place
  /** Opens a modal within three seconds. */
  readonly trigger: string
  /** The person belongs to another company. */
  readonly isStranger: boolean
}

/** A modal of ours that somebody filled in. */
export interface Submission {
  readonly team: string
  readonly user: string
  readonly viewId: string
  readonly callbackId: string
  readonly privateMetadata: string
  /** Action id → what was typed or picked; '' when nothing was. */
  readonly values: ReadonlyMap<string, string>
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

/** Undefined when it is none of our elements, or one that cannot be read. */
export function parsePress(body: unknown): Press | undefined {
  const parsed = PressBody.safeParse(body)
  const [pressed] = parsed.data?.actions ?? []
  if (!parsed.success || !pressed) return undefined
  const { team, enterprise, user, trigger_id: trigger, container } = parsed.data
  const { channel_id: channel, message_ts: ts, thread_ts: threadTs } = container
  const action = parseAction(pressed.action_id, pressed.selected_option?.value ?? pressed.value ?? '')
  const teamId = team?.id ?? user.team_id
  if (!action || !teamId || !channel || !ts) return undefined
  const place = { team: teamId, channel, ts }
  return {
    team: teamId,
    user: user.id,
    action,
    place,
    root: { ...place, ts: threadTs || ts },
    trigger,
    isStranger: !enterprise && Boolean(user.team_id) && user.team_id !== teamId,
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

/** Undefined when it cannot be read. */
export function parseSubmission(body: unknown): Submission | undefined {
  const parsed = SubmissionBody.safeParse(body)
  if (!parsed.success) return undefined
  const { team, user, view } = parsed.data
  const fields = Object.values(view.state?.values ?? {}).flatMap((block) => Object.entries(block))
  return {
    team: team?.id ?? user.team_id ?? '',
    user: user.id,
    viewId: view.id,
    callbackId: view.callback_id,
    privateMetadata: view.private_metadata,
    values: new Map(fields.map(([id, field]) => [id, field.selected_option?.value ?? field.value ?? ''])),
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
  const place = { team: team?.id ?? user.team_id ?? '', channel: channel.id, ts: message.ts }
  return {
    place,
    root: { ...place, ts: message.thread_ts || message.ts },
    user: user.id,
    text: toPlainText(message.text ?? '', botUser),
    id,
  }
}
