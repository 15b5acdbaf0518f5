import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { systemClock } from './lib/clock.ts'
import type { Environment } from './lib/config-file.ts'
import { describeError } from './lib/errors.ts'
import { createHttpClient } from './lib/http.ts'
import { packageModel, type PackagedModel, type PackageSources } from './mlflow/model-package/package-model.ts'
import { modelAliases, versionTag, type Registered, type RegisterStep, type Tags } from './mlflow/registry.ts'
import { createModelRegistry } from './model-registry.ts'
import { createRecords } from './quality.ts'
import type { Settings } from './settings.ts'
import { credentialsOf, logOf } from './workspace-access.ts'

/** Packages the agent and puts it into the registry. Needs no agent and no chat platform. */
export interface RegisterApp extends AsyncDisposable {
  /**
   * `out`: where the package is to stay; in a folder that is removed afterwards when undefined. Repeating it without a
   * change makes no second version. The version becomes the `candidate`.
   * @throws PackageError, RegistryError, or the signal's reason
   */
  register(
    out: string | undefined,
    onProgress: (step: RegisterStep) => void,
    signal: AbortSignal,
  ): Promise<Registered & { readonly packaged: PackagedModel }>
}

/** Names of an evaluation's metrics that are of the whole set, and what they are as tags. */
const wholeSet = /^([a-z_]+)\/(mean|p95)$/

/** @throws SettingsError, RegistryError, DatabricksError `misconfigured` */
export function createRegisterApp(settings: Settings, env: Environment, sources: PackageSources): RegisterApp {
  const log = logOf(settings, env)
  const clock = systemClock
  const http = createHttpClient()
  const credentials = credentialsOf(settings, { http, clock, log })
  const registry = createModelRegistry(settings, { http, credentials, clock })
  const records = createRecords(settings, env, { http, credentials, clock, log })

  /** How good the newest `deckhand eval run` found these sources; nothing where none did, or MLflow does not tell. */
  async function scores({ commit, version }: PackagedModel, signal: AbortSignal): Promise<Tags> {
    if (!records) return {}
    try {
      const { id } = await records.experiment(signal)
      const { evaluations } = records
      const found =
        (commit === '' ? undefined : await evaluations.latestOf(commit, id, signal)) ??
        (await evaluations.latestOf(version, id, signal))
      if (!found) return {}
      const values = Object.entries(found.metrics).flatMap(([name, value]) => {
        const [, score, kind] = wholeSet.exec(name) ?? []
        return score === undefined
          ? []
          : [[`eval_${score}${kind === 'mean' ? '' : `_${kind}`}`, String(value)] as const]
      })
      return { ...Object.fromEntries(values), [versionTag.evaluationRun]: found.runId }
    } catch (error) {
      signal.throwIfAborted()
      log.warn({ error: describeError(error) }, 'The version gets no scores: MLflow does not tell of evaluations')
      return {}
    }
  }

  return {
    async register(out, onProgress, signal) {
      const temporary = out === undefined ? await mkdtemp(join(tmpdir(), 'deckhand-register-')) : undefined
      try {
        const packaged = await packageModel(sources, out ?? join(temporary ?? '', 'model'))
        const tags = { ...(await scores(packaged, signal)), [versionTag.registeredBy]: userInfo().username }
        const { version, isNew } = await registry.register(packaged, tags, { signal, onProgress })
        await registry.setAlias(modelAliases.candidate, version.version, signal)
        return { version: await registry.getVersion(version.version, signal), isNew, packaged }
      } finally {
        if (temporary !== undefined) await rm(temporary, { recursive: true, force: true })
      }
    },
    [Symbol.asyncDispose]: () => http[Symbol.asyncDispose](),
  }
}
