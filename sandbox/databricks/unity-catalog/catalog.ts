import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, normalize } from 'node:path'
import { ApiError, badRequest, notFound } from '../http/reply.ts'

/** A registered model as the workspace keeps it. */
export interface StoredModel {
  readonly name: string
  readonly createdAt: number
  readonly description: string
  /** Version by alias. */
  readonly aliases: Map<string, string>
  readonly versions: StoredVersion[]
}

export interface StoredVersion {
  readonly modelName: string
  readonly version: string
  readonly createdAt: number
  readonly source: string
  readonly description: string
  readonly tags: Map<string, string>
  status: 'PENDING_REGISTRATION' | 'READY' | 'FAILED_REGISTRATION'
  /** Where its files lie on this machine. */
  readonly dir: string
}

/** Catalogs, schemas and the models in them. Files are on disk until it is disposed. */
export interface Catalog extends AsyncDisposable {
  readonly models: ReadonlyMap<string, StoredModel>
  /** @throws ApiError 404 when the schema is missing, 403 in one where the caller may not, 400 for other names, 409 */
  createModel(name: string, description: string): StoredModel
  /** @throws ApiError 404 */
  model(name: string): StoredModel
  createVersion(
    name: string,
    about: { readonly source: string; readonly description: string; readonly tags: ReadonlyMap<string, string> },
  ): Promise<StoredVersion>
  /** @throws ApiError 404 */
  version(name: string, version: string): StoredVersion
  /** `path`: below `/Models`. @throws ApiError 404; 400 once the version is finalized */
  writeFile(path: string, bytes: Uint8Array, mayReplace: boolean): Promise<void>
  /** @throws ApiError 404 */
  readFile(path: string): Promise<Uint8Array>
}

/** The schemas that there are. In `main.finance` the caller may read, but not create. */
const schemas = new Set(['main.deckhand', 'main.default', 'main.finance'])
const lockedSchema = 'main.finance'

export function createCatalog(now: () => number): Catalog {
  const models = new Map<string, StoredModel>()
  let root: string | undefined

  async function newDir(name: string, version: string): Promise<string> {
    root ??= await mkdtemp(join(tmpdir(), 'deckhand-catalog-'))
    const dir = join(root, ...name.split('.'), version)
    await mkdir(dir, { recursive: true })
    return dir
  }

  function model(name: string): StoredModel {
    const found = models.get(name)
    if (!found) throw notFound(`Registered model '${name}' does not exist.`)
    return found
  }

  function version(name: string, number: string): StoredVersion {
    const found = model(name).versions.find((one) => one.version === number)
    if (!found) throw notFound(`Model version '${number}' of '${name}' does not exist.`)
    return found
  }

  /** The version whose file `catalog/schema/model/version/…` is, and where it lies. */
  function locate(path: string): { readonly owner: StoredVersion; readonly file: string } {
    const [catalog = '', schema = '', name = '', number = '', ...rest] = path.split('/')
    const owner = version(`${catalog}.${schema}.${name}`, number)
    const below = normalize(rest.join('/'))
    if (rest.length === 0 || below.startsWith('..')) throw badRequest(`Invalid path: /Models/${path}`)
    return { owner, file: join(owner.dir, below) }
  }

  return {
    models,
    model,
    version,
    createModel(name, description) {
      const levels = name.split('.')
      if (levels.length !== 3 || levels.some((level) => !/^[\w-]{1,255}$/.test(level))) {
        throw badRequest(`Invalid model name '${name}'. Please specify all three levels: catalog.schema.model`)
      }
      const schema = levels.slice(0, 2).join('.')
      if (!schemas.has(schema)) throw notFound(`Schema '${schema}' does not exist.`)
      if (schema === lockedSchema) {
        throw new ApiError(403, 'PERMISSION_DENIED', `User does not have CREATE MODEL on Schema '${schema}'.`)
      }
      if (models.has(name)) {
        throw new ApiError(409, 'RESOURCE_ALREADY_EXISTS', `Registered model '${name}' already exists.`)
      }
      const made: StoredModel = { name, createdAt: now(), description, aliases: new Map(), versions: [] }
      models.set(name, made)
      return made
    },
    async createVersion(name, { source, description, tags }) {
      const { versions } = model(name)
      const number = String(versions.length + 1)
      const made: StoredVersion = {
        modelName: name,
        version: number,
        createdAt: now(),
        source,
        description,
        tags: new Map(tags),
        status: 'PENDING_REGISTRATION',
        dir: await newDir(name, number),
      }
      versions.push(made)
      return made
    },
    async writeFile(path, bytes, mayReplace) {
      const { owner, file } = locate(path)
      if (owner.status !== 'PENDING_REGISTRATION') {
        throw badRequest(`Model version ${owner.version} of ${owner.modelName} is ${owner.status}: it takes no files.`)
      }
      if (existsSync(file) && !mayReplace) throw new ApiError(409, 'ALREADY_EXISTS', 'The file already exists.')
      await mkdir(dirname(file), { recursive: true })
      await writeFile(file, bytes)
    },
    async readFile(path) {
      const { file } = locate(path)
      return readFile(file).catch(() => {
        throw notFound(`No such file: /Models/${path}`)
      })
    },
    async [Symbol.asyncDispose]() {
      if (root !== undefined) await rm(root, { recursive: true, force: true })
    },
  }
}
