import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { loadSettings, SettingsError } from '../../src/settings.ts'
import { serveProblems, type Role } from '../../src/settings/serve-problems.ts'

const complete = {
  DATABRICKS_HOST: 'https://dbc-1.example.com/',
  DATABRICKS_TOKEN: 'token-value',
  REDIS_URL: 'redis://127.0.0.1:6379',
  DECKHAND_LINK_KEY: 'a key that is long enough for tests',
}

function problems(env: Readonly<Record<string, string>>, role: Role = 'all'): readonly string[] {
  try {
    loadSettings({ ...complete, ...env }, join(import.meta.dirname, '../../config'), serveProblems(role))
  } catch (error) {
    if (error instanceof SettingsError) return error.problems
    throw error
  }
  return []
}

describe('serveProblems', () => {
  it('finds none in what is complete, for every role', () => {
    for (const role of ['all', 'bot', 'worker'] as const) expect(problems({}, role)).toEqual([])
  })

  it('asks for a link key, and for a long one, without showing the one there is', () => {
    expect(problems({ DECKHAND_LINK_KEY: '' })).toEqual([
      'environment: DECKHAND_LINK_KEY is not set; it should be, 32 characters or more that nobody can guess (openssl rand -hex 32)',
    ])
    expect(problems({ DECKHAND_LINK_KEY: 'x'.repeat(31) })).toEqual([
      'environment: DECKHAND_LINK_KEY has 31 characters, should have 32 or more',
    ])
  })

  it('takes no key of the HTTP API that could be guessed or not be sent, and shows none', () => {
    const found = problems({
      DECKHAND_API_KEYS: 'long-enough-0123456789, hunter2,pass word long enough, schlüssel-0123456789',
    })

    expect(found).toEqual([
      'environment: key 2 of DECKHAND_API_KEYS has 7 characters, should have 16 or more',
      'environment: key 3 of DECKHAND_API_KEYS has a sign that no header carries, should be letters and digits',
      'environment: key 4 of DECKHAND_API_KEYS has a sign that no header carries, should be letters and digits',
    ])
    expect(problems({ DECKHAND_API_KEYS: '' })).toEqual([])
  })

  it.each([
    [{ SLACK_MODE: 'http' }, ['SLACK_SIGNING_SECRET', 'SLACK_BOT_TOKEN']],
    [{ SLACK_MODE: 'http', SLACK_SIGNING_SECRET: 's', SLACK_BOT_TOKEN: 't' }, []],
    [{ SLACK_MODE: 'socket' }, ['SLACK_APP_TOKEN', 'SLACK_BOT_TOKEN']],
    [
      { SLACK_MODE: 'http', SLACK_CLIENT_ID: '1.2' },
      ['SLACK_SIGNING_SECRET', 'SLACK_CLIENT_SECRET', 'DECKHAND_ENCRYPTION_KEY'],
    ],
  ])('names what Slack needs with %o', (env, missing) => {
    const found = problems(env)

    expect(found).toHaveLength(missing.length)
    for (const [index, name] of missing.entries()) expect(found[index]).toContain(`${name} is not set`)
  })

  it('asks for the address people use where it cannot be known', () => {
    expect(problems({ DECKHAND_HOST: '0.0.0.0' })).toEqual([
      'config.yaml server.public_url: is "" while server.host is "0.0.0.0", should be the address people reach the bot at (set DECKHAND_PUBLIC_URL)',
    ])
    expect(problems({ DECKHAND_HOST: '0.0.0.0', DECKHAND_PUBLIC_URL: 'https://deckhand.example' })).toEqual([])
    expect(problems({ DECKHAND_PORT: '0' })).toEqual([])
    expect(problems({ DECKHAND_PORT: '0' }, 'worker')).toHaveLength(1)
  })

  it('comes together with every other problem', () => {
    const found = problems({ DECKHAND_LINK_KEY: '', SLACK_MODE: 'socket', REDIS_URL: '', DATABRICKS_TOKEN: '' }).join(
      '\n',
    )

    for (const name of ['DECKHAND_LINK_KEY', 'SLACK_APP_TOKEN', 'redis.url', 'DATABRICKS_TOKEN'])
      expect(found).toContain(name)
  })

  const teams = {
    TEAMS_MODE: 'on',
    TEAMS_APP_ID: '00000000-0000-0000-0000-0000000000aa',
    TEAMS_TENANT_ID: '72f988bf-0000-4000-8000-00000000d0ca',
    TEAMS_APP_PASSWORD: 'p4ss-word',
  }

  it('never lets Teams run without knowing who the bot is', () => {
    expect(problems(teams)).toEqual([])
    expect(problems({ ...teams, TEAMS_APP_ID: '', TEAMS_TENANT_ID: '', TEAMS_APP_PASSWORD: '' })).toEqual([
      'config.yaml teams.app_id: is "", should be the bot\'s app id because teams.mode is on (set TEAMS_APP_ID)',
      'config.yaml teams.tenant_id: is "", should be the tenant the bot is registered in because teams.mode is on (set TEAMS_TENANT_ID)',
      'environment: TEAMS_APP_PASSWORD is not set; it should be, because teams.mode is on and teams.app_type is single_tenant',
    ])
    expect(problems({ ...teams, TEAMS_APP_ID: '  ' })).toHaveLength(1)
  })

  it('asks a managed identity for no password, and for nothing else than its ids', () => {
    const managed = { ...teams, TEAMS_APP_TYPE: 'managed_identity' }

    expect(problems({ ...managed, TEAMS_APP_PASSWORD: '' })).toEqual([])
    expect(problems(managed)).toEqual([
      'environment: TEAMS_APP_PASSWORD is set; it should not be, a managed identity has no password',
    ])
  })

  it('lets Teams run without credentials only where nobody else can reach it', () => {
    const open = { TEAMS_MODE: 'local', DECKHAND_PUBLIC_URL: 'https://deckhand.example' }

    expect(problems({ TEAMS_MODE: 'local' })).toEqual([])
    expect(problems({ ...open, DECKHAND_HOST: '0.0.0.0' })).toEqual([
      'config.yaml teams.mode: is local while server.host is "0.0.0.0"; without credentials the bot listens on 127.0.0.1 alone',
    ])
  })
})
