import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { startMlflow } from '../../sandbox/local/mlflow.ts'
import { startRedis } from '../../sandbox/local/redis.ts'
import { describeError } from '../../src/lib/errors.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The Redis of this run. See `isolatedRedisUrl` for a database of one's own. */
    readonly redisUrl: string
    /** The MLflow of this run. It starts with the first connection: see `mlflowUrl` to wait for it. */
    readonly mlflowUrl: string
  }
}

/** Enough for each test that wants a database of its own. */
const databases = 4096

/** One Redis and one MLflow for the whole run, or those that `REDIS_URL` and `MLFLOW_TRACKING_URI` name. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await using parts = new AsyncDisposableStack()
  const dir = await mkdtemp(path.join(tmpdir(), 'deckhand-test-'))
  parts.defer(() => rm(dir, { recursive: true, force: true }))
  const redis = parts.use(await startRedis({ dir: path.join(dir, 'redis'), databases }))
  const mlflow = parts.use(await mlflowOnDemand(path.join(dir, 'mlflow')))
  project.provide('redisUrl', redis.url)
  project.provide('mlflowUrl', mlflow.url)
  const owned = parts.move()
  return () => owned.disposeAsync()
}

/**
 * MLflow takes seconds to start and most tests do without it, so a door stands in its place: the first connection
 * starts the server, and each is passed on to it.
 */
async function mlflowOnDemand(dir: string): Promise<{ readonly url: string } & AsyncDisposable> {
  const given = process.env['MLFLOW_TRACKING_URI']
  if (given) return startMlflow({ dir })
  const abort = new AbortController()
  let started: ReturnType<typeof startMlflow> | undefined
  const letIn = (visitor: Socket, { url }: { readonly url: string }): void => {
    const { port, hostname } = new URL(url)
    const server = connect(Number(port), hostname)
    server.on('error', () => visitor.destroy())
    visitor.on('close', () => server.destroy())
    visitor.pipe(server).pipe(visitor)
  }
  const door = createServer((visitor) => {
    visitor.on('error', () => visitor.destroy())
    started ??= startMlflow({ dir, signal: abort.signal })
    started.then(
      (mlflow) => letIn(visitor, mlflow),
      (error: unknown) => {
        if (!abort.signal.aborted) process.stderr.write(`${describeError(error)}\n`)
        visitor.destroy()
      },
    )
  })
  door.listen(0, '127.0.0.1')
  await once(door, 'listening')
  const { port } = door.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      abort.abort()
      door.close()
      await started?.then(
        (mlflow) => mlflow[Symbol.asyncDispose](),
        () => {}, // said when it happened
      )
    },
  }
}
