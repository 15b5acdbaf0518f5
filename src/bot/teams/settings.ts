import type { Secret } from '../../lib/secret.ts'

/** The part of the configuration that the wire to Teams needs; see `teams` in config.yaml. */
export interface TeamsWireSettings {
  /** `local`: no credentials, for a client on this machine alone, such as the Agents Playground. */
  readonly mode: 'on' | 'local'
  readonly appId: string
  readonly appType: 'single_tenant' | 'managed_identity'
  /** Where the bot is registered. */
  readonly tenantId: string
  /** Whose people may use the bot; the bot's own tenant when empty. */
  readonly allowedTenants: readonly string[]
  /** How long a thread is remembered. */
  readonly threadTtlMs: number
  readonly appPassword?: Secret | undefined
}
