import { mkdir, readdir } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { silentLogger, type Logger } from '../../../src/lib/log.ts'
import { launchBrowser, type RunningBrowser } from '../../../src/render/browser/launch.ts'
import { processTreeBytes } from '../../../src/render/browser/memory.ts'
import { createPagePool, type PagePool, type PagePoolDeps } from '../../../src/render/browser/page-pool.ts'
import { browserPath, browserPids, commandOf, pdfTexts, temporaryFolder } from '../support.ts'

const never = new AbortController().signal

function pool(deps: Partial<PagePoolDeps> = {}): PagePool {
  return createPagePool({
    pages: 2,
    maxWaiting: 8,
    jobsPerPage: 100,
    jobsPerBrowser: 1000,
    mostBytes: 2 ** 40,
    launch: () => launchBrowser(browserPath, silentLogger),
    log: silentLogger,
    ...deps,
  })
}

/** Resolves with the process id of the browser that replaced another. */
function replacement(): { readonly log: Logger; readonly freshPid: Promise<number> } {
  const { promise, resolve } = Promise.withResolvers<number>()
  const info: Logger['info'] = (fields) => {
    if ('freshPid' in fields) resolve(Number(fields.freshPid))
  }
  return { log: { ...silentLogger, info }, freshPid: promise }
}

async function print(from: PagePool, text: string): Promise<string> {
  await using page = await from.leasePage(never)
  return (await pdfTexts(await page.print(`<p>${text}</p>`, { tagged: true }, never))).join('').trim()
}

describe('createPagePool', () => {
  it('replaces the browser after so many jobs, and ends the old one', async () => {
    const { log, freshPid } = replacement()
    await using ours = pool({ jobsPerBrowser: 3, log })
    await print(ours, 'first')
    const [old = 0] = browserPids()
    await print(ours, 'second')
    await print(ours, 'third')

    const fresh = await freshPid

    expect(fresh).not.toBe(old)
    expect(await print(ours, 'fourth')).toBe('fourth')
    await ours[Symbol.asyncDispose]()
    expect([old, fresh].map(commandOf)).toEqual(['', ''])
  })

  it('replaces a browser that takes too much memory', async () => {
    const { log, freshPid } = replacement()
    await using ours = pool({ mostBytes: 1, log })
    await print(ours, 'first')
    const [old = 0] = browserPids()
    for (let job = 2; job <= 25; job += 1) await print(ours, `job ${job}`)

    expect(await freshPid).not.toBe(old)
  })

  it('lets a job under way in the old browser end there', async () => {
    const { log, freshPid } = replacement()
    await using ours = pool({ jobsPerBrowser: 1, log })
    const long = `<style>p{break-after:page}</style>${'<p>page</p>'.repeat(3000)}`
    await using page = await ours.leasePage(never)
    const printing = page.print(long, { tagged: true }, never)
    await print(ours, 'short, after which the browser is replaced')
    await freshPid

    expect(await pdfTexts(await printing)).toHaveLength(3000)
  })

  it('keeps the old browser when a new one does not start', async () => {
    const { promise: kept, resolve } = Promise.withResolvers<void>()
    const log: Logger = { ...silentLogger, warn: (_, message) => message.includes('old one goes on') && resolve() }
    const launches: Promise<RunningBrowser>[] = []
    const launch = async (): Promise<RunningBrowser> => {
      if (launches.length > 0) throw new Error('no memory for another browser')
      const launched = launchBrowser(browserPath, silentLogger)
      launches.push(launched)
      return await launched
    }
    await using ours = pool({ jobsPerBrowser: 1, launch, log })
    await print(ours, 'first')
    await kept

    expect(await print(ours, 'second')).toBe('second')
  })
})

describe('processTreeBytes', () => {
  it('counts a browser with the processes it started', async () => {
    await using running = await launchBrowser(browserPath, silentLogger)

    const whole = await processTreeBytes(running.pid)

    expect(whole).toBeGreaterThan(100 * 2 ** 20)
    expect(whole).toBeLessThan(await processTreeBytes(process.pid))
    expect(await processTreeBytes(2 ** 30)).toBe(0)
  })
})

describe('launchBrowser', () => {
  it('removes the folder of a browser whose program was killed, and leaves those of others alone', async () => {
    await using temporary = await temporaryFolder()
    const kept = [
      `deckhand-chromium-${hostname()}-${process.pid}-abcdef`,
      'deckhand-chromium-another.machine-4194999-abcdef',
      'something-else',
    ]
    // No process has this id: Linux gives none above 4194304.
    for (const name of [...kept, `deckhand-chromium-${hostname()}-4194999-abcdef`])
      await mkdir(join(temporary.path, name))

    await using running = await launchBrowser(browserPath, silentLogger)

    const left = await readdir(temporary.path)
    expect(left).toEqual(expect.arrayContaining(kept))
    expect(left).toHaveLength(4)
    expect(commandOf(running.pid)).toContain(left.find((name) => !kept.includes(name)))
  })
})
