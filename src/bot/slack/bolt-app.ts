import { App, type Receiver, type types } from '@slack/bolt'
import { z } from 'zod'
import { describeError, userMessageOf } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import type { Chat } from '../chat/chat.ts'
import { type Place, spotIn } from '../chat/place.ts'
import type { Said } from '../chat/voice.ts'
import type { Beginnings } from './beginnings.ts'
import { approveActionId, parseApproval } from './blocks/approval.ts'
import { toBoltLogger } from './bolt-logger.ts'
import type { Bot } from './bots.ts'
import type { InstallStore } from './install-store.ts'
import { parsePress, parseShortcut, parseSubmission, type Pressed } from './interactions.ts'
import { parseMessageEvent } from './parse.ts'
import { channelAt } from './places.ts'
import { toPlainText } from './plain-text.ts'
import type { SlackReleases } from './releases.ts'
import { toMrkdwn } from './said.ts'
import { fieldError } from './views/modal.ts'
import { parseReleaseSubmission, releaseViewId } from './views/release-view.ts'
import { viewOf } from './views/views.ts'
import type { SlackVoice } from './voice.ts'

/** Names that the manifest declares. */
export const commandName = '/deck'
export const releaseCommandName = '/deckhand'
export const shortcutId = 'deck_of_message'

export interface BoltAppDeps {
  readonly receiver: Receiver
  readonly apiUrl: string
  /** Undefined where the app is not installed. */
  readonly botOf: (team: string) => Promise<Bot | undefined>
  readonly installs: InstallStore | undefined
  readonly chat: Chat
  readonly beginnings: Beginnings
  /** Undefined where nothing is released from chat. */
  readonly releases: SlackReleases | undefined
  readonly help: Said
  readonly voice: SlackVoice
  readonly log: Logger
}

/** A delivery for a workspace that has not (any more) installed the app: acknowledged, and that is all. */
class NotInstalled extends Error {
  override readonly name = 'NotInstalled'
}

const noReleases = 'I release nothing here: no serving endpoint is set up. Please tell your administrator.'
const notOpened = 'Slack did not let me open the window in time. Please try again.'
const welcomedForMs = 365 * 86_400_000
const HomeOpened = z.looseObject({ user: z.string(), channel: z.string(), tab: z.string() })
const Shared = z.looseObject({ is_ext_shared_channel: z.boolean().optional(), event_time: z.number().optional() })

/**
 * Connects Slack's deliveries with what we do about them. A listener returns when nothing can be lost any more: then, and
 * not before, the delivery is acknowledged. Where one throws, it is not, and Slack delivers again.
 */
export function createBoltApp(deps: BoltAppDeps): void {
  const { chat, beginnings, help, voice, installs, log } = deps
  const { once, background } = chat
  const app = new App({
    receiver: deps.receiver,
    logger: toBoltLogger(log),
    convoStore: false,
    ignoreSelf: true,
    clientOptions: { slackApiUrl: deps.apiUrl },
    async authorize({ teamId }) {
      const bot = teamId === undefined ? undefined : await deps.botOf(teamId)
      if (teamId === undefined || !bot) throw new NotInstalled(`the app is not installed in "${teamId}"`)
      // Our own client has the tokens.
      return { teamId, botId: bot.botId, botUserId: bot.botUserId }
    },
  })

  app.error(async (error) => {
    const cause = 'original' in error ? error.original : error
    if (!(cause instanceof NotInstalled)) throw error
    log.info({ error: describeError(cause) }, 'Slack delivery is ignored')
  })

  for (const type of ['app_mention', 'message'] as const) {
    app.event(type, async ({ event, body, context }) => {
      const team = context.teamId ?? body.team_id
      const isShared = Shared.safeParse(body).data?.is_ext_shared_channel ?? false
      await chat.hear(parseMessageEvent(event, { team, botUser: context.botUserId ?? '', isShared }))
    })
  }

  app.event('app_home_opened', async ({ event, body, context }) => {
    const opened = HomeOpened.safeParse(event).data
    if (opened?.tab !== 'messages') return
    const team = context.teamId ?? body.team_id
    const welcome = `welcome-${team}-${opened.user}`
    if (!(await once.claim(welcome, welcomedForMs))) return
    background.run('welcome', async () => {
      try {
        await voice.say(channelAt(team, opened.channel), help)
      } catch (error) {
        await once.release(welcome)
        throw error
      }
    })
  })

  app.event('app_uninstalled', async ({ body }) => forget(body))
  app.event('tokens_revoked', async ({ event, body }) => {
    if ((event.tokens.bot ?? []).length > 0) await forget(body)
  })

  async function forget(body: { readonly team_id: string; readonly event_time: number }): Promise<void> {
    // The end of the second that Slack names.
    await installs?.remove(body.team_id, body.event_time * 1000 + 999)
    log.info({ team: body.team_id }, 'A Slack workspace has removed the app')
  }

  app.command(commandName, async ({ command, context, ack }) => {
    const said = await beginnings.command({
      team: command.team_id,
      channel: command.channel_id,
      user: command.user_id,
      text: toPlainText(command.text, context.botUserId),
      id: command.trigger_id,
    })
    await ack(said === '' ? undefined : { response_type: 'ephemeral', text: toMrkdwn(said) })
  })

  app.command(releaseCommandName, async ({ command, context, ack }) => {
    const text = await deps.releases?.command({
      team: command.team_id,
      channel: command.channel_id,
      user: command.user_id,
      text: toPlainText(command.text, context.botUserId),
      trigger: command.trigger_id,
    })
    const said = text ?? noReleases
    await ack(said === '' ? undefined : { response_type: 'ephemeral', text: toMrkdwn(said) })
  })

  app.action(approveActionId, async ({ body }) => {
    const pressed = parseApproval(body)
    if (pressed) await deps.releases?.approve(pressed)
  })

  app.view(releaseViewId, async ({ body }) => {
    const confirmed = body.type === 'view_submission' ? parseReleaseSubmission(body) : undefined
    if (confirmed) await deps.releases?.confirm(confirmed)
  })

  app.shortcut(shortcutId, async ({ body, context }) => {
    const shortcut = parseShortcut(body, context.botUserId ?? '')
    if (shortcut) await beginnings.shortcut(shortcut)
  })

  app.action(/./, async ({ body }) => {
    const pressed = parsePress(body)
    if (!pressed) return
    const { root, user, action } = pressed.press
    try {
      const answer = await chat.press(pressed.press)
      if (answer && 'tell' in answer) tell(root, user, answer.tell)
      else if (answer) open(pressed, viewOf(answer.window))
    } catch (error) {
      // Slack does not deliver interactions again: the person is told instead.
      log.warn({ action: action.name, error: describeError(error) }, 'A button in Slack did nothing')
      tell(root, user, userMessageOf(error))
    }
  })

  app.view(/./, async ({ body, ack }) => {
    const submission = body.type === 'view_submission' ? parseSubmission(body) : undefined
    const answer = submission && (await chat.submit(submission))
    if (answer && 'tell' in answer) tell(submission.about.root, submission.user, answer.tell)
    await ack(answer && 'error' in answer ? fieldError(answer.error) : undefined)
  })

  function tell(root: Place, user: string, text: string): void {
    background.run('tell', () => voice.whisper(spotIn(root), user, text))
  }

  function open({ press, trigger }: Pressed, view: types.ModalView): void {
    background.run('open a modal', async () => {
      try {
        await voice.open(press.place.tenant, trigger, view)
      } catch (error) {
        tell(press.root, press.user, notOpened)
        throw error
      }
    })
  }
}
