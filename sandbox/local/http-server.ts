import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

/** A request, read to its end. */
export interface HttpRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** Waits on the wall clock, unless the server closes. */
  pause(ms: number): Promise<void>
}

export interface HttpReply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

/** `break` ends the connection without an answer; a function takes the response over and keeps it open. */
export type HttpAnswer = HttpReply | 'break' | ((response: ServerResponse) => void)

export interface HttpServer extends AsyncDisposable {
  readonly url: string
  /** For connections that become something else. */
  readonly server: Server
}

/** More than any client of ours sends at once. */
const maxBodyBytes = 64 * 1024 * 1024

/** Listens on 127.0.0.1 and hands every request to `answer`, with its body. Only local names are served. */
export async function startHttpServer(options: {
  readonly port: number
  readonly answer: (request: HttpRequest) => Promise<HttpAnswer>
}): Promise<HttpServer> {
  const closing = new AbortController()
  const server = createServer((incoming, response) => {
    void handle(incoming, response).catch(() => response.destroy())
  })

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    // A page elsewhere that has its name point here must not read what is said here.
    if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(incoming.headers.host ?? '')) {
      send(response, { status: 421, body: 'Only on 127.0.0.1\n' })
      return
    }
    const body = await readBody(incoming)
    if (!body) {
      send(response, { status: 413, body: 'Too large\n' })
      return
    }
    const url = new URL(incoming.url ?? '/', 'http://127.0.0.1')
    const answer = await options
      .answer({
        method: incoming.method ?? 'GET',
        path: url.pathname,
        query: url.searchParams,
        headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
        body,
        pause: (ms) => delay(ms, undefined, { signal: closing.signal }),
      })
      .catch((error: unknown): HttpReply => ({ status: 500, body: `${String(error)}\n` }))
    if (answer === 'break') incoming.socket.resetAndDestroy()
    else if (typeof answer === 'function') answer(response)
    else send(response, answer)
  }

  const { url, close } = await listenOnLoopback(server, options.port)
  return {
    url,
    server,
    async [Symbol.asyncDispose]() {
      closing.abort(new DOMException('The server is closed', 'AbortError'))
      await close()
    },
  }
}

/** Listens on 127.0.0.1; port 0 takes any free one. `close` ends open connections too. */
export async function listenOnLoopback(
  server: Server,
  wanted: number,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(wanted, '127.0.0.1', resolve)
  })
  // Listening on a TCP port, so the address is no path
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      server.closeAllConnections()
      await closed
    },
  }
}

function send(response: ServerResponse, { status, headers, body }: HttpReply): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers })
  response.end(body)
}

/** The whole body; undefined when it is too large. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.byteLength
    if (size <= maxBodyBytes) chunks.push(chunk)
  }
  return size > maxBodyBytes ? undefined : Buffer.concat(chunks)
}
