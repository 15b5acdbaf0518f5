import { readdirSync, readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PDFiumLibrary } from '@hyzyla/pdfium'
import { launch, type Browser } from 'puppeteer'
import { findBrowser } from '../../src/render/browser/find-browser.ts'

/** The browser that the set-up found; tests hand it to what they test, as settings do. */
export const browserPath = process.env['PUPPETEER_EXECUTABLE_PATH'] ?? ''

/** A browser of the test's own, with script on, to ask a page about its layout. */
export async function launchProbe(): Promise<Browser> {
  return await launch({
    executablePath: await findBrowser(browserPath),
    headless: 'shell',
    pipe: true,
    args: ['--no-sandbox', '--font-render-hinting=none'],
    defaultViewport: { width: 1280, height: 720 },
  })
}

/** Text of each page of a PDF, as a reader program sees it. */
export async function pdfTexts(pdf: Uint8Array): Promise<string[]> {
  const library = await PDFiumLibrary.init()
  const document = await library.loadDocument(pdf)
  try {
    return [...document.pages()].map((page) => page.getText())
  } finally {
    document.destroy()
    library.destroy()
  }
}

/** Ids of the live processes that `pid` started, and of those that they started. */
export function descendants(pid: number): number[] {
  const children = new Map<number, number[]>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const [state, parent] = statusOf(Number(name))
    if (state !== 'Z') children.set(parent, [...(children.get(parent) ?? []), Number(name)])
  }
  const found: number[] = []
  for (const next of children.get(pid) ?? []) found.push(next, ...descendants(next))
  return found
}

function statusOf(pid: number): [state: string, parent: number] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const [state = '', parent = '0'] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return [state, Number(parent)]
  } catch {
    return ['Z', 0] // it ended while we looked
  }
}

/** Ids of the browsers that this process started itself. */
export function browserPids(): number[] {
  return descendants(process.pid).filter(
    (pid) => statusOf(pid)[1] === process.pid && commandOf(pid).includes('deckhand-chromium'),
  )
}

export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

/** An empty folder for temporary files, which every user may look into, as /tmp is; `os.tmpdir()` until it is disposed. */
export async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'deckhand-test-'))
  await chmod(path, 0o777)
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = path
  return {
    path,
    async [Symbol.asyncDispose]() {
      if (before === undefined) delete process.env['TMPDIR']
      else process.env['TMPDIR'] = before
      await rm(path, { recursive: true, force: true })
    },
  }
}
