import { createHmac } from 'node:crypto'
import type { IncomingMessage as HttpRequest, ServerResponse } from 'node:http'
import type { Logger } from '../../lib/log.ts'
import type { Secret } from '../../lib/secret.ts'
import type { AdminDesk } from '../admin/admin-desk.ts'
import { type ChatParts, createChat } from '../chat/chat.ts'
import { helpText } from '../chat/words.ts'
import { createBeginnings } from './beginnings.ts'
import { createBoltApp } from './bolt-app.ts'
import { createBots } from './bots.ts'
import { botScopes, paths } from './manifest.ts'
import { createHttpDeliveries, createSocketDeliveries, type Deliveries, type InstallOptions } from './receiver.ts'
import { createSlackReleases } from './releases.ts'
import type { SlackSettings } from './settings.ts'
import type { SlackApi } from './slack-api.ts'
import type { SlackPort } from './slack-port.ts'
import { SlackSettingsError, type SlackTokens } from './tokens.ts'
import { createVoice } from './voice.ts'

export interface SlackDeps extends ChatParts {
  readonly settings: SlackSettings
  readonly tokens: SlackTokens
  readonly api: SlackApi
  readonly port: SlackPort
  /** Where admins command releases. Undefined: not from here. */
  readonly desk?: AdminDesk | undefined
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
  const { settings, tokens, api, log } = deps
  const voice = createVoice(api)
  const help = helpText({ startsOver: false })
  const chat = createChat({ ...deps, ...settings, platform: 'slack', help, voice })
  const { desk } = deps
  const releases = desk && createSlackReleases({ ...deps, desk, voice, background: chat.background })
  const deliveries = createDeliveries(settings, tokens, log)
  createBoltApp({
    receiver: deliveries.receiver,
    apiUrl: settings.apiUrl,
    botOf: createBots({ tokens, api }),
    installs: tokens.installs,
    chat,
    beginnings: createBeginnings({ ...chat, answerIn: settings.answerIn, help, voice }),
    releases,
    help,
    voice,
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
      await releases?.[Symbol.asyncDispose]()
      await chat[Symbol.asyncDispose]()
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
