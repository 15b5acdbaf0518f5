import { z } from 'zod'
import type { PromptContent, PromptStore, PromptVersion } from './backend.ts'
import type { MlflowClient } from './client.ts'
import { MlflowError } from './mlflow-error.ts'

/** A prompt is a registered model of MLflow's with these tags. */
const tag = {
  isPrompt: 'mlflow.prompt.is_prompt',
  text: 'mlflow.prompt.text',
  type: '_mlflow_prompt_type',
  /** `,1,2,`: the experiments whose page lists it. */
  experiments: '_mlflow_experiment_ids',
  /** Ours: tells whether the registry has this content already. */
  contentHash: 'deckhand.content_hash',
} as const

const Model = z.object({
  registered_model: z.object({ tags: z.array(z.object({ key: z.string(), value: z.string() })).default([]) }),
})
const Versions = z.object({ model_versions: z.array(z.object({ version: z.string() })).default([]) })
const Anything = z.unknown()

/** The prompt registry of an MLflow server. */
export function createServerPrompts(client: Pick<MlflowClient, 'call'>): PromptStore {
  const models = '/api/2.0/mlflow/registered-models'
  const modelVersions = '/api/2.0/mlflow/model-versions'

  async function findOrCreate(name: string, experimentId: string, signal: AbortSignal): Promise<void> {
    const tags = toTags({ [tag.isPrompt]: 'true', [tag.experiments]: `,${experimentId},` })
    try {
      const body = { name, tags }
      await client.call({ method: 'POST', path: `${models}/create`, body, schema: Anything }, signal)
      return
    } catch (error) {
      if (!(error instanceof MlflowError) || error.code !== 'already-exists') throw error
    }
    const path = `${models}/get?name=${encodeURIComponent(name)}`
    const { registered_model: model } = await client.call({ method: 'GET', path, schema: Model }, signal)
    const has = new Map(model.tags.map(({ key, value }) => [key, value]))
    if (!has.has(tag.isPrompt)) {
      throw new MlflowError('rejected', `Cannot register prompt "${name}": a model of this name is there already`)
    }
    const listed = has.get(tag.experiments) ?? ','
    if (listed.includes(`,${experimentId},`)) return
    const body = { name, key: tag.experiments, value: `${listed}${experimentId},` }
    await client.call({ method: 'POST', path: `${models}/set-tag`, body, schema: Anything }, signal)
  }

  /** The oldest, so that workers who were equally fast agree. */
  async function findVersion(name: string, hash: string, signal: AbortSignal): Promise<string | undefined> {
    const filter = `name = '${name}' AND tags.\`${tag.contentHash}\` = '${hash}' AND tags.\`${tag.isPrompt}\` = 'true'`
    const path = `${modelVersions}/search?filter=${encodeURIComponent(filter)}`
    const { model_versions: found } = await client.call({ method: 'GET', path, schema: Versions }, signal)
    return found.map(({ version }) => version).toSorted((a, b) => Number(a) - Number(b))[0]
  }

  async function createVersion(name: string, { messages, hash }: PromptContent, signal: AbortSignal): Promise<void> {
    const tags = toTags({
      [tag.isPrompt]: 'true',
      [tag.type]: 'chat',
      [tag.text]: JSON.stringify(messages),
      [tag.contentHash]: hash,
    })
    const body = { name, source: 'prompt-template', tags }
    await client.call({ method: 'POST', path: `${modelVersions}/create`, body, schema: Anything }, signal)
  }

  return {
    async register(prompt, experimentId, signal): Promise<PromptVersion> {
      const name = `deckhand.${prompt.name}`
      await findOrCreate(name, experimentId, signal)
      const known = await findVersion(name, prompt.hash, signal)
      if (known !== undefined) return { name, version: known }
      await createVersion(name, prompt, signal)
      const made = await findVersion(name, prompt.hash, signal)
      if (made !== undefined) return { name, version: made }
      throw new MlflowError('server-error', `Prompt "${name}" was registered, but MLflow does not find it`)
    },

    async link(traceId, versions, signal) {
      const body = { trace_id: traceId, prompt_versions: versions }
      await client.call({ method: 'POST', path: '/api/2.0/mlflow/traces/link-prompts', body, schema: Anything }, signal)
    },
  }
}

function toTags(tags: Readonly<Record<string, string>>): { readonly key: string; readonly value: string }[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }))
}
