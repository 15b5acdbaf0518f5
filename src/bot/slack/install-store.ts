import type { Installation, InstallationQuery, InstallationStore } from '@slack/bolt'
import type { Redis } from 'ioredis'
import { z } from 'zod'
import type { Clock } from '../../lib/clock.ts'
import { parseJson } from '../../lib/json.ts'
import type { Sealer } from '../../lib/sealed.ts'

/** Workspaces that have installed the app, with their tokens, in Redis, sealed. */
export interface InstallStore extends InstallationStore {
  /** Undefined when the app is not (any more) installed there. `team`: id of the workspace, or of the organization. */
  find(team: string): Promise<Installed | undefined>
  /** Forgets the workspace, unless it was installed anew after `at` (milliseconds since the epoch). */
  remove(team: string, at: number): Promise<void>
}

export interface Installed {
  readonly token: string
  readonly botId: string
  readonly botUserId: string
}

/** Long enough to spare Redis each delivery, short enough that an uninstall elsewhere is soon known. */
const cachedForMs = 30_000

/** What is read back; the rest of Slack's answer is kept, too. */
const Stored = z.object({
  storedAt: z.number(),
  installation: z.looseObject({
    bot: z.looseObject({ token: z.string().min(1), id: z.string(), userId: z.string() }),
  }),
})
type Stored = z.infer<typeof Stored>

export function createInstallStore(deps: {
  readonly redis: Redis
  readonly sealer: Sealer
  readonly clock: Clock
}): InstallStore {
  const { redis, sealer, clock } = deps
  const cache = new Map<string, { readonly stored: Stored; readonly until: number }>()
  const keyOf = (team: string): string => `deckhand:slack:install:${team}`
  const placeOf = (team: string): string => `slack:${team}`

  async function read(team: string): Promise<Stored | undefined> {
    const sealed = await redis.get(keyOf(team))
    if (sealed === null) return undefined
    return Stored.parse(parseJson(sealer.open(sealed, placeOf(team))))
  }

  async function load(team: string): Promise<Stored | undefined> {
    const known = cache.get(team)
    if (known && known.until > clock.now()) return known.stored
    const stored = await read(team)
    if (stored) cache.set(team, { stored, until: clock.now() + cachedForMs })
    else cache.delete(team)
    return stored
  }

  return {
    async storeInstallation(installation) {
      const team = ownerOf(installation)
      const stored = { storedAt: clock.now(), installation }
      await redis.set(keyOf(team), sealer.seal(JSON.stringify(stored), placeOf(team)))
      cache.delete(team)
    },
    async fetchInstallation(query) {
      const stored = await load(queried(query))
      if (!stored) throw new Error(`The app is not installed in "${queried(query)}"`)
      // Kept as Bolt gave it to us.
      return stored.installation as unknown as Installation<'v2', never>
    },
    async deleteInstallation(query) {
      await this.remove(queried(query), clock.now())
    },
    async find(team) {
      const bot = (await load(team))?.installation.bot
      return bot && { token: bot.token, botId: bot.id, botUserId: bot.userId }
    },
    async remove(team, at) {
      cache.delete(team)
      const stored = await read(team).catch(() => undefined) // what cannot be opened is of no use to anybody
      if (stored && stored.storedAt > at) return
      await redis.unlink(keyOf(team))
    },
  }
}

/** @throws TypeError when Slack named neither a workspace nor an organization */
function ownerOf({ isEnterpriseInstall, enterprise, team }: Installation): string {
  const owner = isEnterpriseInstall === true ? enterprise?.id : team?.id
  if (owner === undefined) throw new TypeError('Cannot store an installation that names no workspace')
  return owner
}

function queried(query: InstallationQuery<boolean>): string {
  return (query.isEnterpriseInstall ? query.enterpriseId : query.teamId) ?? ''
}
