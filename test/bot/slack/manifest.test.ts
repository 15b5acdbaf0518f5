import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { loadManifest } from '../../../sandbox/slack/manifest.ts'
import { commandName, releaseCommandName, shortcutId } from '../../../src/bot/slack/bolt-app.ts'
import { botScopes, slackManifest } from '../../../src/bot/slack/manifest.ts'

const root = join(import.meta.dirname, '../../..')
const template = await readFile(join(root, 'manifests/slack.yaml'), 'utf8')
const address = z.string().regex(/^https?:\/\//)
const names = z.array(z.string().max(50)).max(255)
const prompts = z.array(z.strictObject({ title: z.string(), message: z.string() })).max(4)

/**
 * The rules of Slack's published schema (2.0.0), as far as our manifest has what they are about; anything else is refused.
 * @see https://github.com/slackapi/manifest-schema
 */
const SlackManifest = z.strictObject({
  _metadata: z.strictObject({ major_version: z.literal(2) }),
  display_information: z.strictObject({
    name: z.string().min(1).max(35),
    description: z.string().min(1).max(140),
    long_description: z.string().min(175).max(4000),
    background_color: z.string().regex(/^#[0-9a-fA-F]{3}([0-9a-fA-F]{3})?$/),
  }),
  features: z.strictObject({
    app_home: z.strictObject({
      home_tab_enabled: z.boolean(),
      messages_tab_enabled: z.boolean(),
      messages_tab_read_only_enabled: z.boolean(),
    }),
    bot_user: z.strictObject({ display_name: z.string().min(1).max(80), always_online: z.boolean() }),
    agent_view: z.strictObject({ agent_description: z.string().max(300), suggested_prompts: prompts }),
    slash_commands: z
      .array(
        z.strictObject({
          command: z.string().min(2).max(32).startsWith('/'),
          url: address.max(3000).optional(),
          description: z.string().min(1).max(2000),
          usage_hint: z.string().min(1).max(1000),
          should_escape: z.boolean(),
        }),
      )
      .min(1)
      .max(50),
    shortcuts: z
      .array(
        z.strictObject({
          name: z.string().min(1).max(24),
          type: z.enum(['message', 'global']),
          callback_id: z.string().min(1).max(255),
          description: z.string().min(1).max(150),
        }),
      )
      .min(1)
      .max(10),
  }),
  oauth_config: z.strictObject({
    redirect_urls: z.array(z.string().max(2500)).max(1000).optional(),
    scopes: z.strictObject({ bot: names }),
  }),
  settings: z.strictObject({
    event_subscriptions: z.strictObject({
      request_url: address.max(3500).optional(),
      bot_events: names.max(100).refine((events) => new Set(events).size === events.length),
    }),
    interactivity: z.strictObject({ is_enabled: z.boolean(), request_url: address.max(3500).optional() }),
    org_deploy_enabled: z.boolean(),
    socket_mode_enabled: z.boolean(),
    token_rotation_enabled: z.boolean(),
  }),
})

/** What Slack's reference says each method needs, one of these: `*` is decided by the kind of channel. */
const methodScopes: Readonly<Record<string, readonly string[]>> = {
  'assistant.threads.setStatus': ['chat:write'],
  'auth.test': [],
  'chat.delete': ['chat:write'],
  'chat.postEphemeral': ['chat:write'],
  'chat.postMessage': ['chat:write'],
  'chat.update': ['chat:write'],
  'conversations.replies': ['channels:history', 'groups:history', 'im:history', 'mpim:history'],
  'files.completeUploadExternal': ['files:write'],
  'files.getUploadURLExternal': ['files:write'],
  'files.info': ['files:read'],
  'views.open': [],
  'views.update': [],
}
const eventScopes: Readonly<Record<string, readonly string[]>> = {
  app_home_opened: [],
  app_mention: ['app_mentions:read'],
  app_uninstalled: [],
  'message.channels': ['channels:history'],
  'message.groups': ['groups:history'],
  'message.im': ['im:history'],
  'message.mpim': ['mpim:history'],
  tokens_revoked: [],
}

/** Names of methods in the sources: all calls name theirs as text. */
async function methodsCalled(): Promise<readonly string[]> {
  const folder = join(root, 'src/bot/slack')
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.ts'))
  const sources = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
  const families =
    'admin|agents|apps|assistant|auth|bookmarks|canvases|chat|conversations|dnd|emoji|files|pins|reactions|team|users|views'
  const pattern = new RegExp(`['"\`]((?:${families})(?:\\.[a-zA-Z0-9]+)+)['"\`]`, 'g')
  const found = sources.flatMap((source) => [...source.matchAll(pattern)].map(([, method = '']) => method))
  return [...new Set(found)].toSorted()
}

/** Types of events that the Bolt app listens to. */
async function eventsHeard(): Promise<readonly string[]> {
  const source = await readFile(join(root, 'src/bot/slack/bolt-app.ts'), 'utf8')
  const named = [...source.matchAll(/app\.event\('(\w+)'/g)].map(([, type = '']) => type)
  const looped = /for \(const type of \[([^\]]+)\]/.exec(source)?.[1] ?? ''
  return [...named, ...[...looped.matchAll(/'(\w+)'/g)].map(([, type = '']) => type)]
}

const { scopes, events, commands, shortcuts, isAgent } = loadManifest()

describe('manifests/slack.yaml', () => {
  it.each([
    ['as it is', undefined],
    ['with an address', 'https://deckhand.example.com/base/'],
  ])('keeps Slack’s rules %s', (_how, url) => {
    expect(SlackManifest.safeParse(parse(slackManifest(template, url))).error).toBeUndefined()
  })

  it('asks for the scopes that our calls and events need, and for no others', async () => {
    const methods = await methodsCalled()
    expect(methods).toEqual(Object.keys(methodScopes).toSorted())
    const needed = [
      ...methods.flatMap((method) => methodScopes[method] ?? []),
      ...events.flatMap((event) => eventScopes[event] ?? []),
      'commands',
    ]

    expect(scopes.toSorted()).toEqual([...new Set(needed)].toSorted())
    expect(scopes.toSorted()).toEqual([...botScopes].toSorted())
  })

  it('subscribes to the events that we listen to, and to no others', async () => {
    const heard = new Set(events.map((event) => event.replace(/^message\..*/, 'message')))

    expect([...heard].toSorted()).toEqual((await eventsHeard()).toSorted())
    expect(events.filter((event) => event.startsWith('message.'))).toHaveLength(4)
  })

  it('declares the command, the shortcut and the agent view', () => {
    expect(commands.map(({ command }) => command)).toEqual([commandName, releaseCommandName])
    expect(shortcuts.map(({ callbackId }) => callbackId)).toEqual([shortcutId])
    expect(isAgent).toBe(true)
  })
})

describe('deckhand manifest slack', () => {
  const run = (...args: readonly string[]) =>
    promisify(execFile)(process.execPath, [join(root, 'src/main.ts'), 'manifest', ...args], {
      env: { ...process.env, LOG_LEVEL: '' },
    })

  it('prints the manifest for Socket Mode, with its comments and without addresses', async () => {
    const { stdout } = await run('slack')

    expect(parse(stdout)).toEqual(parse(template))
    expect(stdout).toContain('# Somebody mentions us.')
    expect(stdout).not.toContain('request_url')
  })

  it('writes the manifest for HTTP into a file', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'deckhand-manifest-'))
    try {
      const file = join(dir, 'slack.yaml')

      const { stdout } = await run('slack', '--url', 'https://deckhand.example.com/base/', '--out', file)

      const written = SlackManifest.parse(parse(await readFile(file, 'utf8')))
      const events = 'https://deckhand.example.com/base/slack/events'
      expect(stdout).toBe('')
      expect(written.settings).toMatchObject({
        socket_mode_enabled: false,
        event_subscriptions: { request_url: events },
        interactivity: { request_url: events },
      })
      expect(written.features.slash_commands.map(({ url }) => url)).toEqual([events, events])
      expect(written.oauth_config.redirect_urls).toEqual(['https://deckhand.example.com/base/slack/oauth_redirect'])
    } finally {
      await rm(dir, { recursive: true })
    }
  })

  it.each(['http://deckhand.example.com', 'deckhand.example.com', 'https://deckhand.example.com/?a=1', ''])(
    'does not take the address %j',
    async (url) => {
      await expect(run('slack', '--url', url)).rejects.toMatchObject({
        code: 2,
        stderr: expect.stringContaining('should be the https address of this server'),
      })
    },
  )
})
