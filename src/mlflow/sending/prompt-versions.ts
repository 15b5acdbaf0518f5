import { describeError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/log.ts'
import type { PromptContent, PromptStore, PromptVersion } from '../backend.ts'
import { MlflowError } from '../mlflow-error.ts'

/**
 * The registry's versions of our prompts. A refusal of the registry would be the same for every turn and is no reason to
 * keep its trace back: from then on there are no versions. All methods reject only when MLflow cannot be reached or fails.
 */
export interface PromptVersions {
  /** Versions of prompts with this content, registered if need be. Those of content that is not ours any more are left out. */
  versionsOf(
    used: readonly { readonly name: string; readonly hash: string }[],
    experimentId: string,
    signal: AbortSignal,
  ): Promise<PromptVersion[]>
  /** Once the trace is there. */
  link(traceId: string, versions: readonly PromptVersion[], signal: AbortSignal): Promise<void>
}

export function createPromptVersions(deps: {
  /** Undefined where there is no registry. */
  readonly store: PromptStore | undefined
  readonly prompts: readonly PromptContent[]
  readonly log: Logger
}): PromptVersions {
  const { prompts, log } = deps
  const known = new Map<string, PromptVersion>()
  let { store } = deps

  async function unlessRefused<T>(work: (store: PromptStore) => Promise<T>): Promise<T | undefined> {
    if (store === undefined) return undefined
    try {
      return await work(store)
    } catch (error) {
      if (!(error instanceof MlflowError) || error.code === 'unreachable' || error.code === 'server-error') throw error
      log.warn({ error: describeError(error) }, 'Prompts are not registered until the next start')
      store = undefined
      return undefined
    }
  }

  return {
    async versionsOf(used, experimentId, signal) {
      const versions: PromptVersion[] = []
      for (const { name, hash } of used) {
        const prompt = prompts.find((each) => each.name === name && each.hash === hash)
        if (prompt === undefined) continue
        const version =
          known.get(name) ?? (await unlessRefused((registry) => registry.register(prompt, experimentId, signal)))
        if (version === undefined) continue
        known.set(name, version)
        versions.push(version)
      }
      return versions
    },
    async link(traceId, versions, signal) {
      if (versions.length > 0) await unlessRefused((registry) => registry.link(traceId, versions, signal))
    },
  }
}
