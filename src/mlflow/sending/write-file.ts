import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'

/** Writes a file that only its owner may read (mode 600). Readers see the old content or the new, never a part. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = join(dirname(path), `${temporaryPrefix}${basename(path)}.${randomUUID()}`)
  try {
    await writeFile(temporary, text, { mode: 0o600 })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

/** Files that begin so were left by a process that died while it wrote. */
export const temporaryPrefix = '.writing-'
