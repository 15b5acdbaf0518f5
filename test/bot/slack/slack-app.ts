import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Redis } from 'ioredis'
import type { SlackWorkspace, SlackWorkspaceOptions } from '../../../sandbox/slack/contract.ts'
import { sandboxSlackCredentials as credentials } from '../../../sandbox/slack/contract.ts'
import { createSlackWorkspace } from '../../../sandbox/slack/workspace.ts'
import type { AdminDesk } from '../../../src/bot/admin/admin-desk.ts'
import { acknowledge } from '../../../src/bot/acknowledge.ts'
import type { SlackSettings } from '../../../src/bot/slack/settings.ts'
import { createSlack, type Slack } from '../../../src/bot/slack/slack.ts'
import { createSlackApi } from '../../../src/bot/slack/slack-api.ts'
import { createSlackPort } from '../../../src/bot/slack/slack-port.ts'
import { createSlackTokens, type SlackTokens } from '../../../src/bot/slack/tokens.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { type AppOptions, type AppSeen, startAppParts, ttlMs } from '../app-parts.ts'

/** Slack's side, our side and an agent that does as the test says, connected by real HTTP, Redis and Bolt. */
export interface SlackApp extends AppSeen, AsyncDisposable {
  readonly slack: SlackWorkspace
  readonly app: Slack
  readonly tokens: SlackTokens
  readonly url: string
}

export interface SlackAppOptions extends AppOptions {
  readonly settings?: Partial<SlackSettings>
  readonly slack?: SlackWorkspaceOptions
  /** Where admins command releases. */
  readonly desk?: (parts: { readonly redis: Redis; readonly slack: SlackWorkspace }) => AdminDesk
}

export async function startSlackApp(options: SlackAppOptions = {}): Promise<SlackApp> {
  await using parts = new AsyncDisposableStack()
  const slack = parts.use(await createSlackWorkspace({ fileDelayMs: 10, ...options.slack }))
  const { seen, deps, work } = parts.use(await startAppParts(options))
  const { redis, clock, log } = deps
  const settings: SlackSettings = {
    mode: options.slack?.mode ?? 'http',
    clientId: '',
    answerIn: 'thread',
    followUp: 'auto',
    apiUrl: `${slack.url}/api/`,
    publicUrl: '',
    threadTtlMs: ttlMs,
    botToken: new Secret(credentials.botToken),
    appToken: new Secret(credentials.appToken),
    signingSecret: new Secret(credentials.signingSecret),
    clientSecret: new Secret(credentials.clientSecret),
    linkKey: new Secret('a link key for tests'),
    encryptionKey: new Secret('an encryption key for tests'),
    ...options.settings,
  }
  const tokens = createSlackTokens({ settings, redis, clock })
  const api = createSlackApi({ apiUrl: settings.apiUrl, tokenOf: (team) => tokens.tokenOf(team), log })
  const port = createSlackPort({ api, clock, log })
  const app = parts.use(
    createSlack({
      ...deps,
      settings,
      acknowledge: (message, ahead) => acknowledge(message, ahead, { ...deps, port }),
      tokens,
      api,
      port,
      desk: options.desk?.({ redis, slack }),
    }),
  )
  work('slack', port)
  const server = createServer((request, response) => app.requestListener(request, response))
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  parts.defer(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => {
      server.close(resolve)
    })
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  slack.connect(`${url}/slack/events`)
  await app.start()
  const owned = parts.move()
  return { ...seen, slack, app, tokens, url, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
