import type { SlackWorkspace, SlackWorkspaceOptions } from '../../sandbox/slack/contract.ts'
import { createSlackWorkspace } from '../../sandbox/slack/workspace.ts'
import { type SandboxBot, type SandboxBotOptions, startSandboxBot } from './sandbox-bot.ts'

/** `deckhand serve` with a Slack stand-in of its own. */
export interface SlackBot extends SandboxBot {
  readonly slack: SlackWorkspace
}

export async function startSlackBot(
  options: SandboxBotOptions & { readonly slack?: SlackWorkspaceOptions } = {},
): Promise<SlackBot> {
  await using parts = new AsyncDisposableStack()
  const slack = parts.use(await createSlackWorkspace(options.slack))
  const bot = parts.use(await startSandboxBot(slack.env, options))
  slack.connect(`${bot.service.url}/slack/events`)
  const owned = parts.move()
  return { ...bot, slack, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}
