import { randomBytes } from 'node:crypto'
import { sandboxSlackCredentials as credentials } from '../contract.ts'
import type { State, Team } from '../state.ts'
import type { Args } from './args.ts'
import { SlackError } from './error.ts'

/** A code lives this long. */
const codeTtlMs = 10 * 60_000

/** Installing the app into a workspace: a page where a person agrees, and the exchange of its code for a token. */
export interface OAuth {
  /** Lets the app into a workspace: where the browser goes next. Undefined for a request the page does not serve. */
  agree(request: URLSearchParams, team: string): string | undefined
  /** `oauth.v2.access`. @throws SlackError */
  access(args: Args, authorization: string): Readonly<Record<string, unknown>>
}

export function createOAuth(state: State): OAuth {
  const codes = new Map<string, { team: Team; redirectUri: string; scopes: readonly string[]; until: number }>()
  return {
    agree(request, teamId) {
      const team = state.teams.get(teamId)
      const redirect = URL.parse(request.get('redirect_uri') ?? '')
      if (!team || !redirect || request.get('client_id') !== credentials.clientId) return undefined
      const code = randomBytes(12).toString('hex')
      codes.set(code, {
        team,
        redirectUri: request.get('redirect_uri') ?? '',
        scopes: (request.get('scope') ?? '').split(',').filter(Boolean),
        until: state.time.now() + codeTtlMs,
      })
      redirect.searchParams.set('code', code)
      redirect.searchParams.set('state', request.get('state') ?? '')
      return redirect.href
    },
    access(args, authorization) {
      const [id, secret] = basic(authorization) ?? [args.text('client_id'), args.text('client_secret')]
      if (id !== credentials.clientId) throw new SlackError('invalid_client_id')
      if (secret !== credentials.clientSecret) throw new SlackError('bad_client_secret')
      const code = codes.get(args.text('code'))
      codes.delete(args.text('code'))
      if (!code || code.until < state.time.now()) throw new SlackError('invalid_code')
      if (args.isSet('redirect_uri') && args.text('redirect_uri') !== code.redirectUri)
        throw new SlackError('bad_redirect_uri')
      install(state, code.team, code.scopes)
      const { ids, name } = code.team
      return {
        access_token: ids.token,
        token_type: 'bot',
        scope: code.scopes.join(','),
        bot_user_id: ids.botUser,
        app_id: state.appId,
        team: { id: ids.team, name },
        enterprise: null,
        is_enterprise_install: false,
        authed_user: { id: ids.people.ada },
      }
    },
  }
}

/** The app is in the workspace from now on, and in two of its channels. */
export function install(state: State, team: Team, scopes: readonly string[]): void {
  team.isInstalled = true
  team.scopes.clear()
  for (const scope of scopes) team.scopes.add(scope)
  for (const id of [team.ids.channels.sales, team.ids.channels.general]) {
    state.channels.get(id)?.members.add(team.ids.botUser)
  }
  state.notify({ kind: 'channels' })
}

function basic(header: string): readonly [string, string] | undefined {
  const encoded = /^Basic (\S+)$/i.exec(header)?.[1]
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = text.indexOf(':')
  return colon < 0 ? undefined : [text.slice(0, colon), text.slice(colon + 1)]
}
