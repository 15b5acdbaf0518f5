import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SlackWorkspace } from '../../../sandbox/slack/contract.ts'
import { createSlackWorkspace } from '../../../sandbox/slack/workspace.ts'
import type { Reply, TestServer } from '../../support/http-server.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { rejection } from '../../support/rejection.ts'
import { button, call, connectApp, isSigned } from './app.ts'

let slack: SlackWorkspace
let app: TestServer
let sales: string
let ada: string
let reply: Reply

beforeEach(async () => {
  reply = { status: 200 }
  slack = await createSlackWorkspace({ clock: createManualClock(Date.parse('2026-03-02T09:00:00Z')), echoes: false })
  app = await connectApp(slack, () => reply)
  sales = slack.ids.channels.sales
  ada = slack.ids.people.ada
})
afterEach(async () => {
  await slack[Symbol.asyncDispose]()
  await app[Symbol.asyncDispose]()
})

/** What the app got last: a command's fields, or the payload of an interaction. */
// oxlint-disable-next-line typescript/no-explicit-any -- payloads differ by interaction
function last(): any {
  const form = Object.fromEntries(new URLSearchParams(app.requests.at(-1)?.text))
  return form['payload'] === undefined ? form : JSON.parse(form['payload'])
}

const plain = (text: string) => ({ type: 'plain_text', text })
const modal = {
  type: 'modal',
  callback_id: 'reason',
  private_metadata: 'turn-1',
  title: plain('What was wrong?'),
  submit: plain('Send'),
  blocks: [
    { type: 'input', block_id: 'b', label: plain('Why'), element: { type: 'plain_text_input', action_id: 'why' } },
    {
      type: 'input',
      block_id: 'c',
      optional: true,
      label: plain('Which'),
      element: { type: 'static_select', action_id: 'which', options: [{ text: plain('Chart'), value: 'chart' }] },
    },
  ],
}

async function postButtons(elements: readonly object[], type = 'actions'): Promise<string> {
  const { json } = await call(slack, 'chat.postMessage', { channel: sales, text: 'a', blocks: [{ type, elements }] })
  return json.ts
}

/** Presses a button and opens a modal with the trigger that comes with it. */
async function openModal(view: object = modal): Promise<string> {
  const ts = await postButtons([button('go')])
  await slack.press({ user: ada, channel: sales, ts, actionId: 'go' })
  const { json } = await call(slack, 'views.open', { trigger_id: last().trigger_id, view })
  expect(json).toMatchObject({ ok: true })
  return json.view.id
}

describe('pressing on the Slack stand-in', () => {
  it('sends a signed form with who pressed what where', async () => {
    const ts = await postButtons([button('go', { value: 'turn-1' })])

    const { status } = await slack.press({ user: ada, channel: sales, ts, actionId: 'go' })

    expect(status).toBe(200)
    expect(app.requests[0] && isSigned(app.requests[0])).toBe(true)
    expect(last()).toMatchObject({
      type: 'block_actions',
      user: { id: ada },
      team: { id: slack.ids.team },
      channel: { id: sales, name: 'sales' },
      container: { type: 'message', message_ts: ts, is_ephemeral: false },
      message: { ts, text: 'a' },
      actions: [{ type: 'button', action_id: 'go', value: 'turn-1' }],
    })
  })

  it('names the side of feedback buttons and the entry of a menu', async () => {
    const side = (text: string, value: string) => ({ text: plain(text), value })
    const feedback = {
      type: 'feedback_buttons',
      action_id: 'fb',
      positive_button: side('Good', '1'),
      negative_button: side('Bad', '0'),
    }
    const menu = {
      type: 'overflow',
      action_id: 'slide',
      options: [
        { text: plain('Drop'), value: 'drop' },
        { text: plain('Edit'), value: 'edit' },
      ],
    }
    const voted = await postButtons([feedback], 'context_actions')
    const picked = await postButtons([menu])

    await slack.press({ user: ada, channel: sales, ts: voted, actionId: 'fb', value: '0' })
    expect(last().actions).toMatchObject([{ type: 'feedback_buttons', value: '0', text: plain('Bad') }])
    await slack.press({ user: ada, channel: sales, ts: picked, actionId: 'slide', value: 'edit' })
    expect(last().actions).toMatchObject([{ type: 'overflow', selected_option: { value: 'edit' } }])
  })

  it('works only on what a person sees', async () => {
    const ts = await postButtons([button('go')])
    const hidden = await call(slack, 'chat.postEphemeral', {
      channel: sales,
      user: ada,
      text: 'a',
      blocks: [{ type: 'actions', elements: [button('mine')] }],
    })

    const missing = await rejection(slack.press({ user: ada, channel: sales, ts, actionId: 'stop' }))
    const unseen = await rejection(
      slack.press({ user: slack.ids.people.grace, channel: sales, ts: hidden.json.message_ts, actionId: 'mine' }),
    )

    expect(missing).toMatchObject({ message: 'Nothing to press with action id "stop"; there are: go' })
    expect(unseen).toMatchObject({ message: expect.stringContaining('sees no message') })
    expect(app.requests).toEqual([])
  })

  it('leaves the message out where it is ephemeral', async () => {
    const { json } = await call(slack, 'chat.postEphemeral', {
      channel: sales,
      user: ada,
      text: 'a',
      blocks: [{ type: 'actions', elements: [button('mine')] }],
    })

    await slack.press({ user: ada, channel: sales, ts: json.message_ts, actionId: 'mine' })

    expect(last()).toMatchObject({ container: { is_ephemeral: true } })
    expect(last().message).toBeUndefined()
  })
})

describe('response URLs of the Slack stand-in', () => {
  const respond = (url: string, body: object) =>
    fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

  it('replace ephemeral messages, which nothing else can', async () => {
    const { json } = await call(slack, 'chat.postEphemeral', {
      channel: sales,
      user: ada,
      text: 'Post this?',
      blocks: [{ type: 'actions', elements: [button('post')] }],
    })
    await slack.press({ user: ada, channel: sales, ts: json.message_ts, actionId: 'post' })

    await respond(last().response_url, { replace_original: true, text: 'Posted' })

    expect(slack.messages(sales)).toMatchObject([{ text: 'Posted', visibleTo: ada, blocks: [] }])
  })

  it('work five times and for half an hour', async () => {
    const url = async () => {
      await slack.command({ user: ada, channel: sales, command: '/deck', text: 'q' })
      return last().response_url as string
    }
    const often = await url()
    const statuses: number[] = []
    for (let index = 0; index < 6; index += 1) statuses.push((await respond(often, { text: 'a' })).status)
    const late = await url()
    slack.skip(30 * 60_000 + 1)

    expect(statuses).toEqual([200, 200, 200, 200, 200, 404])
    expect((await respond(late, { text: 'a' })).status).toBe(404)
  })

  it('answer for the person alone unless told otherwise', async () => {
    await slack.command({ user: ada, channel: sales, command: '/deck', text: 'q' })
    await respond(last().response_url, { text: 'for you' })
    await respond(last().response_url, { text: 'for all', response_type: 'in_channel' })

    const [first, second] = slack.messages(sales)
    expect(first).toMatchObject({ text: 'for you', visibleTo: ada })
    expect(second?.visibleTo).toBeUndefined()
  })
})

describe('commands on the Slack stand-in', () => {
  it('bring the text and no thread, and show what the app answers', async () => {
    reply = { status: 200, json: { response_type: 'ephemeral', text: 'On it' } }

    await slack.command({ user: ada, channel: sales, command: '/deck', text: 'sales by region' })

    expect(last()).toMatchObject({
      command: '/deck',
      text: 'sales by region',
      channel_id: sales,
      user_id: ada,
      team_id: slack.ids.team,
    })
    expect(last().thread_ts).toBeUndefined()
    expect(slack.messages(sales)).toMatchObject([{ text: 'On it', visibleTo: ada }])
  })

  it('tell the person when the app fails, and do not try again', async () => {
    reply = { status: 500 }

    const { delivery } = await slack.command({ user: ada, channel: sales, command: '/deck', text: 'q' })

    expect(delivery).toMatchObject({ isDone: true, attempts: [{ status: 500 }] })
    expect(slack.messages(sales)).toMatchObject([{ text: expect.stringContaining('/deck failed'), visibleTo: ada }])
  })
})

describe('modals on the Slack stand-in', () => {
  it('carry what was filled in, and close', async () => {
    const viewId = await openModal()
    expect(slack.views).toMatchObject([{ id: viewId, user: ada, title: 'What was wrong?', privateMetadata: 'turn-1' }])

    await slack.submitView({ viewId, values: { why: 'Wrong year' } })

    expect(last()).toMatchObject({
      type: 'view_submission',
      view: {
        callback_id: 'reason',
        private_metadata: 'turn-1',
        state: {
          values: {
            b: { why: { type: 'plain_text_input', value: 'Wrong year' } },
            c: { which: { type: 'static_select', selected_option: null } },
          },
        },
      },
    })
    expect(slack.views).toEqual([])
  })

  it('stay open with errors, with another view, or when the app fails', async () => {
    const viewId = await openModal()
    const submit = () => slack.submitView({ viewId, values: { why: 'x' } })

    reply = { json: { response_action: 'errors', errors: { b: 'Say more' } } }
    await submit()
    expect(slack.views).toMatchObject([{ id: viewId, errors: { b: 'Say more' } }])

    reply = { json: { response_action: 'update', view: { ...modal, title: plain('And now?') } } }
    await submit()
    expect(slack.views).toMatchObject([{ id: viewId, title: 'And now?', errors: {} }])

    reply = { json: { response_action: 'update', view: { type: 'modal' } } }
    await submit()
    expect(slack.views).toMatchObject([
      { title: 'And now?', errors: { '': expect.stringContaining('cannot be shown') } },
    ])

    reply = { status: 500 }
    await submit()
    expect(slack.views).toMatchObject([{ id: viewId, errors: { '': expect.any(String) } }])
  })

  it('cannot be sent without what is required', async () => {
    const viewId = await openModal()

    expect(await rejection(slack.submitView({ viewId, values: {} }))).toMatchObject({
      message: 'Field "why" is required',
    })
  })

  it('open with a trigger that is fresh and unused', async () => {
    const ts = await postButtons([button('go')])
    const trigger = async () => {
      await slack.press({ user: ada, channel: sales, ts, actionId: 'go' })
      return last().trigger_id as string
    }
    const open = (id: string) => call(slack, 'views.open', { trigger_id: id, view: modal })

    const used = await trigger()
    await open(used)
    const old = await trigger()
    slack.skip(3001)

    expect((await open(used)).json.error).toBe('expired_trigger_id')
    expect((await open(old)).json.error).toBe('expired_trigger_id')
    const fresh = await trigger()
    expect((await open(fresh)).json.ok).toBe(true)
    expect((await open(fresh)).json.error).toBe('exchanged_trigger_id')
    expect((await open('made-up')).json.error).toBe('invalid_trigger_id')
  })

  it.each([
    ['a long title', { ...modal, title: plain('x'.repeat(25)) }, 'invalid_arguments'],
    ['fields without a button to send them', { ...modal, submit: undefined }, 'invalid_arguments'],
    ['a field nobody knows', { ...modal, colour: 'red' }, 'invalid_arguments'],
    ['much to remember', { ...modal, private_metadata: 'x'.repeat(3001) }, 'invalid_arguments'],
    ['wrong blocks', { ...modal, blocks: [{ type: 'plan', title: 'a' }] }, 'invalid_blocks'],
  ])('refuse %s', async (_what, view, error) => {
    const ts = await postButtons([button('go')])
    await slack.press({ user: ada, channel: sales, ts, actionId: 'go' })

    expect((await call(slack, 'views.open', { trigger_id: last().trigger_id, view })).json.error).toBe(error)
  })

  it('are changed only by who knows their last state', async () => {
    const viewId = await openModal()
    const update = (hash: string) => call(slack, 'views.update', { view_id: viewId, hash, view: modal })

    expect((await update('old')).json.error).toBe('hash_conflict')
    expect((await update(slack.views[0]?.hash ?? '')).json.ok).toBe(true)
  })
})

describe('shortcuts on the Slack stand-in', () => {
  it('bring the message they were used on', async () => {
    const { ts } = await slack.say({ user: slack.ids.people.grace, channel: sales, text: 'Q4 looked odd' })

    await slack.shortcut({ user: ada, channel: sales, ts, callbackId: 'deck_of_message' })

    expect(last()).toMatchObject({
      type: 'message_action',
      callback_id: 'deck_of_message',
      user: { id: ada },
      message: { ts, user: slack.ids.people.grace, text: 'Q4 looked odd' },
    })
  })
})
