import { mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { launch, type Page } from 'puppeteer'
import sharp from 'sharp'
import type { Message, SlackWorkspace } from '../sandbox/slack/contract.ts'
import { startStack } from '../sandbox/stack.ts'
import { startService } from '../src/service.ts'
import { loadSettings } from '../src/settings.ts'

/**
 * Pictures of Deckhand in a chat: asks on the page of the Slack stand-in, as a person would, and photographs what comes.
 * `sh scripts/up --parts redis,chromium,mlflow scripts/slack-pictures.ts --out out/slack`
 */

const root = join(import.meta.dirname, '..')
const { values } = parseArgs({ options: { out: { type: 'string', default: 'out/slack' } } })
mkdirSync(values.out, { recursive: true })
const dir = join(root, '.deckhand/pictures')
mkdirSync(dir, { recursive: true })

// Slow enough to be seen at work.
await using stack = await startStack({ dir, slack: {}, genieDelayMs: 2500, llmDelayMs: 700 })
const { workspace } = stack
const slack = stack.slack
if (!slack) throw new Error('The Slack stand-in did not start')
const env = {
  ...process.env,
  ...stack.env,
  LOG_LEVEL: 'silent',
  DECKHAND_PORT: '0',
  DECKHAND_LINK_KEY: 'for pictures only, nobody has to guess it',
}
await using service = await startService(loadSettings(env, join(root, 'config')), env)
slack.connect(`${service.url}/slack/events`)
await workspace.ready()

await using owned = new AsyncDisposableStack()
const browser = await launch({
  ...(process.env['PUPPETEER_EXECUTABLE_PATH'] ? { executablePath: process.env['PUPPETEER_EXECUTABLE_PATH'] } : {}),
  headless: 'shell',
  args: ['--no-sandbox'],
})
owned.defer(() => browser.close())
const page = await browser.newPage()
await page.setViewport({ width: 1280, height: 860 })
await page.goto(`${slack.url}/#${slack.ids.channels.sales}`)
await page.waitForSelector('.suggestion')
await take(page, 'welcome')

await page.click('.suggestion')
await until(slack, (message) => /"in_progress"/.test(shown(message)))
await take(page, 'progress')
await until(slack, (message) => /"table"/.test(shown(message)))
await take(page, 'first-answer')
await until(slack, (message) => /slack_file/.test(shown(message)))
await take(page, 'growing')
const deck = await until(slack, (message) => /numbers verified/.test(shown(message)))
await until(slack, (message) => message.files.some(({ name }) => name.endsWith('.pptx')))
await page.setViewport({ width: 1280, height: 1600 })
await scrollTo(page, deck)
await take(page, 'deck')
await page.setViewport({ width: 1280, height: 860 })

await write(page, 'drop slide 2 and make it dark')
await write(page, 'only EMEA')
await until(slack, (message) => /In line/.test(shown(message)))
await take(page, 'queued')
const refined = await until(slack, (message) => message.ts > deck.ts && /numbers verified/.test(shown(message)))
await untilCount(slack, 3)
await until(slack, (message) => message.ts > deck.ts && message.files.some(({ name }) => name.endsWith('.pptx')))
await page.setViewport({ width: 1280, height: 1200 })
await scrollTo(page, refined)
await take(page, 'refined')

await page.setViewport({ width: 390, height: 844 })
await take(page, 'phone')
await page.setViewport({ width: 1280, height: 860 })
await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }])
await take(page, 'dark')
await page.emulateMediaFeatures([])

workspace.faults.add({
  on: 'genie.ask',
  fault: { kind: 'message-failed', type: 'SQL_EXECUTION_EXCEPTION', error: 'Warehouse is gone' },
  times: 3,
})
await page.click('#thread-close')
await page.type('#channel-below textarea', '@Deckhand Revenue by product in 2024')
await page.keyboard.press('Enter')
await until(slack, (message) => /deckhand\.retry/.test(shown(message)))
await take(page, 'failure')
process.stderr.write(`Pictures are in ${values.out}\n`)

function shown(message: Message): string {
  return JSON.stringify(message.blocks)
}

function until(where: SlackWorkspace, fits: (message: Message) => boolean): Promise<Message> {
  return where.waitFor((message) => message.botId !== undefined && fits(message), 60_000)
}

/** Until so many replies with a deck are finished. */
async function untilCount(where: SlackWorkspace, count: number): Promise<void> {
  const finished = new Set<string>()
  await until(where, (message) => {
    if (/numbers verified/.test(shown(message))) finished.add(message.ts)
    return finished.size >= count
  })
}

async function write(where: Page, text: string): Promise<void> {
  await where.type('#thread textarea', text)
  await where.keyboard.press('Enter')
}

/** Brings a message of the thread to the top, under the question it answers. */
async function scrollTo(where: Page, { ts }: Message): Promise<void> {
  const selector = JSON.stringify(`#thread [data-ts="${ts}"]`)
  await where.evaluate(`document.querySelector(${selector}).previousElementSibling.scrollIntoView()`)
}

/** After what was said last has been drawn. */
async function take(where: Page, name: string): Promise<void> {
  await where.waitForNetworkIdle({ idleTime: 250, concurrency: 1 }).catch(() => undefined)
  const picture = await where.screenshot()
  await writeFile(join(values.out, `slack-${name}.png`), await sharp(picture).png({ palette: true }).toBuffer())
}
