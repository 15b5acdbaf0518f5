import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SlackWorkspace } from '../../../sandbox/slack/contract.ts'
import { createSlackWorkspace } from '../../../sandbox/slack/workspace.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { call, section } from './app.ts'

let slack: SlackWorkspace
let sales: string
let recipient: Record<string, string>

beforeEach(async () => {
  slack = await createSlackWorkspace({ clock: createManualClock(Date.parse('2026-03-02T09:00:00Z')) })
  sales = slack.ids.channels.sales
  recipient = { recipient_user_id: slack.ids.people.ada, recipient_team_id: slack.ids.team }
})
afterEach(async () => {
  await slack[Symbol.asyncDispose]()
})

async function start(args: Record<string, unknown> = {}): Promise<string> {
  const { json } = await call(slack, 'chat.startStream', { channel: sales, ...recipient, ...args })
  expect(json.ok).toBe(true)
  return json.ts
}
const append = (ts: string, args: Record<string, unknown>) =>
  call(slack, 'chat.appendStream', { channel: sales, ts, ...args })
const stop = (ts: string, args: Record<string, unknown> = {}) =>
  call(slack, 'chat.stopStream', { channel: sales, ts, ...args })

describe('streams of the Slack stand-in', () => {
  it('grow, and end with blocks', async () => {
    const ts = await start({ markdown_text: '**one** ' })
    await append(ts, { markdown_text: 'two' })
    await append(ts, { chunks: [{ type: 'task_update', id: 't', title: 'Ask Genie', status: 'in_progress' }] })
    await append(ts, { chunks: [{ type: 'task_update', id: 't', title: 'Ask Genie', status: 'complete' }] })
    expect(slack.messages(sales)).toMatchObject([{ isStreaming: true, text: '**one** two' }])

    await stop(ts, { blocks: [section('done')] })

    expect(slack.messages(sales)).toMatchObject([
      {
        isStreaming: false,
        blocks: [
          { type: 'task_card', title: 'Ask Genie', status: 'complete' },
          { type: 'markdown', text: '**one** two' },
          section('done'),
        ],
      },
    ])
  })

  it('die after five minutes, however busy', async () => {
    const ts = await start({ markdown_text: 'a' })
    slack.skip(299_000)
    expect((await append(ts, { markdown_text: 'b' })).json.ok).toBe(true)

    slack.skip(1000)

    expect((await append(ts, { markdown_text: 'c' })).json.error).toBe('message_not_in_streaming_state')
    expect((await stop(ts)).json.error).toBe('message_not_in_streaming_state')
    expect((await call(slack, 'chat.update', { channel: sales, ts, text: 'saved' })).json.ok).toBe(true)
  })

  it('cannot be edited while they run', async () => {
    const ts = await start()

    expect((await call(slack, 'chat.update', { channel: sales, ts, text: 'x' })).json.error).toBe(
      'streaming_state_conflict',
    )
  })

  it.each([
    ['text and chunks at once', { markdown_text: 'a', chunks: [] }, 'invalid_arguments'],
    ['a chunk nobody knows', { chunks: [{ type: 'song' }] }, 'invalid_chunks'],
    ['a task without a state', { chunks: [{ type: 'task_update', id: 't', title: 'a' }] }, 'invalid_chunks'],
    ['more than fits', { markdown_text: 'x'.repeat(11_500) }, 'msg_too_long'],
  ])('refuse %s', async (_what, args, error) => {
    expect((await append(await start(), args)).json.error).toBe(error)
  })

  it('need to know for whom they are in a channel, not in a direct message', async () => {
    const direct = await slack.openDirectMessage(slack.ids.people.ada)

    expect((await call(slack, 'chat.startStream', { channel: sales })).json.error).toBe('missing_recipient_user_id')
    expect((await call(slack, 'chat.startStream', { channel: direct })).json.ok).toBe(true)
  })
})

describe('statuses of the Slack stand-in', () => {
  const status = (threadTs: string, text: string) =>
    call(slack, 'assistant.threads.setStatus', { channel_id: sales, thread_ts: threadTs, status: text })

  it('go when the app says something, and by themselves after two minutes', async () => {
    const { ts } = await slack.say({ user: slack.ids.people.ada, channel: sales, text: 'question' })

    await status(ts, 'is thinking …')
    expect(slack.statusOf(sales, ts)).toBe('is thinking …')
    await call(slack, 'chat.postMessage', { channel: sales, thread_ts: ts, text: 'answer' })
    expect(slack.statusOf(sales, ts)).toBe('')

    await status(ts, 'is thinking …')
    slack.skip(120_000)
    expect(slack.statusOf(sales, ts)).toBe('')
  })
})
