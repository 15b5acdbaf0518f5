import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { describeError } from '../../src/lib/errors.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { connectRedis } from '../../src/lib/redis.ts'
import { Secret } from '../../src/lib/secret.ts'
import { freePort } from '../support/free-port.ts'
import { isolatedRedisUrl } from '../support/parts.ts'
import { rejection } from '../support/rejection.ts'

const log = silentLogger

describe('connectRedis', () => {
  it('gives a connection that answers', async () => {
    await using redis = await connectRedis(new Secret(await isolatedRedisUrl()), { log })

    await redis.set('deckhand:test', 'here')

    await expect(redis.get('deckhand:test')).resolves.toBe('here')
  })

  it('closes the connection when its scope ends', async () => {
    const redis = await connectRedis(await isolatedRedisUrl(), { log })

    await redis[Symbol.asyncDispose]()

    expect(redis.status).toBe('end')
  })

  it('says where nobody listens, without the password', async () => {
    const port = await freePort()

    const error = await rejection(connectRedis(`redis://bot:hunter2-word@127.0.0.1:${port}/3`, { log }))

    expect(error).toMatchObject({
      name: 'RedisError',
      code: 'unreachable',
      message: `Cannot reach Redis at 127.0.0.1:${port}: ECONNREFUSED`,
    })
    expect(inspect(error, { depth: 9 })).not.toContain('hunter2')
  })

  it('gives up on a server that accepts but never answers', async () => {
    await using mute = await listen(() => {})

    const error = await rejection(connectRedis(mute.url, { log, connectTimeoutMs: 100 }))

    expect(error).toMatchObject({ code: 'unreachable' })
  })

  it('says that a password was refused, without showing it', async () => {
    const url = new URL(await isolatedRedisUrl())
    url.username = 'nobody'
    url.password = 'hunter2-word'

    const error = await rejection(connectRedis(url.href, { log }))

    expect(error).toMatchObject({ code: 'refused', message: expect.stringContaining('refused our sign-in') })
    expect(describeError(error)).toContain('WRONGPASS')
    expect(inspect(error, { depth: 9 })).not.toContain('hunter2')
  })

  it.each(['', 'nonsense', 'http://127.0.0.1:6379', 'redis://', 'redis://u:%E0%A4%A@127.0.0.1'])(
    'refuses %j as an address',
    async (address) => {
      await expect(rejection(connectRedis(address, { log }))).resolves.toMatchObject({ code: 'bad-address' })
    },
  )

  it('closes, and stops trying to come back, when the server went first', async () => {
    const target = new URL(await isolatedRedisUrl())
    const between = await listen((visitor) => pass(visitor, target))
    const redis = await connectRedis(between.url, { log })

    await between[Symbol.asyncDispose]()
    await redis[Symbol.asyncDispose]()
    await redis[Symbol.asyncDispose]()

    expect(redis.status).toBe('end')
  })

  it('closes while it seeks a server that went', async () => {
    const target = new URL(await isolatedRedisUrl())
    const between = await listen((visitor) => pass(visitor, target))
    const redis = await connectRedis(between.url, { log })

    const isSeeking = once(redis, 'reconnecting')
    await between[Symbol.asyncDispose]()
    await isSeeking

    await expect(redis[Symbol.asyncDispose]()).resolves.toBeUndefined()
  })

  it('comes back by itself after the connection broke', async () => {
    const target = new URL(await isolatedRedisUrl())
    await using between = await listen((visitor) => pass(visitor, target))
    await using redis = await connectRedis(`${between.url}${target.pathname}`, { log })
    await redis.set('deckhand:test', 'kept')

    between.hangUp()

    await expect(redis.get('deckhand:test')).resolves.toBe('kept')
  })
})

function pass(visitor: Socket, target: URL): void {
  const server = connect(Number(target.port), target.hostname)
  visitor.pipe(server).pipe(visitor)
  visitor.on('close', () => server.destroy())
  server.on('error', () => visitor.destroy())
}

/** A TCP server on 127.0.0.1 that speaks as told; `hangUp` breaks all its connections. */
async function listen(
  onVisitor: (visitor: Socket) => void,
): Promise<AsyncDisposable & { readonly url: string; hangUp(): void }> {
  const visitors = new Set<Socket>()
  const server: Server = createServer((visitor) => {
    visitors.add(visitor)
    visitor.on('error', () => {})
    visitor.on('close', () => visitors.delete(visitor))
    onVisitor(visitor)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const hangUp = (): void => visitors.forEach((visitor) => visitor.destroy())
  return {
    url: `redis://127.0.0.1:${port}`,
    hangUp,
    async [Symbol.asyncDispose]() {
      hangUp()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
