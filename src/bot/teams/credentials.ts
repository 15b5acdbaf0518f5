import { ConfigurationServiceClientCredentialFactory } from 'botbuilder'
import { PasswordServiceClientCredentialFactory, type ServiceClientCredentialsFactory } from 'botframework-connector'
import type { TeamsWireSettings } from './settings.ts'

export type { ServiceClientCredentialsFactory }

/**
 * How the bot proves to Microsoft who it is. In local mode it does not: that is asked for by name, never by leaving a
 * setting empty, which is how the library itself turns authentication off.
 * @throws Error when a value is missing; settings are checked before
 */
export function createTeamsCredentials(settings: TeamsWireSettings): ServiceClientCredentialsFactory {
  const { mode, appId, appType, tenantId, appPassword } = settings
  if (mode === 'local') return new PasswordServiceClientCredentialFactory('', '', '')
  if (appId === '' || tenantId === '')
    throw new Error('Cannot speak to Teams: teams.app_id and teams.tenant_id should be set')
  return new ConfigurationServiceClientCredentialFactory({
    MicrosoftAppId: appId,
    MicrosoftAppTenantId: tenantId,
    ...(appType === 'managed_identity'
      ? { MicrosoftAppType: 'UserAssignedMsi' }
      : { MicrosoftAppType: 'SingleTenant', MicrosoftAppPassword: appPassword?.reveal() ?? '' }),
  })
}
