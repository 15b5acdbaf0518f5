import { systemClock } from './lib/clock.ts'
import type { Environment } from './lib/config-file.ts'
import { createHttpClient } from './lib/http.ts'
import { connectRedis } from './lib/redis.ts'
import { createReleaseParts, type ReleaseParts } from './release-parts.ts'
import type { Settings } from './settings.ts'
import { credentialsOf, logOf } from './workspace-access.ts'

/** Releasing from a shell: needs Redis, the workspace and the registry, no agent and no chat platform. */
export type ReleaseApp = ReleaseParts & AsyncDisposable

/** @throws RedisError, SettingsError, RegistryError */
export async function createReleaseApp(settings: Settings, env: Environment): Promise<ReleaseApp> {
  await using parts = new AsyncDisposableStack()
  const clock = systemClock
  const log = logOf(settings, env)
  const redis = parts.use(await connectRedis(settings.redis.url, { log }))
  const http = parts.use(createHttpClient())
  const credentials = credentialsOf(settings, { http, clock, log })
  const releases = createReleaseParts(settings, env, { redis, http, credentials, clock, log })
  const owned = parts.move()
  return { ...releases, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
