import { isDeepStrictEqual } from 'node:util'
import type { Catalog, StoredVersion } from '../unity-catalog/catalog.ts'
import type { EntityInput } from './config.ts'

/** A program that serves one model folder. */
export interface ModelServer extends AsyncDisposable {
  /** Takes `POST /invocations`. */
  readonly url: string
  /** The last of what it printed. */
  output(): string
}

/** Starts one; rejects with what it printed when the model does not load. */
export type ServeModel = (options: {
  readonly dir: string
  readonly env: Readonly<Record<string, string>>
  readonly signal: AbortSignal
}) => Promise<ModelServer>

/** One served entity, from being asked for until nothing uses it. */
export interface Deployment {
  readonly entity: EntityInput
  state: 'DEPLOYMENT_CREATING' | 'DEPLOYMENT_READY' | 'DEPLOYMENT_FAILED' | 'DEPLOYMENT_ABORTED'
  message: string
  buildLog: string
  server: ModelServer | undefined
  /** What it printed, also after its end. */
  serverLog(): string
  /** Requests it answered, and how. */
  readonly served: { requests: number; errors4xx: number; errors5xx: number }
}

export interface DeployDeps {
  readonly catalog: Catalog
  readonly serve: ServeModel
  /** Value of `{{secrets/scope/key}}`; undefined when there is none. */
  readonly secret: (scope: string, key: string) => string | undefined
  readonly buildFault: string | undefined
}

export function newDeployment(entity: EntityInput): Deployment {
  let last = ''
  const deployment: Deployment = {
    entity,
    state: 'DEPLOYMENT_CREATING',
    message: 'Creating the container image',
    buildLog: '',
    server: undefined,
    serverLog: () => (last = deployment.server?.output() ?? last),
    served: { requests: 0, errors4xx: 0, errors5xx: 0 },
  }
  return deployment
}

/** Builds and starts it. Never rejects: how it went is in its state. */
export async function bringUp(deployment: Deployment, deps: DeployDeps, signal: AbortSignal): Promise<void> {
  const { entity } = deployment
  const build = (line: string): void => void (deployment.buildLog += `${line}\n`)
  const fail = (message: string): void => {
    deployment.state = signal.aborted ? 'DEPLOYMENT_ABORTED' : 'DEPLOYMENT_FAILED'
    deployment.message = message
  }
  build(`Building ${entity.entity_name} version ${entity.entity_version}`)
  const version = findVersion(deps.catalog, entity)
  if (typeof version === 'string') {
    build(version)
    return fail(version)
  }
  if (deps.buildFault !== undefined) {
    build(deps.buildFault)
    return fail('Container image creation failed. Please see the build logs for more information.')
  }
  build('Container image was built')
  const env = resolveSecrets(entity.environment_vars, deps.secret)
  if (typeof env === 'string') return fail(env)
  deployment.message = 'Starting the model server'
  try {
    deployment.server = await deps.serve({ dir: version.dir, env, signal })
    deployment.state = 'DEPLOYMENT_READY'
    deployment.message = ''
  } catch (error) {
    const log = String(error)
    deployment.serverLog = () => log
    fail('Model server failed to load the model. Please see the service logs for more information.')
  }
}

export async function takeDown(deployment: Deployment): Promise<void> {
  const { server } = deployment
  deployment.serverLog() // keeps what it printed
  deployment.server = undefined
  await server?.[Symbol.asyncDispose]()
}

/** Two that differ in none of these can be one: a change of traffic alone starts nothing. */
export function sameEntity(a: EntityInput, b: EntityInput): boolean {
  return isDeepStrictEqual(a, b)
}

function findVersion(
  catalog: Catalog,
  { entity_name: name, entity_version: number }: EntityInput,
): StoredVersion | string {
  const version = catalog.models.get(name)?.versions.find((one) => one.version === number)
  if (!version) return `Model ${name} version ${number} does not exist.`
  return version.status === 'READY' ? version : `Model ${name} version ${number} is ${version.status}.`
}

function resolveSecrets(
  vars: Readonly<Record<string, string>>,
  secret: DeployDeps['secret'],
): Readonly<Record<string, string>> | string {
  const env: Record<string, string> = {}
  for (const [name, value] of Object.entries(vars)) {
    const [, scope, key] = /^\{\{secrets\/([^/}]+)\/([^/}]+)\}\}$/.exec(value) ?? []
    const found = scope === undefined || key === undefined ? value : secret(scope, key)
    if (found === undefined) return `Secret ${scope}/${key} of environment variable ${name} does not exist.`
    env[name] = found
  }
  return env
}
