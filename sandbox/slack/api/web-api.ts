import { sandboxSlackCredentials, type ApiCall } from '../contract.ts'
import type { HttpRequest, HttpReply } from '../../local/http-server.ts'
import type { State, Team } from '../state.ts'
import { createArgs, parseArgs, type Args } from './args.ts'
import { SlackError } from './error.ts'
import type { FaultBook } from './faults.ts'
import type { Call, Method, Methods } from './method.ts'
import type { OAuth } from './oauth.ts'
import type { Rates } from './rates.ts'

/** What a call comes to: a reply, or a connection that breaks. */
export type ApiReply = HttpReply | 'break'

/** Answers `POST /api/{method}`: token, scopes, rates and faults for all methods alike. */
export function createWebApi(deps: {
  readonly state: State
  readonly methods: Methods
  readonly oauth: OAuth
  readonly faultBook: FaultBook
  readonly rates: Rates
  readonly calls: ApiCall[]
  /** The address for a new Socket Mode connection. */
  readonly openSocket: () => string
}): (name: string, request: HttpRequest) => Promise<ApiReply> {
  const { state, methods, faultBook, rates, calls } = deps

  function teamOf(token: string): Team {
    if (token === '') throw new SlackError('not_authed')
    const team = [...state.teams.values()].find(({ ids }) => ids.token === token)
    if (!team) throw new SlackError('invalid_auth')
    if (!team.isInstalled) throw new SlackError('account_inactive')
    return team
  }

  function checkScopes(method: Method, call: Call): void {
    const needed = typeof method.scopes === 'function' ? method.scopes(call) : (method.scopes ?? [])
    const granted = call.team.scopes
    if (needed.length > 0 && !needed.some((scope) => granted.has(scope))) {
      throw new SlackError('missing_scope', { needed: needed[0], provided: [...granted].join(',') })
    }
  }

  async function answer(
    name: string,
    args: Args,
    request: HttpRequest,
    note: (team: string) => void,
  ): Promise<HttpReply> {
    if (name === 'oauth.v2.access') return ok(deps.oauth.access(args, request.headers['authorization'] ?? ''))
    const token = /^Bearer (\S+)$/i.exec(request.headers['authorization'] ?? '')?.[1] ?? args.text('token')
    if (name === 'apps.connections.open') {
      if (token !== sandboxSlackCredentials.appToken) {
        teamOf(token) // a token nobody has is refused as such
        throw new SlackError('not_allowed_token_type')
      }
      return ok({ url: deps.openSocket() })
    }
    const team = teamOf(token)
    note(team.ids.team)
    const method = methods[name]
    if (!method) throw new SlackError('unknown_method', { req_method: name })
    if (faultBook.faults.enforceRates) {
      const waitSeconds = rates.take(name, method.tier, team.ids.team, args.text('channel'))
      if (waitSeconds !== undefined) return rateLimited(waitSeconds)
    }
    const call = { args, team }
    checkScopes(method, call)
    return ok(await method.handle(call))
  }

  return async (name, request) => {
    const at = state.time.now()
    const raw = parseArgs(request.body.toString('utf8'), request.headers['content-type'] ?? '', request.query)
    const { token: _secret, ...args } = raw ?? {}
    let team = ''
    const record = (status: number, error?: string): void =>
      void calls.push({ method: name, args, team, at, status, ...(error === undefined ? {} : { error }) })

    const fault = faultBook.take(name)
    if (fault?.kind === 'rate-limit') {
      record(429, 'ratelimited')
      return rateLimited(fault.retryAfterSeconds)
    }
    if (fault?.kind === 'http') {
      record(fault.status)
      return {
        status: fault.status,
        headers: { 'content-type': 'text/html' },
        body: '<html><body>Unavailable</body></html>',
      }
    }
    let reply: HttpReply
    try {
      if (fault?.kind === 'fail') throw new SlackError(fault.error)
      if (raw === undefined) throw new SlackError('invalid_json')
      reply = await answer(name, createArgs(raw), request, (id) => void (team = id))
      record(reply.status, reply.status === 429 ? 'ratelimited' : undefined)
    } catch (error) {
      if (!(error instanceof SlackError)) throw error
      record(200, error.error)
      reply = json({ ok: false, error: error.error, ...error.extra })
    }
    if (fault?.kind === 'slow') await request.pause(fault.delayMs)
    return fault?.kind === 'lose-reply' ? 'break' : reply
  }
}

const json = (body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): HttpReply => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(body),
})
const ok = (fields: Readonly<Record<string, unknown>>): HttpReply => json({ ok: true, ...fields })
const rateLimited = (seconds: number): HttpReply =>
  json({ ok: false, error: 'ratelimited' }, 429, { 'retry-after': String(seconds) })
