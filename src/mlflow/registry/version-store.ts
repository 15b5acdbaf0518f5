import type { ModelRegistry, ModelVersion, Tags } from '../registry.ts'
import type { About, RegistryCalls } from './calls.ts'
import { RegistryError } from './registry-error.ts'
import { Anything, ModelAnswer, VersionAnswer, VersionsAnswer, type VersionRecord } from './schema.ts'

/** Calls about one registered model that a server and Unity Catalog share. */
export interface VersionStore extends Omit<ModelRegistry, 'register' | 'readFile'> {
  /** Makes the model unless it is there. */
  createModel(signal: AbortSignal): Promise<void>
  /** All versions as a search tells them, newest first; Unity Catalog tells no tags there. */
  search(signal: AbortSignal): Promise<readonly VersionRecord[]>
  /** With the description that tells the content. */
  createVersion(body: object, tags: Tags, signal: AbortSignal): Promise<VersionRecord>
  about(what: string, needs?: string): About
}

export interface VersionStoreDeps {
  readonly calls: RegistryCalls
  readonly modelName: string
  /** Of all paths, such as `/api/2.0/mlflow`. */
  readonly prefix: string
  /** What reading and changing the model take. */
  readonly grants: { readonly read: string; readonly create: string; readonly change: string }
  /** Whether a search tells the tags of versions. */
  readonly searchTellsTags: boolean
  readonly link: (version?: string) => string
}

/** Of one list of versions. A model has more only after years. */
const listedVersions = 50
const pageSize = 200

export function createVersionStore(deps: VersionStoreDeps): VersionStore {
  const { calls, modelName, prefix, grants, link } = deps
  const about = (what: string, needs: string = grants.read): About => ({ to: `${what} ${modelName}`, needs })

  async function get(version: string, signal: AbortSignal): Promise<ModelVersion> {
    const path = `${prefix}/model-versions/get?${query({ name: modelName, version })}`
    const call = { method: 'GET', path, schema: VersionAnswer, about: about(`read version ${version} of`) } as const
    return toModelVersion((await calls.call(call, signal)).model_version, link)
  }

  /** Version by alias; undefined when there is no such model. */
  async function aliases(signal: AbortSignal): Promise<ReadonlyMap<string, string> | undefined> {
    const path = `${prefix}/registered-models/get?${query({ name: modelName })}`
    try {
      const answer = await calls.call({ method: 'GET', path, schema: ModelAnswer, about: about('read') }, signal)
      return new Map(answer.registered_model.aliases.map(({ alias, version }) => [alias, version]))
    } catch (error) {
      if (error instanceof RegistryError && error.code === 'not-found') return undefined
      throw error
    }
  }

  async function search(signal: AbortSignal): Promise<readonly VersionRecord[]> {
    const found: VersionRecord[] = []
    let token = ''
    do {
      const page = { filter: `name='${modelName}'`, max_results: String(pageSize) }
      const path = `${prefix}/model-versions/search?${query(token === '' ? page : { ...page, page_token: token })}`
      const call = { method: 'GET', path, schema: VersionsAnswer, about: about('list versions of') } as const
      const answer = await calls.call(call, signal)
      found.push(...answer.model_versions)
      token = answer.next_page_token
    } while (token !== '')
    return found.toSorted((a, b) => Number(b.version) - Number(a.version))
  }

  async function change(
    method: 'POST' | 'DELETE',
    path: string,
    body: object,
    what: string,
    signal: AbortSignal,
  ): Promise<void> {
    const call = {
      method,
      path: `${prefix}${path}`,
      body,
      schema: Anything,
      about: about(what, grants.change),
    } as const
    await calls.call(call, signal)
  }

  return {
    modelName,
    link,
    about,
    search,
    getVersion: get,
    async createModel(signal) {
      // Looked for first: who owns the model need not be allowed to make others.
      if (await aliases(signal)) return
      const path = `${prefix}/registered-models/create`
      const wanted = about('create model', grants.create)
      try {
        await calls.call({ method: 'POST', path, body: { name: modelName }, schema: Anything, about: wanted }, signal)
      } catch (error) {
        if (!(error instanceof RegistryError) || error.code !== 'conflict') throw error
      }
    },
    async createVersion(body, tags, signal) {
      const call = {
        method: 'POST',
        path: `${prefix}/model-versions/create`,
        body: { name: modelName, ...body, tags: Object.entries(tags).map(([key, value]) => ({ key, value })) },
        schema: VersionAnswer,
        about: about('register a version of', grants.create),
        isOnce: true,
      } as const
      return (await calls.call(call, signal)).model_version
    },
    async listVersions(signal) {
      const pointers = await aliases(signal)
      if (!pointers) return []
      const newest = (await search(signal)).slice(0, listedVersions)
      if (!deps.searchTellsTags) return inBatches(newest, ({ version }) => get(version, signal))
      return newest.map((record) => ({
        ...toModelVersion(record, link),
        aliases: [...pointers].filter(([, version]) => version === record.version).map(([alias]) => alias),
      }))
    },
    async findByAlias(alias, signal) {
      const version = (await aliases(signal))?.get(alias)
      return version === undefined ? undefined : get(version, signal)
    },
    setAlias: (alias, version, signal) =>
      change(
        'POST',
        '/registered-models/alias',
        { name: modelName, alias, version },
        `point alias ${alias} to version ${version} of`,
        signal,
      ),
    async deleteAlias(alias, signal) {
      try {
        await change(
          'DELETE',
          '/registered-models/alias',
          { name: modelName, alias },
          `remove alias ${alias} of`,
          signal,
        )
      } catch (error) {
        if (!(error instanceof RegistryError) || error.code !== 'not-found') throw error
      }
    },
    async setTags(version, tags, signal) {
      for (const [key, value] of Object.entries(tags)) {
        const body = { name: modelName, version, key, value }
        await change('POST', '/model-versions/set-tag', body, `tag version ${version} of`, signal)
      }
    },
  }
}

function toModelVersion(record: VersionRecord, link: (version: string) => string): ModelVersion {
  const { version } = record
  return {
    modelName: record.name,
    version,
    status: statusOf(record),
    createdAt: record.creation_timestamp,
    tags: record.tags,
    aliases: record.aliases,
    link: link(version),
  }
}

/** Unknown words count as pending: nobody can serve such a version yet. */
export function statusOf({ status }: Pick<VersionRecord, 'status'>): ModelVersion['status'] {
  if (status === 'READY') return 'ready'
  return status.startsWith('FAILED') ? 'failed' : 'pending'
}

/** A few at a time, in order. */
export async function inBatches<T, R>(items: readonly T[], each: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let at = 0; at < items.length; at += 4) results.push(...(await Promise.all(items.slice(at, at + 4).map(each))))
  return results
}

/** Each part percent-encoded. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/')
}

export function query(params: Readonly<Record<string, string>>): string {
  return new URLSearchParams(params).toString()
}
