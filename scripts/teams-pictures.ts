import { mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import sharp from 'sharp'
import { openPlaygroundPage } from '../sandbox/local/playground-page.ts'
import { startPlayground } from '../sandbox/local/playground.ts'
import { startStack } from '../sandbox/stack.ts'
import { startService } from '../src/service.ts'
import { loadSettings } from '../src/settings.ts'

/**
 * Pictures of Deckhand in Teams: asks on the page of Microsoft's playground, as a person would, and photographs what comes.
 * `sh scripts/up --parts redis,chromium,mlflow scripts/teams-pictures.ts --out out/teams`
 */

const root = join(import.meta.dirname, '..')
const { values } = parseArgs({ options: { out: { type: 'string', default: 'out/teams' } } })
mkdirSync(values.out, { recursive: true })
const dir = join(root, '.deckhand/pictures')
mkdirSync(dir, { recursive: true })

// Slow enough to be seen at work.
await using stack = await startStack({ dir, genieDelayMs: 2500, llmDelayMs: 700 })
const { workspace } = stack
const env = {
  ...process.env,
  ...stack.env,
  TEAMS_MODE: 'local',
  LOG_LEVEL: 'silent',
  DECKHAND_HOST: '127.0.0.1',
  DECKHAND_PORT: '0',
  DECKHAND_PUBLIC_URL: '',
  DECKHAND_LINK_KEY: 'for pictures only, nobody has to guess it',
}
await using service = await startService(loadSettings(env, join(root, 'config')), env)
await using playground = await startPlayground({
  botUrl: `${service.url}/api/messages`,
  dir: join(dir, 'playground'),
})
await workspace.ready()
const executablePath = process.env['PUPPETEER_EXECUTABLE_PATH']
await using chat = await openPlaygroundPage(playground, {
  ...(executablePath ? { executablePath } : {}),
  width: 1280,
  height: 760,
})
const answered = /\d+ of \d+ numbers verified/
const patienceMs = 60_000

await chat.say('What were Q4 2023 sales by region?')
await chat.shows(/Asking Genie/, patienceMs)
await take('progress')
await chat.shows(/\$11,909,276/, patienceMs)
await take('first-answer')
await chat.shows(answered, patienceMs)
await take('deck', 1600)

await chat.turnTo('channel')
await chat.say('Revenue by region in 2023')
await chat.shows(answered, patienceMs)
await take('channel', 1580)
await chat.choose(2, 'Edit this slide')
await chat.fill('What should be different?', 'shorten the title')
await chat.page.mouse.wheel({ deltaY: 2000 })
await take('edit')
await chat.press('Send')
await chat.shows(/rewrote slide 2/, patienceMs)

await chat.turnTo('group')
await chat.say('Revenue by segment in 2023')
await chat.shows(answered, patienceMs)
await chat.choose(2, 'Why these numbers')
await chat.shows(/Numbers of slide 2[^]*SELECT/, patienceMs)
await take('why', 1150)

workspace.faults.add({
  on: 'genie.ask',
  fault: { kind: 'message-failed', type: 'SQL_EXECUTION_EXCEPTION', error: 'Warehouse is gone' },
  times: 3,
})
await chat.say('Revenue by product in 2024')
await chat.shows(/Try again/, patienceMs)
await take('failure')
process.stderr.write(`Pictures are in ${values.out}\n`)

/** After what was said last has been drawn; `height`: of a page that shows more than a screen does. */
async function take(name: string, height = 760): Promise<void> {
  await chat.page.setViewport({ width: 1280, height })
  await chat.page.waitForNetworkIdle({ idleTime: 250, concurrency: 1 }).catch(() => undefined)
  const picture = await chat.page.screenshot()
  await writeFile(join(values.out, `teams-${name}.png`), await sharp(picture).png({ palette: true }).toBuffer())
  await chat.page.setViewport({ width: 1280, height: 760 })
}
