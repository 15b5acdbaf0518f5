import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { badRequest, notFound, ok } from '../http/reply.ts'
import type { Route } from '../http/router.ts'
import { Pairs, parse, toPairs } from '../mlflow/body.ts'
import type { Catalog, StoredModel, StoredVersion } from './catalog.ts'

const prefix = '/api/2.0/mlflow/unity-catalog'

const text = z.string().default('')
const Name = z.object({ name: z.string() })
const CreateModel = z.object({ name: z.string(), description: text })
const CreateVersion = z.object({ name: z.string(), source: z.string().min(1), description: text, tags: Pairs })
const VersionOf = z.object({ name: z.string(), version: z.string() })
const Alias = z.object({ name: z.string(), alias: z.string().regex(/^(?!v\d+$|latest$)[\w-]{1,255}$/i) })
const Tag = VersionOf.extend({ key: z.string(), value: z.string() })

const pageSize = 100

/**
 * Unity Catalog's models as MLflow's own client calls them: make a version, write its files while it is pending, finalize.
 * [U] Which characters tags may not have is documented for tags of tables; that it holds here, too, is our guess.
 */
export function unityCatalogRoutes(catalog: Catalog): readonly Route[] {
  return [
    {
      method: 'POST',
      path: `${prefix}/registered-models/create`,
      kind: 'uc.create-model',
      handle({ json }) {
        const { name, description } = parse(CreateModel, json)
        return ok({ registered_model: showModel(catalog.createModel(name, description)) })
      },
    },
    {
      method: 'GET',
      path: `${prefix}/registered-models/get`,
      kind: 'uc.get-model',
      handle: ({ query }) =>
        ok({ registered_model: showModel(catalog.model(parse(Name, Object.fromEntries(query)).name)) }),
    },
    {
      method: 'POST',
      path: `${prefix}/registered-models/alias`,
      kind: 'uc.set-alias',
      handle({ json }) {
        const { name, alias, version } = parse(Alias.extend({ version: z.string() }), json)
        const found = catalog.version(name, version)
        if (found.status !== 'READY') throw badRequest(`Model version ${version} is ${found.status}.`)
        catalog.model(name).aliases.set(alias, version)
        return ok()
      },
    },
    {
      method: 'DELETE',
      path: `${prefix}/registered-models/alias`,
      kind: 'uc.delete-alias',
      handle({ json }) {
        const { name, alias } = parse(Alias, json)
        if (!catalog.model(name).aliases.delete(alias)) throw notFound(`Alias '${alias}' does not exist.`)
        return ok()
      },
    },
    {
      method: 'POST',
      path: `${prefix}/model-versions/create`,
      kind: 'uc.create-version',
      async handle({ json }) {
        const { name, ...about } = parse(CreateVersion, json)
        for (const [key, value] of about.tags) checkTag(key, value)
        return ok({ model_version: showVersion(await catalog.createVersion(name, about), catalog) })
      },
    },
    {
      method: 'GET',
      path: `${prefix}/model-versions/get`,
      kind: 'uc.get-version',
      handle({ query }) {
        const { name, version } = parse(VersionOf, Object.fromEntries(query))
        return ok({ model_version: showVersion(catalog.version(name, version), catalog) })
      },
    },
    {
      method: 'GET',
      path: `${prefix}/model-versions/search`,
      kind: 'uc.search-versions',
      handle({ query }) {
        const name = /^name\s*=\s*'([^']*)'$/.exec(query.get('filter') ?? '')?.[1]
        if (name === undefined) throw badRequest('The only filter is by name')
        const size = Math.min(Number(query.get('max_results') ?? pageSize), pageSize)
        const from = Number(query.get('page_token') ?? 0)
        const versions = catalog.models.get(name)?.versions ?? []
        return ok({
          // A search tells neither tags nor aliases.
          model_versions: versions.slice(from, from + size).map((version) => {
            const { tags: _tags, aliases: _aliases, ...shown } = showVersion(version, catalog)
            return shown
          }),
          ...(from + size < versions.length ? { next_page_token: String(from + size) } : {}),
        })
      },
    },
    {
      method: 'POST',
      path: `${prefix}/model-versions/set-tag`,
      kind: 'uc.set-tag',
      handle({ json }) {
        const { name, version, key, value } = parse(Tag, json)
        checkTag(key, value)
        catalog.version(name, version).tags.set(key, value)
        return ok()
      },
    },
    {
      method: 'POST',
      path: `${prefix}/model-versions/finalize`,
      kind: 'uc.finalize',
      async handle({ json, fault }) {
        const { name, version } = parse(VersionOf, json)
        const found = catalog.version(name, version)
        if (found.status !== 'PENDING_REGISTRATION') throw badRequest(`Model version ${version} is ${found.status}.`)
        await checkModel(found)
        if (fault?.kind === 'registration-failed') found.status = 'FAILED_REGISTRATION'
        else if (fault?.kind !== 'registration-stuck') found.status = 'READY'
        return ok({ model_version: showVersion(found, catalog) })
      },
    },
    {
      method: 'PUT',
      path: '/api/2.0/fs/files/Models/*',
      kind: 'uc.upload',
      raw: true,
      async handle({ params, query, bytes }) {
        await catalog.writeFile(params['*'] ?? '', bytes, query.get('overwrite') === 'true')
        return { status: 204, body: '' }
      },
    },
    {
      method: 'GET',
      path: '/api/2.0/fs/files/Models/*',
      kind: 'uc.download',
      async handle({ params }) {
        return ok(await catalog.readFile(params['*'] ?? ''), { 'content-type': 'application/octet-stream' })
      },
    },
  ]
}

function checkTag(key: string, value: string): void {
  if (key === '' || /[.,\-=/:]/.test(key) || key.trim() !== key) throw badRequest(`Invalid tag key '${key}'.`)
  if (value.length > 1000) throw badRequest(`The value of tag '${key}' is too long.`)
}

/** Files are all there before a version is finalized, its signature included. */
async function checkModel({ dir }: StoredVersion): Promise<void> {
  const model = await readFile(join(dir, 'MLmodel'), 'utf8').catch(() => {
    throw badRequest('The model version has no MLmodel file.')
  })
  for (const part of ['inputs', 'outputs']) {
    if (!new RegExp(`^ +${part}: .*\\[`, 'm').test(model)) throw badRequest(`The model has no signature of ${part}.`)
  }
}

function showModel(model: StoredModel): object {
  return {
    name: model.name,
    description: model.description,
    creation_timestamp: model.createdAt,
    aliases: [...model.aliases].map(([alias, version]) => ({ alias, version })),
  }
}

function showVersion(version: StoredVersion, catalog: Catalog) {
  const { aliases } = catalog.model(version.modelName)
  return {
    name: version.modelName,
    version: version.version,
    status: version.status,
    source: version.source,
    description: version.description,
    creation_timestamp: version.createdAt,
    storage_location: `sandbox:/Models/${version.modelName.replaceAll('.', '/')}/${version.version}`,
    tags: toPairs(version.tags),
    aliases: [...aliases]
      .filter(([, number]) => number === version.version)
      .map(([alias]) => ({ alias, version: version.version })),
  }
}
