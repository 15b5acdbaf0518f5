import { execFile } from 'node:child_process'
import { chown, mkdtemp, readdir, rm } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Browser } from 'puppeteer'
import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import { RenderError } from '../renderer.ts'

/** A running browser and the end of it. */
export interface RunningBrowser extends AsyncDisposable {
  readonly browser: Browser
  readonly pid: number
}

/**
 * No way out of the browser even if a deck got past our escaping and the page's CSP: no name resolves, and what needs no
 * name goes to a proxy that nobody serves, loopback included. Metrics are those of print, and no machine code is made
 * from script, of which there is none.
 */
const flags = [
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--proxy-server=127.0.0.1:9',
  '--proxy-bypass-list=<-loopback>',
  '--disable-gpu',
  '--font-render-hinting=none',
  '--mute-audio',
  '--js-flags=--jitless',
]

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
      const running = await launchOneWay(path, way, log)
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

async function launchOneWay(path: string, way: Way, log: Logger): Promise<RunningBrowser> {
  // Loading it takes a fifth of a second, which a command that renders nothing should not spend.
  const { launch } = await import('puppeteer')
  const [wrapper, ...rest] = way.wrapper
  const wrapperArguments = wrapper === undefined ? [] : [...rest, path]
  const executablePath = wrapper === undefined ? path : await locate(wrapper)

  const home = await makeHome()
  try {
    if (wrapper !== undefined) {
      await chown(home, nobody, nobody)
      await probe([executablePath, ...rest], path, home)
    }
    const browser = await launch({
      executablePath,
      // A wrapper's own arguments come first, so the whole list is ours to put together.
      ignoreDefaultArgs: true,
      args: [...wrapperArguments, ...(await browserArguments(home, way))],
      pipe: true,
      headless: 'shell',
      userDataDir: home,
      env: environment(home),
      timeout: 20_000,
      // Ending on a signal is the program's own business, in its own order.
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
      defaultViewport: { width: 1280, height: 720, deviceScaleFactor: 1 },
    })
    return runningBrowser(browser, home, log)
  } catch (error) {
    await removeHome(home)
    throw error
  }
}

async function browserArguments(home: string, way: Way): Promise<readonly string[]> {
  const { defaultArgs } = await import('puppeteer')
  const own = way.isSandboxed ? flags : [...flags, '--no-sandbox']
  return await defaultArgs({ headless: 'shell', userDataDir: home, args: [...own] })
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

const run = promisify(execFile)

/** Fails fast, and without a browser's crash report, when the wrapper may not do its work or not reach the files. */
async function probe(wrapper: readonly string[], path: string, home: string): Promise<void> {
  const [command = '', ...rest] = wrapper
  await run(command, [...rest, 'test', '-r', path, '-a', '-x', path, '-a', '-w', home], { timeout: 5_000 })
}

async function locate(command: string): Promise<string> {
  const { stdout } = await run('/bin/sh', ['-c', `command -v ${command}`], { timeout: 5_000 })
  return stdout.trim()
}

function runningBrowser(browser: Browser, home: string, log: Logger): RunningBrowser {
  const child = browser.process()
  const pid = child?.pid ?? -1
  const exited = new Promise<void>((resolve) => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) resolve()
    else child.once('exit', () => resolve())
  })
  let ending: Promise<void> | null = null
  const end = async (): Promise<void> => {
    const timer = setTimeout(() => child?.kill('SIGKILL'), 3_000)
    try {
      // A browser that crashed cannot be asked to close; the exit below is what counts.
      await browser
        .close()
        .catch((error: unknown) => log.debug({ error: describeError(error) }, 'Browser did not close by itself'))
      await exited
    } finally {
      clearTimeout(timer)
      await removeHome(home)
    }
  }
  // A crash leaves no one to clean up after the browser.
  browser.once('disconnected', () => {
    child?.kill('SIGKILL')
    ending ??= end()
  })
  return {
    browser,
    pid,
    [Symbol.asyncDispose]: () => (ending ??= end()),
  }
}

/** Where a browser keeps its profile. The name tells whose it is, because a killed program leaves it behind. */
async function makeHome(): Promise<string> {
  const prefix = `deckhand-chromium-${hostname()}-`
  for (const name of await readdir(tmpdir())) {
    const [, owner] = name.startsWith(prefix) ? (/^(\d+)-\w{6}$/.exec(name.slice(prefix.length)) ?? []) : []
    if (owner !== undefined && !isAlive(Number(owner))) await removeHome(join(tmpdir(), name))
  }
  return await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`))
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
