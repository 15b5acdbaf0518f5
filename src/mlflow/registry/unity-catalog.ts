import type { Clock } from '../../lib/clock.ts'
import type { ModelRegistry, ModelVersion, RegisteredFolder, RegisterStep, Tags } from '../registry.ts'
import type { Transport } from '../transport.ts'
import { createRegistryCalls } from './calls.ts'
import { readModelFolder, type ModelFolder } from './model-folder.ts'
import { isUnclear, RegistryError } from './registry-error.ts'
import { Anything, type VersionRecord } from './schema.ts'
import { createVersionStore, encodePath, inBatches, statusOf } from './version-store.ts'
import { describeFolder, tagsOf, tellsContent } from './version-tags.ts'

const prefix = '/api/2.0/mlflow/unity-catalog'
/** How long a version may take to become ready once all its files are there. */
const readyTimeoutMs = 120_000

/**
 * The registry in Unity Catalog: a version is made first, takes files through the Files API while it is pending, and is
 * finalized. The calls are those of MLflow's own client.
 * @throws RegistryError `rejected` when the name has not three levels
 */
export function createUnityCatalogRegistry(deps: {
  readonly transport: Transport
  readonly clock: Clock
  /** `catalog.schema.model`. */
  readonly modelName: string
}): ModelRegistry {
  const { modelName, clock } = deps
  const levels = modelName.split('.')
  const [catalog = '', schema = '', model = ''] = levels
  if (levels.length !== 3 || levels.includes('')) {
    throw new RegistryError('rejected', `Model name is "${modelName}", expected catalog.schema.model (model_name)`, {
      userMessage: `The model is called ${modelName}, but in Unity Catalog names have three levels: catalog.schema.model (model_name of mlflow.yaml).`,
    })
  }
  const calls = createRegistryCalls(deps)
  const page = `${calls.baseUrl}/explore/data/models/${levels.map(encodeURIComponent).join('/')}`
  const use = `USE CATALOG on ${catalog}, USE SCHEMA on ${catalog}.${schema}`
  const store = createVersionStore({
    calls,
    modelName,
    prefix,
    grants: {
      read: `${use} and EXECUTE on ${modelName}`,
      create: `${use} and CREATE MODEL on ${catalog}.${schema}, or ownership of ${modelName}`,
      change: `${use} and ownership of ${modelName}`,
    },
    searchTellsTags: false,
    link: (version) => (version === undefined ? page : `${page}/version/${encodeURIComponent(version)}`),
  })
  const about = store.about('upload a version of', `${use} and ownership of ${modelName}`)

  const filePath = (version: string, path: string): string =>
    `/api/2.0/fs/files/Models/${encodePath(`${catalog}/${schema}/${model}/${version}/${path}`)}`

  async function upload(version: string, files: ModelFolder, signal: AbortSignal): Promise<void> {
    const put = async (path: string): Promise<void> =>
      calls.put(`${filePath(version, path)}?overwrite=true`, await files.read(path), about, signal)
    await inBatches(files.paths.slice(0, -1), put)
    await inBatches(files.paths.slice(-1), put)
  }

  /** Uploads and finalizes. Another process that does the same at the same time does no harm. */
  async function complete(
    version: string,
    files: ModelFolder,
    onProgress: (step: RegisterStep) => void,
    signal: AbortSignal,
  ): Promise<ModelVersion> {
    try {
      onProgress({ kind: 'uploading', fileCount: files.paths.length, sizeBytes: files.sizeBytes })
      await upload(version, files, signal)
      onProgress({ kind: 'finishing' })
      const body = { name: modelName, version }
      const path = `${prefix}/model-versions/finalize`
      await calls.call({ method: 'POST', path, body, schema: Anything, about }, signal)
    } catch (error) {
      signal.throwIfAborted()
      const found = await store.getVersion(version, signal).catch(() => undefined)
      if (found?.status !== 'ready') throw error
    }
    return waitReady(version, signal)
  }

  async function waitReady(version: string, signal: AbortSignal): Promise<ModelVersion> {
    const deadlineAt = clock.now() + readyTimeoutMs
    for (let waitMs = 500; ; waitMs = Math.min(waitMs * 2, 5000)) {
      const found = await store.getVersion(version, signal)
      if (found.status === 'ready') return found
      if (found.status === 'failed' || clock.now() >= deadlineAt) throw notReady(modelName, found)
      await clock.sleep(waitMs, signal)
    }
  }

  async function findContent(folder: RegisteredFolder, signal: AbortSignal): Promise<VersionRecord | undefined> {
    const same = (await store.search(signal)).filter(
      (found) => statusOf(found) !== 'failed' && tellsContent(found, folder),
    )
    return same.find((found) => statusOf(found) === 'ready') ?? same[0]
  }

  async function create(folder: RegisteredFolder, tags: Tags, signal: AbortSignal): Promise<string> {
    // [U] The field must be there; what it holds is shown to people.
    const source = `deckhand:/${folder.version}/${folder.contentHash}`
    const body = { source, description: describeFolder(folder) }
    try {
      return (await store.createVersion(body, tagsOf(folder, tags), signal)).version
    } catch (error) {
      // The answer may have been lost after the work was done.
      const made = isUnclear(error) ? await findContent(folder, signal) : undefined
      if (!made) throw error
      return made.version
    }
  }

  return {
    ...store,
    readFile: (version, path, signal) =>
      calls.read(filePath(version, path), store.about(`read ${path} of version ${version} of`), signal),
    async register(folder, tags, { signal, onProgress = () => {} }) {
      const files = await readModelFolder(folder.dir)
      await store.createModel(signal)
      const known = await findContent(folder, signal)
      if (known && statusOf(known) === 'ready') {
        onProgress({ kind: 'known', version: known.version })
        return { version: await store.getVersion(known.version, signal), isNew: false }
      }
      if (known) {
        onProgress({ kind: 'resumed', version: known.version })
        try {
          return { version: await complete(known.version, files, onProgress, signal), isNew: true }
        } catch (error) {
          if (!isBeyondHelp(error)) throw error
          onProgress({ kind: 'given-up', version: known.version })
        }
      }
      const version = await create(folder, tags, signal)
      return { version: await complete(version, files, onProgress, signal), isNew: true }
    },
  }
}

/** A version that takes no files (any more) never becomes ready: a new one does. */
function isBeyondHelp(error: unknown): boolean {
  return error instanceof RegistryError && ['rejected', 'not-found', 'not-ready', 'conflict'].includes(error.code)
}

function notReady(modelName: string, { version, status }: ModelVersion): RegistryError {
  return new RegistryError(
    'not-ready',
    `Version ${version} of ${modelName} is ${status} after all its files were uploaded, expected ready`,
    {
      userMessage: `Version ${version} of ${modelName} was uploaded, but Unity Catalog does not make it ready. Its page says more.`,
    },
  )
}
