import { createHmac } from 'node:crypto'
import { connect } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { sandboxSlackCredentials as credentials } from '../../../sandbox/slack/contract.ts'
import { startOwnRedis } from '../../support/own-redis.ts'
import { startSlackApp, type SlackApp } from './slack-app.ts'

let bot: SlackApp
afterEach(async () => {
  await bot[Symbol.asyncDispose]()
})

const mention = (more: object = {}) => ({
  type: 'event_callback',
  team_id: bot.slack.ids.team,
  api_app_id: bot.slack.appId,
  event_id: 'Ev-made-up',
  event_time: 1_700_000_000,
  authorizations: [{ team_id: bot.slack.ids.team, enterprise_id: null, user_id: bot.slack.ids.botUser, is_bot: true }],
  event: {
    type: 'app_mention',
    user: bot.slack.ids.people.ada,
    channel: bot.slack.ids.channels.sales,
    ts: '1700000000.000100',
    text: `<@${bot.slack.ids.botUser}> revenue`,
    ...more,
  },
})
const now = () => Math.floor(Date.now() / 1000)

describe('Requests to /slack/events', () => {
  it('pass Slack’s handshake', async () => {
    bot = await startSlackApp({ works: false })

    expect(await bot.slack.verifyUrl()).toBe(true)
  })

  it('that are forged, unsigned, or old are refused without a word, and cost nothing', async () => {
    bot = await startSlackApp({ works: false })

    const responses = await Promise.all([
      bot.slack.deliver(mention(), { secret: 'another secret' }),
      bot.slack.deliver(mention(), { secret: null }),
      bot.slack.deliver(mention(), { timestamp: now() - 6 * 60 }),
      bot.slack.deliver(mention(), { timestamp: Number.NaN }),
      bot.slack.deliver(`ssl_check=1&payload=${encodeURIComponent(JSON.stringify(mention()))}`, {
        secret: null,
        contentType: 'application/x-www-form-urlencoded',
      }),
    ])

    expect(responses.map(({ status }) => status)).toEqual([401, 401, 401, 401, 200])
    expect(await Promise.all(responses.map((response) => response.text()))).toEqual(['', '', '', '', ''])
    expect(bot.accepted).toEqual([])
    expect(bot.slack.calls).toEqual([])
  })

  it('whose body was changed on the way are refused', async () => {
    bot = await startSlackApp({ works: false })
    const body = JSON.stringify(mention())
    const time = String(now())
    const signature = `v0=${createHmac('sha256', credentials.signingSecret).update(`v0:${time}:${body}`).digest('hex')}`

    const response = await fetch(`${bot.url}/slack/events`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-slack-request-timestamp': time,
        'x-slack-signature': signature,
      },
      body: body.replace('revenue', 'payroll'),
    })

    expect(response.status).toBe(401)
    expect(bot.accepted).toEqual([])
  })

  it('that are huge are refused before they are read', async () => {
    bot = await startSlackApp({ works: false })

    const response = await bot.slack.deliver(mention({ text: 'x'.repeat(2 * 1024 * 1024) }))

    expect(response.status).toBe(413)
    expect(bot.accepted).toEqual([])
  })

  it('that cannot be read are refused, and the next one is served', async () => {
    bot = await startSlackApp({ works: false })

    const broken = await bot.slack.deliver('{"type": "event_callback"', {})
    const odd = await Promise.all([
      bot.slack.deliver({}),
      bot.slack.deliver([]),
      bot.slack.deliver({ type: 'event_callback', event: null }),
      bot.slack.deliver(mention({ ts: { $gt: '' } })),
      bot.slack.deliver(mention({ channel: '../../etc', text: 5 })),
      bot.slack.deliver(mention({ user: null })),
      bot.slack.deliver({ ...mention(), event: { type: 'made_up' } }),
    ])

    expect(broken.status).toBe(400)
    // Bolt itself stumbles over two of them; Slack does not send such.
    expect(odd.map(({ status }) => status)).toEqual([200, 200, 503, 200, 200, 503, 200])
    expect(bot.accepted).toEqual([])
    expect((await bot.slack.deliver(mention())).status).toBe(200)
    expect(bot.questions()).toEqual(['revenue'])
  })

  it('from a workspace that has not installed the app are acknowledged and ignored', async () => {
    bot = await startSlackApp({ works: false, settings: { clientId: credentials.clientId } })

    const response = await bot.slack.deliver(mention())

    expect(response.status).toBe(200)
    expect(bot.accepted).toEqual([])
  })

  it('are asked for again while we cannot find out who we are', async () => {
    bot = await startSlackApp({ works: false })
    bot.slack.faults.failHttp('auth.test', 502, 1)

    const first = await bot.slack.deliver(mention())
    const second = await bot.slack.deliver(mention(), { retryNum: 1, retryReason: 'http_error' })

    expect([first.status, second.status]).toEqual([503, 200])
    expect(bot.questions()).toEqual(['revenue'])
  })

  it('at other addresses are not found', async () => {
    bot = await startSlackApp({ works: false })

    const responses = await Promise.all([
      fetch(`${bot.url}/slack/events`),
      fetch(`${bot.url}/slack/install`),
      fetch(`${bot.url}/slack/other`, { method: 'POST', body: '{}' }),
    ])

    expect(responses.map(({ status }) => status)).toEqual([404, 404, 404])
  })

  it('that break off leave nothing behind', async () => {
    bot = await startSlackApp({ works: false })
    const socket = connect(Number(new URL(bot.url).port), '127.0.0.1')
    await new Promise((resolve) => {
      socket.once('connect', () => {
        socket.write('POST /slack/events HTTP/1.1\r\nhost: x\r\ncontent-length: 500\r\n\r\n{"type"', resolve)
      })
    })
    socket.destroy()

    expect((await bot.slack.deliver(mention())).status).toBe(200)
    expect(bot.questions()).toEqual(['revenue'])
  })
})

describe('Deliveries while Redis is away', () => {
  it('are refused in time, and taken when Redis is back', async () => {
    await using server = await startOwnRedis()
    bot = await startSlackApp({ works: false, redisUrl: server.url })
    await bot.slack.deliver(mention({ text: 'no mention', type: 'message', channel_type: 'channel' }))
    await server.kill()

    const away = await bot.slack.deliver(mention())
    await server.start()
    await expect
      .poll(async () => (await bot.slack.deliver(mention(), { retryNum: 1 })).status, {
        timeout: 15_000,
        interval: 200,
      })
      .toBe(200)

    expect(away.status).toBe(503)
    expect(bot.questions()).toEqual(['revenue'])
  })
})

describe('Socket Mode', () => {
  it('takes the same messages over its connection', async () => {
    bot = await startSlackApp({ slack: { mode: 'socket' } })
    const { ada } = bot.slack.ids.people
    const { sales } = bot.slack.ids.channels

    const said = await bot.slack.say({ user: ada, channel: sales, text: '@Deckhand revenue' })
    const answered = await bot.slack.command({ user: ada, channel: sales, command: '/deck', text: 'help' })

    expect(said.deliveries.map(({ attempts }) => attempts[0]?.status)).toEqual([200, 200])
    expect(answered.body).toContain('Ask me about your data')
    expect(bot.questions()).toEqual(['revenue'])
    await bot.slack.waitFor(({ text }) => text.includes('Answer to: revenue'))
  })

  it('does not acknowledge what the mailbox could not take, so that it comes again', async () => {
    const { MailboxError } = await import('../../../src/bot/mailbox.ts')
    let refusals = 2
    bot = await startSlackApp({
      works: false,
      slack: { mode: 'socket' },
      mailbox: (real) => ({
        ...real,
        async accept(message) {
          refusals -= 1
          if (refusals >= 0) throw new MailboxError('unavailable', 'away', { userMessage: '' })
          return real.accept(message)
        },
      }),
    })
    const { ada } = bot.slack.ids.people

    const saying = bot.slack.say({ user: ada, channel: bot.slack.ids.channels.sales, text: '@Deckhand revenue' })
    const said = await saying

    expect(said.deliveries.map(({ attempts }) => attempts[0]?.status)).toEqual([0, 0])
    await expect.poll(() => bot.questions(), { timeout: 15_000 }).toEqual(['revenue'])
  })

  it('serves nothing over HTTP', async () => {
    bot = await startSlackApp({ slack: { mode: 'socket' }, works: false })

    expect((await fetch(`${bot.url}/slack/events`, { method: 'POST', body: '{}' })).status).toBe(404)
  })
})
