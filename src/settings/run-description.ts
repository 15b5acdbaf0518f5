import { createHash } from 'node:crypto'
import { stringify } from 'yaml'
import type { Environment } from '../lib/config-file.ts'
import { programVersion } from '../lib/program-version.ts'
import type { PromptContent } from '../mlflow/backend.ts'
import type { RunDescription } from '../mlflow/turn/run-record.ts'
import type { Settings } from '../settings.ts'

/** What the settings say about the runs of all turns. The same settings give the same versions on every machine. */
export function describeRuns(settings: Settings, env: Environment): RunDescription {
  const configYaml = effectiveConfig(settings)
  return {
    params: {
      temperature: settings.llm.temperature,
      databricks_host: settings.databricks.host,
      config_version: shortHash(configYaml),
      prompt_version: shortHash(JSON.stringify(settings.prompts)),
    },
    tags: {
      version: programVersion,
      model_type: 'slide_agent',
      framework: 'deckhand',
      deployment_target: deploymentTarget(env),
    },
    configYaml,
  }
}

/** The prompts as MLflow's registry keeps them. */
export function promptContents(settings: Pick<Settings, 'prompts'>): PromptContent[] {
  return Object.entries(settings.prompts).map(([name, { system, user }]) => {
    const messages = [
      { role: 'system', content: system },
      { role: 'user', content: user },
    ]
    return { name, messages, hash: shortHash(JSON.stringify(messages)) }
  })
}

/** Not part of the effective configuration: secrets, what has a version of its own, and what is another on each machine. */
const leftOut: ReadonlySet<string> = new Set(['credentials', 'prompts', 'themes', 'spoolDir', 'browserPath'])

/** Secrets that are elsewhere print as `[secret]`, and addresses lose user name and password. */
function effectiveConfig(settings: Settings): string {
  const json = JSON.stringify(settings, (key, value: unknown) => {
    if (leftOut.has(key)) return undefined
    return typeof value === 'string' ? value.replace(/(?<=^\w+:\/\/)[^/]*@/, '') : value
  })
  return stringify(JSON.parse(json))
}

/** Where this process runs, as its surroundings tell. */
function deploymentTarget(env: Environment): string {
  if (env['IS_IN_DB_MODEL_SERVING_ENV']) return 'databricks_model_serving'
  if (env['DATABRICKS_APP_NAME']) return 'databricks_apps'
  if (env['KUBERNETES_SERVICE_HOST']) return 'kubernetes'
  return 'host'
}

function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12)
}
