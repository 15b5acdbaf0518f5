import { webApi } from '@slack/bolt'
import { PortError } from '../chat-port.ts'

/** Nobody is there any more to show anything to, or we may not: trying again changes nothing. */
const goneErrors: ReadonlySet<string> = new Set([
  'access_denied',
  'account_inactive',
  'as_user_not_supported',
  'cannot_dm_bot',
  'cannot_reply_to_message',
  'cant_update_message',
  'channel_is_archived',
  'channel_not_found',
  'edit_window_closed',
  'ekm_access_denied',
  'enterprise_is_restricted',
  'invalid_auth',
  'is_archived',
  'is_inactive',
  'message_not_found',
  'messages_tab_disabled',
  'missing_scope',
  'no_permission',
  'not_allowed_token_type',
  'not_authed',
  'not_in_channel',
  'org_login_required',
  'restricted_action',
  'restricted_action_non_threadable_channel',
  'restricted_action_read_only_channel',
  'restricted_action_thread_locked',
  'restricted_action_thread_only_channel',
  'team_access_not_granted',
  'team_not_found',
  'thread_not_found',
  'token_expired',
  'token_revoked',
  'two_factor_setup_required',
  'user_disabled',
  'user_not_found',
  'user_not_in_channel',
])

/** Slack's own trouble. */
const passingErrors: ReadonlySet<string> = new Set([
  'accesslimited',
  'external_channel_migrating',
  'fatal_error',
  'internal_error',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
])

const userMessages: Readonly<Record<PortError['code'], string>> = {
  busy: 'Slack asks me to slow down. I go on in a moment.',
  gone: 'I cannot write there. Please invite me to the channel, or tell your administrator.',
  refused: 'Slack does not accept my answer as it is.',
  unavailable: 'Slack does not answer right now. Please try again in a moment.',
}

/**
 * Any failure of a call as ours. Errors that Slack names and we do not know count as `refused`: most are about what was
 * sent, and then a plainer message helps.
 */
export function toPortError(method: string, error: unknown): PortError {
  if (error instanceof PortError) return error
  if (error instanceof webApi.WebAPIRateLimitedError) {
    return portError(
      'busy',
      `Slack's ${method} is rate limited for ${error.retryAfter} s`,
      error,
      error.retryAfter * 1000,
    )
  }
  if (error instanceof webApi.WebAPIPlatformError) return named(method, error)
  if (error instanceof webApi.WebAPIHTTPError) {
    const code = error.statusCode === 429 ? 'busy' : error.statusCode === 413 ? 'refused' : 'unavailable'
    return portError(code, `Slack's ${method} answered HTTP ${error.statusCode}, expected 200`, error)
  }
  return portError('unavailable', `Slack's ${method} gave no answer that can be read`, error)
}

function named(method: string, error: InstanceType<typeof webApi.WebAPIPlatformError>): PortError {
  const name = error.data.error
  // Slack's client takes any text for an error's name that it finds where JSON should be.
  if (!/^\w{1,100}$/.test(name)) return portError('unavailable', `Slack's ${method} answered no JSON`, error)
  const details = error.data.response_metadata?.messages?.slice(0, 3).join('; ') ?? ''
  const message = `Slack's ${method} answered "${name}"${details === '' ? '' : `: ${details}`}`
  if (name === 'ratelimited' || name === 'rate_limited') return portError('busy', message, error)
  if (goneErrors.has(name)) return portError('gone', message, error)
  return portError(passingErrors.has(name) ? 'unavailable' : 'refused', message, error)
}

function portError(code: PortError['code'], message: string, cause: unknown, retryAfterMs?: number): PortError {
  const details = { userMessage: userMessages[code], cause }
  return new PortError(code, message, retryAfterMs === undefined ? details : { ...details, retryAfterMs })
}
