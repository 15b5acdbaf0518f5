import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createWarehouse, type Warehouse } from '../../sandbox/data/warehouse.ts'
import type { Conversation, PlaygroundPage } from '../../sandbox/local/playground-page.ts'
import { mlflowUrl } from '../support/parts.ts'
import { type PlaygroundBot, startPlaygroundBot } from '../support/teams-playground.ts'

const today = '2026-11-23'
/** Enough for a deck on a machine that is busy with other things. */
const patience = 60_000

let warehouse: Warehouse
let bot: PlaygroundBot
let page: PlaygroundPage

beforeAll(async () => {
  await mlflowUrl()
  warehouse = await createWarehouse({ today })
  bot = await startPlaygroundBot({ workspace: { warehouse, today } })
  page = await bot.openPage()
}, 120_000)
afterEach(() => bot.workspace.faults.clear())
afterAll(async () => {
  await page?.[Symbol.asyncDispose]()
  await bot?.[Symbol.asyncDispose]()
  await warehouse?.[Symbol.asyncDispose]()
})

const answered = /\d+ of \d+ numbers verified/
/** So many answers with a deck stand below the question. */
const decks = (count: number): Promise<string> => page.shows(new RegExp(`(${answered.source}[^]*){${count}}`), patience)
const titlesIn = (text: string): readonly string[] =>
  [...text.matchAll(/^\d {2}· {2}(.*)$/gm)].map(([, title = '']) => title)

/** Everything runs in Microsoft's own test client: what it does not know of Teams, it writes below a message. */
describe.each<Conversation>(['personal', 'group', 'channel'])('Microsoft’s playground for Teams: %s', (place) => {
  it('shows a question from progress to a deck, goes on by buttons and forms, and takes an opinion', async () => {
    await page.turnTo(place)
    bot.workspace.faults.add({ on: 'genie.ask', fault: { kind: 'slow', delayMs: 2500 }, times: 1 })
    await page.say('What were Q4 2023 sales by region?')
    await page.shows(/Asking Genie/, patience)
    const first = await decks(1)

    expect(first).toMatch(/EMEA\s+\$11,909,276/)
    expect(first).toContain('AI generated')
    expect(first).not.toMatch(/not supported|Stop\n/)
    const titles = titlesIn(first)
    expect(titles.length).toBeGreaterThanOrEqual(3)
    await expect.poll(() => page.pictures(), { timeout: patience }).toHaveLength(titles.length)
    expect((await page.pictures()).every((url) => url.startsWith(`${bot.service.url}/d/`))).toBe(true)
    const questions = bot.genieQuestions().length

    await page.choose(2, 'Why these numbers')
    await page.shows(/Numbers of slide 2[^]*SELECT/i, patience)

    await page.choose(2, 'Change the chart')
    await page.pick('Donut')
    await page.press('Send')
    expect(await decks(2)).toContain('changed the chart of slide 2')

    await page.choose(2, 'Edit this slide')
    await page.fill('What should be different?', 'shorten the title')
    await page.press('Send')
    expect(await decks(3)).toContain('rewrote slide 2')
    expect(bot.genieQuestions()).toHaveLength(questions)

    await page.press('Show revenue by segment in Q4 2023')
    const next = await decks(4)
    expect(next).toMatch(/Asked: Show revenue by segment in Q4 2023[^]*Enterprise/)
    expect(bot.genieQuestions()).toHaveLength(questions + 1)

    const opinionsBefore = opinions().length
    await page.press('Bad answer')
    await page.fill('What should have been different?', 'Segments in the wrong order')
    await page.press('Send')
    await expect.poll(() => opinions().slice(opinionsBefore), { timeout: patience }).toContain('NEGATIVE')
  }, 240_000)

  it('stops when told to, says what fails, and tries again', async () => {
    await page.turnTo(place)
    bot.workspace.faults.add({ on: 'genie.ask', fault: { kind: 'message-stuck' } })
    await page.say('Revenue by week in 2021')
    await page.shows(/Asking Genie/, patience)
    // Teams itself has a button beside what is streamed in a personal chat; the playground has none.
    if (place === 'personal') await page.interject('stop')
    else await page.press('Stop')
    await page.shows(/[Ss]topped/, patience)
    expect(await page.buttons()).not.toContain('Stop')
    bot.workspace.faults.clear()

    bot.workspace.faults.add({
      on: 'genie.ask',
      fault: { kind: 'message-failed', type: 'SQL_EXECUTION_EXCEPTION', error: 'Table main.secret.sales not found' },
      times: 3,
    })
    await page.say('Revenue by product line in 2023')
    const failed = await page.shows(/Try again/, patience)
    expect(failed).not.toContain('main.secret')
    bot.workspace.faults.clear()
    await page.press('Try again')
    await page.shows(answered, patience)
  }, 180_000)
})

describe('a post in a channel', () => {
  it('is a conversation of its own that replies go on with', async () => {
    await page.turnTo('channel')
    await page.say('Revenue by region in 2022')
    expect(await page.shows(answered, patience)).toContain('APAC')
    await page.reply('only EMEA')
    const narrowed = await page.shows(answered, patience)
    expect(narrowed).toContain('EMEA')
    expect(narrowed).not.toContain('APAC')
  }, 180_000)
})

/** What Genie was told of its answers. */
function opinions(): readonly string[] {
  return bot.workspace.requests
    .filter(({ method, path }) => method === 'POST' && path.endsWith('/feedback'))
    .map(({ body }) => (body as { rating: string }).rating)
}
