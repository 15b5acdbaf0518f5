import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { startProcess, untilReady, type LocalProcess } from '../../../sandbox/local/child.ts'

const module = path.resolve(import.meta.dirname, '../../../sandbox/local/child.ts')

describe('startProcess', () => {
  it('gives the program’s own process id', async () => {
    await using server = await start('echo $$; exec sleep 1000')

    await vi.waitFor(() => expect(server.output()).toBe(`${server.pid}\n`))
  })

  it('asks the program to end when it is disposed', async () => {
    const server = await start('trap "echo goodbye; exit 0" TERM; echo ready; while :; do sleep 0.05; done')
    await vi.waitFor(() => expect(server.output()).toBe('ready\n'))

    await server[Symbol.asyncDispose]()

    expect(server.output()).toBe('ready\ngoodbye\n')
    expect(isAlive(server.pid)).toBe(false)
  })

  it('kills a program that does not listen, and what it has started', async () => {
    const server = await start('trap "" TERM; sleep 1000 & echo $!; while :; do sleep 0.05; done', 100)
    const grandchild = await printedPid(server)

    await server[Symbol.asyncDispose]()

    expect(isAlive(server.pid)).toBe(false)
    await vi.waitFor(() => expect(isAlive(grandchild)).toBe(false))
  })

  it('lets nothing outlive the program that started it', async () => {
    await using server = await start('sleep 1000 & echo $!')
    const grandchild = await printedPid(server)

    await vi.waitFor(() => expect(server.hasExited).toBe(true))
    await vi.waitFor(() => expect(isAlive(grandchild)).toBe(false))
  })

  it('ends with this process, even when that is killed', async () => {
    const source = `
      import { startProcess } from ${JSON.stringify(module)}
      const server = await startProcess({
        title: 'sleeper', command: 'sh', args: ['-c', 'trap "" TERM; sleep 1000 & echo $!; wait; sleep 1000'],
      })
      setInterval(() => server.output() && console.log(server.pid, server.output().trim()), 10)`
    const owner = spawn(process.execPath, ['--input-type=module', '--eval', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = (await once(owner.stdout.setEncoding('utf8'), 'data')) as [string]
    const pids = line.split('\n')[0]?.split(' ').map(Number) ?? []
    expect(pids.map(isAlive)).toEqual([true, true])

    owner.kill('SIGKILL')

    await vi.waitFor(() => expect(pids.map(isAlive)).toEqual([false, false]))
  })
})

describe('untilReady', () => {
  const never = (): Promise<undefined> => Promise.resolve(undefined)

  it('gives what the probe finds, after any number of tries', async () => {
    await using server = await start('exec sleep 1000')
    let tries = 0

    const value = await untilReady('Sleeper', server, async () => ((tries += 1) === 3 ? 'up' : undefined), {
      timeoutMs: 10_000,
    })

    expect(value).toBe('up')
  })

  it('fails with the program’s last words when it ends too early', async () => {
    const server = await start('echo "cannot bind" >&2; exit 3')

    await expect(untilReady('Sleeper', server, never, { timeoutMs: 10_000 })).rejects.toMatchObject({
      name: 'LocalPartError',
      code: 'exited',
      message: 'Sleeper ended before it was ready: cannot bind',
    })
  })

  it('ends the program and fails when it is not ready in time', async () => {
    const server = await start('exec sleep 1000')

    await expect(untilReady('Sleeper', server, never, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'timeout' })
    expect(server.hasExited).toBe(true)
  })

  it('ends the program and fails with the reason when the wait is given up', async () => {
    const server = await start('exec sleep 1000')
    const signal = AbortSignal.abort(new Error('changed my mind'))

    await expect(untilReady('Sleeper', server, never, { timeoutMs: 10_000, signal })).rejects.toThrow('changed my mind')
    expect(server.hasExited).toBe(true)
  })
})

function start(script: string, graceMs = 5000): Promise<LocalProcess> {
  return startProcess({ title: 'sleeper', command: 'sh', args: ['-c', script], graceMs })
}

async function printedPid(server: LocalProcess): Promise<number> {
  await vi.waitFor(() => expect(server.output()).toMatch(/^\d+\n/))
  return Number.parseInt(server.output(), 10)
}

/** False for a process that is gone, and for one that is dead and waits for its parent to notice. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
