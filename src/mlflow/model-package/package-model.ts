import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { bundleAgent } from './bundle-agent.ts'
import { mlmodel, places, surroundings, type FileContents } from './model-files.ts'
import { PackageError } from './package-error.ts'
import { findSourceCommit } from './source-commit.ts'

/** Sources of a package. Paths are absolute. */
export interface PackageSources {
  /** The checkout: where `package.json` is. */
  readonly root: string
  /** The program that answers rows. */
  readonly agentEntry: string
  /** The folder with config.yaml, mlflow.yaml, prompts.yaml and themes. */
  readonly configFolder: string
  readonly version: string
  /** As `DECKHAND_COMMIT` has it; '' asks git. */
  readonly commit: string
  /** Texts that must not be in the package. */
  readonly secrets: readonly string[]
}

export interface PackagedModel {
  readonly dir: string
  readonly version: string
  /** See {@link SourceCommit}. */
  readonly commit: string
  /** SHA-256 over all files that decide what the model does, as hex: equal for equal models. */
  readonly contentHash: string
  readonly fileCount: number
  readonly sizeBytes: number
}

/** Says what the folder holds; also tells that a folder is a package of ours. */
const recordName = 'deckhand.json'

/**
 * Writes the agent as an MLflow model into the folder `out`: MLflow's tools load it as it is, and so does Databricks Model
 * Serving. The same commit and configuration give the same bytes. The folder is replaced when it is an earlier package,
 * and made in one step: there is never half of one.
 * @throws PackageError
 */
export async function packageModel(sources: PackageSources, out: string): Promise<PackagedModel> {
  const dir = resolve(out)
  await checkFolder(dir)
  const { root, configFolder, version } = sources
  const [agent, config, code, commit] = await Promise.all([
    bundleAgent(sources.agentEntry, root),
    readTree(configFolder),
    readFile(join(import.meta.dirname, '../pyfunc', places.code)),
    findSourceCommit(root, sources.commit),
  ])
  const parts = new Map<string, Uint8Array>([
    [places.code, code],
    ...[...surroundings()].map(([path, text]) => [path, Buffer.from(text)] as const),
    ...under(places.agent, agent),
    ...under(`${places.agent}/config`, config),
  ])
  refuseSecrets(parts, sources.secrets)
  const hashes = Object.fromEntries([...parts].toSorted(byPath).map(([path, bytes]) => [path, sha256(bytes)]))
  const contentHash = sha256(Buffer.from(JSON.stringify(hashes)))
  const record = { version, commit: commit.id, content_hash: contentHash, files: hashes }
  const model = mlmodel({ uuid: contentHash.slice(0, 32), createdAt: commit.at })
  const files = new Map<string, Uint8Array>([
    ...parts,
    ['MLmodel', Buffer.from(model)],
    [recordName, Buffer.from(`${JSON.stringify(record, undefined, 2)}\n`)],
  ])
  await writeTree(dir, files)
  const sizeBytes = [...files.values()].reduce((sum, { byteLength }) => sum + byteLength, 0)
  return { dir, version, commit: commit.id, contentHash, fileCount: files.size, sizeBytes }
}

/** Nothing of somebody else's is overwritten. */
async function checkFolder(dir: string): Promise<void> {
  const names = await readdir(dir).catch((cause: unknown): string[] => {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return []
    throw badFolder(dir, 'cannot be read', cause)
  })
  if (names.length > 0 && !names.includes(recordName)) throw badFolder(dir, 'holds something else')
}

function badFolder(dir: string, why: string, cause?: unknown): PackageError {
  return new PackageError('bad-folder', `Cannot write the model to ${dir}: it ${why}`, {
    userMessage: `The folder ${dir} ${why}. Choose an empty one with --out.`,
    ...(cause === undefined ? {} : { cause }),
  })
}

async function readTree(folder: string): Promise<FileContents> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Map(
    await Promise.all(
      files
        .toSorted()
        .map(async (file) => [relative(folder, file).replaceAll(sep, '/'), await readFile(file)] as const),
    ),
  )
}

/** Into a folder beside, which then takes the place of what was there. */
async function writeTree(dir: string, files: FileContents): Promise<void> {
  const draft = `${dir}.${process.pid}.tmp`
  try {
    await rm(draft, { recursive: true, force: true })
    for (const folder of new Set([...files.keys()].map((path) => dirname(join(draft, path))))) {
      await mkdir(folder, { recursive: true })
    }
    await Promise.all([...files].map(([path, bytes]) => writeFile(join(draft, path), bytes)))
    if (await stat(dir).catch(() => undefined)) await rm(dir, { recursive: true })
    await rename(draft, dir)
  } catch (error) {
    await rm(draft, { recursive: true, force: true })
    throw badFolder(dir, 'cannot be written', error)
  }
}

function refuseSecrets(files: FileContents, secrets: readonly string[]): void {
  for (const [path, bytes] of files) {
    const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    if (!secrets.some((secret) => content.includes(secret))) continue
    throw new PackageError('secret', `Cannot package the model: ${path} holds a secret of the environment`, {
      userMessage: `${path} holds a secret. Secrets belong into the environment: config.yaml names them as \${NAME}.`,
    })
  }
}

function under(folder: string, files: FileContents): readonly (readonly [string, Uint8Array])[] {
  return [...files].map(([path, bytes]) => [`${folder}/${path}`, bytes] as const)
}

function byPath([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
