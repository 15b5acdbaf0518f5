import { parseDocument, YAMLSeq } from 'yaml'
import { ManifestError, publicAddress } from '../manifest.ts'

/** What the app may do in a workspace. The manifest asks for exactly these, and so do installs by OAuth. */
export const botScopes = [
  'app_mentions:read',
  'channels:history',
  'chat:write',
  'commands',
  'files:read',
  'files:write',
  'groups:history',
  'im:history',
  'mpim:history',
] as const

/** Where everything from Slack comes in, and where a workspace's sign-in comes back to. */
export const paths = { events: '/slack/events', signIn: '/slack/oauth_redirect' } as const

/**
 * The app's manifest as YAML, to be pasted at https://api.slack.com/apps.
 * @param template `manifests/slack.yaml`, which is for Socket Mode and names no address
 * @param url where Slack reaches this server over https; left out for Socket Mode
 * @throws ManifestError
 */
export function slackManifest(template: string, url?: string): string {
  const document = parseDocument(template)
  const commands = document.getIn(['features', 'slash_commands'], true)
  if (document.errors.length > 0 || !(commands instanceof YAMLSeq)) {
    throw new ManifestError('bad-manifest', 'manifests/slack.yaml is not the manifest of a Slack app')
  }
  if (url === undefined) return String(document)
  const base = publicAddress(url)
  document.setIn(['settings', 'socket_mode_enabled'], false)
  document.setIn(['settings', 'event_subscriptions', 'request_url'], `${base}${paths.events}`)
  document.setIn(['settings', 'interactivity', 'request_url'], `${base}${paths.events}`)
  document.setIn(['oauth_config', 'redirect_urls'], [`${base}${paths.signIn}`])
  for (const index of commands.items.keys()) {
    document.setIn(['features', 'slash_commands', index, 'url'], `${base}${paths.events}`)
  }
  return String(document)
}
