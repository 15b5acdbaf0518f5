import { z } from 'zod'
import { address, name, number, text, whole } from './checks.ts'

/** The sections of `config.yaml` for `deckhand serve`: where it listens, how turns are queued, and the chat platforms. */
export const botSections = {
  server: z.strictObject({
    host: text.min(1, 'an address to listen on, such as 127.0.0.1 or 0.0.0.0'),
    port: whole('a port from 0 to 65535', 0, 65_535),
    worker_port: whole('a port from 0 to 65535', 0, 65_535),
    public_url: z.literal('').or(address('the https address people reach this server at, or empty')),
  }),
  links: z.strictObject({ ttl_hours: number('hours from 1 to 8760', 1, 8760) }),
  api: z.strictObject({ requests_per_minute: whole('a whole number from 1 to 10000', 1, 10_000) }),
  queue: z.strictObject({
    turns_per_worker: whole('a whole number from 1 to 64', 1, 64),
    lock_seconds: number('seconds from 1 to 60', 1, 60),
    max_attempts: whole('a whole number from 1 to 50', 1, 50),
    max_waiting_per_thread: whole('a whole number from 1 to 100', 1, 100),
    shutdown_seconds: number('seconds from 0 to 600', 0, 600),
  }),
  slack: z.strictObject({
    mode: z.enum(['off', 'http', 'socket'], 'off, http or socket'),
    client_id: text,
    answer_in: z.enum(['thread', 'private'], 'thread or private'),
    follow_up: z.enum(['mention', 'auto', 'always'], 'mention, auto or always'),
    api_url: address('the address of Slack’s Web API'),
  }),
  teams: z.strictObject({
    mode: z.enum(['off', 'on', 'local'], 'off, on or local'),
    app_id: text,
    app_type: z.enum(['single_tenant', 'managed_identity'], 'single_tenant or managed_identity'),
    tenant_id: text,
    allowed_tenants: z.array(name, 'a list of tenant ids'),
    answer_in: z.enum(['thread', 'private'], 'thread or private'),
    follow_up: z.enum(['mention', 'auto', 'always'], 'mention, auto or always'),
  }),
}

interface BotSections {
  readonly server: z.output<typeof botSections.server>
  readonly links: z.output<typeof botSections.links>
  readonly api: z.output<typeof botSections.api>
  readonly queue: z.output<typeof botSections.queue>
  readonly slack: z.output<typeof botSections.slack>
  readonly teams: z.output<typeof botSections.teams>
}

/** The sections in the program's own units and spelling. */
export function toBotSettings(file: BotSections) {
  return {
    server: {
      host: file.server.host,
      port: file.server.port,
      workerPort: file.server.worker_port,
      publicUrl: file.server.public_url.replace(/\/+$/, ''),
    },
    links: { ttlMs: file.links.ttl_hours * 3_600_000 },
    api: { requestsPerMinute: file.api.requests_per_minute },
    queue: {
      turnsPerWorker: file.queue.turns_per_worker,
      lockMs: file.queue.lock_seconds * 1000,
      maxAttempts: file.queue.max_attempts,
      maxWaitingPerThread: file.queue.max_waiting_per_thread,
      shutdownMs: file.queue.shutdown_seconds * 1000,
    },
    slack: {
      mode: file.slack.mode,
      clientId: file.slack.client_id,
      answerIn: file.slack.answer_in,
      followUp: file.slack.follow_up,
      apiUrl: file.slack.api_url.endsWith('/') ? file.slack.api_url : `${file.slack.api_url}/`,
    },
    teams: {
      mode: file.teams.mode,
      appId: file.teams.app_id.trim(),
      appType: file.teams.app_type,
      tenantId: file.teams.tenant_id.trim(),
      allowedTenants: file.teams.allowed_tenants,
      answerIn: file.teams.answer_in,
      followUp: file.teams.follow_up,
    },
  }
}
