import { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Links, OpenedLink } from '../../src/bot/links.ts'
import { createLinks } from '../../src/bot/signed-links.ts'
import { Secret } from '../../src/lib/secret.ts'
import { createManualClock, type ManualClock } from '../support/manual-clock.ts'
import { isolatedRedisUrl } from '../support/parts.ts'

const ttlMs = 3_600_000
const key = 'Zm9yIHRlc3RzIG9ubHkgLg'
let redis: Redis
let clock: ManualClock

beforeEach(async () => {
  redis = new Redis(await isolatedRedisUrl())
  clock = createManualClock(Date.UTC(2026, 10, 23))
})

afterEach(() => redis.disconnect())

function linksWith(more: { readonly ttlMs?: number; readonly secret?: string; readonly baseUrl?: string } = {}): Links {
  return createLinks({
    redis,
    key: new Secret(more.secret ?? 'a key that is long enough for tests'),
    ttlMs: more.ttlMs ?? ttlMs,
    baseUrl: () => more.baseUrl ?? 'https://deckhand.example',
    clock,
  })
}

const verify = (links: Links, address: string): Promise<OpenedLink | undefined> => links.verify(new URL(address))

describe('Links', () => {
  it.each(['deck.html', 'slide-12.png', 'T1.csv', 'a name with ü, % and ?.csv'])(
    'leads to %s of one version of one deck',
    async (file) => {
      const links = linksWith()

      const address = links.to(key, 7, file)

      expect(address.startsWith(`https://deckhand.example/d/${key}/7/`)).toBe(true)
      expect(await verify(links, address)).toMatchObject({ key, version: 7, file })
    },
  )

  it('works behind a path, in every process with the same key, and with parameters that somebody adds', async () => {
    const address = linksWith({ baseUrl: 'https://example.com/tools/deckhand' }).to(key, 1, 'deck.pdf')

    expect(await verify(linksWith(), `${address}&utm_source=mail`)).toMatchObject({
      key,
      version: 1,
      file: 'deck.pdf',
    })
  })

  it.each([
    ['another deck', (url: string) => url.replace(key, 'Zm9yIHRlc3RzIG9ubHkgLw')],
    ['another version', (url: string) => url.replace('/2/', '/1/')],
    ['the same version, written otherwise', (url: string) => url.replace('/2/', '/02/')],
    ['another file', (url: string) => url.replace('deck.pdf', 'deck.html')],
    ['a file elsewhere', (url: string) => url.replace('deck.pdf', '..%2Fdeck.pdf')],
    ['a file that is no text', (url: string) => url.replace('deck.pdf', '%ff.pdf')],
    ['a longer life', (url: string) => url.replace(/([?&])e=\w+/, '$1e=zzzzzzzz')],
    ['a later beginning', (url: string) => url.replace(/([?&])m=\w+/, '$1m=zzzzzzzz')],
    [
      'one sign of the signature changed',
      (url: string) => url.replace(/s=(.)/, (_, c) => `s=${c === 'A' ? 'B' : 'A'}`),
    ],
    ['a signature cut short', (url: string) => url.slice(0, -1)],
    ['a signature with something behind it', (url: string) => `${url}A`],
    ['an empty signature', (url: string) => url.replace(/s=.*/, 's=')],
    ['no signature', (url: string) => url.replace(/&s=.*/, '')],
    ['no parameters', (url: string) => url.replace(/\?.*/, '')],
    ['two signatures, the right one first', (url: string) => `${url}&s=${'A'.repeat(43)}`],
    ['further parts of the path', (url: string) => url.replace('deck.pdf', 'deck.pdf/x')],
  ])('does not work with %s', async (_what, alter) => {
    const links = linksWith()
    const address = links.to(key, 2, 'deck.pdf')
    const altered = alter(address)

    expect(altered).not.toBe(address)
    expect(await verify(links, address)).toBeDefined()
    expect(await verify(links, altered)).toBeUndefined()
  })

  it('does not work under another key', async () => {
    const address = linksWith().to(key, 1, 'deck.pdf')

    expect(await verify(linksWith({ secret: 'another key that is long enough too' }), address)).toBeUndefined()
  })

  it('ends after its time', async () => {
    const links = linksWith()
    const address = links.to(key, 1, 'deck.pdf')

    await clock.advance(ttlMs - 1)
    expect(await verify(links, address)).toBeDefined()
    await clock.advance(1)
    expect(await verify(links, address)).toBeUndefined()
  })

  it('leads to the deck’s other files, which end when it does', async () => {
    const links = linksWith()
    const opened = await verify(links, links.to(key, 3, 'deck.html'))

    await clock.advance(ttlMs - 1)
    const beside = opened?.beside('T 1.csv') ?? ''
    const further = (await verify(links, beside))?.beside('deck.pdf') ?? ''

    expect(await verify(links, beside)).toMatchObject({ key, version: 3, file: 'T 1.csv' })
    expect(await verify(links, further)).toMatchObject({ key, version: 3, file: 'deck.pdf' })
    await clock.advance(1)
    expect(await verify(links, beside)).toBeUndefined()
    expect(await verify(links, further)).toBeUndefined()
  })

  it('ends sooner when the settings give less time since, and never later', async () => {
    const address = linksWith().to(key, 1, 'deck.pdf')

    await clock.advance(ttlMs / 2)
    expect(await verify(linksWith({ ttlMs: ttlMs / 2 }), address)).toBeUndefined()
    await clock.advance(ttlMs / 2)
    expect(await verify(linksWith({ ttlMs: ttlMs * 2 }), address)).toBeUndefined()
  })

  it('ends when its deck’s links are revoked, in all versions; later ones and those of other decks work', async () => {
    const links = linksWith()
    const [one, two, other] = [
      links.to(key, 1, 'deck.pdf'),
      links.to(key, 2, 'deck.html'),
      links.to('another', 1, 'deck.pdf'),
    ]

    await links.revoke(key)
    await clock.advance(1)

    expect(await verify(linksWith(), one)).toBeUndefined()
    expect(await verify(links, two)).toBeUndefined()
    expect(await verify(links, other)).toBeDefined()
    expect(await verify(links, links.to(key, 1, 'deck.pdf'))).toBeDefined()
  })

  it('remembers a revocation no longer than links live', async () => {
    await linksWith().revoke(key)

    const livesMs = await redis.pttl(`deckhand:links:{${key}}`)
    expect(livesMs).toBeGreaterThan(ttlMs - 60_000)
    expect(livesMs).toBeLessThanOrEqual(ttlMs + 1)
  })

  it('opens nothing while it cannot be known what was revoked', async () => {
    const links = linksWith()
    const address = links.to(key, 1, 'deck.pdf')

    redis.disconnect()

    await expect(verify(links, address)).rejects.toThrow()
  })
})
