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
})
