import type { Redis } from 'ioredis'
import { acknowledge } from './bot/acknowledge.ts'
import type { AdminDesk } from './bot/admin/admin-desk.ts'
import { createApiAnswers, createApiPlatform } from './bot/api/api-platform.ts'
import type { Conversations } from './bot/conversation.ts'
import type { Decks } from './bot/decks.ts'
import { rawRoutes } from './bot/http/raw-routes.ts'
import type { Links } from './bot/links.ts'
import type { Mailbox } from './bot/mailbox.ts'
import type { Metrics } from './bot/metrics.ts'
import type { Platform } from './bot/platform.ts'
import type { PostedReplies } from './bot/posted-replies.ts'
import type { Replies } from './bot/replies.ts'
import { createAnnouncer, type Announcer } from './bot/monitoring/alerts/announcer.ts'
import { createSlackApi, type SlackApi } from './bot/slack/slack-api.ts'
import { createSlackPort } from './bot/slack/slack-port.ts'
import { createSlack } from './bot/slack/slack.ts'
import { createVoice } from './bot/slack/voice.ts'
import { createSlackTokens, SlackSettingsError } from './bot/slack/tokens.ts'
import { untilAborted } from './lib/abort.ts'
import type { Clock } from './lib/clock.ts'
import { describeError } from './lib/errors.ts'
import type { HttpClient } from './lib/http.ts'
import type { Logger } from './lib/log.ts'
import { programVersion } from './lib/program-version.ts'
import type { Settings } from './settings.ts'

export interface PlatformDeps {
  readonly settings: Settings
  readonly redis: Redis
  readonly mailbox: Mailbox
  readonly conversations: Conversations
  readonly decks: Decks
  readonly replies: Replies
  readonly posted: PostedReplies
  readonly links: Links
  /** Where people reach the server, without a slash at the end; known for sure once it listens. */
  readonly baseUrl: () => string
  readonly http: HttpClient
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  /** Where admins command releases; undefined where there is nothing to release to. */
  readonly desk?: AdminDesk | undefined
  /** Told of every opinion that a person gives, once it is kept. */
  readonly feedback?: () => void
}

/** The platforms that the settings turn on. `listens` is false in workers: they answer, and nobody reaches them. */
export async function createPlatforms(deps: PlatformDeps, listens: boolean): Promise<readonly Platform[]> {
  await using parts = new AsyncDisposableStack()
  const platforms = [parts.use(await createApi(deps, listens))]
  const { mode } = deps.settings.slack
  if (mode !== 'off') platforms.push(parts.use(createSlackPlatform(deps, mode, listens)))
  const { mode: teamsMode } = deps.settings.teams
  if (teamsMode !== 'off') platforms.push(parts.use(await createTeams(deps, teamsMode, listens)))
  parts.move() // from here on they are the caller's
  return platforms
}

function createSlackPlatform(deps: PlatformDeps, mode: 'http' | 'socket', listens: boolean): Platform {
  const { clock, log, redis, posted, metrics } = deps
  const { slack, server, agent, credentials } = deps.settings
  const settings = {
    ...slack,
    mode,
    publicUrl: server.publicUrl,
    threadTtlMs: agent.threadTtlMs,
    botToken: credentials.slackBotToken,
    appToken: credentials.slackAppToken,
    signingSecret: credentials.slackSigningSecret,
    clientSecret: credentials.slackClientSecret,
    linkKey: credentials.linkKey,
    encryptionKey: credentials.encryptionKey,
  }
  const tokens = createSlackTokens({ settings, redis, clock })
  const api = createSlackApi({ apiUrl: slack.apiUrl, tokenOf: (team) => tokens.tokenOf(team), log })
  const port = createSlackPort({ api, clock, log })
  const announcer = createSlackAnnouncer(api, deps.settings.alerts.slackChannel)
  if (!listens) return { name: 'slack', port, ...announcer, async [Symbol.asyncDispose]() {} }
  const intake = createSlack({
    ...deps,
    settings,
    tokens,
    api,
    port,
    acknowledge: (message, ahead) => acknowledge(message, ahead, { port, posted, clock, log, metrics }),
  })
  return {
    name: 'slack',
    port,
    ...announcer,
    routes: rawRoutes('/slack', (request, response) => intake.requestListener(request, response), log),
    async start(signal) {
      try {
        await untilAborted(intake.start(), signal)
      } catch (error) {
        signal.throwIfAborted()
        throw new SlackSettingsError(`Cannot connect to Slack: ${describeError(error)}; check SLACK_APP_TOKEN`)
      }
    },
    [Symbol.asyncDispose]: () => intake[Symbol.asyncDispose](),
  }
}

/** `channel`: its id, behind that of its workspace where the app serves several; '': nothing is announced. */
function createSlackAnnouncer(api: SlackApi, channel: string): { readonly announcer?: Announcer } {
  if (channel === '') return {}
  const [id = '', tenant = ''] = channel.split('/').reverse()
  return {
    announcer: createAnnouncer('slack', createVoice(api), { platform: 'slack', tenant, channel: id, isDirect: false }),
  }
}

/** Its libraries are loaded here and nowhere else: who does not use Teams does not wait for them. */
async function createTeams(deps: PlatformDeps, mode: 'on' | 'local', listens: boolean): Promise<Platform> {
  const { createTeamsPlatform } = await import('./bot/teams/teams-platform.ts')
  const { teams, agent, credentials } = deps.settings
  const settings = {
    ...teams,
    mode,
    threadTtlMs: agent.threadTtlMs,
    appPassword: credentials.teamsAppPassword,
  }
  return createTeamsPlatform({ ...deps, settings }, listens)
}

async function createApi({ settings, ...deps }: PlatformDeps, listens: boolean): Promise<Platform> {
  const { redis, agent, api, genie, server, credentials } = settings
  const shared = { ...deps, redisUrl: redis.url, ttlMs: agent.threadTtlMs }
  if (!listens) return createApiAnswers(shared)
  return createApiPlatform({
    ...shared,
    keys: credentials.apiKeys,
    requestsPerMinute: api.requestsPerMinute,
    spaces: genie.spaces,
    basePath: server.publicUrl === '' ? '' : new URL(server.publicUrl).pathname.replace(/\/$/, ''),
    version: programVersion,
  })
}
