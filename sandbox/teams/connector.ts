import { isRecord, list, parseRecord, string } from '../local/json.ts'
import type { HttpAnswer, HttpReply, HttpRequest } from '../local/http-server.ts'
import { CallError } from './call-error.ts'
import type { ApiCall, Attachment, Content, Method } from './contract.ts'
import type { FaultBook } from './faults.ts'
import type { Identity } from './identity.ts'
import type { Rates } from './rates.ts'
import { splitConversation, type Conversation, type State } from './state.ts'
import type { Streams } from './streams.ts'

export interface ConnectorDeps {
  readonly state: State
  readonly identity: Identity
  readonly streams: Streams
  readonly faultBook: FaultBook
  /** Undefined while rates are not enforced. */
  readonly rates: Rates | undefined
  readonly calls: ApiCall[]
  readonly uploads: Map<string, Uint8Array>
  /** Names of the files that a person has agreed to, by the path they are sent to. */
  readonly consents: ReadonlyMap<string, string>
}

/** One address of the service. */
interface Route {
  readonly method: Method
  /** '' where none is meant. */
  readonly conversation: string
  run(): { readonly status: number; readonly body: unknown }
}

/** UTF-16 bytes of a message. @see https://learn.microsoft.com/microsoftteams/platform/bots/how-to/format-your-bot-messages */
const largestBytes = 100 * 1024

/** The HTTP face of the Bot Connector service, of Entra's token endpoint, and of where files are uploaded. */
export function createConnector(deps: ConnectorDeps): (request: HttpRequest) => Promise<HttpAnswer> {
  const { state, identity, streams, faultBook, rates, calls, uploads, consents } = deps

  function routeOf(request: HttpRequest): Route | undefined {
    const { method, path, body } = request
    if (method === 'GET' && path === '/openid/.well-known/openidconfiguration') {
      return { method: 'keys', conversation: '', run: () => ({ status: 200, body: identity.metadata }) }
    }
    if (method === 'GET' && path === '/openid/keys') {
      return { method: 'keys', conversation: '', run: () => ({ status: 200, body: identity.keys }) }
    }
    if (method === 'POST' && path === `/${state.ids.tenant}/oauth2/v2.0/token`) {
      return { method: 'token', conversation: '', run: () => identity.grant(new URLSearchParams(body.toString())) }
    }
    if (method === 'PUT' && path.startsWith('/upload/')) {
      return {
        method: 'upload',
        conversation: '',
        run: () => upload(path, body, request.headers['content-range'] ?? ''),
      }
    }
    const [, rest] = new RegExp(`^/amer/${state.ids.tenant}/v3/conversations(/.*)?$`).exec(path) ?? []
    const parts = path.includes('/v3/conversations')
      ? (rest ?? '').split('/').slice(1).map(decodeURIComponent)
      : undefined
    return parts && connectorRoute(method, parts, body.toString())
  }

  function connectorRoute(verb: string, parts: readonly string[], sent: string): Route | undefined {
    const [full = '', what = '', id = ''] = parts
    const body = parseRecord(sent)
    if (verb === 'POST' && parts.length <= 1 && full === '') {
      return { method: 'create', conversation: '', run: () => create(body) }
    }
    if (verb === 'GET' && what === 'members')
      return { method: 'members', conversation: full, run: () => members(full, id) }
    if (what !== 'activities') return undefined
    if (verb === 'POST') return { method: 'send', conversation: full, run: () => post(full, body, sent) }
    if (verb === 'PUT') return { method: 'update', conversation: full, run: () => update(full, id, body, sent) }
    if (verb === 'DELETE') return { method: 'delete', conversation: full, run: () => remove(full, id) }
    return undefined
  }

  function place(full: string): Conversation {
    const { place, root } = splitConversation(full)
    const conversation = state.conversations.get(place)
    if (!conversation || (root !== '' && !state.find(place, root))) {
      throw new CallError(404, 'ConversationNotFound', 'Conversation not found.')
    }
    if (!conversation.hasApp) {
      throw new CallError(403, 'BotNotInConversationRoster', 'The bot is not part of the conversation roster.')
    }
    return conversation
  }

  function create(body: Readonly<Record<string, unknown>>): { status: number; body: unknown } {
    const [member] = list(body['members'])
    const id = isRecord(member) ? string(member['id']) : ''
    const tenant = string(body['tenantId']) || tenantIn(body['channelData'])
    if (tenant !== state.ids.tenant) throw new CallError(400, 'BadSyntax', 'Incorrect conversation creation parameters')
    const found = [...state.conversations.values()].find(
      ({ type, people }) =>
        type === 'personal' && people.some((person) => person.id === id || person.aadObjectId === id),
    )
    if (!found?.hasApp)
      throw new CallError(403, 'BotNotInConversationRoster', 'The app is not installed for this person.')
    return { status: 201, body: { id: found.id, activityId: null, serviceUrl: state.ids.serviceUrl } }
  }

  function members(full: string, id: string): { status: number; body: unknown } {
    const all = place(full).people.map((person) => ({ ...person, tenantId: state.ids.tenant, userRole: 'user' }))
    if (id === '') return { status: 200, body: all }
    const one = all.find((person) => person.id === id || person.aadObjectId === id)
    if (!one) throw new CallError(404, 'MemberNotFoundInConversation', 'The person is not in the conversation.')
    return { status: 200, body: one }
  }

  function post(
    full: string,
    body: Readonly<Record<string, unknown>>,
    sent: string,
  ): { status: number; body: unknown } {
    const conversation = place(full)
    const content = contentOf(body, sent)
    const streamed = streams.take({ conversation, full, body, sent }, content)
    if (streamed) return streamed
    if (body['type'] === 'typing') return { status: 201, body: { id: state.nextId() } }
    if (content.text === '' && content.attachments.length === 0) {
      throw new CallError(400, 'BadSyntax', 'Activity must include non empty text or an attachment.')
    }
    const { id } = state.add({
      ...content,
      id: state.nextId(),
      place: conversation.id,
      conversation: full,
      from: state.ids.bot,
      streamType: '',
      sent,
    })
    return { status: 201, body: { id } }
  }

  function update(
    full: string,
    id: string,
    body: Readonly<Record<string, unknown>>,
    sent: string,
  ): { status: number; body: unknown } {
    const message = state.find(place(full).id, id)
    if (!message || message.isDeleted) throw new CallError(404, 'ActivityNotFoundInConversation', 'Activity not found.')
    if (message.from !== state.ids.bot) throw new CallError(403, 'Forbidden', 'Only own messages can be edited.')
    const content = contentOf(body, sent)
    // A text and a card are two messages inside, of which an edit names one. Observed.
    if (content.text !== '' && content.attachments.length > 0) {
      throw new CallError(400, 'BadSyntax', 'Activity resulted into multiple skype activities')
    }
    state.change(message, { ...content, streamType: '', isEdited: true, sent })
    return { status: 200, body: { id } }
  }

  function remove(full: string, id: string): { status: number; body: unknown } {
    const message = state.find(place(full).id, id)
    if (!message || message.isDeleted) throw new CallError(404, 'ActivityNotFoundInConversation', 'Activity not found.')
    state.change(message, { isDeleted: true })
    return { status: 200, body: {} }
  }

  function upload(path: string, bytes: Buffer, range: string): { status: number; body: unknown } {
    const name = consents.get(path)
    if (name === undefined) throw new CallError(404, 'itemNotFound', 'The upload session was not found')
    if (range !== `bytes 0-${bytes.byteLength - 1}/${bytes.byteLength}`) {
      throw new CallError(400, 'invalidRequest', 'The Content-Range header is missing or does not fit')
    }
    uploads.set(name, bytes)
    return { status: 201, body: { id: path, name } }
  }

  function answer(
    request: HttpRequest,
    route: Route,
  ): { status: number; body: unknown; headers?: Record<string, string> } {
    const isConnector = route.method !== 'keys' && route.method !== 'token' && route.method !== 'upload'
    if (isConnector && !identity.admits(request.headers['authorization'] ?? '')) {
      throw new CallError(401, 'Unauthorized', 'Authorization has been denied for this request.')
    }
    const waitSeconds = route.conversation === '' ? undefined : rates?.take(splitConversation(route.conversation).place)
    if (waitSeconds !== undefined) return tooMany(waitSeconds)
    return route.run()
  }

  return async (request) => {
    const route = routeOf(request)
    if (!route) return toReply({ status: 404, body: { error: { code: 'NotFound', message: 'No such address' } } })
    const call = { ...toCall(request, route), at: state.now(), status: 0 }
    calls.push(call)
    const fault = faultBook.take(route.method)
    const reply = toReply(
      fault?.kind === 'rate-limit'
        ? tooMany(fault.retryAfterSeconds)
        : fault?.kind === 'fail'
          ? { status: fault.status, body: { error: { code: fault.code, message: fault.message } } }
          : fault?.kind === 'http'
            ? { status: fault.status, body: undefined }
            : attempt(() => answer(request, route)),
    )
    if (fault?.kind === 'lose-reply') return 'break'
    if (fault?.kind === 'slow') await request.pause(fault.delayMs)
    call.status = reply.status
    return reply
  }
}

function attempt(run: () => { status: number; body: unknown }): { status: number; body: unknown } {
  try {
    return run()
  } catch (error) {
    if (!(error instanceof CallError)) throw error
    return { status: error.status, body: { error: { code: error.code, message: error.message } } }
  }
}

function tooMany(retryAfterSeconds: number | undefined): {
  status: number
  body: unknown
  headers: Record<string, string>
} {
  return {
    status: 429,
    headers: retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) },
    body: { error: { code: 'Throttled', message: 'API calls quota exceeded! maximum admitted 1 per 1s.' } },
  }
}

/** Without a body it is what a proxy says. */
function toReply(answer: { status: number; body: unknown; headers?: Record<string, string> }): HttpReply {
  const { status, body, headers = {} } = answer
  if (body === undefined) {
    return { status, headers: { ...headers, 'content-type': 'text/html' }, body: `<html><h1>${status}</h1></html>` }
  }
  return { status, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) }
}

function toCall(request: HttpRequest, { method, conversation }: Route): Omit<ApiCall, 'at' | 'status'> {
  const isJson = (request.headers['content-type'] ?? '').includes('json')
  return { method, conversation, path: request.path, body: isJson ? parseRecord(request.body.toString()) : undefined }
}

function contentOf(body: Readonly<Record<string, unknown>>, sent: string): Content {
  if (2 * sent.length > largestBytes) throw new CallError(413, 'MessageSizeTooBig', 'Message size too large')
  const records = (value: unknown): Readonly<Record<string, unknown>>[] => list(value).filter((item) => isRecord(item))
  return {
    text: string(body['text']),
    summary: string(body['summary']),
    attachments: records(body['attachments']) as unknown as Attachment[],
    entities: records(body['entities']),
    channelData: isRecord(body['channelData']) ? body['channelData'] : {},
  }
}

function tenantIn(channelData: unknown): string {
  const tenant = isRecord(channelData) ? channelData['tenant'] : undefined
  return isRecord(tenant) ? string(tenant['id']) : ''
}
