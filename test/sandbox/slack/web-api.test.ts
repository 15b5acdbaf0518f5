import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SlackWorkspace, SlackWorkspaceOptions } from '../../../sandbox/slack/contract.ts'
import { createSlackWorkspace } from '../../../sandbox/slack/workspace.ts'
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts'
import { rejection } from '../../support/rejection.ts'
import { button, call, section } from './app.ts'

let slack: SlackWorkspace
let clock: ManualClock
let sales: string
let ada: string

async function open(options: SlackWorkspaceOptions = {}): Promise<void> {
  await slack?.[Symbol.asyncDispose]()
  clock = createManualClock(Date.parse('2026-03-02T09:00:00Z'))
  slack = await createSlackWorkspace({ clock, ...options })
  sales = slack.ids.channels.sales
  ada = slack.ids.people.ada
}

beforeEach(async () => {
  await open()
})
afterEach(async () => {
  await slack[Symbol.asyncDispose]()
})

const post = (args: Record<string, unknown>) => call(slack, 'chat.postMessage', { channel: sales, ...args })

describe('calling the Slack stand-in', () => {
  it('knows the app by its token, and the workspace by the app', async () => {
    expect((await call(slack, 'auth.test')).json).toMatchObject({
      ok: true,
      team_id: slack.ids.team,
      user_id: slack.ids.botUser,
      bot_id: slack.ids.bot,
    })
  })

  it.each([
    ['no token', null, 'not_authed'],
    ['a wrong token', 'made-up-wrong', 'invalid_auth'],
  ])('answers 200 with an error to %s', async (_what, token, error) => {
    expect(await call(slack, 'auth.test', {}, { token })).toMatchObject({ status: 200, json: { ok: false, error } })
  })

  it('takes arguments as JSON and as a form with JSON in its fields', async () => {
    const args = {
      channel: sales,
      text: 'hi',
      blocks: [section('Hello')],
      metadata: { event_type: 't', event_payload: { turn: 'x' } },
    }

    await call(slack, 'chat.postMessage', args)
    await call(slack, 'chat.postMessage', args, { asForm: true })

    const [first, second] = slack.messages(sales)
    expect(first).toMatchObject({ text: 'hi', blocks: [section('Hello')], metadata: args.metadata })
    expect(second).toMatchObject({ text: 'hi', blocks: [section('Hello')], metadata: args.metadata })
  })

  it('refuses JSON that is none and methods there are not', async () => {
    const response = await fetch(`${slack.url}/api/chat.postMessage`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${slack.ids.token}` },
      body: '{"channel"',
    })

    expect(await response.json()).toMatchObject({ ok: false, error: 'invalid_json' })
    expect((await call(slack, 'chat.shout')).json).toMatchObject({ ok: false, error: 'unknown_method' })
  })

  it('says which scope is missing and which there are', async () => {
    slack.faults.revokeScopes('files:write')

    const { json } = await call(slack, 'files.getUploadURLExternal', { filename: 'a.png', length: 1 })

    expect(json).toMatchObject({ ok: false, error: 'missing_scope', needed: 'files:write' })
    expect(json.provided).toContain('chat:write')
  })

  it('grants what the manifest declares and nothing else', async () => {
    await open({
      manifest: { scopes: ['chat:write'], events: [], commands: [], shortcuts: [], isAgent: false, prompts: [] },
    })

    expect((await post({ text: 'hi' })).json.ok).toBe(true)
    expect((await call(slack, 'users.info', { user: ada })).json).toMatchObject({
      error: 'missing_scope',
      needed: 'users:read',
    })
  })

  it('keeps customers apart', async () => {
    const other = slack.addTeam('Other', { isInstalled: true })

    const { json } = await call(slack, 'chat.postMessage', { channel: sales, text: 'hi' }, { token: other.token })

    expect(json).toMatchObject({ ok: false, error: 'channel_not_found' })
    expect((await call(slack, 'auth.test', {}, { token: other.token })).json.team_id).toBe(other.team)
  })

  it('keeps each call, whose it was and what came of it, without its token', async () => {
    await call(slack, 'chat.postMessage', { channel: 'C404', text: 'hi', token: slack.ids.token }, { token: null })

    expect(slack.calls).toEqual([
      {
        method: 'chat.postMessage',
        args: { channel: 'C404', text: 'hi' },
        team: slack.ids.team,
        at: clock.now(),
        status: 200,
        error: 'channel_not_found',
      },
    ])
  })
})

describe('posting to the Slack stand-in', () => {
  it.each([
    ['a channel there is not', () => ({ channel: 'C404', text: 'hi' }), 'channel_not_found'],
    ['a channel without the app', () => ({ channel: slack.ids.channels.finance, text: 'hi' }), 'not_in_channel'],
    ['nothing', () => ({ text: '' }), 'no_text'],
    ['text beside Markdown', () => ({ text: 'a', markdown_text: 'b' }), 'markdown_text_conflict'],
    ['a thread that is no timestamp', () => ({ text: 'a', thread_ts: 'yesterday' }), 'invalid_thread_ts'],
    ['metadata of another shape', () => ({ text: 'a', metadata: { type: 'x' } }), 'invalid_metadata_format'],
    ['blocks that are no list', () => ({ blocks: 'x' }), 'invalid_blocks_format'],
    [
      'more text in blocks than fits',
      () => ({ blocks: Array.from({ length: 5 }, () => section('x'.repeat(2900))) }),
      'msg_blocks_too_long',
    ],
    ['two tables', () => ({ blocks: [table, table] }), 'invalid_attachments'],
  ])('refuses %s', async (_what, args, error) => {
    expect((await post(args())).json).toMatchObject({ ok: false, error })
    expect(slack.messages(sales)).toEqual([])
  })

  it('says where in the blocks what is wrong', async () => {
    const { json } = await post({ blocks: [section('x'.repeat(3001))] })

    expect(json).toEqual({
      ok: false,
      error: 'invalid_blocks',
      errors: ['must be less than 3001 characters [json-pointer:/blocks/0/text/text]'],
      response_metadata: { messages: ['[ERROR] must be less than 3001 characters [json-pointer:/blocks/0/text/text]'] },
    })
  })

  it('cuts long text where it is posted and refuses it where it is edited', async () => {
    const { json } = await post({ text: 'x'.repeat(40_001) })

    expect(slack.messages(sales)[0]?.text).toHaveLength(40_000)
    expect((await call(slack, 'chat.update', { channel: sales, ts: json.ts, text: 'x'.repeat(4001) })).json.error).toBe(
      'msg_too_long',
    )
  })

  it('reaches a person by their id in a direct message', async () => {
    const { json } = await post({ channel: ada, text: 'psst' })

    expect(json.channel).toMatch(/^D/)
    expect(slack.messages(json.channel)).toMatchObject([
      { text: 'psst', user: slack.ids.botUser, botId: slack.ids.bot },
    ])
  })

  it('shows ephemeral messages to one person, and never to the API', async () => {
    const { json } = await call(slack, 'chat.postEphemeral', { channel: sales, user: ada, text: 'only you' })

    expect(slack.messages(sales)).toMatchObject([{ text: 'only you', visibleTo: ada, ts: json.message_ts }])
    expect((await call(slack, 'conversations.history', { channel: sales })).json.messages).toEqual([])
    expect((await call(slack, 'chat.update', { channel: sales, ts: json.message_ts, text: 'x' })).json.error).toBe(
      'message_not_found',
    )
  })
})

describe('editing on the Slack stand-in', () => {
  it('keeps blocks unless new ones come, and remembers what was shown', async () => {
    const { json } = await post({ text: 'a', blocks: [section('one')] })

    await call(slack, 'chat.update', { channel: sales, ts: json.ts, text: 'b' })
    await call(slack, 'chat.update', { channel: sales, ts: json.ts, text: 'c', blocks: [section('two')] })

    const [message] = slack.messages(sales)
    expect(message).toMatchObject({ text: 'c', blocks: [section('two')], isEdited: true })
    expect(message?.earlier).toMatchObject([
      { text: 'a', blocks: [section('one')] },
      { text: 'b', blocks: [section('one')] },
    ])
  })

  it('leaves alone what people wrote and what is gone', async () => {
    const { ts } = await slack.say({ user: ada, channel: sales, text: 'mine' })
    const { json } = await post({ text: 'ours' })
    await call(slack, 'chat.delete', { channel: sales, ts: json.ts })

    expect((await call(slack, 'chat.update', { channel: sales, ts, text: 'x' })).json.error).toBe('cant_update_message')
    expect((await call(slack, 'chat.delete', { channel: sales, ts })).json.error).toBe('cant_delete_message')
    expect((await call(slack, 'chat.update', { channel: sales, ts: json.ts, text: 'x' })).json.error).toBe(
      'message_not_found',
    )
  })
})

describe('reading from the Slack stand-in', () => {
  it('gives a thread with its root, page by page, and metadata only when asked', async () => {
    const root = await slack.say({ user: ada, channel: sales, text: 'question' })
    for (const text of ['one', 'two', 'three']) {
      await post({ thread_ts: root.ts, text, metadata: { event_type: 'deckhand_turn', event_payload: { turn: text } } })
    }
    const replies = (args: object) =>
      call(slack, 'conversations.replies', { channel: sales, ts: root.ts, limit: 3, ...args })

    const first = await replies({})
    const second = await replies({ cursor: first.json.response_metadata.next_cursor, include_all_metadata: true })

    expect(first.json.messages.map(({ text }: { text: string }) => text)).toEqual(['question', 'one', 'two'])
    expect(first.json.messages[0]).toMatchObject({ reply_count: 3, thread_ts: root.ts })
    expect(first.json.messages[1].metadata).toBeUndefined()
    expect(second.json).toMatchObject({
      has_more: false,
      messages: [{ metadata: { event_payload: { turn: 'three' } } }],
    })
  })

  it('tells a thread that is not there from a channel that is not', async () => {
    expect((await call(slack, 'conversations.replies', { channel: sales, ts: '1700000000.000100' })).json.error).toBe(
      'thread_not_found',
    )
    expect((await call(slack, 'conversations.replies', { channel: 'C404', ts: '1' })).json.error).toBe(
      'channel_not_found',
    )
  })
})

describe('rates of the Slack stand-in', () => {
  it('lets five posts through at once, then one a second in each channel', async () => {
    slack.faults.enforceRates = true

    const statuses = async (count: number) => {
      const all: number[] = []
      for (let index = 0; index < count; index += 1) all.push((await post({ text: 'hi' })).status)
      return all
    }

    expect(await statuses(6)).toEqual([200, 200, 200, 200, 200, 429])
    await clock.advance(1000)
    expect(await statuses(2)).toEqual([200, 429])
    expect((await post({ channel: slack.ids.channels.general, text: 'hi' })).status).toBe(200)
  })

  it('counts the calls of a minute for each method, and says when to come again', async () => {
    slack.faults.enforceRates = true
    const { json } = await post({ text: 'a' })
    const edit = () => call(slack, 'chat.update', { channel: sales, ts: json.ts, text: 'b' })
    for (let index = 0; index < 50; index += 1) expect((await edit()).status).toBe(200)

    const refused = await edit()

    expect(refused).toMatchObject({ status: 429, json: { ok: false, error: 'ratelimited' } })
    expect(refused.headers.get('retry-after')).toBe('60')
    await clock.advance(60_000)
    expect((await edit()).status).toBe(200)
  })
})

describe('faults of the Slack stand-in', () => {
  it('refuses, fails and breaks as told, each as often as told', async () => {
    slack.faults.rateLimit('chat.postMessage', 7)
    slack.faults.fail('chat.postMessage', 'internal_error')
    slack.faults.failHttp('chat.postMessage', 503)

    const limited = await post({ text: 'a' })
    expect(limited.status).toBe(429)
    expect(limited.headers.get('retry-after')).toBe('7')
    expect((await post({ text: 'a' })).json).toEqual({ ok: false, error: 'internal_error' })
    expect((await post({ text: 'a' })).status).toBe(503)
    expect((await post({ text: 'a' })).status).toBe(200)
    expect(slack.messages(sales)).toHaveLength(1)
  })

  it('does the work of a call whose answer is lost', async () => {
    slack.faults.loseReply('chat.postMessage')

    await rejection(post({ text: 'here' }))

    expect(slack.messages(sales)).toMatchObject([{ text: 'here' }])
  })
})

const table = { type: 'table', rows: [[{ type: 'raw_text', text: 'a' }]] }

describe('elements of the Slack stand-in', () => {
  it('gives every block an id of its own', async () => {
    await post({ blocks: [section('a'), { type: 'actions', elements: [button('go')] }] })

    const ids = slack.messages(sales)[0]?.blocks.map((block) => block['block_id'])
    expect(new Set(ids).size).toBe(2)
    expect(ids).not.toContain(undefined)
  })
})
