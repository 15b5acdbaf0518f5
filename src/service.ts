import { startResuming } from './bot/admin/resume-releases.ts'
import { createDeckFiles } from './bot/http/deck-files.ts'
import { deckRoutes } from './bot/http/deck-routes.ts'
import { healthRoutes } from './bot/http/health-routes.ts'
import { createPrometheus } from './bot/http/prometheus.ts'
import { createReadiness } from './bot/http/readiness.ts'
import { readQueueDepth } from './bot/mailbox/depth.ts'
import { createPostedReplies } from './bot/posted-replies.ts'
import { createMailbox } from './bot/redis-mailbox.ts'
import { startServer } from './bot/server.ts'
import { createLinks } from './bot/signed-links.ts'
import { createDecks } from './bot/stored-decks.ts'
import { createTurnRunner } from './bot/turn-runner.ts'
import type { Environment } from './lib/config-file.ts'
import { describeError } from './lib/errors.ts'
import { programVersion } from './lib/program-version.ts'
import { connectRedis } from './lib/redis.ts'
import { gaugeReadings, startMonitoring } from './monitoring.ts'
import { createParts, type Parts, turnDefaults } from './parts.ts'
import { createPlatforms } from './platforms.ts'
import { createReleaseParts, type ReleaseParts } from './release-parts.ts'
import { startFeedback, withJudge } from './quality.ts'
import { readinessChecks } from './readiness-checks.ts'
import { deckToHtml } from './render/html/deck-to-html.ts'
import { SettingsError, type Settings } from './settings.ts'
import { hasEndpoint } from './settings/has-endpoint.ts'
import { serveProblems, type Role } from './settings/serve-problems.ts'

/**
 * A running bot, worker, or both. Disposing it shuts down in order: no more deliveries, then the turns that run are
 * finished, or handed to other processes after `queue.shutdown_seconds`, then everything is closed.
 */
export interface Service extends AsyncDisposable {
  /** Where it listens. A worker serves health and metrics there, nothing else. */
  readonly url: string
  /** Where people reach the bot: the address that links in replies begin with. */
  readonly publicUrl: string
  /** Platforms that are on. */
  readonly platforms: readonly string[]
}

/** How long requests under way have to get their answer when we shut down; turns have longer. */
const graceMs = 2000

/** How long a reader or a probe waits for Redis. */
const redisWithinMs = 2000

/**
 * Starts what a process of `deckhand serve` runs. Any number of them, of any role, work together on one Redis.
 * `signal` gives up the start; once it is up, disposing ends it.
 * @throws SettingsError, ServerError, RedisError and what other parts throw that cannot start; the signal's reason
 */
export async function startService(
  settings: Settings,
  env: Environment,
  role: Role = 'all',
  signal: AbortSignal = new AbortController().signal,
): Promise<Service> {
  const problems = serveProblems(role)(settings, env)
  const { linkKey } = settings.credentials
  if (problems.length > 0 || !linkKey) throw new SettingsError(problems)
  const listens = role !== 'worker'
  const works = role !== 'bot'

  await using owned = new AsyncDisposableStack()
  const parts = owned.use(await createParts(settings, env))
  const { clock, log, renderer } = parts
  // For those who wait at the other end of a connection; turns have more patience.
  const redis = owned.use(await connectRedis(settings.redis.url, { log, commandTimeoutMs: redisWithinMs }))
  const metrics = createPrometheus({
    queueDepth: () => readQueueDepth(redis),
    readings: gaugeReadings(settings, { ...parts, redis }),
  })
  const mailbox = owned.use(
    await createMailbox({ redisUrl: settings.redis.url, settings: settings.queue, clock, log, metrics }),
  )

  const { server: address } = settings
  // Known for sure once the server listens; before that nobody makes links.
  let publicUrl = address.publicUrl || `http://${address.host}:${address.port}`
  const baseUrl = (): string => publicUrl
  const links = createLinks({ redis, key: linkKey, ttlMs: settings.links.ttlMs, baseUrl, clock })
  const posted = createPostedReplies({ redis: parts.redis })
  const opinions = owned.use(startFeedback(settings, env, parts))
  const agent = owned.use(withJudge(parts.agent, settings, env, { ...parts, metrics }))
  const release = releasesOf(settings, env, parts)
  const shared = {
    ...parts,
    settings,
    mailbox,
    links,
    baseUrl,
    posted,
    metrics,
    feedback: () => opinions.wake(),
    desk: release?.desk,
  }
  const platforms = await createPlatforms(shared, listens)
  const intake = owned.use(new AsyncDisposableStack())
  for (const platform of platforms) intake.use(platform)
  const announcers = platforms.flatMap(({ announcer }) => announcer ?? [])
  const { budgets } = owned.use(startMonitoring(settings, parts, announcers))

  const defaults = turnDefaults(settings)
  const closing = new AbortController()
  owned.defer(() => closing.abort(new DOMException('The service is shutting down', 'AbortError')))
  const readiness = createReadiness({
    checks: readinessChecks({ ...parts, redis }, settings, defaults.spaceId),
    clock,
    log,
  })
  const decks = createDecks({ redis, ttlMs: settings.agent.threadTtlMs, secret: linkKey, log })
  const files = createDeckFiles({
    decks,
    renderer,
    toPage: (deck, offered) => deckToHtml(deck, { themes: settings.themes, files: offered }),
    version: programVersion,
    clock,
    metrics,
    signal: closing.signal,
  })
  const server = owned.use(
    await startServer({
      // Workers answer probes only: any number of them on one machine, each where there is room, unless told otherwise.
      host: address.host,
      port: listens ? address.port : address.workerPort,
      basePath: new URL(publicUrl).pathname.replace(/\/$/, ''),
      routes: [
        healthRoutes({ readiness, metrics }),
        ...(listens ? [deckRoutes({ links, files, log }), ...platforms.flatMap(({ routes }) => routes ?? [])] : []),
      ],
      onAnswered: (request) => metrics.observeRequest(request),
      log,
    }),
  )
  if (listens && address.publicUrl === '') publicUrl = server.url
  // What comes last goes first: no more messages, then requests get their answers, then turns their end; who waits for one
  // over HTTP still gets it; then what turns have sent last arrives. (Disposing these twice does nothing the second time.)
  for (const platform of platforms) owned.defer(async () => platform.settle?.())
  owned.defer(() => mailbox[Symbol.asyncDispose]())
  owned.defer(() => server.stop(graceMs))
  owned.defer(() => intake.disposeAsync())

  if (release) owned.use(startResuming({ ...release, clock, log }))
  if (works) {
    const ports = new Map(platforms.map(({ name, port }) => [name, port]))
    mailbox.work(createTurnRunner({ ...shared, agent, ports, defaults, budgets }))
    // The first deck does not wait for the browser; when there is none, readiness tells.
    renderer.warm(closing.signal).catch((error: unknown) => {
      if (closing.signal.aborted) return
      log.warn({ error: describeError(error) }, 'The browser could not be started ahead of the first deck')
    })
  }

  if (listens) await Promise.all(platforms.map(async (platform) => platform.start?.(signal)))
  signal.throwIfAborted()

  const names = platforms.map(({ name }) => name)
  log.info({ role, url: server.url, publicUrl, platforms: names }, 'Service is up')
  const running = owned.move()
  return {
    url: server.url,
    publicUrl,
    platforms: names,
    async [Symbol.asyncDispose]() {
      log.info({ role }, 'Service is stopping')
      await running.disposeAsync()
    },
  }
}

/** Undefined where mlflow.yaml names no serving endpoint. */
function releasesOf(settings: Settings, env: Environment, parts: Parts): ReleaseParts | undefined {
  return hasEndpoint(settings) ? createReleaseParts(settings, env, parts) : undefined
}
