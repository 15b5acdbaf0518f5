import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { RegistryError } from './registry-error.ts'

/** The files of a model on this machine. */
export interface ModelFolder {
  /** Below the folder, with `/` between parts; `MLmodel` comes last, so that half an upload is not taken for a model. */
  readonly paths: readonly string[]
  readonly sizeBytes: number
  read(path: string): Promise<Uint8Array>
}

const columns = z.string().refine((text) => isFilledList(text))
const MlModel = z.object({ signature: z.object({ inputs: columns, outputs: columns }) })

/** @throws RegistryError `rejected` when it holds no model, or one without the signature that a registry wants */
export async function readModelFolder(dir: string): Promise<ModelFolder> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw rejected(`${dir} cannot be read`, `The folder ${dir} cannot be read.`, cause)
  })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const paths = files.map((file) => relative(dir, file).replaceAll(sep, '/')).toSorted()
  if (!paths.includes('MLmodel')) throw rejected(`${dir} holds no MLmodel file`, `The folder ${dir} holds no model.`)
  await checkSignature(dir)
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size))
  return {
    paths: [...paths.filter((path) => path !== 'MLmodel'), 'MLmodel'],
    sizeBytes: sizes.reduce((sum, size) => sum + size, 0),
    read: (path) => readFile(join(dir, path)),
  }
}

/** Unity Catalog refuses models without both, and says so only after all files were uploaded. */
async function checkSignature(dir: string): Promise<void> {
  const text = await readFile(join(dir, 'MLmodel'), 'utf8')
  const found = MlModel.safeParse(parse(text))
  if (found.success) return
  throw rejected(
    `${join(dir, 'MLmodel')} has no signature with inputs and outputs`,
    'The model does not say what goes in and what comes out (its signature), so that it cannot be registered.',
    found.error,
  )
}

function isFilledList(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) && value.length > 0
  } catch {
    return false
  }
}

function rejected(why: string, userMessage: string, cause?: unknown): RegistryError {
  return new RegistryError('rejected', `Cannot register the model: ${why}`, { userMessage, cause })
}
