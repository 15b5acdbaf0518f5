import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** `deckhand serve` as a process of its own. Disposing kills it where it still runs. */
export interface ServeProcess extends AsyncDisposable {
  /** Where it says it listens; rejects with what it printed when it ends before. */
  readonly url: Promise<string>
  /** Settles when it is gone and all it printed is read. */
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>
  signal(name: NodeJS.Signals): void
}

/** Runs with these variables and none of this process's, but for those that find Node. */
export function startServe(args: readonly string[], env: Readonly<Record<string, string>>): ServeProcess {
  const { PATH = '', NODE_COMPILE_CACHE = join(root, '.deckhand/compile-cache') } = process.env
  const child = spawn(process.execPath, [join(root, 'src/main.ts'), 'serve', ...args], {
    env: { PATH, NODE_COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  const url = Promise.withResolvers<string>()
  url.promise.catch(() => undefined) // not every test asks
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
    const said = /: (http:\/\/\S+)\n/.exec(stdout)?.[1]
    if (said !== undefined) url.resolve(said)
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  const ended = once(child, 'close').then(([code]: (number | null)[]) => {
    url.reject(new Error(`deckhand serve ended before it listened: ${stderr}`))
    return { code: code ?? null, stdout, stderr }
  })
  return {
    url: url.promise,
    ended,
    signal: (name) => void child.kill(name),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
