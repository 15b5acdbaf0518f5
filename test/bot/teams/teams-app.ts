import type { Redis } from 'ioredis'
import {
  type Delivery,
  type Message,
  sandboxTeamsApp,
  type TeamsService,
  type TeamsServiceOptions,
} from '../../../sandbox/teams/contract.ts'
import { createTeamsService } from '../../../sandbox/teams/service.ts'
import type { AdminDesk } from '../../../src/bot/admin/admin-desk.ts'
import { noMetrics } from '../../../src/bot/metrics.ts'
import { createTeamsPlatform, type TeamsPlatformDeps } from '../../../src/bot/teams/teams-platform.ts'
import { trustsLoopback } from '../../../src/bot/teams/trust.ts'
import { createHttpClient } from '../../../src/lib/http.ts'
import { openServer } from '../../support/server.ts'
import { sandboxCredentials } from '../../support/teams-side.ts'
import { type AppOptions, type AppSeen, startAppParts, ttlMs } from '../app-parts.ts'

/** Teams' side, our side and an agent that does as the test says, connected by signed HTTP deliveries and Redis. */
export interface TeamsApp extends AppSeen, AsyncDisposable {
  readonly teams: TeamsService
}

export interface TeamsAppOptions extends AppOptions {
  readonly settings?: Partial<TeamsPlatformDeps['settings']>
  readonly teams?: TeamsServiceOptions
  /** Where admins command releases. */
  readonly desk?: (parts: { readonly redis: Redis; readonly teams: TeamsService }) => AdminDesk
}

export async function startTeamsApp(options: TeamsAppOptions = {}): Promise<TeamsApp> {
  await using parts = new AsyncDisposableStack()
  const teams = parts.use(await createTeamsService(options.teams))
  const { seen, deps, work } = parts.use(await startAppParts(options))
  const { port, routes } = parts.use(
    createTeamsPlatform(
      {
        ...deps,
        settings: {
          mode: 'on',
          appId: sandboxTeamsApp.appId,
          appType: 'single_tenant',
          tenantId: teams.ids.tenant,
          allowedTenants: [],
          answerIn: 'thread',
          followUp: 'auto',
          threadTtlMs: ttlMs,
          ...options.settings,
        },
        cloud: {
          issuer: { tokenIssuer: teams.tokenIssuer, metadataUrl: teams.openIdMetadataUrl },
          credentials: sandboxCredentials(teams.tokenUrl),
          trusts: trustsLoopback,
        },
        http: createHttpClient(),
        metrics: noMetrics,
        baseUrl: () => 'https://deckhand.example',
        desk: options.desk?.({ redis: deps.redis, teams }),
      },
      true,
    ),
  )
  work('teams', port)
  const server = parts.use(await openServer({ routes: routes ? [routes] : [] }))
  teams.connect(`${server.url}/api/messages`)
  const owned = parts.move()
  return { ...seen, teams, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

/** Everything a message shows, as one text. */
export function shownBy(message: Message): string {
  return JSON.stringify([message.text, message.attachments])
}

/** What the data of a card's buttons is, in the order in which they stand. */
export function buttonsOf(message: Message): readonly Readonly<Record<string, unknown>>[] {
  const found: Readonly<Record<string, unknown>>[] = []
  const look = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return
    const { type, data } = value as { readonly type?: unknown; readonly data?: unknown }
    if ((type === 'Action.Execute' || type === 'Action.Submit') && typeof data === 'object' && data !== null) {
      found.push(data as Readonly<Record<string, unknown>>)
    }
    Object.values(value).forEach(look)
  }
  look(message.attachments)
  return found
}

/** The data of the one button with this action. */
export function buttonOf(
  message: Message,
  action: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const found = buttonsOf(message).find(({ deckhand }) =>
    Object.entries(action).every(
      ([name, value]) => (deckhand as Record<string, unknown> | undefined)?.[name] === value,
    ),
  )
  if (!found) throw new Error(`The message has no button ${JSON.stringify(action)}: ${shownBy(message)}`)
  return found
}

/** What a dialog, or a moment's line, answers to a press. */
export function answerOf({ answer }: Delivery): string {
  return JSON.stringify(answer)
}
