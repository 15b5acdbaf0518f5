import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

/** What came in. */
export interface RecordedRequest {
  readonly method: string
  /** Without the query string. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown
}

/** What goes out, or what goes wrong. */
export interface Reply {
  /** Default 200. */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is. */
  readonly text?: string
  /** The reply is held back until this resolves: a slow server that the test is in charge of. */
  readonly after?: Promise<unknown>
  /** `before`: the connection breaks without a reply, although the request was read. `halfway`: after the headers. */
  readonly destroy?: 'before' | 'halfway'
}

/** One reply for all requests, or a list: one each, the last one for all further ones; or a function of the request. */
export type Replies = Reply | readonly Reply[] | ((request: RecordedRequest, nth: number) => Reply | Promise<Reply>)

/** A server on 127.0.0.1 for one test. Requests without a route get 501 and say so. */
export interface TestServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:41234`. */
  readonly url: string
  readonly requests: readonly RecordedRequest[]
  /** Requests of one route: `to('POST /api/x')`. */
  to(route: string): readonly RecordedRequest[]
  /** Sets the replies of `METHOD /path`; the path may have `*` for one part. */
  on(route: string, replies: Replies): void
}

export async function startTestServer(routes: Readonly<Record<string, Replies>> = {}): Promise<TestServer> {
  const table = new Map<string, Replies>(Object.entries(routes))
  const counts = new Map<string, number>()
  const requests: RecordedRequest[] = []
  const sockets = new Set<Socket>()

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await record(incoming)
    requests.push(request)
    const route = [...table.keys()].find((candidate) => matches(candidate, request))
    if (route === undefined) {
      await send(response, { status: 501, json: { message: `no route for ${request.method} ${request.path}` } })
      return
    }
    const nth = counts.get(route) ?? 0
    counts.set(route, nth + 1)
    await send(response, await pick(table.get(route), request, nth))
  }

  const server: Server = createServer((incoming, response) => {
    handle(incoming, response).catch((error: unknown) => response.destroy(error as Error))
  })
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    to: (route) => requests.filter((request) => matches(route, request)),
    on(route, replies) {
      table.set(route, replies)
      counts.delete(route)
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

async function record(incoming: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  const url = new URL(incoming.url ?? '/', 'http://loopback')
  return {
    method: incoming.method ?? '',
    path: url.pathname,
    query: Object.fromEntries(url.searchParams),
    headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
    text,
    json: parse(text),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function pick(replies: Replies | undefined, request: RecordedRequest, nth: number): Promise<Reply> {
  if (typeof replies === 'function') return replies(request, nth)
  const list = (Array.isArray(replies) ? replies : [replies]) as readonly Reply[]
  return list[Math.min(nth, list.length - 1)] ?? {}
}

async function send(response: ServerResponse, reply: Reply): Promise<void> {
  await reply.after
  if (reply.destroy === 'before') {
    response.destroy()
    return
  }
  const body = reply.json === undefined ? (reply.text ?? '') : JSON.stringify(reply.json)
  const type = reply.json === undefined ? 'text/plain' : 'application/json'
  response.writeHead(reply.status ?? 200, { 'content-type': type, ...reply.headers })
  if (reply.destroy === 'halfway') {
    response.write(body.slice(0, Math.ceil(body.length / 2)), () => response.destroy())
    return
  }
  response.end(body)
}

function matches(route: string, request: RecordedRequest): boolean {
  const [method, path = ''] = route.split(' ')
  if (method !== request.method) return false
  const wanted = path.split('/')
  const actual = request.path.split('/')
  return wanted.length === actual.length && wanted.every((part, index) => part === '*' || part === actual[index])
}
