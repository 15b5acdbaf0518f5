import { randomBytes } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import { TraceRecord } from './trace-record.ts'
import { temporaryPrefix, writeWhole } from './write-file.ts'

/**
 * Finished traces on disk, oldest first, one file each. Several processes may share the folder: all state is in file
 * names, and a name changes by `rename`, which only one of two rivals can win.
 *
 *   <time>-<number>-<trace id>.json                               waiting, since when in milliseconds
 *   <time>-<number>-<trace id>.json.<owner>.<claimed at>.sending   claimed by a process that is sending it
 *   rejected/<time>-<number>-<trace id>.json                       refused by the server for good, kept for the operator
 */
export interface Spool {
  /** Writes the record; drops the oldest waiting ones (and says so) when the folder grows beyond its bounds. */
  add(record: TraceRecord): Promise<void>
  /**
   * Writes a record that becomes free only if this process dies, or has not ended the claim by `until` (milliseconds
   * since the epoch).
   */
  hold(record: TraceRecord, until: number): Promise<Claim>
  /** Claims the oldest record that nobody is sending. */
  claim(): Promise<Claim | undefined>
  /** How many nobody is sending. */
  waitingCount(): Promise<number>
}

/** A record that only this process may send. Its owner must end it with `done`, `release` or `reject`. */
export interface Claim {
  readonly name: string
  readonly record: TraceRecord
  /** Says that the owner is alive. False when the claim was lost to another process: stop sending. */
  refresh(): Promise<boolean>
  done(): Promise<void>
  release(): Promise<void>
  reject(): Promise<void>
}

export interface SpoolBounds {
  readonly maxFiles: number
  readonly maxBytes: number
}

/** A claim that was not refreshed for so long belongs to a process that died. Longer than any one request may take. */
const staleAfterMs = 120_000
const maxRejected = 100

/** Creates the folder (mode 700) if needed. Rejects when it cannot be written. */
export async function openSpool(deps: {
  readonly dir: string
  readonly clock: Clock
  readonly log: Logger
  readonly bounds?: SpoolBounds
}): Promise<Spool> {
  const { dir, clock, log } = deps
  const bounds = deps.bounds ?? { maxFiles: 1000, maxBytes: 256 * 1024 * 1024 }
  const rejectedDir = join(dir, 'rejected')
  const owner = `${hostname().replaceAll(/[^A-Za-z0-9-]/g, '-')}_${process.pid}_${randomBytes(4).toString('hex')}`
  let added = 0
  await mkdir(rejectedDir, { recursive: true, mode: 0o700 })

  function nextName(record: TraceRecord): string {
    added += 1
    // The number keeps the order of turns that end within one millisecond.
    return `${String(clock.now()).padStart(15, '0')}-${String(added).padStart(6, '0')}-${record.traceId}.json`
  }

  async function list(): Promise<SpoolFile[]> {
    const files = (await readdir(dir)).map(parseName).filter((file) => file !== undefined)
    return files.toSorted((a, b) => (a.base < b.base ? -1 : 1))
  }

  function isFree(file: SpoolFile): boolean {
    if (file.claim === undefined) return true
    return clock.now() - file.claim.at > staleAfterMs || isDead(file.claim.owner)
  }

  /** True when this process now owns the new name. */
  async function take(from: string, to: string): Promise<boolean> {
    try {
      await rename(join(dir, from), join(dir, to))
      return true
    } catch (error) {
      if (isMissing(error)) return false
      throw error
    }
  }

  /** What processes left that died in the middle of a write. */
  async function sweep(): Promise<void> {
    for (const name of await readdir(dir)) {
      if (!name.startsWith(temporaryPrefix)) continue
      const path = join(dir, name)
      const modifiedAt = (await stat(path).catch(() => undefined))?.mtimeMs ?? Infinity
      if (clock.now() - modifiedAt > staleAfterMs) await rm(path, { force: true })
    }
  }

  async function enforceBounds(): Promise<void> {
    const files = (await list()).filter((file) => file.claim === undefined)
    const sizes = await Promise.all(files.map((file) => sizeOf(join(dir, file.name))))
    let count = files.length
    let bytes = sizes.reduce((sum, size) => sum + size, 0)
    for (const [index, file] of files.entries()) {
      // The newest always stays: a bound that keeps nothing would be a switch, not a bound.
      if ((count <= bounds.maxFiles && bytes <= bounds.maxBytes) || index === files.length - 1) break
      await rm(join(dir, file.name), { force: true })
      count -= 1
      bytes -= sizes[index] ?? 0
      log.warn({ trace: file.base, waiting: count, bounds }, 'Dropped the oldest unsent trace: the spool is full')
    }
  }

  async function moveToRejected(from: string, base: string): Promise<void> {
    await take(from, join('rejected', base))
    const kept = (await readdir(rejectedDir)).toSorted()
    for (const name of kept.slice(0, Math.max(0, kept.length - maxRejected))) {
      await rm(join(rejectedDir, name), { force: true })
    }
  }

  function claimOf(base: string, firstName: string, record: TraceRecord): Claim {
    let name = firstName
    return {
      name: base,
      record,
      async refresh() {
        const next = claimName(base, owner, clock.now())
        if (next === name) return (await sizeOf(join(dir, name))) > 0
        const kept = await take(name, next)
        if (kept) name = next
        return kept
      },
      done: () => rm(join(dir, name), { force: true }),
      release: async () => void (await take(name, base)),
      reject: () => moveToRejected(name, base),
    }
  }

  await sweep()
  return {
    async add(record) {
      await writeWhole(join(dir, nextName(record)), JSON.stringify(record))
      await enforceBounds()
    },

    async hold(record, until) {
      const base = nextName(record)
      const name = claimName(base, owner, until)
      await writeWhole(join(dir, name), JSON.stringify(record))
      return claimOf(base, name, record)
    },

    async claim() {
      for (const file of await list()) {
        if (!isFree(file)) continue
        const name = claimName(file.base, owner, clock.now())
        if (!(await take(file.name, name))) continue
        const record = await readRecord(join(dir, name))
        if (record) return claimOf(file.base, name, record)
        log.error({ file: file.base }, 'Cannot read a spooled trace: moved to the rejected ones')
        await moveToRejected(name, file.base)
      }
      return undefined
    },

    waitingCount: async () => (await list()).filter((file) => file.claim === undefined).length,
  }
}

interface SpoolFile {
  readonly name: string
  /** The name it has while it waits. */
  readonly base: string
  readonly claim: { readonly owner: string; readonly at: number } | undefined
}

function claimName(base: string, owner: string, at: number): string {
  return `${base}.${owner}.${at}.sending`
}

function parseName(name: string): SpoolFile | undefined {
  const match = /^(\d{15}-\d{6,}-tr-[0-9a-f]{32}\.json)(?:\.([A-Za-z0-9-]+_\d+_[0-9a-f]{8})\.(\d+)\.sending)?$/.exec(
    name,
  )
  if (!match?.[1]) return undefined
  return { name, base: match[1], claim: match[2] ? { owner: match[2], at: Number(match[3]) } : undefined }
}

/** True when the owner surely no longer runs: a process of this machine whose id is free. */
function isDead(owner: string): boolean {
  const [host, pid] = owner.split('_')
  if (host !== hostname().replaceAll(/[^A-Za-z0-9-]/g, '-')) return false
  try {
    process.kill(Number(pid), 0)
    return false
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH'
  }
}

async function readRecord(path: string): Promise<TraceRecord | undefined> {
  try {
    return TraceRecord.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return undefined
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size
  } catch (error) {
    if (isMissing(error)) return 0
    throw error
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
