import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { freePort } from '../../sandbox/local/child.ts'
import { startRedis, type LocalRedis } from '../../sandbox/local/redis.ts'

/** A Redis server of one's own, to be killed and started again on the same port with all it has confirmed. */
export interface OwnRedis extends AsyncDisposable {
  readonly url: string
  /** As by `kill -9`. */
  kill(): Promise<void>
  start(): Promise<void>
}

export async function startOwnRedis(): Promise<OwnRedis> {
  const dir = await mkdtemp(join(tmpdir(), 'deckhand-redis-'))
  const port = await freePort()
  // A server that REDIS_URL names is not ours to kill.
  const env = { ...process.env, REDIS_URL: '' }
  let server: LocalRedis | undefined = await startRedis({ dir, port, env, appendfsync: 'always' })
  const { url } = server
  let pid = await processOf(url)

  async function kill(): Promise<void> {
    if (!server) return
    process.kill(pid, 'SIGKILL')
    await server[Symbol.asyncDispose]()
    server = undefined
  }
  return {
    url,
    kill,
    async start() {
      server = await startRedis({ dir, port, env, appendfsync: 'always' })
      pid = await processOf(url)
    },
    async [Symbol.asyncDispose]() {
      await kill()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

async function processOf(url: string): Promise<number> {
  const redis = new Redis(url)
  try {
    return Number(/process_id:(\d+)/.exec(await redis.info('server'))?.[1])
  } finally {
    redis.disconnect()
  }
}
