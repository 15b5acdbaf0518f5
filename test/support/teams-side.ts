import type { Redis } from 'ioredis'
import { sandboxTeamsApp, type TeamsService } from '../../sandbox/teams/contract.ts'
import { createBackground } from '../../src/bot/chat/background.ts'
import type { Links } from '../../src/bot/links.ts'
import { createLinks } from '../../src/bot/signed-links.ts'
import { createDecks } from '../../src/bot/stored-decks.ts'
import { createAdapter } from '../../src/bot/teams/adapter.ts'
import { createCallBudget, type CallBudget } from '../../src/bot/teams/budget.ts'
import type { ServiceClientCredentialsFactory } from '../../src/bot/teams/credentials.ts'
import { createFileOffers } from '../../src/bot/teams/file-offers.ts'
import { createMessageTurns, type MessageTurns } from '../../src/bot/teams/message-turns.ts'
import { createPictures } from '../../src/bot/teams/pictures.ts'
import { createReferences } from '../../src/bot/teams/references.ts'
import { createSentNotes } from '../../src/bot/teams/sent-notes.ts'
import { createStreams, type StreamedTurn } from '../../src/bot/teams/streams.ts'
import { createTeamsPort } from '../../src/bot/teams/teams-port.ts'
import { createTeamsWire } from '../../src/bot/teams/teams-wire.ts'
import { trustsLoopback } from '../../src/bot/teams/trust.ts'
import { createWaitingBytes } from '../../src/bot/teams/waiting-bytes.ts'
import { systemClock, type Clock } from '../../src/lib/clock.ts'
import { createHttpClient } from '../../src/lib/http.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { Secret } from '../../src/lib/secret.ts'

/** All of our side that speaks to Teams, as one process has it. */
export interface TeamsSide extends AsyncDisposable {
  readonly adapter: ReturnType<typeof createAdapter>
  readonly references: ReturnType<typeof createReferences>
  readonly wire: ReturnType<typeof createTeamsWire>
  readonly files: ReturnType<typeof createFileOffers>
  readonly pictures: ReturnType<typeof createPictures>
  /** Links, and the names of decks: what forgetting a thread takes. */
  readonly links: Links
  readonly decks: ReturnType<typeof createDecks>
  readonly messageTurns: ReturnType<typeof createMessageTurns>
  readonly port: ReturnType<typeof createTeamsPort>
  /** Turns that Teams' own Stop was pressed for. */
  readonly stopped: readonly StreamedTurn[]
}

/** No rate: tests of other things send faster than any bot may. */
export const noBudget: CallBudget = { take: () => Promise.resolve(0) }

export function openTeamsSide(options: {
  readonly teams: Pick<TeamsService, 'tokenUrl' | 'tokenIssuer' | 'openIdMetadataUrl'>
  readonly redis: Redis
  readonly clock?: Clock
  /** In the place of the real ones. */
  readonly messageTurns?: MessageTurns
  /** Default: the documented one. */
  readonly budget?: CallBudget
}): TeamsSide {
  const { teams, redis, clock = systemClock } = options
  const log = silentLogger
  const ttlMs = 3_600_000
  const parts = new AsyncDisposableStack()
  const http = parts.use(createHttpClient())
  const background = parts.use(createBackground('teams', log))
  const adapter = createAdapter({
    appId: sandboxTeamsApp.appId,
    credentials: sandboxCredentials(teams.tokenUrl),
    http,
    issuer: { tokenIssuer: teams.tokenIssuer, metadataUrl: teams.openIdMetadataUrl },
  })
  const references = createReferences({ redis, ttlMs, clock })
  const budget = options.budget ?? createCallBudget({ redis })
  const wire = createTeamsWire({ adapter, references, budget, trusts: trustsLoopback, clock, log, random: () => 0.5 })
  const messageTurns = options.messageTurns ?? createMessageTurns({ redis, ttlMs })
  const baseUrl = () => 'https://deckhand.example'
  const links = createLinks({ redis, key: new Secret('a key of a test, of 32 characters'), ttlMs, baseUrl, clock })
  const decks = createDecks({ redis, ttlMs, secret: new Secret('test'), log })
  const waiting = createWaitingBytes({ redis, decks, links })
  const pictures = createPictures({ waiting, links, baseUrl })
  const files = createFileOffers({ redis, waiting, wire, http, trusts: trustsLoopback, background })
  const stopped: StreamedTurn[] = []
  const streams = createStreams({ redis, wire, clock, log, onStopped: (turn) => void stopped.push(turn) })
  const notes = createSentNotes({ redis, clock })
  const port = createTeamsPort({ wire, references, streams, notes, messageTurns, pictures, files, background, log })
  return {
    adapter,
    references,
    wire,
    files,
    pictures,
    links,
    decks,
    messageTurns,
    port,
    stopped,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

/** Gets the bot's own tokens from the stand-in: the library itself asks no address without https. */
export function sandboxCredentials(tokenUrl: string): ServiceClientCredentialsFactory {
  let token: Promise<string> | undefined
  async function fetchToken(): Promise<string> {
    const body = new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: sandboxTeamsApp.appId,
      client_secret: sandboxTeamsApp.appPassword,
    })
    const response = await fetch(tokenUrl, { method: 'POST', body })
    const { access_token: accessToken } = (await response.json()) as { readonly access_token: string }
    return accessToken
  }
  return {
    isValidAppId: (appId) => Promise.resolve(appId === sandboxTeamsApp.appId),
    isAuthenticationDisabled: () => Promise.resolve(false),
    createCredentials: () =>
      Promise.resolve({
        async signRequest(request) {
          token ??= fetchToken()
          request.headers.set('authorization', `Bearer ${await token}`)
          return request
        },
      }),
  }
}
