import { describe, expect, it } from 'vitest'
import { createTeamsCredentials } from '../../../src/bot/teams/credentials.ts'
import type { TeamsWireSettings } from '../../../src/bot/teams/settings.ts'
import { Secret } from '../../../src/lib/secret.ts'

const settings: TeamsWireSettings = {
  mode: 'on',
  appId: '00000000-0000-0000-0000-0000000000aa',
  appType: 'single_tenant',
  tenantId: '72f988bf-0000-4000-8000-00000000d0ca',
  allowedTenants: [],
  threadTtlMs: 1,
  appPassword: new Secret('p4ss-word'),
}
const authority = 'https://login.microsoftonline.com/botframework.com'
const audience = 'https://api.botframework.com'

describe('createTeamsCredentials', () => {
  it.each<[string, Partial<TeamsWireSettings>, string]>([
    ['an app of one tenant', {}, 'MicrosoftAppCredentials'],
    ['a managed identity', { appType: 'managed_identity', appPassword: undefined }, 'ManagedIdentityAppCredentials'],
  ])('proves who %s is, and asks others the same', async (_, more, kind) => {
    const factory = createTeamsCredentials({ ...settings, ...more })

    const credentials = await factory.createCredentials(settings.appId, audience, authority, true)

    expect(await factory.isAuthenticationDisabled()).toBe(false)
    expect(await factory.isValidAppId('another')).toBe(false)
    expect(credentials.constructor.name).toBe(kind)
    expect(JSON.stringify([factory, credentials])).not.toContain('p4ss-word')
  })

  it('asks for tokens where the app is registered', async () => {
    const credentials = await createTeamsCredentials(settings).createCredentials(
      settings.appId,
      audience,
      authority,
      true,
    )

    expect(credentials).toMatchObject({ tenant: settings.tenantId, oAuthScope: audience })
  })

  it.each<Partial<TeamsWireSettings>>([{ appId: '' }, { tenantId: '' }])('never takes %o for an open door', (more) => {
    expect(() => createTeamsCredentials({ ...settings, ...more })).toThrow('should be set')
  })

  it('asks nobody for proof in local mode alone', async () => {
    const factory = createTeamsCredentials({ ...settings, mode: 'local' })

    expect(await factory.isAuthenticationDisabled()).toBe(true)
  })
})
