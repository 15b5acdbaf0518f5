import { createHmac } from 'node:crypto'
import type { IncomingMessage as HttpRequest, ServerResponse } from 'node:http'
import type { Redis } from 'ioredis'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import type { Secret } from '../../lib/secret.ts'
import type { Conversations } from '../conversation.ts'
import type { Decks } from '../decks.ts'
import { createFeedbackStore, type Feedback } from '../feedback.ts'
import type { Links } from '../links.ts'
import type { Mailbox } from '../mailbox.ts'
import type { IncomingMessage } from '../message.ts'
import type { Replies } from '../replies.ts'
import { createPressed } from './actions/pressed.ts'
import { createStoredReplies } from './actions/stored-reply.ts'
import { createSubmitted } from './actions/submitted.ts'
import { createBackground } from './background.ts'
import { createBeginnings } from './beginnings.ts'
import { createBoltApp } from './bolt-app.ts'
import { createBots } from './bots.ts'
import { createCsvFiles } from './csv-files.ts'
import { createIntake } from './intake.ts'
import { createListening } from './listening.ts'
import { botScopes, paths } from './manifest.ts'
import { createOnce } from './once.ts'
import { createPrivateThreads } from './private-threads.ts'
import { createHttpDeliveries, createSocketDeliveries, type Deliveries, type InstallOptions } from './receiver.ts'
import type { SlackSettings } from './settings.ts'
import type { SlackApi } from './slack-api.ts'
import type { SlackPort } from './slack-port.ts'
import { createThreadPeople } from './thread-people.ts'
import { SlackSettingsError, type SlackTokens } from './tokens.ts'
import { createVoice } from './voice.ts'

export interface SlackDeps {
  readonly settings: SlackSettings
  readonly redis: Redis
  readonly mailbox: Mailbox
  /** Shows at once that a new message was taken in: `acknowledge` of the bot, with Slack's port. */
  readonly acknowledge: (message: IncomingMessage, ahead: number) => Promise<void>
  readonly conversations: Conversations
  readonly decks: Decks
  readonly replies: Replies
  readonly links: Links
  readonly tokens: SlackTokens
  readonly api: SlackApi
  readonly port: SlackPort
  readonly clock: Clock
  readonly log: Logger
  /** Told of every opinion that a person gives, once it is kept. */
  readonly feedback?: (feedback: Feedback) => void
}

/** Everything that comes in from Slack. Disposing it ends the connection and waits for what is being said. */
export interface Slack extends AsyncDisposable {
  /** For requests below `/slack/`, bodies unread. In Socket Mode there are none: 404. */
  requestListener(request: HttpRequest, response: ServerResponse): void
  /** In Socket Mode connects to Slack; nothing to do with HTTP. @throws Error when Slack refuses the app token */
  start(): Promise<void>
}

/** @throws SlackSettingsError when a secret is missing that the chosen mode needs */
export function createSlack(deps: SlackDeps): Slack {
  const { settings, redis, mailbox, decks, replies, conversations, links, tokens, api, port, clock, log } = deps
  const { answerIn, followUp, threadTtlMs: ttlMs } = settings
  const background = createBackground(log)
  const voice = createVoice(api)
  const once = createOnce({ redis })
  const people = createThreadPeople({ redis, ttlMs })
  const privateThreads = createPrivateThreads({ redis, voice, ttlMs, clock })
  const feedback = createFeedbackStore({ redis, ttlMs })
  const stored = createStoredReplies({ replies, decks, conversations })
  const onFeedback = deps.feedback ?? ((): void => undefined)
  const intake = createIntake({ mailbox, acknowledge: deps.acknowledge, privateThreads, voice, background, clock })
  const csv = createCsvFiles({ conversations, decks, links, port, voice, once })
  const said = { voice, once, background }

  const deliveries = createDeliveries(settings, tokens, log)
  createBoltApp({
    receiver: deliveries.receiver,
    apiUrl: settings.apiUrl,
    botOf: createBots({ tokens, api }),
    installs: tokens.installs,
    hear: createListening({ ...said, followUp, answerIn, mailbox, intake, people, privateThreads, csv, feedback }),
    beginnings: createBeginnings({ ...said, answerIn, intake, people, privateThreads }),
    press: createPressed({ ...said, mailbox, intake, stored, privateThreads, port, feedback, onFeedback, clock }),
    submit: createSubmitted({ ...said, intake, stored, feedback, onFeedback, clock }),
    ...said,
    log,
  })

  return {
    requestListener(request, response) {
      if (deliveries.answer) deliveries.answer(request, response)
      else response.writeHead(404).end()
    },
    start: async () => deliveries.connect?.(),
    async [Symbol.asyncDispose]() {
      await deliveries.disconnect?.()
      await background[Symbol.asyncDispose]()
    },
  }
}

function createDeliveries(settings: SlackSettings, tokens: SlackTokens, log: Logger): Deliveries {
  if (settings.mode === 'socket') {
    if (tokens.installs) {
      throw new SlackSettingsError(
        'slack.mode is socket, should be http: Slack installs in several workspaces over HTTP',
      )
    }
    return createSocketDeliveries(needed(settings.appToken, 'SLACK_APP_TOKEN'), settings.apiUrl, log)
  }
  return createHttpDeliveries(needed(settings.signingSecret, 'SLACK_SIGNING_SECRET'), installOf(settings, tokens), log)
}

/** The pages on which a workspace installs the app. */
function installOf(settings: SlackSettings, { installs }: SlackTokens): InstallOptions | undefined {
  if (!installs) return undefined
  const linkKey = needed(settings.linkKey, 'DECKHAND_LINK_KEY')
  return {
    clientId: settings.clientId,
    clientSecret: needed(settings.clientSecret, 'SLACK_CLIENT_SECRET').reveal(),
    stateSecret: createHmac('sha256', linkKey.reveal()).update('slack sign-in state').digest('base64url'),
    installationStore: installs,
    scopes: [...botScopes],
    ...(settings.publicUrl === '' ? {} : { redirectUri: `${settings.publicUrl}${paths.signIn}` }),
    installerOptions: {
      directInstall: true,
      redirectUriPath: paths.signIn,
      authorizationUrl: new URL('/oauth/v2/authorize', settings.apiUrl).href,
      clientOptions: { slackApiUrl: settings.apiUrl, retryConfig: { retries: 1 } },
    },
  }
}

function needed(secret: Secret | undefined, name: string): Secret {
  if (secret) return secret
  throw new SlackSettingsError(`${name} is not set; Slack needs it in this mode`)
}
