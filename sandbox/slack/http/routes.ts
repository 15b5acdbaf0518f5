import type { ChatHooks } from '../api/chat.ts'
import { createArgs, parseArgs } from '../api/args.ts'
import { SlackError } from '../api/error.ts'
import type { Files } from '../api/files.ts'
import type { OAuth } from '../api/oauth.ts'
import { respond } from '../api/responses.ts'
import type { ApiReply } from '../api/web-api.ts'
import type { Leases } from '../deliveries/leases.ts'
import type { State } from '../state.ts'
import { serveFile } from './file.ts'
import { answerInstall } from './install.ts'
import type { Page } from './page.ts'
import type { HttpAnswer, HttpReply, HttpRequest } from '../../local/http-server.ts'

/** Which part of the stand-in answers a request. */
export function createRoutes(deps: {
  readonly state: State
  readonly webApi: (name: string, request: HttpRequest) => Promise<ApiReply>
  readonly files: Files
  readonly oauth: OAuth
  readonly leases: Leases
  readonly hooks: ChatHooks
  readonly page: Page
}): (request: HttpRequest) => Promise<HttpAnswer> {
  const { state, files } = deps
  return async (request) => {
    const [, area = '', ...rest] = request.path.split('/')
    switch (area) {
      case 'api':
        return await deps.webApi(rest.join('/'), request)
      case 'upload':
        return await takeUpload(files, rest[1] ?? '', request)
      case 'files-pri':
        return servePrivateFile(state, rest[0] ?? '', request)
      case 'hooks':
        return takeResponse(deps, rest[1] ?? '', request)
      case 'oauth':
        return answerInstall(state, deps.oauth, request)
      case '':
      case 'page':
        return await deps.page.answer(request)
      default:
        return { status: 404, body: 'Not found\n' }
    }
  }
}

async function takeUpload(files: Files, id: string, request: HttpRequest): Promise<HttpReply> {
  const bytes = await readUpload(request)
  if (!bytes || !files.receive(id, bytes)) return { status: 400, body: 'Bad upload\n' }
  return { status: 200, body: `OK - ${bytes.byteLength}` }
}

/** The bytes: the body itself, or the one file of a form. */
async function readUpload(request: HttpRequest): Promise<Uint8Array | undefined> {
  const type = request.headers['content-type'] ?? ''
  if (!type.startsWith('multipart/form-data')) return request.body
  const form = await new Response(new Uint8Array(request.body), { headers: { 'content-type': type } })
    .formData()
    .catch(() => undefined)
  const file = form && [...form.values()].find((value) => value instanceof File)
  return file && new Uint8Array(await file.arrayBuffer())
}

/** Only with a token of the file's workspace; everyone else is sent to sign in, with status 200, as Slack does. */
function servePrivateFile(state: State, name: string, request: HttpRequest): HttpReply {
  const [team = '', id = ''] = name.split('-')
  const token = /^Bearer (\S+)$/i.exec(request.headers['authorization'] ?? '')?.[1]
  const file = state.files.get(id)
  if (token === undefined || state.teams.get(team)?.ids.token !== token) {
    return { status: 200, headers: { 'content-type': 'text/html' }, body: '<!doctype html><title>Sign in</title>' }
  }
  return file && file.team === team ? serveFile(file) : { status: 404, body: 'Not found\n' }
}

function takeResponse(
  deps: { readonly state: State; readonly leases: Leases; readonly hooks: ChatHooks },
  id: string,
  request: HttpRequest,
): HttpReply {
  const type = request.headers['content-type'] ?? 'application/json'
  const parsed = parseArgs(request.body.toString('utf8'), type, new URLSearchParams())
  // A form carries the message as JSON in its field `payload`
  const payload = parsed && createArgs(parsed).structure('payload')
  const body = (payload ?? parsed) as Readonly<Record<string, unknown>> | undefined
  if (!body) return { status: 400, body: 'invalid_payload' }
  try {
    respond(deps, id, body)
    return { status: 200, body: 'ok' }
  } catch (error) {
    if (!(error instanceof SlackError)) throw error
    const isGone = ['expired_url', 'used_url'].includes(error.error)
    return {
      status: isGone ? 404 : 400,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ok: false, error: error.error, ...error.extra }),
    }
  }
}
