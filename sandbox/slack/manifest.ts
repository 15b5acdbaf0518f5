import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import type { AppManifest } from './contract.ts'

/** Where the app declares what it needs. */
const manifestPath = join(import.meta.dirname, '../../manifests/slack.yaml')

const ManifestFile = z.object({
  features: z
    .object({
      agent_view: z
        .object({ suggested_prompts: z.array(z.object({ title: z.string(), message: z.string() })).default([]) })
        .optional(),
      slash_commands: z
        .array(
          z.object({
            command: z.string(),
            description: z.string().default(''),
            usage_hint: z.string().default(''),
            should_escape: z.boolean().default(false),
          }),
        )
        .default([]),
      shortcuts: z
        .array(z.object({ name: z.string(), callback_id: z.string(), type: z.enum(['message', 'global']) }))
        .default([]),
    })
    .prefault({}),
  oauth_config: z.object({ scopes: z.object({ bot: z.array(z.string()) }) }),
  settings: z.object({ event_subscriptions: z.object({ bot_events: z.array(z.string()) }) }),
})

/** The app's own manifest, or {@link neededManifest} while there is none. @throws ZodError when it is malformed */
export function loadManifest(path = manifestPath): AppManifest {
  return existsSync(path) ? parseManifest(parse(readFileSync(path, 'utf8'))) : neededManifest
}

/** The part of a Slack app manifest that changes what Slack does. @throws ZodError */
function parseManifest(file: unknown): AppManifest {
  const { features, oauth_config: oauth, settings } = ManifestFile.parse(file)
  return {
    scopes: oauth.scopes.bot,
    events: settings.event_subscriptions.bot_events,
    commands: features.slash_commands.map((each) => ({
      command: each.command,
      description: each.description,
      hint: each.usage_hint,
      isEscaped: each.should_escape,
    })),
    shortcuts: features.shortcuts.map((each) => ({ name: each.name, callbackId: each.callback_id, type: each.type })),
    isAgent: features.agent_view !== undefined,
    prompts: features.agent_view?.suggested_prompts ?? [],
  }
}

/** What an app like ours declares (chat-platforms.md §2.13). */
export const neededManifest: AppManifest = {
  scopes: [
    'app_mentions:read',
    'channels:history',
    'channels:read',
    'chat:write',
    'commands',
    'files:read',
    'files:write',
    'groups:history',
    'groups:read',
    'im:history',
    'im:read',
    'im:write',
    'mpim:history',
    'mpim:read',
    'team:read',
    'users:read',
  ],
  events: [
    'app_home_opened',
    'app_mention',
    'app_uninstalled',
    'message.channels',
    'message.groups',
    'message.im',
    'message.mpim',
    'tokens_revoked',
  ],
  commands: [{ command: '/deck', description: 'Ask for a deck', hint: '<question>' }],
  shortcuts: [{ name: 'Make a deck of this', callbackId: 'deck_of_message', type: 'message' }],
  isAgent: true,
  prompts: [{ title: 'Revenue by region', message: 'Revenue by region in 2023' }],
}
