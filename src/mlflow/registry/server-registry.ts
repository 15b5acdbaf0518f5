import type { Clock } from '../../lib/clock.ts'
import type { ExperimentStore } from '../backend.ts'
import { createExperiments } from '../experiments.ts'
import { versionTag, type ModelRegistry, type RegisteredFolder } from '../registry.ts'
import type { Transport } from '../transport.ts'
import { createRegistryCalls, toRegistryError } from './calls.ts'
import { readModelFolder, type ModelFolder } from './model-folder.ts'
import { isUnclear, RegistryError } from './registry-error.ts'
import { DownloadAnswer, LoggedModelAnswer, LoggedModelsAnswer, type LoggedModel } from './schema.ts'
import { createVersionStore, encodePath, inBatches, query, statusOf } from './version-store.ts'
import { describeFolder, tagsOf, tellsContent } from './version-tags.ts'

const prefix = '/api/2.0/mlflow'

/**
 * The registry of an MLflow server. A version's files belong to a logged model of the experiment, which is made first;
 * the version points to it.
 */
export function createServerRegistry(deps: {
  readonly transport: Transport
  readonly experiments: ExperimentStore
  readonly clock: Clock
  readonly modelName: string
  /** Where logged models go. */
  readonly experimentName: string
}): ModelRegistry {
  const { modelName, experimentName } = deps
  const calls = createRegistryCalls(deps)
  const page = `${calls.baseUrl}/#/models/${encodeURIComponent(modelName)}`
  const grant = `permission to edit registered model ${modelName} and experiment ${experimentName}`
  const store = createVersionStore({
    calls,
    modelName,
    prefix,
    grants: { read: `permission to read registered model ${modelName}`, create: grant, change: grant },
    searchTellsTags: true,
    link: (version) => (version === undefined ? page : `${page}/versions/${encodeURIComponent(version)}`),
  })
  const experiments = createExperiments({ store: deps.experiments, onResolved: async () => {} })
  const about = store.about('upload a version of', grant)

  async function experimentId(signal: AbortSignal): Promise<string> {
    try {
      return (await experiments.resolve(experimentName, signal)).id
    } catch (error) {
      throw toRegistryError(error, { to: `use experiment ${experimentName}`, needs: grant })
    }
  }

  /** One that an earlier try has made of the same content, or a new one. */
  async function loggedModel(folder: RegisteredFolder, signal: AbortSignal): Promise<LoggedModel> {
    const experiment = await experimentId(signal)
    const filter = `tags.${versionTag.contentHash} = '${folder.contentHash}'`
    const search = { experiment_ids: [experiment], filter, max_results: 10 }
    const path = `${prefix}/logged-models`
    const { models } = await calls.call(
      { method: 'POST', path: `${path}/search`, body: search, schema: LoggedModelsAnswer, about },
      signal,
    )
    const usable = models.map(({ info }) => info).filter(({ status }) => !status.endsWith('FAILED'))
    const known = usable.find(({ status }) => status.endsWith('READY')) ?? usable[0]
    if (known) return known
    const tags = Object.entries(tagsOf(folder, {})).map(([key, value]) => ({ key, value }))
    const body = { experiment_id: experiment, name: 'deckhand', model_type: 'agent', tags }
    const call = { method: 'POST', path, body, schema: LoggedModelAnswer, about, isOnce: true } as const
    return (await calls.call(call, signal)).model.info
  }

  async function upload(model: LoggedModel, files: ModelFolder, signal: AbortSignal): Promise<void> {
    const location = proxied(model.artifact_uri)
    const put = async (path: string): Promise<void> => {
      await calls.put(`${location}/${encodePath(path)}`, await files.read(path), about, signal)
    }
    await inBatches(files.paths.slice(0, -1), put)
    await inBatches(files.paths.slice(-1), put)
    await calls.call(
      {
        method: 'PATCH',
        path: `${prefix}/logged-models/${encodeURIComponent(model.model_id)}`,
        body: { model_id: model.model_id, status: 'LOGGED_MODEL_READY' },
        schema: LoggedModelAnswer,
        about,
      },
      signal,
    )
  }

  const knownVersion = async (folder: RegisteredFolder, signal: AbortSignal): Promise<string | undefined> =>
    (await store.search(signal)).find((found) => statusOf(found) === 'ready' && tellsContent(found, folder))?.version

  return {
    ...store,
    async readFile(version, path, signal) {
      const what = store.about(`read ${path} of version ${version} of`)
      const where = `${prefix}/model-versions/get-download-uri?${query({ name: modelName, version })}`
      const call = { method: 'GET', path: where, schema: DownloadAnswer, about: what } as const
      const { artifact_uri: folder } = await calls.call(call, signal)
      return calls.read(`${proxied(folder)}/${encodePath(path)}`, what, signal)
    },
    async register(folder, tags, { signal, onProgress = () => {} }) {
      const files = await readModelFolder(folder.dir)
      const known = await knownVersion(folder, signal)
      if (known !== undefined) {
        onProgress({ kind: 'known', version: known })
        return { version: await store.getVersion(known, signal), isNew: false }
      }
      const model = await loggedModel(folder, signal)
      if (!model.status.endsWith('READY')) {
        onProgress({ kind: 'uploading', fileCount: files.paths.length, sizeBytes: files.sizeBytes })
        await upload(model, files, signal)
      }
      onProgress({ kind: 'finishing' })
      await store.createModel(signal)
      const source = { source: `models:/${model.model_id}`, model_id: model.model_id }
      const body = { ...source, description: describeFolder(folder) }
      const version = await store.createVersion(body, tagsOf(folder, tags), signal).then(
        (made) => made.version,
        async (error: unknown) => {
          // The answer may have been lost after the work was done.
          const made = isUnclear(error) ? await knownVersion(folder, signal) : undefined
          if (made === undefined) throw error
          return made
        },
      )
      return { version: await store.getVersion(version, signal), isNew: true }
    },
  }
}

/** Where the server takes and gives the files of this folder. @throws RegistryError `rejected` when it does not */
function proxied(location: string): string {
  const folder = /^mlflow-artifacts:\/(?!\/)(.+)$/.exec(location)?.[1]
  if (folder !== undefined) return `/api/2.0/mlflow-artifacts/artifacts/${encodePath(folder)}`
  throw new RegistryError(
    'rejected',
    `Cannot reach files of a model at ${location.replace(/^(\w+:\/\/?[^/]*).*/s, '$1')}, expected mlflow-artifacts:/… (a server that proxies artifacts)`,
    { userMessage: 'The MLflow server takes no files itself (--serve-artifacts), so that no model can be kept there.' },
  )
}
