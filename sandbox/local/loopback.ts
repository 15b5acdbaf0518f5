import { Server, type ListenOptions } from 'node:net'

/**
 * Loaded before a program that has no setting for it (`node --import`): whatever it listens on is on this machine alone.
 */
const { listen } = Server.prototype as { listen: (this: Server, ...args: unknown[]) => Server }

Server.prototype.listen = function (this: Server, ...args: unknown[]): Server {
  const [first, ...others] = args
  if (typeof first === 'object' && first !== null) {
    const options = first as ListenOptions
    return listen.call(this, options.port === undefined ? options : { ...options, host: '127.0.0.1' }, ...others)
  }
  const isPort = typeof first === 'number' || (typeof first === 'string' && /^\d+$/.test(first))
  if (!isPort) return listen.call(this, ...args) // a pipe's name, or neither port nor name
  // (port, host?, backlog?, callback?): the host is the one that is text.
  return listen.call(this, first, '127.0.0.1', ...others.filter((other) => typeof other !== 'string'))
}
