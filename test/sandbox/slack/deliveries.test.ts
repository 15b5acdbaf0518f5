import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SlackWorkspace, SlackWorkspaceOptions } from '../../../sandbox/slack/contract.ts'
import { neededManifest } from '../../../sandbox/slack/manifest.ts'
import { createSlackWorkspace } from '../../../sandbox/slack/workspace.ts'
import type { Replies, TestServer } from '../../support/http-server.ts'
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts'
import { call, connectApp, isSigned } from './app.ts'

let slack: SlackWorkspace
let app: TestServer
let clock: ManualClock
let sales: string
let ada: string

async function open(options: SlackWorkspaceOptions = {}, replies: Replies = { status: 200 }): Promise<void> {
  await close()
  clock = createManualClock(Date.parse('2026-03-02T09:00:00Z'))
  slack = await createSlackWorkspace({ clock, ...options })
  app = await connectApp(slack, replies)
  sales = slack.ids.channels.sales
  ada = slack.ids.people.ada
}
async function close(): Promise<void> {
  await slack?.[Symbol.asyncDispose]()
  await app?.[Symbol.asyncDispose]()
}

beforeEach(async () => {
  await open()
})
afterEach(close)

// oxlint-disable-next-line typescript/no-explicit-any -- payloads differ by event
const events = (): any[] => app.requests.map(({ json }) => (json as { event: unknown }).event)
const ask = () => slack.say({ user: ada, channel: sales, text: '@Deckhand Sales & costs <2024>?' })

describe('events of the Slack stand-in', () => {
  it('are signed as Slack signs them', async () => {
    await ask()

    expect(app.requests.every((request) => isSigned(request))).toBe(true)
    expect(app.requests.every((request) => isSigned(request, 'another secret'))).toBe(false)
    expect(app.requests[0]?.headers['x-slack-request-timestamp']).toBe(String(clock.now() / 1000))
  })

  it('bring a mention twice, with different ids and the text as Slack writes it', async () => {
    const { ts } = await ask()

    const sent = events().toSorted((a, b) => (a.type < b.type ? -1 : 1))
    expect(sent).toMatchObject([
      {
        type: 'app_mention',
        ts,
        channel: sales,
        user: ada,
        text: `<@${slack.ids.botUser}> Sales &amp; costs &lt;2024&gt;?`,
      },
      { type: 'message', ts, channel: sales, user: ada, channel_type: 'channel' },
    ])
    const ids = app.requests.map(({ json }) => (json as { event_id: string }).event_id)
    expect(new Set(ids).size).toBe(2)
  })

  it('bring the two in either order, the same for the same seed', async () => {
    const orders = async (seed: number) => {
      await open({ seed })
      const all: string[] = []
      for (let index = 0; index < 8; index += 1) all.push((await ask()).deliveries.map(({ type }) => type).join())
      return all
    }

    const first = await orders(3)

    expect(new Set(first)).toEqual(new Set(['app_mention,message', 'message,app_mention']))
    expect(await orders(3)).toEqual(first)
  })

  it('name the thread and who began it', async () => {
    const root = await ask()
    await slack.say({ user: slack.ids.people.grace, channel: sales, text: 'by month?', threadTs: root.ts })

    expect(events().at(-1)).toMatchObject({ type: 'message', thread_ts: root.ts, parent_user_id: ada })
  })

  it('come from direct messages without a mention, and once', async () => {
    const direct = await slack.openDirectMessage(ada)
    await slack.say({ user: ada, channel: direct, text: '@Deckhand hello' })

    expect(events()).toMatchObject([
      { type: 'app_home_opened', tab: 'messages', channel: direct },
      { type: 'message', channel_type: 'im' },
    ])
  })

  it('tell of edits, deletions and files', async () => {
    const { ts } = await slack.say({
      user: ada,
      channel: sales,
      text: 'one',
      files: [{ name: 'a.csv', mimetype: 'text/csv', bytes: Buffer.from('a') }],
    })
    await slack.edit({ channel: sales, ts, text: 'two' })
    await slack.remove({ channel: sales, ts })

    expect(events()).toMatchObject([
      { subtype: 'file_share', files: [{ name: 'a.csv', mimetype: 'text/csv' }] },
      { subtype: 'message_changed', message: { ts, text: 'two' }, previous_message: { text: 'one' } },
      { subtype: 'message_deleted', deleted_ts: ts },
    ])
  })

  it('tell of a tombstone where a deleted message has replies', async () => {
    const { ts } = await slack.say({ user: ada, channel: sales, text: 'first' })
    await slack.say({ user: ada, channel: sales, text: 'second', threadTs: ts })
    await slack.remove({ channel: sales, ts })

    expect(events().at(-1)).toMatchObject({
      subtype: 'message_changed',
      message: { subtype: 'tombstone', user: 'USLACKBOT', hidden: true, ts, thread_ts: ts },
      previous_message: { user: ada, text: 'first', ts, thread_ts: ts },
    })
    expect(slack.messages(sales, ts)).toMatchObject([{ text: 'This message was deleted.' }, { text: 'second' }])
  })

  it('bring the app what it says itself, unless told not to', async () => {
    await call(slack, 'chat.postMessage', { channel: sales, text: 'ours' })
    await expect.poll(() => events()).toMatchObject([{ type: 'message', bot_id: slack.ids.bot, text: 'ours' }])

    await open({ echoes: false })
    await call(slack, 'chat.postMessage', { channel: sales, text: 'ours' })
    await ask()
    expect(events().map(({ text }) => text)).not.toContain('ours')
  })

  it('tell another bot from a person, and from the app', async () => {
    await slack.say({ user: ada, channel: sales, text: 'beep', asBot: 'B0ANOTHER' })

    expect(events()).toMatchObject([{ type: 'message', bot_id: 'B0ANOTHER', text: 'beep' }])
    expect(events()[0].app_id).not.toBe(slack.appId)
  })

  it('stay away from where the app is not, from ephemeral messages, and from what it did not subscribe to', async () => {
    await slack.say({ user: ada, channel: slack.ids.channels.finance, text: '@Deckhand secret' })
    await call(slack, 'chat.postEphemeral', { channel: sales, user: ada, text: 'only you' })
    expect(app.requests).toEqual([])

    await open({ manifest: { ...neededManifest, events: ['app_mention'] } })
    await ask()
    expect(events()).toMatchObject([{ type: 'app_mention' }])
  })

  it('tell that the app was taken out, and its token stops working', async () => {
    await slack.uninstall()

    expect(events().map(({ type }) => type)).toEqual(['tokens_revoked', 'app_uninstalled'])
    expect((await call(slack, 'auth.test')).json.error).toBe('account_inactive')
    expect((await ask()).deliveries).toEqual([])
  })
})

describe('retries of the Slack stand-in', () => {
  const attempts = () =>
    slack.deliveries[0]?.attempts.map(({ retryNum, retryReason, status }) => [retryNum, retryReason, status])
  const sayOnce = () => slack.say({ user: ada, channel: sales, text: 'hello' })

  it('come at once, after a minute and after five, and say why', async () => {
    await open({}, { status: 503 })
    const startedAt = clock.now()
    await sayOnce()
    await expect.poll(() => slack.deliveries[0]?.attempts.length).toBe(2)
    slack.skip(60_000)
    await expect.poll(() => slack.deliveries[0]?.attempts.length).toBe(3)
    expect(slack.deliveries[0]?.isDone).toBe(false)
    slack.skip(300_000)
    await expect.poll(() => slack.deliveries[0]?.isDone).toBe(true)

    expect(attempts()).toEqual([
      [0, undefined, 503],
      [1, 'http_error', 503],
      [2, 'http_error', 503],
      [3, 'http_error', 503],
    ])
    expect(slack.deliveries[0]?.attempts.map(({ at }) => at - startedAt)).toEqual([0, 0, 60_000, 360_000])
    expect(app.requests.map(({ headers }) => headers['x-slack-retry-num'])).toEqual([undefined, '1', '2', '3'])
    expect(new Set(app.requests.map(({ json }) => (json as { event_id: string }).event_id)).size).toBe(1)
    expect(app.requests.every((request) => isSigned(request))).toBe(true)
  })

  it('stop when one is taken', async () => {
    await open({}, [{ status: 503 }, { status: 200 }])
    await sayOnce()
    await expect.poll(() => slack.deliveries[0]?.isDone).toBe(true)

    expect(attempts()).toEqual([
      [0, undefined, 503],
      [1, 'http_error', 200],
    ])
  })

  it('do not come when the app asks for none', async () => {
    await open({}, { status: 400, headers: { 'x-slack-no-retry': '1' } })
    const { deliveries } = await sayOnce()

    expect(deliveries).toMatchObject([{ isDone: true, attempts: [{ status: 400 }] }])
  })

  it('tell a broken connection', async () => {
    await open({}, [{ destroy: 'before' }, { status: 200 }])
    await sayOnce()
    await expect.poll(() => slack.deliveries[0]?.isDone).toBe(true)

    expect(attempts()).toEqual([
      [0, undefined, 0],
      [1, 'connection_failed', 200],
    ])
  })
})

describe('raw deliveries of the Slack stand-in', () => {
  it('are forged, old, unsigned or repeated as asked', async () => {
    await slack.deliver({ type: 'event_callback' })
    await slack.deliver('text', {
      secret: 'forged',
      timestamp: 1,
      retryNum: 2,
      retryReason: 'http_timeout',
      contentType: 'text/plain',
    })
    await slack.deliver({}, { secret: null })

    const [good, forged, unsigned] = app.requests
    expect(good && isSigned(good)).toBe(true)
    expect(forged && isSigned(forged)).toBe(false)
    expect(forged).toMatchObject({
      text: 'text',
      headers: { 'x-slack-request-timestamp': '1', 'x-slack-retry-num': '2', 'x-slack-retry-reason': 'http_timeout' },
    })
    expect(unsigned?.headers['x-slack-signature']).toBeUndefined()
  })

  it('check the address of the app', async () => {
    expect(await slack.verifyUrl()).toBe(false)

    await open({}, (request) => ({ text: (request.json as { challenge: string }).challenge }))
    expect(await slack.verifyUrl()).toBe(true)
  })
})
