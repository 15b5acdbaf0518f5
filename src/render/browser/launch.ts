import { spawn, type ChildProcess } from 'node:child_process'
import { chownSync, mkdtempSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import type { Browser } from 'puppeteer-core/internal/puppeteer-core-browser.js'
import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import { RenderError } from '../renderer.ts'
import { createPipeTransport } from './pipe-transport.ts'

/** A running browser and the end of it. */
export interface RunningBrowser extends AsyncDisposable {
  readonly browser: Browser
  readonly pid: number
}

/**
 * No way out of the browser even if a deck got past our escaping and the page's CSP: no name resolves, and what needs no
 * name goes to a proxy that nobody serves, loopback included. No machine code is made from script, of which there is none.
 */
const safeFlags = [
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--proxy-server=127.0.0.1:9',
  '--proxy-bypass-list=<-loopback>',
  '--js-flags=--jitless',
]

/** A browser for printing, without what one for people does on its own. Metrics and colours are those of print. */
const printingFlags = [
  '--headless',
  '--disable-gpu',
  '--font-render-hinting=none',
  '--force-color-profile=srgb',
  '--hide-scrollbars',
  '--export-tagged-pdf',
  '--generate-pdf-document-outline',
  '--mute-audio',
  '--disable-background-networking',
  '--disable-background-timer-throttling',
  '--disable-backgrounding-occluded-windows',
  '--disable-breakpad',
  '--disable-client-side-phishing-detection',
  '--disable-component-extensions-with-background-pages',
  '--disable-component-update',
  '--disable-crash-reporter',
  '--disable-default-apps',
  '--disable-dev-shm-usage',
  '--disable-extensions',
  '--disable-hang-monitor',
  '--disable-ipc-flooding-protection',
  '--disable-popup-blocking',
  '--disable-prompt-on-repost',
  '--disable-renderer-backgrounding',
  '--disable-search-engine-choice-screen',
  '--disable-sync',
  '--disable-features=Translate,AcceptCHFrame,MediaRouter,OptimizationHints',
  '--enable-automation',
  '--metrics-recording-only',
  '--no-first-run',
  '--password-store=basic',
  '--use-mock-keychain',
]

const flags = [...safeFlags, ...printingFlags]

/** The user and group "nobody" by number, which needs no entry in /etc/passwd. */
const nobody = 65_534

interface Way {
  /** A program that ends in running the browser, with its arguments; empty to run the browser itself. */
  readonly wrapper: readonly string[]
  readonly isSandboxed: boolean
  /** What an operator must know about it; null for the best way. */
  readonly warning: string | null
}

const dropRoot = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups', '--no-new-privs']

const waysForRoot: readonly Way[] = [
  { wrapper: ['unshare', '-n', ...dropRoot], isSandboxed: true, warning: null },
  { wrapper: dropRoot, isSandboxed: true, warning: null },
  {
    wrapper: dropRoot,
    isSandboxed: false,
    warning: 'Chromium runs without its sandbox (as user nobody): the kernel allows no user namespaces here',
  },
  {
    wrapper: [],
    isSandboxed: false,
    warning:
      'Chromium runs as root and without its sandbox: run as another user, or make setpriv and the browser available to user nobody',
  },
]

const waysForOthers: readonly Way[] = [
  { wrapper: [], isSandboxed: true, warning: null },
  {
    wrapper: [],
    isSandboxed: false,
    warning: 'Chromium runs without its sandbox: the kernel allows no user namespaces here',
  },
]

/**
 * Starts Chromium the safest way this machine allows: with its own sandbox, under a root parent as another user and
 * without a network. A weaker way is used only when the better ones fail, and the log says so.
 * @throws RenderError `browser-crashed` when no way works
 */
export async function launchBrowser(path: string, log: Logger): Promise<RunningBrowser> {
  const isRoot = process.getuid?.() === 0
  const failures: unknown[] = []
  for (const way of isRoot ? waysForRoot : waysForOthers) {
    try {
      const running = await launchOneWay(path, way)
      if (way.warning !== null) log.warn({ browser: path, failures: failures.map(describeError) }, way.warning)
      return running
    } catch (error) {
      failures.push(error)
    }
  }
  throw new RenderError('browser-crashed', `Cannot start browser "${path}"`, {
    userMessage: 'The deck is written, but the browser that draws it did not start. Please try again.',
    cause: failures.at(-1),
  })
}

async function launchOneWay(path: string, way: Way): Promise<RunningBrowser> {
  // Without a wait, so that the browser starts before whatever else this program has to load.
  const home = mkdtempSync(join(tmpdir(), `${homePrefix}${process.pid}-`))
  let child: ChildProcess | null = null
  try {
    if (way.wrapper.length > 0) chownSync(home, nobody, nobody)
    const [command = path, ...args] = [...way.wrapper, path, ...browserArguments(home, way)]
    const started = spawn(command, args, {
      env: environment(home),
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
      // Ending on a signal from the keyboard is the program's own business, in its own order.
      detached: true,
    })
    child = started
    const [browser] = await Promise.all([connectTo(started), removeLeftHomes()])
    return runningBrowser(browser, started, home)
  } catch (error) {
    if (child !== null) kill(child)
    await removeHome(home)
    throw error
  }
}

/** @throws Error with the last words of a browser that ended instead */
async function connectTo(child: ChildProcess): Promise<Browser> {
  let said = ''
  child.stderr?.on('data', (text: Buffer) => (said = (said + text.toString()).slice(-2000)))
  const { promise: failed, reject } = Promise.withResolvers<never>()
  failed.catch(() => undefined) // after the start, the end of the browser is told as its disconnecting
  child.once('error', reject)
  child.once('exit', (code, signal) => reject(new Error(`Browser ended with ${code ?? signal} at its start: ${said}`)))
  const timer = setTimeout(
    () => reject(new Error(`Browser did not start in ${startTimeoutMs} ms: ${said}`)),
    startTimeoutMs,
  )
  const [, , , toBrowser, fromBrowser] = child.stdio
  const transport = createPipeTransport(toBrowser as Writable, fromBrowser as Readable)
  try {
    // Loading puppeteer takes as long as the browser takes to start: they do it side by side. All of puppeteer, with
    // what downloads and finds browsers, would take twice as long as the part that drives one.
    const { connect } = await import('puppeteer-core/internal/puppeteer-core-browser.js')
    const connected = connect({ transport, ...connecting })
    return await Promise.race([connected, failed])
  } finally {
    clearTimeout(timer)
  }
}

const startTimeoutMs = 20_000

const connecting = {
  defaultViewport: { width: 1280, height: 720, deviceScaleFactor: 1 },
  issuesEnabled: false,
}

function browserArguments(home: string, way: Way): readonly string[] {
  const sandbox = way.isSandboxed ? [] : ['--no-sandbox']
  return [...flags, ...sandbox, `--user-data-dir=${home}`, '--remote-debugging-pipe', 'about:blank']
}

/** Only what a browser needs: tokens and keys of the service have no business in its environment. */
function environment(home: string): Record<string, string> {
  const { PATH = '/usr/local/bin:/usr/bin:/bin', LANG = 'C.UTF-8', LD_LIBRARY_PATH, FONTCONFIG_FILE } = process.env
  return {
    PATH,
    LANG,
    ...(LD_LIBRARY_PATH === undefined ? {} : { LD_LIBRARY_PATH }),
    ...(FONTCONFIG_FILE === undefined ? {} : { FONTCONFIG_FILE }),
    HOME: home,
    XDG_CACHE_HOME: home,
    XDG_CONFIG_HOME: home,
    TMPDIR: home,
  }
}

/** Ends a browser and all it started. Nothing of it is kept, so there is nothing it would have to close in order. */
function kill({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch {
    // All of it has ended by itself.
  }
}

function runningBrowser(browser: Browser, child: ChildProcess, home: string): RunningBrowser {
  const pid = child.pid ?? -1
  const exited = new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve()
    else child.once('exit', () => resolve())
  })
  let ending: Promise<void> | null = null
  const end = async (): Promise<void> => {
    kill(child)
    await exited
    await removeHome(home)
  }
  // A crash leaves no one to clean up after the browser.
  browser.once('disconnected', () => void (ending ??= end()))
  return {
    browser,
    pid,
    [Symbol.asyncDispose]: () => (ending ??= end()),
  }
}

/** Where a browser keeps its profile. The name tells whose it is, because a killed program leaves it behind. */
const homePrefix = `deckhand-chromium-${hostname()}-`

async function removeLeftHomes(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const [, owner] = name.startsWith(homePrefix) ? (/^(\d+)-\w{6}$/.exec(name.slice(homePrefix.length)) ?? []) : []
    if (owner !== undefined && !isAlive(Number(owner))) await removeHome(join(tmpdir(), name))
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // Another user's process may not be signalled, but it is there.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

async function removeHome(home: string): Promise<void> {
  // Processes of a killed browser write for some milliseconds more.
  await rm(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
}
