import { describeError } from '../lib/errors.ts'
import type { Logger } from '../lib/log.ts'
import type { PromptContent, PromptStore, PromptVersion } from './backend.ts'
import { MlflowError } from './mlflow-error.ts'

/** The registry's versions of our prompts. */
export interface PromptVersions {
  /**
   * Versions of prompts with this content, registered if need be. Those of content that is not ours any more are left out,
   * and so are all once the registry has refused one. @throws MlflowError when MLflow cannot be reached
   */
  versionsOf(
    used: readonly { readonly name: string; readonly hash: string }[],
    experimentId: string,
    signal: AbortSignal,
  ): Promise<PromptVersion[]>
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

  async function versionOf(
    prompt: PromptContent,
    experimentId: string,
    signal: AbortSignal,
  ): Promise<PromptVersion | undefined> {
    const version = known.get(prompt.name)
    if (version !== undefined || store === undefined) return version
    try {
      const registered = await store.register(prompt, experimentId, signal)
      known.set(prompt.name, registered)
      return registered
    } catch (error) {
      // A refusal would be the same for every turn, and no reason to keep its trace back.
      if (!(error instanceof MlflowError) || error.code === 'unreachable' || error.code === 'server-error') throw error
      log.warn({ prompt: prompt.name, error: describeError(error) }, 'Prompts are not registered until the next start')
      store = undefined
      return undefined
    }
  }

  return {
    async versionsOf(used, experimentId, signal) {
      const versions: PromptVersion[] = []
      for (const { name, hash } of used) {
        const prompt = prompts.find((each) => each.name === name && each.hash === hash)
        const version = prompt && (await versionOf(prompt, experimentId, signal))
        if (version !== undefined) versions.push(version)
      }
      return versions
    },
  }
}
