import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import type { Browser, Page } from 'puppeteer'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SlackWorkspace } from '../../../sandbox/slack/contract.ts'
import { createSlackWorkspace } from '../../../sandbox/slack/workspace.ts'
import { launchProbe } from '../../render/support.ts'
import type { RecordedRequest, TestServer } from '../../support/http-server.ts'
import { button, call, connectApp, pixel, section, upload } from './app.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let browser: Browser
let slack: SlackWorkspace
let app: TestServer
let page: Page
let problems: string[]
/** What the app does with what it is told. */
let react: (payload: Payload) => Promise<void>

// oxlint-disable-next-line typescript/no-explicit-any -- payloads differ by what happened
type Payload = any

beforeAll(async () => {
  browser = await launchProbe()
})
afterAll(() => browser.close())

beforeEach(async () => {
  react = async () => undefined
  slack = await createSlackWorkspace({ fileDelayMs: 0, echoes: false })
  app = await connectApp(slack, async (request) => {
    await react(payloadOf(request))
    return { status: 200 }
  })
  problems = []
  page = await browser.newPage()
  page.setDefaultTimeout(10_000)
  page.on('pageerror', (error) => problems.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
})
afterEach(async () => {
  await page.close()
  await slack[Symbol.asyncDispose]()
  await app[Symbol.asyncDispose]()
})

function payloadOf(request: RecordedRequest): Payload {
  if (request.json !== undefined) return (request.json as Payload).event
  const form = Object.fromEntries(new URLSearchParams(request.text))
  return form['payload'] === undefined ? form : JSON.parse(form['payload'])
}

const open = async (place = ''): Promise<void> => {
  await page.goto(`${slack.url}/${place}`)
  await page.waitForSelector('.place')
}
const see = (selector: string, words: string) =>
  page.waitForFunction(
    `[...document.querySelectorAll(${JSON.stringify(selector)})].some((each) => each.innerText.includes(${JSON.stringify(words)}))`,
  )
const textOf = (selector: string) =>
  page.$eval(selector, (element) => (element as { innerText?: string }).innerText ?? '')
const plain = (text: string) => ({ type: 'plain_text', text })

describe('the page of the Slack stand-in', () => {
  it('takes a question by keyboard and opens the thread in which the app answers', async () => {
    react = async (event) => {
      if (event.type !== 'app_mention') return
      await call(slack, 'chat.postMessage', { channel: event.channel, thread_ts: event.ts, text: 'EMEA leads' })
    }
    await open()

    await page.focus('#channel-below textarea')
    await page.keyboard.type('@De')
    await page.keyboard.press('Tab')
    await page.keyboard.type('sales by region?')
    await page.keyboard.press('Enter')
    await see('#thread-messages .message', 'EMEA leads')

    expect(slack.messages(slack.ids.channels.sales)[0]?.text).toBe(`<@${slack.ids.botUser}> sales by region?`)
    expect(await textOf('#channel-messages')).toContain('1 reply')
    expect(problems).toEqual([])
  })

  it('asks one of the first questions at a click', async () => {
    await open()

    await page.click('.suggestion')
    await see('#channel-messages .message', 'What were Q4 2023 sales by region?')

    expect(slack.deliveries.map(({ type }) => type).toSorted()).toEqual(['app_mention', 'message'])
    expect(await page.$('.suggestion')).toBeNull()
  })

  it('shows an edited message in place, and keeps the focus on its button', async () => {
    const { sales } = slack.ids.channels
    const blocks = (text: string) => [section(text), { type: 'actions', elements: [button('stop')], block_id: 'a' }]
    const { json } = await call(slack, 'chat.postMessage', {
      channel: sales,
      text: 'a',
      blocks: blocks('Asking Genie'),
    })
    await open()
    await see('.message', 'Asking Genie')
    await page.focus('.message .button')

    await call(slack, 'chat.update', { channel: sales, ts: json.ts, text: 'b', blocks: blocks('Writing slides') })
    await see('.message', 'Writing slides')

    expect(await page.$$('#channel-messages .message')).toHaveLength(1)
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Go')
  })

  it('really presses buttons and sends dialogs', async () => {
    const { sales } = slack.ids.channels
    const pressed: Payload[] = []
    react = async (payload) => {
      pressed.push(payload)
      if (payload.type !== 'block_actions') return
      const view = {
        type: 'modal',
        callback_id: 'reason',
        title: plain('What was wrong?'),
        submit: plain('Send'),
        blocks: [
          {
            type: 'input',
            block_id: 'b',
            label: plain('Why'),
            element: { type: 'plain_text_input', action_id: 'why', multiline: true },
          },
        ],
      }
      await call(slack, 'views.open', { trigger_id: payload.trigger_id, view })
    }
    const feedback = {
      type: 'feedback_buttons',
      action_id: 'fb',
      positive_button: { text: plain('Good'), value: '1' },
      negative_button: { text: plain('Bad'), value: '0' },
    }
    await call(slack, 'chat.postMessage', {
      channel: sales,
      text: 'a',
      blocks: [{ type: 'context_actions', elements: [feedback] }],
    })
    await open()

    await page.click('.message [aria-label="Bad"]')
    await page.waitForSelector('dialog[open] textarea')
    await page.type('dialog textarea', 'Wrong year')
    await page.click('dialog [type="submit"]')
    await page.waitForFunction('!document.querySelector("dialog")')

    expect(pressed).toMatchObject([
      { type: 'block_actions', user: { id: slack.ids.people.ada }, actions: [{ value: '0' }] },
      { type: 'view_submission', view: { state: { values: { b: { why: { value: 'Wrong year' } } } } } },
    ])
    expect(problems).toEqual([])
  })

  it('says when the app did not take a press', async () => {
    await call(slack, 'chat.postMessage', {
      channel: slack.ids.channels.sales,
      text: 'a',
      blocks: [{ type: 'actions', elements: [button('stop')] }],
    })
    await open()
    app.on('POST /slack/events', { status: 404 })

    await page.click('.message .button')

    await see('.toasts', 'HTTP status 404')
    expect(await page.$('.message .button[aria-busy]')).toBeNull()
  })

  it('shows what is for one person to that person only', async () => {
    const { sales } = slack.ids.channels
    await call(slack, 'chat.postMessage', { channel: sales, text: 'for all' })
    await call(slack, 'chat.postEphemeral', { channel: sales, user: slack.ids.people.ada, text: 'for Ada' })
    await open()
    await see('.message', 'for Ada')
    expect(await textOf('.message.private')).toContain('Only visible to you')

    await page.click('.people label:nth-of-type(2)')
    await page.waitForFunction('!document.querySelector(".message.private")')

    expect(await textOf('#channel-messages')).toContain('for all')
    expect(await textOf('#channel-messages')).not.toContain('for Ada')
  })

  it('draws pictures that Slack has, and enlarges them', async () => {
    const id = await upload(slack, 'slide-1.png', pixel)
    await expect.poll(async () => (await call(slack, 'files.info', { file: id })).json.file.mimetype).toBe('image/png')
    await call(slack, 'chat.postMessage', {
      channel: slack.ids.channels.sales,
      text: 'deck',
      blocks: [{ type: 'image', slack_file: { id }, alt_text: 'Slide 1 of 1' }],
    })
    await open()

    await page.click('.picture-button')
    await see('dialog.viewer', 'Slide 1 of 1')
    await page.keyboard.press('Escape')
    await page.waitForFunction('!document.querySelector("dialog")')

    expect(await page.$eval('.picture', (image) => (image as { naturalWidth?: number }).naturalWidth)).toBe(1)
  })

  it('writes out whatever is said, and runs none of it', async () => {
    const hostile = '<img src=x onerror="window.hit = 1"><script>window.hit = 1</script>'
    await slack.say({ user: slack.ids.people.ada, channel: slack.ids.channels.sales, text: hostile })
    await call(slack, 'chat.postMessage', {
      channel: slack.ids.channels.sales,
      text: 'a',
      blocks: [
        section(`${hostile} <javascript:window.hit=1|click>`),
        { type: 'markdown', text: `${hostile} [x](javascript:window.hit=1)` },
        { type: 'table', rows: [[{ type: 'raw_text', text: hostile }]] },
        { type: 'header', text: plain(hostile.slice(0, 150)) },
      ],
    })
    await open()
    await see('.message', 'onerror')

    expect(await page.evaluate('window.hit')).toBeUndefined()
    expect(await page.$$('.message script, .message img[src="x"], a[href^="javascript"]')).toEqual([])
    expect(await textOf('#channel-messages')).toContain(hostile)
  })

  it('has commands in channels and tells that threads have none', async () => {
    await open()
    await page.type('#channel-below textarea', '/deck sales by region')
    await page.keyboard.press('Enter')
    await expect.poll(() => slack.deliveries.map(({ type }) => type)).toEqual(['/deck'])
    const { ts } = await slack.say({ user: slack.ids.people.ada, channel: slack.ids.channels.sales, text: 'root' })
    await open(`#${slack.ids.channels.sales}/${ts}`)
    await page.reload()
    await page.waitForSelector('#thread textarea')

    await page.type('#thread textarea', '/deck again')
    await page.keyboard.press('Enter')

    await see('.toasts', 'does not work in threads')
    expect(slack.deliveries.filter(({ kind }) => kind === 'command')).toHaveLength(1)
  })

  it.each(['light', 'dark'])('has nothing that axe objects to in %s colours, wide and narrow', async (scheme) => {
    const { sales } = slack.ids.channels
    const { ts } = await slack.say({ user: slack.ids.people.ada, channel: sales, text: '@Deckhand sales?' })
    await call(slack, 'chat.postMessage', {
      channel: sales,
      thread_ts: ts,
      text: 'a',
      blocks: [
        { type: 'header', text: plain('EMEA leads') },
        section('*bold* `code` <https://example.com|Trace>'),
        { type: 'table', rows: [[{ type: 'raw_text', text: 'Region' }], [{ type: 'raw_text', text: 'EMEA' }]] },
        { type: 'context', elements: [plain('24 of 25 numbers verified')] },
        {
          type: 'plan',
          title: 'Working',
          tasks: [{ type: 'task_card', task_id: '1', title: 'Ask Genie', status: 'in_progress' }],
        },
        {
          type: 'actions',
          elements: [button('a', { style: 'primary' }), button('b', { style: 'danger' }), button('c')],
        },
      ],
    })
    await call(slack, 'chat.postEphemeral', {
      channel: sales,
      user: slack.ids.people.ada,
      thread_ts: ts,
      text: 'Only for you',
    })
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
    const found: string[] = []
    for (const width of [1280, 390]) {
      await page.setViewport({ width, height: 900 })
      await open(`#${sales}/${ts}`)
      await page.waitForSelector('#thread-messages .message')
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
      await page.evaluate(axe)
      const results = (await page.evaluate(`axe.run(document, { resultTypes: ['violations'] })`)) as AxeResults
      found.push(
        ...results.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`)),
      )
    }

    expect(found).toEqual([])
  })
})

describe('acting on the page of the Slack stand-in', () => {
  const act = (body: unknown, headers: Record<string, string> = { 'content-type': 'application/json' }) =>
    fetch(`${slack.url}/page/do`, { method: 'POST', headers, body: JSON.stringify(body) })

  it('takes JSON of its own page only, and only what is known', async () => {
    const say = { what: 'say', as: slack.ids.people.ada, channel: slack.ids.channels.sales, text: 'hi' }

    expect((await act(say, { 'content-type': 'text/plain' })).status).toBe(415)
    expect((await act({ ...say, what: 'shout' })).status).toBe(400)
    expect((await act(say)).status).toBe(200)
  })

  it('lets nobody change what others wrote', async () => {
    const { sales } = slack.ids.channels
    const { ts } = await slack.say({ user: slack.ids.people.ada, channel: sales, text: 'mine' })

    const answer = await act({ what: 'edit', as: slack.ids.people.grace, channel: sales, ts, text: 'yours' })

    expect(answer.status).toBe(409)
    expect(slack.messages(sales)).toMatchObject([{ text: 'mine' }])
  })
})
