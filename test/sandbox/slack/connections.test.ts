import { App, LogLevel, SocketModeReceiver } from '@slack/bolt'
import { afterEach, describe, expect, it } from 'vitest'
import { sandboxSlackCredentials as credentials, type SlackWorkspace } from '../../../sandbox/slack/contract.ts'
import { createSlackWorkspace } from '../../../sandbox/slack/workspace.ts'
import { call } from './app.ts'

let slack: SlackWorkspace
afterEach(async () => {
  await slack[Symbol.asyncDispose]()
})

/** An app made with Slack's own framework, connected. It says hello to mentions and takes a command. */
async function connect(): Promise<{ readonly app: App; readonly receiver: SocketModeReceiver }> {
  const clientOptions = { slackApiUrl: slack.env['SLACK_API_URL'] ?? '' }
  const receiver = new SocketModeReceiver({
    appToken: credentials.appToken,
    installerOptions: { clientOptions },
    clientPingTimeout: 100, // also how long it waits before it connects again
    logLevel: LogLevel.ERROR,
  })
  const app = new App({ token: credentials.botToken, receiver, clientOptions, logLevel: LogLevel.ERROR })
  app.event('app_mention', async ({ say }) => {
    await say('Hello')
  })
  app.command('/deck', async ({ ack }) => {
    await ack('On it')
  })
  await app.start()
  return { app, receiver }
}

describe('Socket Mode of the Slack stand-in', () => {
  it('delivers to an app of Slack’s own framework and takes its answers', async () => {
    slack = await createSlackWorkspace({ mode: 'socket' })
    const { app } = await connect()
    const { sales } = slack.ids.channels
    const { ada } = slack.ids.people

    const said = await slack.say({ user: ada, channel: sales, text: '@Deckhand hello' })
    await slack.command({ user: ada, channel: sales, command: '/deck', text: 'q' })

    expect(said.deliveries.map(({ isDone, attempts }) => [isDone, attempts[0]?.status])).toEqual([
      [true, 200],
      [true, 200],
    ])
    await slack.waitFor(({ text, botId }) => text === 'Hello' && botId === slack.ids.bot)
    await slack.waitFor(({ text, visibleTo }) => text === 'On it' && visibleTo === ada)
    await app.stop()
  })

  it('drops connections as Slack does, and the client comes back', async () => {
    slack = await createSlackWorkspace({ mode: 'socket' })
    const { app, receiver } = await connect()
    const again = new Promise((resolve) => {
      receiver.client.once('connected', resolve)
    })

    slack.dropSockets()

    await again
    expect(slack.calls.filter(({ method }) => method === 'apps.connections.open')).toHaveLength(2)
    await app.stop()
  })

  it('asks for an app token, and for a ticket', async () => {
    slack = await createSlackWorkspace({ mode: 'socket' })

    expect((await call(slack, 'apps.connections.open')).json.error).toBe('not_allowed_token_type')
    const socket = new WebSocket(`${slack.url.replace('http', 'ws')}/link?ticket=made-up`)
    const outcome = await new Promise((resolve) => {
      socket.addEventListener('open', () => resolve('open'))
      socket.addEventListener('error', () => resolve('refused'))
    })
    expect(outcome).toBe('refused')
  })
})

describe('installing by OAuth on the Slack stand-in', () => {
  const query = (more: Record<string, string> = {}) =>
    new URLSearchParams({
      client_id: credentials.clientId,
      scope: 'chat:write,commands',
      state: 'state-1',
      redirect_uri: 'http://127.0.0.1:9/slack/oauth_redirect',
      ...more,
    }).toString()

  it('leads from a page with the scopes to a token for the workspace chosen', async () => {
    slack = await createSlackWorkspace()
    const other = slack.addTeam('<Other> & Sons')
    const page = await fetch(`${slack.url}/oauth/v2/authorize?${query()}`)
    const html = await page.text()
    expect(html).toContain('<code>chat:write</code>')
    expect(html).toContain('Allow in &lt;Other&gt; &amp; Sons')
    expect((await call(slack, 'auth.test', {}, { token: other.token })).json.error).toBe('account_inactive')

    const agreed = await fetch(`${slack.url}/oauth/v2/authorize?${query()}`, {
      method: 'POST',
      body: new URLSearchParams({ team: other.team }),
      redirect: 'manual',
    })
    const back = new URL(agreed.headers.get('location') ?? '')
    expect(back.searchParams.get('state')).toBe('state-1')
    const exchange = (more: object = {}) =>
      call(
        slack,
        'oauth.v2.access',
        {
          code: back.searchParams.get('code'),
          client_id: credentials.clientId,
          client_secret: credentials.clientSecret,
          ...more,
        },
        { token: null, asForm: true },
      )
    const { json } = await exchange()

    expect(json).toMatchObject({ ok: true, token_type: 'bot', scope: 'chat:write,commands', team: { id: other.team } })
    expect((await call(slack, 'auth.test', {}, { token: json.access_token })).json.team_id).toBe(other.team)
    expect((await exchange()).json.error).toBe('invalid_code')
    expect((await exchange({ client_secret: 'x' })).json.error).toBe('bad_client_secret')
  })

  it.each([
    ['another client', { client_id: 'x' }, 'invalid_client_id'],
    ['scopes the app does not declare', { scope: 'admin' }, 'invalid_scope: admin'],
    ['no way back', { redirect_uri: '' }, 'bad_redirect_uri'],
  ])('refuses %s', async (_what, more, words) => {
    slack = await createSlackWorkspace()
    const response = await fetch(`${slack.url}/oauth/v2/authorize?${query(more)}`)

    expect(response.status).toBe(400)
    expect(await response.text()).toContain(words)
  })
})
