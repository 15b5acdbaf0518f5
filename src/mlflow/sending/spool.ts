import { randomBytes, randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../lib/clock.ts'
import type { Logger } from '../../lib/log.ts'
import { TraceRecord } from '../turn/trace-record.ts'
import { temporaryPrefix } from './write-file.ts'

/**
 * Finished turns on disk, oldest first, a folder each: `record.json` and the files of the turn's run. Several processes may
 * share the spool: all state is in the folders' names, and a name changes by `rename`, which only one of two rivals can win.
 *
 *   <time>-<number>-<trace id>.<bytes>                waiting, since when in milliseconds, and its size
 *   <as above>.again                                  waiting after somebody began to send it
 *   <as either above>.<owner>.<claimed at>.sending    claimed by a process that is sending it
 *   rejected/<as when it waited>                      refused by the server for good, kept for the operator
 */
export interface Spool {
  /**
   * Writes the record with its files, all or nothing; drops the oldest waiting ones (and says so) when the spool grows
   * beyond its bounds.
   */
  add(record: TraceRecord, files?: readonly SpoolFile[]): Promise<void>
  /**
   * Writes a record that becomes free only if this process dies, or has not ended the claim by `until` (milliseconds
   * since the epoch).
   */
  hold(record: TraceRecord, until: number): Promise<Claim>
  /** Claims the oldest record that nobody is sending. */
  claim(): Promise<Claim | undefined>
  /** How many nobody is sending. */
  waitingCount(): Promise<number>
  /** What nobody is sending, for whoever watches over it. */
  waiting(): Promise<Waiting>
}

/** Finished turns that wait on disk. */
export interface Waiting {
  readonly traces: number
  readonly bytes: number
  /** Since when the oldest waits, in milliseconds since the epoch; undefined when none does. */
  readonly oldestAt: number | undefined
}

/** A record that only this process may send. Its owner must end it with `done`, `release` or `reject`. */
export interface Claim {
  readonly name: string
  readonly record: TraceRecord
  /** False when the server may have part of it from an earlier try, by whomever. */
  readonly isFirstTry: boolean
  /** One of the files it was added with. Rejects when the claim was lost. */
  readFile(name: string): Promise<Uint8Array>
  /** Says that the owner is alive. False when the claim was lost to another process: stop sending. */
  refresh(): Promise<boolean>
  done(): Promise<void>
  /** Lets it wait again, in its old place. */
  release(): Promise<void>
  reject(): Promise<void>
}

/** `name` has letters, digits, dots and dashes. */
export interface SpoolFile {
  readonly name: string
  readonly bytes: Uint8Array
}

export interface SpoolBounds {
  readonly maxTraces: number
  /** Of all that wait, files included. */
  readonly maxBytes: number
}

/**
 * A turn with six slides was measured at 0.7 to 1 MB: four thousand of them, which is a day without MLflow at three turns a
 * minute, and little beside the disk of a server. What has no files counts by number: a list of 20,000 names is read in
 * some 30 ms of CPU.
 */
const defaultBounds: SpoolBounds = { maxTraces: 20_000, maxBytes: 4 * 1024 ** 3 }

/** A claim that was not refreshed for so long belongs to a process that died. Longer than any one request may take. */
const staleAfterMs = 120_000
const maxRejected = 100
const recordFile = 'record.json'
const triedSuffix = '.again'
/** A list of what waits is good for so long: reading a folder of ten thousand anew for each of them would take minutes. */
const listedForMs = 10_000
/** Other processes may add too, so after so many of ours the spool is looked at again. */
const addsBetweenChecks = 50

/** Creates the folder (mode 700) if needed. Rejects when it cannot be written. */
export async function openSpool(deps: {
  readonly dir: string
  readonly clock: Clock
  readonly log: Logger
  readonly bounds?: SpoolBounds
}): Promise<Spool> {
  const { dir, clock, log } = deps
  const bounds = deps.bounds ?? defaultBounds
  const rejectedDir = join(dir, 'rejected')
  const owner = `${hostname().replaceAll(/[^A-Za-z0-9-]/g, '-')}_${process.pid}_${randomBytes(4).toString('hex')}`
  let added = 0
  let ahead: { readonly entries: Entry[]; readonly until: number } = { entries: [], until: 0 }
  let room = { traces: 0, bytes: 0, adds: 0 }
  await mkdir(rejectedDir, { recursive: true, mode: 0o700 })

  function nextName(record: TraceRecord, sizeBytes: number): string {
    added += 1
    // The number keeps the order of turns that end within one millisecond.
    const number = String(added).padStart(6, '0')
    return `${String(clock.now()).padStart(15, '0')}-${number}-${record.traceId}.${sizeBytes}`
  }

  async function list(): Promise<Entry[]> {
    const entries = (await readdir(dir)).map(parseName).filter((entry) => entry !== undefined)
    return entries.toSorted((a, b) => (a.base < b.base ? -1 : 1))
  }

  async function waiting(): Promise<Waiting> {
    const entries = (await list()).filter((entry) => entry.claim === undefined)
    const bytes = entries.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    const oldest = entries[0]
    return { traces: entries.length, bytes, oldestAt: oldest && Number(oldest.base.slice(0, 15)) }
  }

  function isFree({ claim }: Entry): boolean {
    return claim === undefined || clock.now() - claim.at > staleAfterMs || isDead(claim.owner)
  }

  /** The oldest that seems free. */
  async function nextFree(): Promise<Entry | undefined> {
    if (ahead.entries.length === 0 || clock.now() >= ahead.until) {
      ahead = { entries: (await list()).filter(isFree), until: clock.now() + listedForMs }
    }
    return ahead.entries.shift()
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

  /** Readers see all of it or nothing. `nameOf` gets the name it has while it waits. */
  async function write(
    record: TraceRecord,
    files: readonly SpoolFile[],
    nameOf: (base: string) => string,
  ): Promise<{ readonly base: string; readonly name: string; readonly sizeBytes: number }> {
    const all = [{ name: recordFile, bytes: Buffer.from(JSON.stringify(record)) }, ...files]
    const sizeBytes = all.reduce((sum, file) => sum + file.bytes.byteLength, 0)
    const base = nextName(record, sizeBytes)
    const name = nameOf(base)
    const temporary = join(dir, `${temporaryPrefix}${base}.${randomUUID()}`)
    try {
      await mkdir(temporary, { mode: 0o700 })
      for (const file of all) await writeFile(join(temporary, file.name), file.bytes, { mode: 0o600 })
      await rename(temporary, join(dir, name))
    } catch (error) {
      await remove(temporary)
      throw error
    }
    return { base, name, sizeBytes }
  }

  /** What processes left that died in the middle of a write. */
  async function sweep(): Promise<void> {
    for (const name of await readdir(dir)) {
      if (!name.startsWith(temporaryPrefix)) continue
      const path = join(dir, name)
      const modifiedAt = (await stat(path).catch(() => undefined))?.mtimeMs ?? Infinity
      if (clock.now() - modifiedAt > staleAfterMs) await remove(path)
    }
  }

  async function enforceBounds(addedBytes: number): Promise<void> {
    room = { traces: room.traces - 1, bytes: room.bytes - addedBytes, adds: room.adds - 1 }
    if (room.traces >= 0 && room.bytes >= 0 && room.adds >= 0) return
    const waiting = (await list()).filter((entry) => entry.claim === undefined)
    let count = waiting.length
    let bytes = waiting.reduce((sum, entry) => sum + entry.sizeBytes, 0)
    for (const entry of waiting) {
      // The newest always stays: a bound that keeps nothing would be a switch, not a bound.
      if ((count <= bounds.maxTraces && bytes <= bounds.maxBytes) || count === 1) break
      await remove(join(dir, entry.name))
      count -= 1
      bytes -= entry.sizeBytes
      log.warn({ trace: entry.base, waiting: count, bounds }, 'Dropped the oldest unsent trace: the spool is full')
    }
    room = { traces: bounds.maxTraces - count, bytes: bounds.maxBytes - bytes, adds: addsBetweenChecks }
  }

  async function moveToRejected(from: string, base: string): Promise<void> {
    await take(from, join('rejected', base))
    const kept = (await readdir(rejectedDir)).toSorted()
    for (const name of kept.slice(0, Math.max(0, kept.length - maxRejected))) await remove(join(rejectedDir, name))
  }

  function claimOf(entry: Entry, firstName: string, record: TraceRecord): Claim {
    const { base } = entry
    const tried = base.endsWith(triedSuffix) ? base : `${base}${triedSuffix}`
    let name = firstName
    return {
      name: base,
      record,
      isFirstTry: entry.claim === undefined && tried !== base,
      readFile: (file) => readFile(join(dir, name, file)),
      async refresh() {
        const next = claimName(base, owner, clock.now())
        if (next === name) return exists(join(dir, name))
        const kept = await take(name, next)
        if (kept) name = next
        return kept
      },
      done: () => remove(join(dir, name)),
      async release() {
        // It is still the oldest: the next claim is to find it first.
        if (await take(name, tried)) {
          ahead.entries.unshift({ ...entry, name: tried, base: tried, claim: undefined })
        }
      },
      reject: () => moveToRejected(name, base),
    }
  }

  await sweep()
  return {
    async add(record, files = []) {
      const { sizeBytes } = await write(record, files, (base) => base)
      await enforceBounds(sizeBytes)
    },

    async hold(record, until) {
      const { name, base, sizeBytes } = await write(record, [], (waiting) => claimName(waiting, owner, until))
      return claimOf({ name, base, sizeBytes, claim: { owner, at: until } }, name, record)
    },

    async claim() {
      for (let entry = await nextFree(); entry; entry = await nextFree()) {
        const name = claimName(entry.base, owner, clock.now())
        if (!(await take(entry.name, name))) continue
        const record = await readRecord(join(dir, name, recordFile))
        if (record) return claimOf(entry, name, record)
        log.error({ trace: entry.base }, 'Cannot read a spooled trace: moved to the rejected ones')
        await moveToRejected(name, entry.base)
      }
      return undefined
    },

    waiting,
    waitingCount: async () => (await waiting()).traces,
  }
}

interface Entry {
  readonly name: string
  /** The name it has while it waits. */
  readonly base: string
  readonly sizeBytes: number
  readonly claim: { readonly owner: string; readonly at: number } | undefined
}

function claimName(base: string, owner: string, at: number): string {
  return `${base}.${owner}.${at}.sending`
}

const namePattern =
  /^(\d{15}-\d{6,}-tr-[0-9a-f]{32}\.(\d+)(?:\.again)?)(?:\.([A-Za-z0-9-]+_\d+_[0-9a-f]{8})\.(\d+)\.sending)?$/

function parseName(name: string): Entry | undefined {
  const [, base, size, owner, at] = namePattern.exec(name) ?? []
  if (base === undefined) return undefined
  return { name, base, sizeBytes: Number(size), claim: owner ? { owner, at: Number(at) } : undefined }
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

async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true })
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if (isMissing(error)) return false
      throw error
    },
  )
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT'
}
