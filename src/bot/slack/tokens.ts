import type { Redis } from 'ioredis'
import type { Clock } from '../../lib/clock.ts'
import { DeckhandError } from '../../lib/errors.ts'
import { createSealer } from '../../lib/sealed.ts'
import type { Secret } from '../../lib/secret.ts'
import { createInstallStore, type InstallStore } from './install-store.ts'

/** What is missing in the settings to work with Slack, for the operator. */
export class SlackSettingsError extends DeckhandError {
  override readonly name = 'SlackSettingsError'
  readonly code = 'bad-settings'

  constructor(message: string) {
    super(message, { userMessage: message })
  }
}

/** The bot's tokens for the workspaces that have it. */
export interface SlackTokens {
  /** Undefined when the app is not installed there. */
  tokenOf(team: string): Promise<string | undefined>
  /** Where installations are kept; absent when there is one workspace, with a token of its own. */
  readonly installs?: InstallStore
}

export interface SlackTokensDeps {
  /** `clientId` is '' where the app serves one workspace, by `botToken`. */
  readonly settings: {
    readonly clientId: string
    readonly botToken?: Secret | undefined
    readonly encryptionKey?: Secret | undefined
  }
  readonly redis: Redis
  readonly clock: Clock
}

/** For every process that speaks to Slack, the workers included. @throws SlackSettingsError */
export function createSlackTokens({ settings, redis, clock }: SlackTokensDeps): SlackTokens {
  const { clientId, botToken, encryptionKey } = settings
  if (clientId === '') {
    if (!botToken) throw new SlackSettingsError('SLACK_BOT_TOKEN is not set; Slack needs it, or slack.client_id')
    return { tokenOf: () => Promise.resolve(botToken.reveal()) }
  }
  if (!encryptionKey) {
    throw new SlackSettingsError('DECKHAND_ENCRYPTION_KEY is not set; the tokens of Slack workspaces are kept with it')
  }
  const installs = createInstallStore({ redis, sealer: createSealer(encryptionKey), clock })
  return { installs, tokenOf: async (team) => (await installs.find(team))?.token }
}
