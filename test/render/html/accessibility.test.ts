import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { AxeResults } from 'axe-core'
import type { Browser, Page } from 'puppeteer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Deck } from '../../../src/render/deck.ts'
import { deckToHtml } from '../../../src/render/html/deck-to-html.ts'
import type { PageFile } from '../../../src/render/html/files.ts'
import { themeNames, type Themes } from '../../../src/render/theme.ts'
import { loadThemes } from '../../../src/settings.ts'
import { chartsDeck } from '../../fixtures/decks/charts.ts'
import { languageDecks } from '../../fixtures/decks/languages.ts'
import { inLooks } from '../../fixtures/decks/looks.ts'
import { salesDeck } from '../../fixtures/decks/sales.ts'
import { uglyDeck } from '../../fixtures/decks/ugly.ts'
import { launchProbe } from '../support.ts'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

let browser: Browser
beforeAll(async () => {
  browser = await launchProbe()
})
afterAll(() => browser.close())

async function open(deck: Deck, themes?: Themes, files: readonly PageFile[] = []): Promise<Page> {
  const page = await browser.newPage()
  await page.setContent(deckToHtml(deck, { themes, files }))
  return page
}

/** What axe finds wrong, a line each, with everything on the page unfolded. */
async function violations(deck: Deck, themes?: Themes): Promise<readonly string[]> {
  const page = await open(deck, themes, [{ label: 'PDF', url: 'https://deckhand.example/deck.pdf' }])
  try {
    await page.evaluate(axe)
    const results = (await page.evaluate(`
      for (const details of document.querySelectorAll('details')) details.open = true
      document.querySelector('[popover]')?.showPopover()
      axe.run(document, { resultTypes: ['violations'] })
    `)) as AxeResults
    return results.violations.flatMap((violation) =>
      violation.nodes
        .slice(0, 5)
        .map((node) => `${violation.id}: ${node.html.slice(0, 160)} ${node.failureSummary ?? ''}`),
    )
  } finally {
    await page.close()
  }
}

describe.each(themeNames)('the page of a deck in the %s theme', (theme) => {
  it.each([salesDeck({ theme }), { ...chartsDeck(), theme }, uglyDeck({ theme })])(
    'has nothing that axe objects to: $id',
    async (deck) => {
      expect(await violations(deck)).toEqual([])
    },
  )
})

describe('the page of a deck whose slides show both sides of its theme', () => {
  const { loaded } = loadThemes(join(import.meta.dirname, '../../../config/themes'), { env: {}, secrets: [] }, [])

  it.each([
    inLooks(salesDeck({ theme: 'light' }), 'dark', 'light'),
    inLooks(salesDeck({ theme: 'dark' }), 'dark', 'light'),
    inLooks(uglyDeck({ theme: 'light' }), 'dark'),
    inLooks(uglyDeck({ theme: 'dark' }), 'light'),
    inLooks(salesDeck({ theme: 'harbour' }), 'dark'),
    inLooks(salesDeck({ theme: 'harbour-dark' }), 'light'),
  ])('has nothing that axe objects to: $id in $theme', async (deck) => {
    expect(await violations(deck, loaded)).toEqual([])
  })
})

describe('the page of a deck', () => {
  it.each(languageDecks().filter((deck) => ['ar', 'ja'].includes(deck.language)))(
    'has nothing that axe objects to in $language',
    async (deck) => {
      expect(await violations(deck)).toEqual([])
    },
  )

  it('shows axe a fault when there is one', async () => {
    const page = await open(salesDeck())

    await page.evaluate(axe)
    const count = await page.evaluate(`
      document.querySelector('.foot .source').style.color = '#ccc'
      axe.run(document).then((results) => results.violations.length)
    `)
    await page.close()

    expect(count).toBe(1)
  })

  it('scrolls and unfolds from the keyboard alone', async () => {
    const page = await open(salesDeck())

    // The numbers of the cover come first.
    for (let tabs = 0; tabs < 3; tabs += 1) await page.keyboard.press('Tab')
    const focused = await page.evaluate(`document.activeElement.tagName`)
    await page.keyboard.press('Enter')
    const isOpen = await page.evaluate(`document.activeElement.parentElement.open`)
    await page.keyboard.press('End')
    await page.waitForFunction('scrollY > 1000')
    await page.close()

    expect([focused, isOpen]).toEqual(['SUMMARY', true])
  })

  it('explains a number to whoever chooses it by keyboard or finger, without script', async () => {
    const page = await browser.newPage()
    await page.setJavaScriptEnabled(false)
    await page.setContent(deckToHtml(salesDeck()))
    const open = (): Promise<string> =>
      page.evaluate(`document.querySelector(':popover-open')?.innerText ?? ''`) as Promise<string>

    await page.keyboard.press('Tab')
    const name = await page.evaluate(`document.activeElement.innerText`)
    await page.keyboard.press('Enter')
    const byKeyboard = await open()
    await page.keyboard.press('Escape')
    const closed = await open()
    await page.click('#slide-4 .ask')
    const byClick = await open()
    await page.close()

    expect(name).toBe('$45.8M')
    expect(byKeyboard).toMatch(/^\$45,764,545\.45\s+Total revenue, 2023\s+How it was computed\s+sum\(revenue\)/)
    expect(byKeyboard).toMatch(/Region\s+Revenue\s+AMER\s+\$18,420,311/)
    expect(byKeyboard).toContain('SELECT region, revenue')
    expect(closed).toBe('')
    expect(byClick).toContain('Share of revenue, AMER')
  })

  it('reads tables with their headings and each picture with its data', async () => {
    const page = await open(salesDeck())

    const names = async (selector: string, role: string): Promise<string[]> => {
      const found = await page.$$(`::-p-aria([role="${role}"])`)
      const inside = await Promise.all(
        found.map((element) => element.evaluate((node, of) => node.closest(of) !== null, selector)),
      )
      const shown = found.filter((_, index) => inside[index])
      return Promise.all(
        shown.map((element) => element.evaluate((node) => node.getAttribute('aria-label') ?? node.textContent)),
      )
    }
    const [columns, rows, pictures] = [
      await names('#slide-4', 'columnheader'),
      await names('#slide-4', 'rowheader'),
      await names('#slide-3', 'image'),
    ]
    await page.close()

    expect(columns).toEqual(['Region', 'Revenue ($)', 'Orders', 'Return rate'])
    expect(rows).toEqual(['AMER', 'EMEA', 'APAC', 'LATAM'])
    expect(pictures.join()).toMatch(/^Line chart: Revenue by month/)
  })
})
