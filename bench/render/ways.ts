import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import { Worker } from 'node:worker_threads'
import { launch, type Browser } from 'puppeteer'

/** One way to draw a deck's document: the PDF and a PNG of each slide, in memory. */
export interface DrawingWay extends AsyncDisposable {
  draw(html: string, slideCount: number): Promise<void>
}

const slide = { width: 1280, height: 720 }
const printed = { printBackground: true, preferCSSPageSize: true }

/** A browser as the peers and the recipe start it; the sandbox costs nothing, so that it is off here changes no figure. */
async function startBrowser(executablePath: string): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none', '--mute-audio']
  return await launch({ executablePath, args, headless: 'shell', pipe: true, defaultViewport: slide })
}

/**
 * The bare recipe: one page used again and again with script off, one tagged PDF, pictures drawn from it by PDFium in two
 * threads. No queue, no check, no cancelling, no deadline: what is left when everything a service needs is taken away.
 */
export async function startRecipe(executablePath: string): Promise<DrawingWay> {
  const browser = await startBrowser(executablePath)
  const page = await browser.newPage()
  await page.setJavaScriptEnabled(false)
  const threads = [0, 1].map(() => new Worker(new URL('./recipe-thread.ts', import.meta.url)))
  await Promise.all(threads.map((thread) => once(thread, 'message')))
  return {
    async draw(html, slideCount) {
      await page.setContent(html)
      const pdf = await page.pdf(printed)
      await Promise.all(
        threads.map(async (thread, index) => {
          const pages = Array.from({ length: slideCount }, (_, number) => number).filter(
            (number) => number % threads.length === index,
          )
          const done = received(thread, pages.length)
          // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
          thread.postMessage({ pdf, pages })
          await done
        }),
      )
    },
    async [Symbol.asyncDispose]() {
      await browser.close()
      await Promise.all(threads.map((thread) => thread.terminate()))
    },
  }
}

function received(thread: Worker, count: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let left = count
  const count1 = (): void => {
    left -= 1
    if (left > 0) return
    thread.off('message', count1)
    thread.off('error', reject)
    resolve()
  }
  thread.on('message', count1)
  thread.once('error', reject)
  return promise
}

/** What marp-cli does with a browser that is up: a new tab on the file, print media, and a clip of the page per slide. */
export async function startMarpWay(executablePath: string, file: string): Promise<DrawingWay> {
  const browser = await startBrowser(executablePath)
  return {
    async draw(html, slideCount) {
      await writeFile(file, html)
      const page = await browser.newPage()
      await page.goto(pathToFileURL(file).href)
      await page.emulateMediaType('print')
      await page.pdf({ ...printed, ...slide })
      for (let index = 0; index < slideCount; index += 1) {
        await page.screenshot({ clip: { x: 0, y: slide.height * index, ...slide }, omitBackground: true })
      }
      await page.close()
    },
    [Symbol.asyncDispose]: () => browser.close(),
  }
}

/** What most services do: a new tab, wait until the network is idle, print, and a screenshot of each slide's element. */
export async function startUsualWay(executablePath: string): Promise<DrawingWay> {
  const browser = await startBrowser(executablePath)
  return {
    async draw(html) {
      const page = await browser.newPage()
      await page.setContent(html)
      await page.waitForNetworkIdle({ idleTime: 500, concurrency: 0 }) // `networkidle0`
      await page.pdf(printed)
      for (const element of await page.$$('.slide')) await element.screenshot()
      await page.close()
    },
    [Symbol.asyncDispose]: () => browser.close(),
  }
}
