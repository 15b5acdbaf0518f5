import { Redis, type RedisOptions as ClientOptions } from 'ioredis'
import { DeckhandError, type ErrorDetails } from './errors.ts'
import type { Logger } from './log.ts'
import type { Secret } from './secret.ts'

/** Redis cannot be used. No message of ours holds the password. */
export class RedisError extends DeckhandError {
  override readonly name = 'RedisError'
  readonly code: 'bad-address' | 'unreachable' | 'refused'

  constructor(code: RedisError['code'], message: string, details: Partial<ErrorDetails> = {}) {
    super(message, {
      userMessage:
        details.userMessage ??
        'The memory of our conversations is out of reach right now. Please tell your administrator.',
      cause: details.cause,
    })
    this.code = code
  }
}

/** A connection that ends with its scope. Disposing waits for sent commands, but not for a server that is gone. */
export type RedisConnection = Redis & AsyncDisposable

export interface RedisOptions {
  readonly log: Logger
  /** Longest wait for a first connection (default 5 s). */
  readonly connectTimeoutMs?: number
  /** Longest wait for one command (default 10 s); null for connections that wait on purpose. */
  readonly commandTimeoutMs?: number | null
  /** Commands fail at once while the connection is away, and are never sent later. */
  readonly failFast?: boolean
}

/**
 * Connects and makes sure that commands are answered. Later losses of the connection are healed by itself; commands
 * wait for that as long as `commandTimeoutMs`.
 * @throws RedisError
 */
export async function connectRedis(address: string | Secret, options: RedisOptions): Promise<RedisConnection> {
  const { log, connectTimeoutMs = 5000, commandTimeoutMs = 10_000 } = options
  const url = typeof address === 'string' ? address : address.reveal()
  const at = placeOf(url)
  let connectedOnce = false
  let lastError: Error | undefined
  const redis = createClient(url, at, {
    lazyConnect: true,
    connectTimeout: connectTimeoutMs,
    ...(commandTimeoutMs === null ? {} : { commandTimeout: commandTimeoutMs }),
    ...(options.failFast ? { enableOfflineQueue: false, autoResendUnfulfilledCommands: false } : {}),
    // A first connection fails fast; a lost one is sought again for as long as we run.
    retryStrategy: (times) => (connectedOnce ? Math.min(100 * 2 ** Math.min(times, 5), 2000) : null),
  })
  redis.on('error', (error: Error) => {
    const isNews = lastError?.message !== error.message
    if (connectedOnce && isNews) log.warn({ redis: at, error: error.message }, 'Redis connection has a problem')
    lastError = error
  })
  redis.on('ready', () => {
    if (connectedOnce) log.info({ redis: at }, 'Redis connection is back')
    lastError = undefined
  })

  try {
    await within(
      connectTimeoutMs,
      redis.connect().then(() => redis.ping()),
    )
  } catch (error) {
    redis.disconnect()
    throw connectError(at, lastError ?? error)
  }
  connectedOnce = true
  return Object.assign(redis, {
    async [Symbol.asyncDispose](): Promise<void> {
      if (redis.status === 'end') return
      const { promise: ended, resolve } = Promise.withResolvers<void>()
      redis.once('end', resolve)
      try {
        if (redis.status === 'ready') await within(1000, redis.quit())
      } catch {
        // The server went first.
      }
      // Between two tries to come back there is no connection whose end could be waited for.
      const isApart = redis.status === 'reconnecting'
      redis.disconnect()
      if (!isApart) await ended
    },
  })
}

function createClient(url: string, at: string, options: Omit<ClientOptions, 'replyMapping'>): Redis {
  try {
    return new Redis(url, options)
  } catch {
    // Its error may quote the address, password included.
    throw new RedisError(
      'bad-address',
      `Redis address for ${at} cannot be read, expected redis://user:password@host:port`,
    )
  }
}

/** Host and port alone, fit to be shown. */
function placeOf(url: string): string {
  const parsed = URL.parse(url)
  if (!parsed || !/^rediss?:$/.test(parsed.protocol) || parsed.hostname === '') {
    throw new RedisError(
      'bad-address',
      `Redis address is ${url === '' ? 'empty' : 'not an address'}, expected redis://host:port (set REDIS_URL)`,
    )
  }
  return `${parsed.hostname}:${parsed.port || '6379'}`
}

function connectError(at: string, error: unknown): RedisError {
  const said = error instanceof Error ? error.message : ''
  // Redis's own error carries the command it refused, and that is the one with the password.
  const cause = new Error(said)
  if (/NOAUTH|WRONGPASS|NOPERM|invalid password|ERR AUTH/i.test(said)) {
    return new RedisError(
      'refused',
      `Redis at ${at} refused our sign-in, expected a valid user and password in REDIS_URL`,
      { cause },
    )
  }
  const why = error instanceof Error && 'code' in error ? `: ${String(error.code)}` : ''
  return new RedisError('unreachable', `Cannot reach Redis at ${at}${why}`, { cause })
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
  try {
    return await Promise.race([work, promise])
  } finally {
    clearTimeout(timer)
  }
}
