import { type WebSocket, WebSocketServer } from 'ws'
import type { AppSocket } from '../deliveries/sender.ts'
import { parseRecord } from '../../local/json.ts'
import type { Ids } from '../ids.ts'
import type { HttpServer } from '../../local/http-server.ts'

/** Connections that the app opens in Socket Mode. */
export interface Sockets extends AsyncDisposable {
  /** An address that takes one connection. */
  newAddress(): string
  /** One of the open connections, each in turn; undefined while there is none. */
  next(): AppSocket | undefined
  /** Ends all connections, as Slack does now and then; the app is expected to open new ones. */
  drop(): void
}

/** The app takes a line without pings for dead after 30 s. */
const pingIntervalMs = 10_000
/** How long a client may take to say goodbye. */
const closeTimeoutMs = 500

/** @see https://docs.slack.dev/apis/events-api/using-socket-mode */
export function createSockets(options: {
  readonly http: HttpServer
  readonly ids: Ids
  readonly appId: string
}): Sockets {
  const { http, ids, appId } = options
  const tickets = new Set<string>()
  const open = new Set<WebSocket>()
  const waiting = new Map<string, (payload: string) => void>()
  const server = new WebSocketServer({ noServer: true })
  const pings = setInterval(() => {
    for (const socket of open) socket.ping()
  }, pingIntervalMs)
  pings.unref()

  http.server.on('upgrade', (request, stream, head) => {
    const ticket = new URL(request.url ?? '/', http.url).searchParams.get('ticket') ?? ''
    if (!tickets.delete(ticket)) {
      stream.end('HTTP/1.1 401 Unauthorized\r\n\r\n')
      return
    }
    server.handleUpgrade(request, stream, head, (socket) => {
      open.add(socket)
      socket.on('close', () => open.delete(socket))
      socket.on('error', () => socket.terminate())
      socket.on('message', (data: Buffer) => {
        const { envelope_id: id, payload } = parseRecord(data.toString())
        waiting.get(String(id))?.(payload === undefined ? '' : JSON.stringify(payload))
      })
      socket.send(
        JSON.stringify({
          type: 'hello',
          num_connections: open.size,
          connection_info: { app_id: appId },
          debug_info: { host: 'sandbox', approximate_connection_time: 18_060 },
        }),
      )
    })
  })

  function toAppSocket(socket: WebSocket): AppSocket {
    return {
      async send(envelope, signal) {
        const id = ids.next('e')
        const { promise, resolve, reject } = Promise.withResolvers<string>()
        const stop = (): void => reject(signal.reason)
        signal.addEventListener('abort', stop, { once: true })
        waiting.set(id, resolve)
        socket.send(JSON.stringify({ ...envelope, envelope_id: id }))
        try {
          return await promise
        } finally {
          waiting.delete(id)
          signal.removeEventListener('abort', stop)
        }
      },
    }
  }

  return {
    newAddress() {
      const ticket = ids.next('ticket')
      tickets.add(ticket)
      return `${http.url.replace('http:', 'ws:')}/link?ticket=${ticket}`
    },
    next() {
      const [socket] = open
      if (!socket) return undefined
      open.delete(socket)
      open.add(socket)
      return toAppSocket(socket)
    },
    drop() {
      for (const socket of open) {
        socket.send(JSON.stringify({ type: 'disconnect', reason: 'refresh_requested' }))
        socket.close()
      }
    },
    [Symbol.asyncDispose]() {
      clearInterval(pings)
      for (const socket of open) socket.close(1001)
      const late = setTimeout(() => {
        for (const socket of server.clients) socket.terminate()
      }, closeTimeoutMs)
      return new Promise((resolve) => {
        server.close(() => {
          clearTimeout(late)
          resolve()
        })
      })
    },
  }
}
