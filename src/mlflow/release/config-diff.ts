import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { parseJson } from '../../lib/json.ts'
import { lineDiff } from '../../lib/line-diff.ts'
import { places } from '../model-package/model-files.ts'
import type { ModelRegistry } from '../registry.ts'

/** Reads a file of a package; undefined when it is not there. */
export type ReadPackaged = (path: string) => Promise<string | undefined>

const PackageRecord = z.looseObject({ files: z.record(z.string(), z.string()) })
const configFolder = `${places.agent}/config/`
const longestDiff = 6000

export function packagedIn(registry: ModelRegistry, version: string, signal: AbortSignal): ReadPackaged {
  return async (path) => {
    try {
      return Buffer.from(await registry.readFile(version, path, signal)).toString('utf8')
    } catch {
      signal.throwIfAborted()
      return undefined // a plan without its diff is better than none
    }
  }
}

export function packagedAt(dir: string): ReadPackaged {
  return (path) => readFile(join(dir, path), 'utf8').catch(() => undefined)
}

/**
 * What happened to configuration and prompts between two packages, as text. Undefined when a package does not tell: it was
 * not made by us.
 */
export async function configDiff(before: ReadPackaged, after: ReadPackaged): Promise<string | undefined> {
  const [was, is] = await Promise.all([hashesOf(before), hashesOf(after)])
  if (!was || !is) return undefined
  const paths = [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter((path) => path.startsWith(configFolder) && was[path] !== is[path])
    .toSorted()
  const diffs: string[] = []
  for (const path of paths) {
    const name = path.slice(configFolder.length)
    // Pictures and fonts have no lines.
    const isText = /\.(ya?ml|json|md|txt|css|svg)$/.test(path)
    const [a, b] = isText ? await Promise.all([before(path), after(path)]) : []
    diffs.push(isText ? `${name}\n${lineDiff(a ?? '', b ?? '')}` : `${name} differs`)
  }
  const diff = diffs.join('\n')
  return diff.length > longestDiff ? `${diff.slice(0, longestDiff)}\n… and more` : diff
}

async function hashesOf(read: ReadPackaged): Promise<Readonly<Record<string, string>> | undefined> {
  const record = PackageRecord.safeParse(parseJson((await read('deckhand.json')) ?? ''))
  return record.success ? record.data.files : undefined
}
