import { join } from 'node:path'
import { openPlaygroundPage, type PlaygroundPage } from '../../sandbox/local/playground-page.ts'
import { startPlayground } from '../../sandbox/local/playground.ts'
import { type SandboxBot, type SandboxBotOptions, startSandboxBot } from './sandbox-bot.ts'

/** `deckhand serve` in local mode, with Microsoft's playground as its client. */
export interface PlaygroundBot extends SandboxBot {
  /** A page of the playground in a browser of its own; it begins in the personal chat. The caller closes it. */
  openPage(): Promise<PlaygroundPage>
}

export async function startPlaygroundBot(options: SandboxBotOptions = {}): Promise<PlaygroundBot> {
  await using parts = new AsyncDisposableStack()
  const bot = parts.use(await startSandboxBot({ TEAMS_MODE: 'local' }, options))
  const playground = parts.use(
    await startPlayground({ botUrl: `${bot.service.url}/api/messages`, dir: join(bot.dir, 'playground') }),
  )
  const executablePath = process.env['PUPPETEER_EXECUTABLE_PATH']
  const owned = parts.move()
  return {
    ...bot,
    openPage: () => openPlaygroundPage(playground, { ...(executablePath ? { executablePath } : {}), height: 1600 }),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
