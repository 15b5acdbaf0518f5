import { readFile } from 'node:fs/promises'

/**
 * Memory in use by a process and all it started, in bytes; what they share counts for each of them. 0 where the system
 * keeps no `/proc`.
 */
export async function processTreeBytes(pid: number): Promise<number> {
  const [pages, children] = await Promise.all([
    readText(`/proc/${pid}/statm`),
    // Chromium starts its processes from its main thread, and so does its zygote.
    readText(`/proc/${pid}/task/${pid}/children`),
  ])
  const ownBytes = Number(pages.split(' ')[1] ?? 0) * 4096
  const others = await Promise.all(children.split(' ').filter(Boolean).map(Number).map(processTreeBytes))
  return others.reduce((sum, bytes) => sum + bytes, ownBytes)
}

/** '' for a process that has ended. */
async function readText(path: string): Promise<string> {
  try {
    return (await readFile(path, 'latin1')).trim()
  } catch {
    return ''
  }
}
