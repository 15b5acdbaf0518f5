import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import type { Writable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { DeckhandError, type ErrorDetails } from '../../src/lib/errors.ts'

/**
 * A part that should run on this machine does not. `missing`: it was never set up; `exited`: it ended before it was
 * ready; `timeout`: it did not become ready in time.
 */
export class LocalPartError extends DeckhandError {
  override readonly name = 'LocalPartError'
  readonly code: 'missing' | 'exited' | 'timeout'

  constructor(code: LocalPartError['code'], message: string, details: ErrorDetails) {
    super(message, details)
    this.code = code
  }
}

/**
 * A server process we own. Disposing asks it to end, then kills it and whatever it has started. That also happens, by
 * the kernel's hand, when this process dies without disposing, even by SIGKILL.
 */
export interface LocalProcess extends AsyncDisposable {
  /** The program's own process id. */
  readonly pid: number
  /** True from the moment the program has ended. */
  readonly hasExited: boolean
  /** The last of what it printed, stdout and stderr together. */
  output(): string
}

export interface LocalProcessOptions {
  /** For messages: what runs. */
  readonly title: string
  readonly command: string
  readonly args: readonly string[]
  readonly env?: NodeJS.ProcessEnv
  /** How long it may take to end by itself when it is disposed. */
  readonly graceMs?: number
}

/**
 * The shell leaves a watcher behind and then becomes the program, so `pid` is the program's. The watcher reads from a
 * pipe whose other end only this process holds; when that end closes, for whatever reason, it kills the process group.
 */
const watched = '(cat <&3; kill -KILL 0) >/dev/null 2>&1 & exec "$@" 3<&-'
const keptOutput = 16 * 1024

/** Starts a program in a process group of its own. @throws LocalPartError `exited` when it cannot be started at all */
export async function startProcess(options: LocalProcessOptions): Promise<LocalProcess> {
  const child = spawn('/bin/sh', ['-c', watched, 'sh', options.command, ...options.args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: options.env ?? process.env,
  })
  // Node types the streams loosely because a descriptor may go either way; the fourth is the pipe asked for above.
  const leash = child.stdio[3] as Writable
  leash.on('error', () => {})
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-keptOutput)
    })
  }
  let hasExited = false
  child.once('exit', () => leash.destroy()) // what the program has started must not outlive it
  const exited = new Promise<void>((resolve) => {
    // Later than `exit`: by then all that was printed has been read.
    child.once('close', () => {
      hasExited = true
      resolve()
    })
  })
  try {
    await once(child, 'spawn')
  } catch (cause) {
    throw new LocalPartError('exited', `Cannot start ${options.title}: /bin/sh cannot be run`, {
      userMessage: `${options.title} could not be started on this machine.`,
      cause,
    })
  }

  return {
    pid: child.pid ?? 0,
    get hasExited() {
      return hasExited
    },
    output: () => output,
    async [Symbol.asyncDispose]() {
      if (!hasExited) {
        child.kill('SIGTERM')
        await Promise.race([exited, delay(options.graceMs ?? 3000, undefined, { ref: false })])
        leash.destroy()
        for (const stream of [child.stdout, child.stderr]) stream?.destroy() // nobody can hold us up by keeping them open
        await exited
      }
    },
  }
}

/**
 * Asks `probe` again and again until it gives a value. The process is disposed when that does not happen.
 *
 * @throws LocalPartError `exited` with the end of the program's output, or `timeout`; the signal's reason
 */
export async function untilReady<T>(
  title: string,
  server: LocalProcess,
  probe: (signal: AbortSignal) => Promise<T | undefined>,
  options: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
): Promise<T> {
  const deadline = AbortSignal.timeout(options.timeoutMs)
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline
  const userMessage = `${title} could not be started on this machine.`
  try {
    for (;;) {
      const value = await probe(signal).catch(() => undefined)
      if (value !== undefined) return value
      options.signal?.throwIfAborted()
      if (server.hasExited) {
        const message = `${title} ended before it was ready: ${server.output().trim() || 'it printed nothing'}`
        throw new LocalPartError('exited', message, { userMessage })
      }
      if (deadline.aborted) {
        const message = `${title} is not ready after ${options.timeoutMs} ms: ${server.output().trim()}`
        throw new LocalPartError('timeout', message, { userMessage })
      }
      await delay(25)
    }
  } catch (error) {
    await server[Symbol.asyncDispose]()
    throw error
  }
}

/** A loopback port that is free now. Somebody else may take it before it is used: check who answers there. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  // Listening on an IP address, so the address is not a pipe's name.
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
