import { afterEach, describe, expect, it } from 'vitest'
import { sandboxSlackCredentials as credentials, type TeamIds } from '../../../sandbox/slack/contract.ts'
import { botScopes } from '../../../src/bot/slack/manifest.ts'
import { createSlackTokens } from '../../../src/bot/slack/tokens.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { startSlackApp, type SlackApp } from './slack-app.ts'

let bot: SlackApp
afterEach(async () => {
  await bot[Symbol.asyncDispose]()
})

const settings = { clientId: credentials.clientId, publicUrl: 'https://deckhand.example' }
const start = async () => {
  bot = await startSlackApp({ settings })
}

/** As a person in a browser does it. → where they end up, and what they see there */
async function install(team: TeamIds, tamper: (address: URL) => URL = (address) => address) {
  const begun = await fetch(`${bot.url}/slack/install`, { redirect: 'manual' })
  const cookie = begun.headers.get('set-cookie')?.split(';')[0] ?? ''
  const page = begun.headers.get('location') ?? ''
  const agreed = await fetch(page, {
    method: 'POST',
    body: new URLSearchParams({ team: team.team }),
    redirect: 'manual',
  })
  // The stand-in sends the browser to the address the app is registered with.
  const back = tamper(new URL(agreed.headers.get('location') ?? ''))
  const ended = await fetch(`${bot.url}${back.pathname}${back.search}`, { headers: { cookie } })
  return { page: new URL(page), status: ended.status, text: await ended.text() }
}

const say = (team: TeamIds, text: string) =>
  bot.slack.say({ user: team.people.ada, channel: team.channels.sales, text })

describe('Installing in several workspaces', () => {
  it('lets each workspace ask, with its own token', async () => {
    await start()
    const other = bot.slack.addTeam('Other')

    const { page, status } = await install(other)
    await say(other, '@Deckhand revenue')

    expect(status).toBe(200)
    expect(page.searchParams.get('scope')?.split(',').toSorted()).toEqual([...botScopes].toSorted())
    expect(page.searchParams.get('redirect_uri')).toBe('https://deckhand.example/slack/oauth_redirect')
    await bot.slack.waitFor(
      ({ channel, text }) => channel === other.channels.sales && text.includes('Answer to: revenue'),
    )
    expect(bot.accepted).toHaveLength(1)
  })

  it('keeps the token sealed', async () => {
    await start()
    const other = bot.slack.addTeam('Other')
    await install(other)

    const stored = (await bot.redis.get(`deckhand:slack:install:${other.team}`)) ?? ''

    expect(stored).toMatch(/^v1\./)
    expect(stored).not.toContain(other.token)
    const keyless = createSlackTokens({
      settings: { clientId: credentials.clientId, encryptionKey: new Secret('another key') },
      redis: bot.redis,
      clock: systemClock,
    })
    await expect(keyless.tokenOf(other.team)).rejects.toThrow('its key is not here')
    expect(await bot.tokens.tokenOf(other.team)).toBe(other.token)
  })

  it('does not install from a state that is not the browser’s own', async () => {
    await start()
    const other = bot.slack.addTeam('Other')

    const { status, text } = await install(other, (address) => {
      address.searchParams.set('state', 'made-up')
      return address
    })

    expect(status).toBeGreaterThanOrEqual(400)
    expect(text).not.toContain(other.token)
    expect(await bot.redis.exists(`deckhand:slack:install:${other.team}`)).toBe(0)
  })

  it('forgets a workspace that removes the app', async () => {
    await start()
    const other = bot.slack.addTeam('Other')
    await install(other)

    await bot.slack.uninstall(other.team)

    expect(await bot.redis.exists(`deckhand:slack:install:${other.team}`)).toBe(0)
    expect(await bot.tokens.tokenOf(other.team)).toBeUndefined()
  })

  it('does not forget a workspace that has installed the app anew since', async () => {
    await start()
    const other = bot.slack.addTeam('Other')
    await install(other)

    const late = await bot.slack.deliver({
      type: 'event_callback',
      team_id: other.team,
      api_app_id: bot.slack.appId,
      event_id: 'Ev-late',
      event_time: Math.floor(Date.now() / 1000) - 60,
      event: { type: 'tokens_revoked', tokens: { oauth: [], bot: [other.botUser] } },
    })

    expect(late.status).toBe(200)
    expect(await bot.tokens.tokenOf(other.team)).toBe(other.token)
  })

  it('keeps the token when a person’s own is revoked', async () => {
    await start()
    const other = bot.slack.addTeam('Other')
    await install(other)

    await bot.slack.deliver({
      type: 'event_callback',
      team_id: other.team,
      event_id: 'Ev-person',
      event_time: Math.floor(Date.now() / 1000) + 60,
      event: { type: 'tokens_revoked', tokens: { oauth: [other.people.ada] } },
    })

    expect(await bot.tokens.tokenOf(other.team)).toBe(other.token)
  })
})

describe('createSlack', () => {
  const missing = {
    http: { signingSecret: undefined },
    socket: { mode: 'socket', appToken: undefined },
    several: { ...settings, clientSecret: undefined },
    'several without a link key': { ...settings, linkKey: undefined },
  } as const

  it.each([
    ['http', 'SLACK_SIGNING_SECRET is not set'],
    ['socket', 'SLACK_APP_TOKEN is not set'],
    ['several', 'SLACK_CLIENT_SECRET is not set'],
    ['several without a link key', 'DECKHAND_LINK_KEY is not set'],
  ] as const)('says what is missing (%s)', async (what, problem) => {
    await start()

    await expect(startSlackApp({ settings: missing[what] })).rejects.toThrow(problem)
  })

  it('does not take Socket Mode for several workspaces', async () => {
    await start()

    await expect(startSlackApp({ settings: { ...settings, mode: 'socket' } })).rejects.toThrow('should be http')
  })
})
