import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface ProxiedRequest {
  readonly method: string
  /** With the query string. */
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: Buffer
}

/**
 * What becomes of a request: `pass` it on; pass it on but break the connection instead of answering (`lose-reply`);
 * break it at once (`refuse`); never answer (`hang`); or answer with a status.
 */
export type Decision =
  | 'pass'
  | 'lose-reply'
  | 'refuse'
  | 'hang'
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly text: string }

/**
 * Stands between the code under test and a real MLflow server: records every request, passes it on, and goes wrong on
 * demand. The code under test knows only its address, which stays the same while the server is "down".
 */
export interface Proxy extends AsyncDisposable {
  readonly url: string
  readonly requests: readonly ProxiedRequest[]
  /** `METHOD /path` of each request so far, without query and ids. */
  calls(): string[]
  decide: (request: ProxiedRequest) => Decision
  /** Resolves once a request whose `METHOD /path` starts so has arrived, counting from now. */
  arrival(start: string): Promise<ProxiedRequest>
}

export async function startProxy(mlflowUrl: string): Promise<Proxy> {
  const requests: ProxiedRequest[] = []
  let watchers: { readonly start: string; readonly tell: (request: ProxiedRequest) => void }[] = []

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const request = {
      method: incoming.method ?? '',
      path: incoming.url ?? '/',
      headers: incoming.headers,
      body: Buffer.concat(chunks),
    }
    requests.push(request)
    const name = `${request.method} ${request.path}`
    for (const watcher of watchers) if (name.startsWith(watcher.start)) watcher.tell(request)
    watchers = watchers.filter((watcher) => !name.startsWith(watcher.start))

    const decision = proxy.decide(request)
    if (decision === 'hang') return
    if (decision === 'refuse') return void response.destroy()
    if (typeof decision === 'object') {
      response.writeHead(decision.status, { 'content-type': 'text/plain', ...decision.headers }).end(decision.text)
      return
    }
    const type = request.headers['content-type']
    const experiment = request.headers['x-mlflow-experiment-id']
    const answer = await fetch(`${mlflowUrl}${request.path}`, {
      method: request.method,
      headers: {
        ...(type ? { 'content-type': type } : {}),
        ...(typeof experiment === 'string' ? { 'x-mlflow-experiment-id': experiment } : {}),
      },
      ...(request.method === 'GET' ? {} : { body: request.body }),
    })
    const body = Buffer.from(await answer.arrayBuffer())
    if (decision === 'lose-reply') return void response.destroy()
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' }).end(body)
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  const proxy: Proxy = {
    url: `http://127.0.0.1:${port}`,
    requests,
    calls: () =>
      requests.map((request) => {
        const path = request.path.replace(/\?.*/, '').replaceAll(/tr-[0-9a-f]{32}/g, '{trace}')
        return `${request.method} ${path}`
      }),
    decide: () => 'pass',
    arrival(start) {
      const { promise, resolve } = Promise.withResolvers<ProxiedRequest>()
      watchers.push({ start, tell: resolve })
      return promise
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
  return proxy
}
