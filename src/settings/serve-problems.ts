import { shortestLinkKey } from '../bot/signed-links.ts'
import type { Environment } from '../lib/config-file.ts'
import type { toBotSettings } from './bot-sections.ts'
import { listOf } from './checks.ts'

/** What a process of `deckhand serve` does: take messages in, run turns, or both. */
export const roles = ['all', 'bot', 'worker'] as const
export type Role = (typeof roles)[number]

/** Sixteen letters and digits that a machine chose take longer to guess than anybody has. */
const shortestApiKey = 16

type BotSettings = ReturnType<typeof toBotSettings>

/** What has to be set for `deckhand serve` beside what every command needs: one line a problem. */
export function serveProblems(role: Role): (settings: BotSettings, env: Environment) => readonly string[] {
  return ({ server, slack, teams }, env) => {
    const problems: string[] = []
    const needs = (name: string, why: string): void => {
      if (!env[name]) problems.push(`environment: ${name} is not set; it should be, ${why}`)
    }
    const linkKey = env['DECKHAND_LINK_KEY']
    if (!linkKey) {
      needs('DECKHAND_LINK_KEY', `${shortestLinkKey} characters or more that nobody can guess (openssl rand -hex 32)`)
    } else if (linkKey.length < shortestLinkKey) {
      problems.push(
        `environment: DECKHAND_LINK_KEY has ${linkKey.length} characters, should have ${shortestLinkKey} or more`,
      )
    }
    for (const [index, key] of listOf(env['DECKHAND_API_KEYS']).entries()) {
      const which = `environment: key ${index + 1} of DECKHAND_API_KEYS`
      if (key.length < shortestApiKey) {
        problems.push(`${which} has ${key.length} characters, should have ${shortestApiKey} or more`)
      } else if (!/^[\x21-\x7e]+$/.test(key)) {
        problems.push(`${which} has a sign that no header carries, should be letters and digits`)
      }
    }
    if (server.publicUrl === '') {
      const should = 'should be the address people reach the bot at (set DECKHAND_PUBLIC_URL)'
      if (!isLoopback(server.host)) {
        problems.push(`config.yaml server.public_url: is "" while server.host is "${server.host}", ${should}`)
      } else if (role === 'worker' && server.port === 0) {
        problems.push(`config.yaml server.public_url: is "" while server.port is 0, ${should}`)
      }
    }
    if (slack.mode !== 'off') {
      const mode = `because slack.mode is ${slack.mode}`
      if (slack.mode === 'http') needs('SLACK_SIGNING_SECRET', mode)
      else needs('SLACK_APP_TOKEN', mode)
      if (slack.clientId === '') {
        needs('SLACK_BOT_TOKEN', `${mode} and slack.client_id is empty`)
      } else {
        needs('SLACK_CLIENT_SECRET', 'because slack.client_id is set')
        needs('DECKHAND_ENCRYPTION_KEY', 'because slack.client_id is set')
      }
    }
    if (teams.mode === 'on') {
      // Without these the library would let anybody in: they are never optional.
      const mode = 'because teams.mode is on'
      if (!isGuid(teams.appId)) {
        problems.push(
          `config.yaml teams.app_id: is "${teams.appId}", should be the bot's app id ${mode} (set TEAMS_APP_ID)`,
        )
      }
      if (!isGuid(teams.tenantId)) {
        problems.push(
          `config.yaml teams.tenant_id: is "${teams.tenantId}", should be the tenant the bot is registered in ${mode} (set TEAMS_TENANT_ID)`,
        )
      }
      if (teams.appType === 'single_tenant') needs('TEAMS_APP_PASSWORD', `${mode} and teams.app_type is single_tenant`)
      else if (env['TEAMS_APP_PASSWORD']) {
        problems.push('environment: TEAMS_APP_PASSWORD is set; it should not be, a managed identity has no password')
      }
    }
    if (teams.mode === 'local' && !isLoopback(server.host)) {
      problems.push(
        `config.yaml teams.mode: is local while server.host is "${server.host}"; without credentials the bot listens on 127.0.0.1 alone`,
      )
    }
    return problems
  }
}

/** Ids of apps and tenants in Entra. */
function isGuid(text: string): boolean {
  return /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text)
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.')
}
