import { z } from 'zod'
import type { SlackApi } from './slack-api.ts'
import type { SlackTokens } from './tokens.ts'

/** Who we are in a workspace. */
export interface Bot {
  readonly botId: string
  readonly botUserId: string
}

const AuthTest = z.object({ user_id: z.string(), bot_id: z.string().default('') })
const askWithinMs = 2000

/** Undefined where the app is not installed. A failure is not remembered: the next delivery asks again. */
export function createBots({ tokens, api }: { readonly tokens: SlackTokens; readonly api: SlackApi }) {
  const { installs } = tokens
  const asked = new Map<string, Promise<Bot>>()

  async function ask(team: string): Promise<Bot> {
    const told = await api.call(team, 'auth.test', {}, AuthTest, AbortSignal.timeout(askWithinMs))
    return { botId: told.bot_id, botUserId: told.user_id }
  }

  return async (team: string): Promise<Bot | undefined> => {
    if (installs) return installs.find(team)
    const known = asked.get(team)
    if (known) return known
    const asking = ask(team)
    asked.set(team, asking)
    asking.catch(() => asked.delete(team))
    return asking
  }
}
