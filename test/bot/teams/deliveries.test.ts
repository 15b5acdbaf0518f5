import { describe, expect, it, vi } from 'vitest'
import { sandboxTeamsApp, type Signing, type TeamsService } from '../../../sandbox/teams/contract.ts'
import { createTeamsService } from '../../../sandbox/teams/service.ts'
import { createDeliveries, messagesRoute, type DeliveriesDeps } from '../../../src/bot/teams/deliveries.ts'
import type { References } from '../../../src/bot/teams/references.ts'
import { trustsCloud, trustsLoopback } from '../../../src/bot/teams/trust.ts'
import type { VerifiedActivity } from '../../../src/bot/teams/wire.ts'
import { silentLogger } from '../../../src/lib/log.ts'
import { connectRedis } from '../../../src/lib/redis.ts'
import { isolatedRedisUrl } from '../../support/parts.ts'
import { openServer } from '../../support/server.ts'
import { openTeamsSide } from '../../support/teams-side.ts'

/** What anything here writes to the console, from before the library is loaded. */
const written = vi.hoisted(() => {
  const lines: unknown[][] = []
  const { console } = globalThis
  console.error = (...words: unknown[]) => void lines.push(words)
  return lines
})

interface Bench extends AsyncDisposable {
  readonly teams: TeamsService
  readonly references: References
  readonly url: string
  warm(): Promise<void>
  /** What got through. */
  readonly heard: readonly VerifiedActivity[]
  /** Sends a message of Ada's; its status. */
  deliver(how?: Signing, more?: Readonly<Record<string, unknown>>): Promise<number>
}

async function openBench(options: Partial<DeliveriesDeps> = {}): Promise<Bench> {
  await using parts = new AsyncDisposableStack()
  const teams = parts.use(await createTeamsService())
  const redis = parts.use(await connectRedis(await isolatedRedisUrl(), { log: silentLogger }))
  const { adapter, references } = parts.use(openTeamsSide({ teams, redis }))
  const heard: VerifiedActivity[] = []
  const deliveries = createDeliveries({
    adapter,
    references,
    rules: { audience: sandboxTeamsApp.appId, issuer: teams.tokenIssuer },
    tenants: new Set([teams.ids.tenant]),
    trusts: trustsLoopback,
    onActivity: async (verified) => {
      heard.push(verified)
      return undefined
    },
    onLost: () => undefined,
    log: silentLogger,
    ...options,
  })
  const server = parts.use(await openServer({ routes: [messagesRoute(deliveries)] }))
  teams.connect(`${server.url}/api/messages`)
  const owned = parts.move()
  return {
    teams,
    references,
    url: server.url,
    warm: () => adapter.warm(),
    heard,
    async deliver(how, more = {}) {
      const activity = teams.activityOf({
        user: teams.ids.people.ada,
        conversation: teams.ids.conversations.ada,
        text: 'Revenue?',
      })
      return (await teams.deliver({ ...activity, ...more }, how)).status
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

describe('Deliveries from Teams', () => {
  it('are heard when Teams has signed them for this bot, and tell where to answer', async () => {
    await using bench = await openBench()
    const { ids } = bench.teams

    expect(await bench.deliver()).toBe(200)

    expect(bench.heard).toHaveLength(1)
    expect(bench.heard[0]?.activity).toMatchObject({ type: 'message', text: 'Revenue?' })
    expect(bench.heard[0]?.ref).toEqual({
      serviceUrl: ids.serviceUrl,
      tenantId: ids.tenant,
      conversationId: ids.conversations.ada,
      conversationType: 'personal',
      botId: ids.bot,
      botName: 'Deckhand',
      userId: ids.people.ada.id,
      userAadId: ids.people.ada.aadObjectId,
    })
    expect(await bench.references.find(ids.tenant, ids.conversations.ada)).toEqual(bench.heard[0]?.ref)
  })

  it.each<[string, Signing]>([
    ['no token', { authorization: null }],
    ['an empty token', { authorization: '' }],
    ['a word in its place', { authorization: 'Bearer nonsense' }],
    ['another scheme', { authorization: 'Basic YTpi' }],
    ['a token of enormous length', { authorization: `Bearer ${'a'.repeat(9000)}.b.c` }],
    ['alg none', { algorithm: 'none' }],
    ['the public key as a shared secret', { algorithm: 'HS256' }],
    ['a key nobody published', { algorithm: 'other-key' }],
    ['another audience', { audience: '00000000-0000-0000-0000-0000000000bb' }],
    ['another issuer', { issuer: 'https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/' }],
    ['another service address', { serviceUrl: 'https://elsewhere.example/' }],
    ['a token that has ended', { expiresInSeconds: -3600 }],
  ])('are refused with %s', async (_, how) => {
    await using bench = await openBench()

    expect(await bench.deliver(how)).toBe(401)

    expect(bench.heard).toEqual([])
    expect(await bench.references.find(bench.teams.ids.tenant, bench.teams.ids.conversations.ada)).toBeUndefined()
  })

  it('send nobody looking for keys at a stranger’s word', async () => {
    await using bench = await openBench()

    await bench.deliver({ algorithm: 'none' })
    await bench.deliver({ issuer: 'https://elsewhere.example' })

    expect(bench.teams.calls).toEqual([])
  })

  it('leave nothing on the console when they are refused, and keep nobody else from writing there', async () => {
    await using bench = await openBench()
    written.length = 0

    const refused = Promise.all([
      bench.deliver({ algorithm: 'other-key' }),
      bench.deliver({ expiresInSeconds: -3600 }),
      bench.deliver({ serviceUrl: 'https://elsewhere.example/' }),
    ])
    globalThis.console.error('somebody else')
    await refused

    expect(written).toEqual([['somebody else']])
  })

  it('do not wait for keys that were fetched before', async () => {
    await using bench = await openBench()
    await bench.warm()
    const before = bench.teams.calls.map(({ method }) => method)
    bench.teams.faults.failHttp('keys', 503)

    expect(await bench.deliver()).toBe(200)
    expect(before).toEqual(['keys', 'keys'])
  })

  it('are to come again while Microsoft’s keys cannot be had', async () => {
    await using bench = await openBench()
    bench.teams.faults.failHttp('keys', 503)

    expect([await bench.deliver(), await bench.deliver()]).toEqual([503, 200])
    expect(bench.heard).toHaveLength(1)
  })

  it.each<[string, Readonly<Record<string, unknown>>, number]>([
    ['another tenant', { conversation: { id: 'a:1', conversationType: 'personal', tenantId: 'other' } }, 403],
    ['no tenant', { conversation: { id: 'a:1', conversationType: 'personal' }, channelData: {} }, 403],
    // Microsoft's keys say which channels they are for.
    ['another channel than Teams', { channelId: 'webchat' }, 401],
    ['no conversation', { conversation: {} }, 400],
    ['no type', { type: undefined }, 400],
  ])('are refused from %s', async (_, more, status) => {
    await using bench = await openBench()

    expect(await bench.deliver({}, more)).toBe(status)
    expect(bench.heard).toEqual([])
  })

  it('are refused when they name a service address on this side of the firewall', async () => {
    await using bench = await openBench({ trusts: trustsCloud })

    expect(await bench.deliver()).toBe(403)
    expect(bench.heard).toEqual([])
  })

  it('are answered as the invoke wants, and with 501 where nobody knows it', async () => {
    await using bench = await openBench({
      onActivity: async ({ activity }) =>
        activity.name === 'task/fetch'
          ? { status: 200, body: { task: { type: 'message', value: 'Hello' } } }
          : undefined,
    })
    const { people, conversations } = bench.teams.ids
    const activity = bench.teams.activityOf({ user: people.ada, conversation: conversations.ada, text: '' })

    const known = await bench.teams.deliver({ ...activity, type: 'invoke', name: 'task/fetch' })
    const unknown = await bench.teams.deliver({ ...activity, type: 'invoke', name: 'who/knows' })

    expect(await known.json()).toEqual({ task: { type: 'message', value: 'Hello' } })
    expect(unknown.status).toBe(501)
  })

  it('come again when they could not be made safe', async () => {
    await using bench = await openBench({ onActivity: () => Promise.reject(new Error('Redis is away')) })

    expect(await bench.deliver()).toBe(503)
  })

  it('end a reference when the app is taken out', async () => {
    await using bench = await openBench()
    const { ids } = bench.teams
    const at = { user: ids.people.ada, conversation: ids.conversations.group }
    await bench.teams.install(at)
    expect(await bench.references.find(ids.tenant, ids.conversations.group)).toBeDefined()

    await bench.teams.uninstall(at)

    expect(bench.heard.map(({ activity }) => activity.action)).toEqual(['add', 'remove'])
    expect(await bench.references.find(ids.tenant, ids.conversations.group)).toBeUndefined()
  })

  describe('in local mode', () => {
    const local = { rules: undefined, tenants: undefined }

    it('need no token, and may name no tenant', async () => {
      await using bench = await openBench(local)
      const conversation = { id: 'conv-1', conversationType: 'personal' }

      expect(await bench.deliver({ authorization: null }, { conversation, channelData: {} })).toBe(200)
      expect(bench.heard[0]?.ref.tenantId).toBe('local')
    })

    it('are refused when a page elsewhere sends them through somebody’s browser', async () => {
      await using bench = await openBench(local)
      const { people, conversations } = bench.teams.ids
      const body = JSON.stringify(
        bench.teams.activityOf({ user: people.ada, conversation: conversations.ada, text: 'Revenue?' }),
      )
      const post = (headers: Readonly<Record<string, string>>, path = '/api/messages') =>
        fetch(`${bench.url}${path}`, { method: 'POST', headers, body }).then(({ status }) => status)

      // Browsers ask first before they send JSON elsewhere; what they send without asking is not read as such.
      expect(await post({ 'content-type': 'text/plain' })).toBe(400)
      expect(await post({ 'content-type': 'application/x-www-form-urlencoded' })).toBe(415)
      expect(bench.heard).toEqual([])
    })

    it('are refused when they name an address that is not this machine’s', async () => {
      await using bench = await openBench(local)

      expect(await bench.deliver({ authorization: null }, { serviceUrl: 'https://elsewhere.example/' })).toBe(403)
      expect(bench.heard).toEqual([])
    })

    it.each([
      ['from another machine', '192.168.1.7', '127.0.0.1:3000'],
      ['under another name', '127.0.0.1', 'bot.example.com'],
      ['with no name', '::1', ''],
    ])('are refused %s', async (_, remoteAddress, host) => {
      const heard: unknown[] = []
      const references = { put: () => Promise.resolve() } as unknown as References
      const receive = createDeliveries({
        adapter: {
          verify: () => Promise.resolve(),
          warm: () => Promise.resolve(),
          connect: () => Promise.reject(new Error('none')),
        },
        references,
        ...local,
        trusts: trustsLoopback,
        onActivity: async (verified) => void heard.push(verified),
        onLost: () => undefined,
        log: silentLogger,
      })
      const body = {
        type: 'message',
        channelId: 'msteams',
        serviceUrl: 'http://127.0.0.1:56150/',
        from: { id: 'u' },
        recipient: { id: 'b' },
        conversation: { id: 'c' },
      }

      expect(await receive.receive({ authorization: undefined, body, remoteAddress, host })).toEqual({ status: 403 })
      expect(
        await receive.receive({
          authorization: undefined,
          body,
          remoteAddress: '::ffff:127.0.0.1',
          host: 'localhost:3000',
        }),
      ).toEqual({ status: 200 })
      expect(heard).toHaveLength(1)
    })
  })
})
