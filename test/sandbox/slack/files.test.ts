import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SlackWorkspace } from '../../../sandbox/slack/contract.ts'
import { createSlackWorkspace } from '../../../sandbox/slack/workspace.ts'
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts'
import { call, pixel, upload } from './app.ts'

let slack: SlackWorkspace
let clock: ManualClock
let sales: string

beforeEach(async () => {
  clock = createManualClock(Date.parse('2026-03-02T09:00:00Z'))
  slack = await createSlackWorkspace({ clock, fileDelayMs: 2000 })
  sales = slack.ids.channels.sales
})
afterEach(async () => {
  await slack[Symbol.asyncDispose]()
})

const showing = (id: string) => ({
  channel: sales,
  text: 'deck',
  blocks: [{ type: 'image', slack_file: { id }, alt_text: 'Slide 1' }],
})

describe('uploading to the Slack stand-in', () => {
  it('takes a while until a file can be used', async () => {
    const id = await upload(slack, 'slide-1.png', pixel)

    expect((await call(slack, 'files.info', { file: id })).json.file).toMatchObject({
      mimetype: '',
      shares: { public: {} },
    })
    expect((await call(slack, 'chat.postMessage', showing(id))).json).toMatchObject({
      error: 'invalid_blocks',
      errors: ['invalid slack file [json-pointer:/blocks/0/slack_file]'],
    })
    await clock.advance(2000)
    expect((await call(slack, 'files.info', { file: id })).json.file).toMatchObject({
      mimetype: 'image/png',
      filetype: 'png',
      original_w: 1,
      original_h: 1,
    })
    expect((await call(slack, 'chat.postMessage', showing(id))).json.ok).toBe(true)
  })

  it('shows shared files later than what was posted after them', async () => {
    const root = await slack.say({ user: slack.ids.people.ada, channel: sales, text: 'question' })
    const id = await upload(slack, 'deck.pdf', Buffer.from('%PDF'), {
      channel_id: sales,
      thread_ts: root.ts,
      initial_comment: 'The deck',
    })
    await call(slack, 'chat.postMessage', { channel: sales, thread_ts: root.ts, text: 'posted later' })
    await clock.advance(2000)

    expect(slack.messages(sales, root.ts)).toMatchObject([
      { text: 'question' },
      { text: 'posted later' },
      { text: 'The deck', files: [{ id, name: 'deck.pdf', mimetype: 'application/pdf' }] },
    ])
    expect((await call(slack, 'files.info', { file: id })).json.file.shares.public[sales]).toMatchObject([
      { thread_ts: root.ts },
    ])
  })

  it('takes bytes as they are and as a form, but only as many as announced', async () => {
    const { json } = await call(slack, 'files.getUploadURLExternal', { filename: 'a.txt', length: 5 })
    const form = new FormData()
    form.append('body', new Blob(['hello']), 'a.txt')

    expect((await fetch(json.upload_url, { method: 'POST', body: 'hi' })).status).toBe(400)
    expect((await fetch(json.upload_url, { method: 'POST', body: form })).status).toBe(200)
    expect((await call(slack, 'files.completeUploadExternal', { files: [{ id: json.file_id }] })).json.ok).toBe(true)
  })

  it('does not complete what was never sent, nor twice', async () => {
    const { json } = await call(slack, 'files.getUploadURLExternal', { filename: 'a.txt', length: 5 })
    const complete = () => call(slack, 'files.completeUploadExternal', { files: [{ id: json.file_id }] })

    expect((await complete()).json.error).toBe('file_not_found')
    await fetch(json.upload_url, { method: 'POST', body: 'hello' })
    expect((await complete()).json.ok).toBe(true)
    expect((await complete()).json.error).toBe('file_not_found')
  })

  it.each([
    ['file_uploads_disabled', 'slide.png', 'file_uploads_disabled'],
    ['file_uploads_except_images_disabled', 'deck.pdf', 'file_uploads_except_images_disabled'],
    ['file_uploads_except_images_disabled', 'slide.png', undefined],
  ])('under the rule %s answers %s with %s', async (rule, filename, error) => {
    slack.faults.refuseFiles(rule)

    expect((await call(slack, 'files.getUploadURLExternal', { filename, length: 1 })).json.error).toBe(error)
  })

  it.each([
    ['an upload into a channel without the app', () => ({ channel_id: slack.ids.channels.finance }), 'not_in_channel'],
    [
      'Markdown beside files',
      () => ({ channel_id: sales, blocks: [{ type: 'markdown', text: 'a' }] }),
      'internal_error',
    ],
  ])('refuses %s', async (_what, share, error) => {
    const { json } = await call(slack, 'files.getUploadURLExternal', { filename: 'a.txt', length: 1 })
    await fetch(json.upload_url, { method: 'POST', body: 'a' })

    expect(
      (await call(slack, 'files.completeUploadExternal', { files: [{ id: json.file_id }], ...share() })).json.error,
    ).toBe(error)
  })

  it('gives the bytes to the app only', async () => {
    const id = await upload(slack, 'a.txt', Buffer.from('hello'))
    await clock.advance(2000)
    const { url_private: address } = (await call(slack, 'files.info', { file: id })).json.file

    const stranger = await fetch(address)
    const app = await fetch(address, { headers: { authorization: `Bearer ${slack.ids.token}` } })

    expect(stranger.headers.get('content-type')).toBe('text/html')
    expect(await app.text()).toBe('hello')
    expect(app.headers.get('content-disposition')).toContain('attachment')
  })

  it('knows a picture by its bytes, not by its name', async () => {
    const id = await upload(slack, 'slide.png', Buffer.from('<script>'))
    await clock.advance(2000)

    expect((await call(slack, 'files.info', { file: id })).json.file.mimetype).toBe('application/octet-stream')
  })
})
