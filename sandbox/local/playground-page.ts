import { setTimeout as delay } from 'node:timers/promises'
import { type Browser, type ElementHandle, launch, type Page } from 'puppeteer'
import type { Playground } from './playground.ts'

/** The playground's page in a browser of its own, used as a person would. The conversation in sight is the one meant. */
export interface PlaygroundPage extends AsyncDisposable {
  readonly page: Page
  /** Turns to a conversation; the bot is told that it was installed there the first time. */
  turnTo(conversation: Conversation): Promise<void>
  /** Writes to the bot, with a mention where it takes one. In a channel this is a new post. */
  say(text: string): Promise<void>
  /** Says something about what goes on: {@link shows} goes on reading from what was said before. */
  interject(text: string): Promise<void>
  /** Writes below the newest post of a channel. */
  reply(text: string): Promise<void>
  /** Presses the last button with these words, when there is one that can be pressed. */
  press(label: string): Promise<void>
  /** Picks from the menu beside the last slide with this number. */
  choose(slide: number, item: string): Promise<void>
  /** Fills in the last field with this label. */
  fill(label: string, text: string): Promise<void>
  /** Picks from the last list. */
  pick(option: string): Promise<void>
  /** What stands there since {@link say}, once it has these words. @throws Error with what it shows instead */
  shows(words: RegExp, timeoutMs?: number): Promise<string>
  /** Addresses of the bot's pictures that the page has drawn. */
  pictures(): Promise<readonly string[]>
  /** Words of all buttons. */
  buttons(): Promise<readonly string[]>
}

export type Conversation = 'personal' | 'group' | 'channel'

const patienceMs = 30_000
const names: Readonly<Record<Conversation, string>> = {
  personal: 'Personal Chat',
  group: 'Quarter review',
  channel: 'Sales - General',
}
/** Where messages are written: `role` and no name is all the page gives. */
const box = '[role=textbox][contenteditable=true]'
/** The largest part of the page around the box that does not hold the list of conversations. */
const chat = `(() => {
  let part = document.querySelector('${box}')
  while (part && !part.parentElement.querySelector('[role=treeitem]')) part = part.parentElement
  return part
})()`
/** The head of each message in a chat. */
const messages = `[...${chat}.querySelectorAll('[aria-label="Message header"]')]`
/** The newest post of a channel stands first, below the one that is being written. */
const newestPost = `${chat}?.querySelectorAll('.fui-Card')[1]`

/** Opens the page and waits until messages can be written. */
export async function openPlaygroundPage(
  playground: Playground,
  options: { readonly executablePath?: string; readonly width?: number; readonly height?: number } = {},
): Promise<PlaygroundPage> {
  const { executablePath, width = 1280, height = 900 } = options
  const browser = await launch({
    ...(executablePath ? { executablePath } : {}),
    headless: 'shell',
    args: ['--no-sandbox'],
  })
  try {
    return await operate(browser, playground, { width, height })
  } catch (error) {
    await browser.close()
    throw error
  }
}

async function operate(
  browser: Browser,
  playground: Playground,
  viewport: { readonly width: number; readonly height: number },
): Promise<PlaygroundPage> {
  const page = await browser.newPage()
  await page.setViewport(viewport)
  const problems: string[] = []
  page.on('pageerror', (error) => problems.push(String(error)))
  await page.setRequestInterception(true)
  // Its fonts are on another machine, and it waits for them.
  page.on('request', (request) => {
    const isHere = new URL(request.url()).hostname === '127.0.0.1' || request.url().startsWith('data:')
    void (isHere ? request.continue() : request.abort())
  })
  await page.goto(playground.url, { waitUntil: 'domcontentloaded' })
  await page.waitForSelector(box, { timeout: patienceMs })
  await page.locator('button[title="Hide log panel"]').click()
  let conversation: Conversation = 'personal' // it comes first
  /** Since when something counts: so many messages stood in the chat, or this was said in the post. */
  let before = 0
  let lastSaid = ''

  const inSight = (): string => (conversation === 'channel' ? newestPost : chat)
  /** What was said since. In chats by number: an answer that is quick stands above its question there. */
  const words = (): string =>
    conversation === 'channel'
      ? `(${newestPost}?.innerText ?? '').split(${JSON.stringify(lastSaid)}).slice(${before + 1}).join(' … ')`
      : `${messages}.slice(${before}).map((header) => header.parentElement.innerText).join('\\n')`

  async function until(expression: string, timeoutMs = patienceMs): Promise<void> {
    try {
      await page.waitForFunction(expression, { timeout: timeoutMs, polling: 50 })
    } catch (cause) {
      const shown = String(await page.evaluate('document.body.innerText').catch(() => 'nothing'))
      const told = problems.length > 0 ? ` Errors of the page: ${problems.join('; ')}.` : ''
      throw new Error(`The playground's page does not come to ${expression}.${told} It shows:\n${shown}`, { cause })
    }
  }

  async function write(into: ElementHandle, text: string, isNewPost: boolean): Promise<void> {
    const count =
      conversation === 'channel'
        ? `(${newestPost}?.innerText ?? '').split(${JSON.stringify(text)}).length - 1`
        : `${messages}.length`
    before = isNewPost ? 0 : Number(await page.evaluate(count))
    await type(into, text)
    lastSaid = text
  }

  async function type(into: ElementHandle, text: string): Promise<void> {
    await into.click()
    if (conversation !== 'personal') {
      const { botName } = playground.places
      await page.keyboard.type('@')
      await page.locator(`[role=menuitem] ::-p-text(${botName})`).click() // Enter would not choose it
      await page.keyboard.type(' ')
    }
    await page.keyboard.type(text)
    await page.keyboard.press('Enter')
  }

  async function boxes(count: number): Promise<ElementHandle[]> {
    await until(`document.querySelectorAll('${box}').length >= ${count}`)
    return await page.$$(box)
  }

  async function last(selector: string): Promise<ElementHandle> {
    const deadline = Date.now() + patienceMs
    for (;;) {
      await using part = (await page.evaluateHandle(inSight())).asElement()
      const found = (await part?.$$(selector))?.at(-1)
      if (found) return found
      if (Date.now() > deadline) throw new Error(`There is no ${selector} on the playground's page: ${await text()}`)
      await delay(50)
    }
  }

  async function text(): Promise<string> {
    return String(await page.evaluate(words()))
  }

  return {
    page,
    async turnTo(next) {
      const name = names[next]
      await page.locator(`[role=treeitem][aria-label="${name}"]`).click()
      conversation = next
      lastSaid = ''
      before = 0
      await until(`document.querySelectorAll('${box}').length > 0`)
    },
    async say(text) {
      const [first] = await boxes(1)
      if (first) await write(first, text, conversation === 'channel')
    },
    async interject(text) {
      const [first] = await boxes(1)
      if (first) await type(first, text)
    },
    async reply(text) {
      const [, newest] = await boxes(2)
      if (newest) await write(newest, text, false)
    },
    async press(label) {
      const button = await last(`::-p-aria([name="${label}"][role="button"])`)
      await button.scrollIntoView()
      await button.click()
    },
    async choose(slide, item) {
      const title = `(.//*[contains(text(), "${slide}  ·  ")])[last()]`
      const menu = await last(`::-p-xpath(${title}/following::button[(@aria-label|@title)="More options"][1])`)
      await menu.scrollIntoView()
      await menu.click()
      await page.locator(`[role=menuitem] ::-p-text(${item})`).click()
    },
    async fill(label, text) {
      // Of a field that has to be filled in, the accessible name says so, too.
      const named = `(.//label[contains(., "${label}")])[last()]`
      const field = await last(`::-p-xpath(${named}/following::*[self::textarea or self::input][1])`)
      await field.click()
      await page.keyboard.type(text)
    },
    async pick(option) {
      const list = await last('[role=combobox]')
      await list.click()
      await page.locator(`[role=option] ::-p-text(${option})`).click()
    },
    async shows(wanted, timeoutMs) {
      await until(`${wanted}.test(${words()})`, timeoutMs)
      return await text()
    },
    async pictures() {
      const drawn = `[...${inSight()}.querySelectorAll('img')].filter((img) => img.complete && img.naturalWidth > 0)`
      const addresses = await page.evaluate(`${drawn}.map((img) => img.src).filter((url) => url.startsWith('http'))`)
      return addresses as string[] // of our own expression
    },
    async buttons() {
      const all = `[...${inSight()}.querySelectorAll('button')].map((button) => button.innerText.trim())`
      return ((await page.evaluate(all)) as string[]).filter((words) => words !== '')
    },
    [Symbol.asyncDispose]: () => browser.close(),
  }
}
