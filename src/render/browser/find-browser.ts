import { accessSync, constants } from 'node:fs'
import { RenderError } from '../renderer.ts'

/**
 * Debian's packages, headless shell first: it prints twice as fast as the full browser. The binaries themselves, not the
 * scripts in /usr/bin, which stay in front of the browser's process and would get its signals (observed with 156).
 */
const debianPaths = ['/usr/lib/chromium/chromium-headless-shell', '/usr/lib/chromium/chromium']

/**
 * The Chromium to print with: the given path, else Debian's, else the one that puppeteer brought.
 * @throws RenderError `browser-missing`
 */
export async function findBrowser(given: string | undefined): Promise<string> {
  const path = installedBrowser(given) ?? (await bundledPath())
  if (path !== null && isExecutable(path)) return path
  throw missing('Cannot find browser: set render.browser_path, or install chromium-headless-shell')
}

/**
 * The same as far as it is known without a wait: null when only puppeteer can tell.
 * @throws RenderError `browser-missing`
 */
export function installedBrowser(given: string | undefined): string | null {
  if (given === undefined || given === '') return debianPaths.find(isExecutable) ?? null
  if (isExecutable(given)) return given
  throw missing(`Cannot find browser: "${given}" is no executable file`)
}

async function bundledPath(): Promise<string | null> {
  try {
    const { executablePath } = await import('puppeteer')
    return await executablePath({ headless: 'shell' })
  } catch {
    return null // puppeteer brought none
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function missing(message: string): RenderError {
  return new RenderError('browser-missing', message, {
    userMessage: 'The deck is written, but no browser is installed to draw it. Please tell your administrator.',
  })
}
