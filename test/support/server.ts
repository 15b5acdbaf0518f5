import { once } from 'node:events'
import { connect } from 'node:net'
import { startServer, type Server, type ServerDeps } from '../../src/bot/server.ts'
import { silentLogger } from '../../src/lib/log.ts'

/** The bot's server on a free loopback port, with the given routes. */
export function openServer(deps: Partial<ServerDeps> & Pick<ServerDeps, 'routes'>): Promise<Server> {
  return startServer({ host: '127.0.0.1', port: 0, basePath: '', log: silentLogger, ...deps })
}

/** Sends text as it is to a server, and reads until it closes the connection. */
export async function sendRaw(url: string, text: string): Promise<string> {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  await once(socket, 'connect')
  socket.setEncoding('utf8').write(text)
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  return answer
}
