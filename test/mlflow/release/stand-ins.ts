import type { ModelRegistry, ModelVersion, Tags } from '../../../src/mlflow/registry.ts'
import { RegistryError } from '../../../src/mlflow/registry/registry-error.ts'
import type { Deployment, Endpoint, EndpointConfig, Row, ServingEndpoints } from '../../../src/mlflow/serving.ts'
import { ServingError } from '../../../src/mlflow/serving/serving-error.ts'
import type { ManualClock } from '../../support/manual-clock.ts'

/** What a served version answers to a row. */
export type Answer = (row: Row) => unknown

interface StoredEndpoint {
  config: EndpointConfig | undefined
  pending: EndpointConfig | undefined
  /** When `pending` is up; Infinity: it hangs. */
  pendingAt: number
  update: Endpoint['update']
  configVersion: number
}

/** A workspace in memory: it goes on while processes come and go. */
export interface Workspace {
  readonly endpoints: Map<string, StoredEndpoint>
  readonly versions: ModelVersion[]
  readonly aliases: Map<string, string>
  /** Of versions, by path. */
  readonly files: Map<string, Readonly<Record<string, string>>>
  /** By version; others answer well. */
  readonly answers: Map<string, Answer>
  /** Versions whose container cannot be built. */
  readonly unbuildable: Set<string>
  /** Versions whose container never comes up. */
  readonly hanging: Set<string>
  /** Everything that changed something, in order. */
  readonly changes: string[]
  addVersion(tags?: Tags): string
}

export function createWorkspace(modelName = 'main.deckhand.slide_agent'): Workspace {
  const versions: ModelVersion[] = []
  return {
    endpoints: new Map(),
    versions,
    aliases: new Map(),
    files: new Map(),
    answers: new Map(),
    unbuildable: new Set(),
    hanging: new Set(),
    changes: [],
    addVersion(tags = {}) {
      const version = String(versions.length + 1)
      versions.unshift({ modelName, version, status: 'ready', createdAt: 0, tags, aliases: [], link: '' })
      return version
    },
  }
}

const wellAnswered: Answer = () => ({
  html: '<!doctype html><html><body><section>Sales</section></body></html>',
  slide_count: 3,
  trace_url: 'https://workspace.example/traces/tr-1',
  error: '',
})

/** One call of a process that leaves it. A test counts them, loses answers, and ends the process after one. */
export type Call = <T>(name: string, work: () => T | Promise<T>) => Promise<T>

const updateMs = 60_000

/** A process's view of the workspace. */
export function connectTo(
  workspace: Workspace,
  clock: ManualClock,
  call: Call,
): { readonly registry: ModelRegistry; readonly endpoints: ServingEndpoints } {
  return { registry: registryOf(workspace, call), endpoints: endpointsOf(workspace, clock, call) }
}

function registryOf(workspace: Workspace, call: Call): ModelRegistry {
  const { versions, aliases, changes } = workspace
  const withAliases = (version: ModelVersion): ModelVersion => ({
    ...version,
    aliases: [...aliases].filter(([, number]) => number === version.version).map(([alias]) => alias),
  })
  const find = (number: string): ModelVersion => {
    const version = versions.find((each) => each.version === number)
    if (!version) throw new RegistryError('not-found', `No version ${number}`, { userMessage: 'There is none.' })
    return withAliases(version)
  }
  return {
    modelName: 'main.deckhand.slide_agent',
    link: () => '',
    async register({ contentHash, commit }, tags) {
      const known = await call('search versions', () =>
        versions.find((each) => each.tags['content_hash'] === contentHash),
      )
      const version =
        known?.version ??
        (await call('create version', () => {
          changes.push('create version')
          const number = workspace.addVersion({ ...tags, content_hash: contentHash, commit })
          setStatus(number, 'pending')
          return number
        }))
      if (find(version).status === 'pending') {
        await call('upload', () => {})
        await call('finalize', () => setStatus(version, 'ready'))
      }
      return { version: find(version), isNew: known === undefined }
    },
    getVersion: (number) => call('get version', () => find(number)),
    listVersions: () => call('list versions', () => versions.map(withAliases)),
    findByAlias: (alias) =>
      call('get alias', () => {
        const number = aliases.get(alias)
        return number === undefined ? undefined : find(number)
      }),
    async setAlias(alias, version) {
      if ((await call('get alias', () => aliases.get(alias))) === version) return
      await call('set alias', () => {
        changes.push(`${alias} → ${version}`)
        aliases.set(alias, version)
      })
    },
    deleteAlias: (alias) => call('delete alias', () => void aliases.delete(alias)),
    setTags: async () => {},
    readFile: (version, path) =>
      call('read file', () => {
        const text = workspace.files.get(version)?.[path]
        if (text === undefined)
          throw new RegistryError('not-found', `No file ${path}`, { userMessage: 'There is none.' })
        return Buffer.from(text)
      }),
  }

  function setStatus(number: string, status: ModelVersion['status']): void {
    const index = versions.findIndex((each) => each.version === number)
    versions[index] = { ...find(number), status }
  }
}

function endpointsOf(workspace: Workspace, clock: ManualClock, call: Call): ServingEndpoints {
  const { endpoints, changes } = workspace

  /** What time has done meanwhile. */
  function settle(stored: StoredEndpoint): void {
    if (!stored.pending || stored.update !== 'running' || clock.now() < stored.pendingAt) return
    if (stored.pending.entities.some(({ modelVersion }) => workspace.unbuildable.has(modelVersion))) {
      stored.update = 'failed'
      return
    }
    stored.config = stored.pending
    stored.pending = undefined
    stored.update = 'none'
  }

  function show(name: string): Endpoint | undefined {
    const stored = endpoints.get(name)
    if (!stored) return undefined
    settle(stored)
    const entities = [...(stored.config?.entities ?? []), ...(stored.pending?.entities ?? [])]
    return structuredClone({
      name,
      isReady: stored.config !== undefined,
      update: stored.update,
      config: stored.config,
      configVersion: stored.configVersion,
      pending: stored.pending,
      deployments: entities.map((entity): Deployment => ({ entityName: entity.name, state: 'unknown', message: '' })),
    })
  }

  /** As a workspace shows it: with settings that nobody has asked for. */
  function asked(config: EndpointConfig): EndpointConfig {
    return {
      entities: config.entities.map((entity) => ({
        ...entity,
        settings: { workload_type: 'CPU', ...entity.settings },
      })),
    }
  }

  function begin(stored: StoredEndpoint, config: EndpointConfig): void {
    const isKnown = (name: string): boolean => stored.config?.entities.some((entity) => entity.name === name) === true
    const hangs = config.entities.some(({ modelVersion }) => workspace.hanging.has(modelVersion))
    // Moving traffic alone needs no container.
    const takesMs = config.entities.every(({ name }) => isKnown(name)) ? 5000 : updateMs
    stored.pending = asked(config)
    stored.pendingAt = hangs ? Infinity : clock.now() + takesMs
    stored.update = 'running'
    stored.configVersion += 1
  }

  const inWords = (config: EndpointConfig): string =>
    config.entities.map(({ name, trafficPercent }) => `${name} ${trafficPercent}`).join(', ')

  const find = (name: string): Promise<Endpoint | undefined> => call('get endpoint', () => show(name))

  return {
    link: (name) => `https://workspace.example/ml/endpoints/${name}`,
    find,
    create: (name, config) =>
      call('create endpoint', () => {
        if (endpoints.has(name)) throw failed('conflict', `Endpoint ${name} is there`)
        changes.push(`create ${inWords(config)}`)
        const stored: StoredEndpoint = {
          config: undefined,
          pending: undefined,
          pendingAt: 0,
          update: 'none',
          configVersion: 0,
        }
        begin(stored, config)
        endpoints.set(name, stored)
      }),
    updateConfig: (name, config) =>
      call('put config', () => {
        const stored = endpoints.get(name)
        if (!stored) throw failed('not-found', `There is no endpoint ${name}`)
        settle(stored)
        if (stored.update === 'running') throw failed('busy', `Endpoint ${name} is being changed`)
        changes.push(`put ${inWords(config)}`)
        begin(stored, config)
      }),
    delete: (name) =>
      call('delete endpoint', () => {
        changes.push('delete')
        endpoints.delete(name)
      }),
    async waitUntilReady(name, wanted, { signal, timeoutMs, onProgress }) {
      const until = clock.now() + timeoutMs
      for (;;) {
        const endpoint = await find(name)
        if (!endpoint) throw failed('not-found', `There is no endpoint ${name}`)
        onProgress?.(endpoint)
        if (endpoint.update === 'failed')
          throw failed('update-failed', 'The container cannot be built', 'pip: no space')
        const serves = endpoint.config?.entities.map(({ name: each }) => each).join()
        if (endpoint.update === 'none') {
          if (serves === wanted.entities.map(({ name: each }) => each).join()) return endpoint
          throw failed('replaced', 'It serves something else')
        }
        if (clock.now() >= until) throw failed('timeout', 'The endpoint is not ready in time')
        await clock.sleep(10_000, signal)
      }
    },
    invoke: (name, rows, { entityName }) =>
      call('invoke', () => {
        const endpoint = show(name)
        const entities = endpoint?.config?.entities ?? []
        const entity = entities.find((each) => (entityName ? each.name === entityName : each.trafficPercent > 0))
        if (!entity) throw failed('not-ready', `Endpoint ${name} is not up`)
        const answer = workspace.answers.get(entity.modelVersion) ?? wellAnswered
        return { predictions: rows.map((row) => answer(row)), servedBy: entity.name }
      }),
    buildLogs: () => call('build logs', () => ''),
    logs: () => call('logs', () => 'Traceback: the model has a fault\n'),
  }
}

function failed(code: ServingError['code'], message: string, logTail = ''): ServingError {
  return new ServingError(code, message, { userMessage: `${message}.`, logTail })
}
