import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { freePort, LocalPartError, startProcess, untilReady } from './child.ts'

export interface LocalRedis extends AsyncDisposable {
  /** As in `REDIS_URL`. */
  readonly url: string
  /** True when the server is ours alone; false for one that `REDIS_URL` names. */
  readonly isPrivate: boolean
}

export interface LocalRedisOptions {
  /** Where it keeps its data; made when missing. Starting again on the same folder finds the data again. */
  readonly dir: string
  /** Port on 127.0.0.1 (default: any free one). */
  readonly port?: number
  /** When writes reach the disk (default `everysec`: a crash on a busy disk may lose the last two seconds). */
  readonly appendfsync?: 'everysec' | 'always'
  /** Number of databases, default 16. */
  readonly databases?: number
  /** Default: the variables of this process. */
  readonly env?: NodeJS.ProcessEnv
  /** Gives up waiting for the start. */
  readonly signal?: AbortSignal
}

const title = 'Redis'

/**
 * The Redis to use: the one `REDIS_URL` names, which disposing leaves alone, or a private server on a free loopback
 * port that ends with disposing, and with this process. It loses at most a second of writes in a crash and never evicts.
 *
 * @throws LocalPartError
 */
export async function startRedis(options: LocalRedisOptions): Promise<LocalRedis> {
  const env = options.env ?? process.env
  const given = env['REDIS_URL']
  if (given) return { url: given, isPrivate: false, async [Symbol.asyncDispose]() {} }
  const command = env['DECKHAND_REDIS_SERVER']
  if (!command) {
    throw new LocalPartError('missing', 'Cannot start Redis: DECKHAND_REDIS_SERVER and REDIS_URL are not set', {
      userMessage: 'Redis is not set up. Start with npm run demo or npm test, or set REDIS_URL.',
    })
  }
  await mkdir(options.dir, { recursive: true })
  for (let attempt = 1; ; attempt += 1) {
    const port = options.port ?? (await freePort())
    const server = await startProcess({ title, command, args: serverOptions(port, options), env })
    try {
      await untilReady(title, server, (signal) => answers(port, server.pid, signal), {
        timeoutMs: 20_000,
        signal: options.signal,
      })
      return {
        url: `redis://127.0.0.1:${port}`,
        isPrivate: true,
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      }
    } catch (error) {
      const portTaken = server.output().includes('Address already in use')
      if (!portTaken || attempt === 5) throw error
    }
  }
}

function serverOptions(port: number, options: LocalRedisOptions): string[] {
  const settings = {
    bind: '127.0.0.1',
    port: String(port),
    dir: options.dir,
    databases: String(options.databases ?? 16),
    appendonly: 'yes',
    appendfsync: options.appendfsync ?? 'everysec',
    save: '',
    'maxmemory-policy': 'noeviction', // a queue that forgets jobs under memory pressure is worse than one that refuses
    daemonize: 'no',
  }
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
}

/** True when the server on that port is done loading and is our process; undefined before that. */
async function answers(port: number, pid: number, signal: AbortSignal): Promise<true | undefined> {
  const socket = connect({ port, host: '127.0.0.1', signal })
  try {
    await once(socket, 'connect')
    socket.setEncoding('utf8').write('INFO server\r\nPING\r\n')
    let text = ''
    for await (const chunk of socket) {
      text += String(chunk)
      if (text.includes('-LOADING')) return undefined
      if (text.includes('+PONG')) return text.includes(`process_id:${pid}\r\n`) ? true : undefined
    }
    return undefined
  } finally {
    socket.destroy()
  }
}
