import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'
import { promptInputs, type PromptName, type Prompts, type PromptText } from './agent/prompts.ts'
import { readConfigFile, type Environment } from './lib/config-file.ts'
import { DeckhandError } from './lib/errors.ts'
import { Secret } from './lib/secret.ts'
import { createBrandThemes } from './render/brand-sides.ts'
import { BrandThemeFile } from './render/brand-theme.ts'
import { formats } from './render/renderer.ts'
import { builtInThemes, type Theme, type Themes } from './render/theme.ts'
import { adminsSection } from './settings/admins-section.ts'
import { botSections, toBotSettings } from './settings/bot-sections.ts'
import { address, flag, listOf, name, number, text, whole } from './settings/checks.ts'
import { MlflowFile } from './settings/mlflow-file.ts'
import { monitoringSections, toMonitoringSettings } from './settings/monitoring-sections.ts'

/** Everything wrong with the configuration, one line a problem: file, key, what it is, what it should be. */
export class SettingsError extends DeckhandError {
  override readonly name = 'SettingsError'
  readonly code = 'bad-settings'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    const message =
      problems.length === 1
        ? `The configuration has a problem: ${problems[0]}`
        : [`The configuration has ${problems.length} problems:`, ...problems].join('\n  ')
    super(message, { userMessage: message })
    this.problems = problems
  }
}

/** `themes` are the names that `output.theme` may have; `needsRedis` is false where nothing is remembered. */
const configFile = (themes: ReadonlySet<string>, needsRedis: boolean) =>
  z
    .strictObject({
      environment: z.string().regex(/^[a-z0-9][a-z0-9-]*$/, 'a short name of lower-case letters, digits and dashes'),
      databricks: z.strictObject({
        host: address(
          'the address of a workspace, such as https://dbc-1234.cloud.databricks.com (set DATABRICKS_HOST)',
        ),
        client_id: text,
      }),
      llm: z.strictObject({
        endpoint: name,
        base_url: z.literal('').or(address('an address such as http://127.0.0.1:8000/v1, or empty')),
        temperature: number('a number from 0 to 2', 0, 2),
        max_tokens: whole('a whole number from 256 to 64000', 256, 64_000),
        timeout_seconds: number('seconds from 1 to 600', 1, 600),
        price_per_million_tokens: z.strictObject({
          input: number('US dollars from 0 to 1000', 0, 1000),
          output: number('US dollars from 0 to 1000', 0, 1000),
        }),
      }),
      genie: z.strictObject({
        default_space_id: text,
        spaces: z.record(z.string(), z.string('the id of a Genie space').min(1, 'the id of a Genie space')),
        timeout_seconds: number('seconds from 1 to 1800', 1, 1800),
        questions_per_minute: whole('a whole number from 1 to 10000', 1, 10_000),
      }),
      agent: z.strictObject({
        max_tool_iterations: whole('a whole number from 1 to 5', 1, 5),
        thread_ttl_days: number('days from 1 to 365', 1, 365),
        mode: z.enum(['in_process', 'endpoint'], 'in_process or endpoint'),
        endpoint_timeout_seconds: number('seconds from 5 to 3600', 5, 3600),
        endpoint_fallback: flag,
      }),
      grounding: z.strictObject({
        unverified: z.enum(['mark', 'block'], 'mark or block'),
        sample_rows: whole('a whole number from 0 to 200', 0, 200),
      }),
      output: z.strictObject({
        default_max_slides: whole('a whole number from 1 to 30', 1, 30),
        formats: z
          .array(z.enum(formats, `one of ${formats.join(', ')}`), `a list of ${formats.join(', ')}`)
          .min(1, 'at least one format'),
        theme: z.string().refine((value) => themes.has(value), `one of ${[...themes].join(', ')}`),
        language: z.string().refine(isLanguageTag, 'a language tag such as en or de-CH'),
      }),
      render: z.strictObject({
        browser_path: text,
        pages: whole('a whole number from 0 to 16', 0, 16),
        timeout_seconds: number('seconds from 5 to 600', 5, 600),
      }),
      redis: z.strictObject({
        url: z
          .string()
          .refine(
            (value) => /^rediss?:\/\/./.test(value) || (!needsRedis && value === ''),
            'the address of a Redis or Valkey server, such as redis://127.0.0.1:6379 (set REDIS_URL)',
          ),
      }),
      ...botSections,
      ...monitoringSections,
      admins: adminsSection,
      log: z.strictObject({
        level: z.enum(['debug', 'info', 'warn', 'error', 'silent'], 'debug, info, warn, error or silent'),
      }),
    })
    .transform((file) => ({
      environment: file.environment,
      databricks: { host: file.databricks.host.replace(/\/+$/, ''), clientId: file.databricks.client_id },
      llm: {
        endpoint: file.llm.endpoint,
        baseUrl: file.llm.base_url.replace(/\/+$/, ''),
        temperature: file.llm.temperature,
        maxTokens: file.llm.max_tokens,
        timeoutMs: file.llm.timeout_seconds * 1000,
        usdPerMillionTokens: file.llm.price_per_million_tokens,
      },
      genie: {
        defaultSpaceId: file.genie.default_space_id,
        spaces: file.genie.spaces,
        timeoutMs: file.genie.timeout_seconds * 1000,
        questionsPerMinute: file.genie.questions_per_minute,
      },
      agent: {
        maxToolIterations: file.agent.max_tool_iterations,
        threadTtlMs: file.agent.thread_ttl_days * 86_400_000,
        mode: file.agent.mode,
        endpointTimeoutMs: file.agent.endpoint_timeout_seconds * 1000,
        endpointFallback: file.agent.endpoint_fallback,
      },
      grounding: { unverified: file.grounding.unverified, sampleRows: file.grounding.sample_rows },
      output: {
        defaultMaxSlides: file.output.default_max_slides,
        formats: file.output.formats,
        theme: file.output.theme,
        language: file.output.language,
      },
      render: {
        browserPath: file.render.browser_path,
        pages: file.render.pages,
        timeoutMs: file.render.timeout_seconds * 1000,
      },
      redis: { url: new Secret(file.redis.url) },
      ...toBotSettings(file),
      ...toMonitoringSettings(file),
      admins: file.admins,
      log: file.log,
    }))

const PromptsFile: z.ZodType<Prompts> = z.strictObject({
  intent_analysis: prompt('intent_analysis'),
  tool_loop: prompt('tool_loop'),
  tool_synthesis: prompt('tool_synthesis'),
  narrative_construction: prompt('narrative_construction'),
  slide: prompt('slide'),
  refine: prompt('refine'),
  about_answer: prompt('about_answer'),
  coherence_judge: prompt('coherence_judge'),
})

function prompt(name: PromptName): z.ZodType<PromptText> {
  return z.strictObject({ system: promptText(promptInputs[name]), user: promptText(promptInputs[name]) })
}

function promptText(inputs: readonly string[]): z.ZodType<string> {
  return z
    .string('text')
    .min(1, 'text, not empty')
    .superRefine((value, context) => {
      for (const [, used = ''] of value.matchAll(/\{\{(.*?)\}\}/g)) {
        if (inputs.includes(used.trim())) continue
        context.addIssue({
          code: 'custom',
          message: `text that uses only ${inputs.map((input) => `{{${input}}}`).join(', ')}; it uses {{${used.trim()}}}`,
        })
      }
    })
}

interface Credentials {
  readonly databricksToken?: Secret
  readonly databricksClientSecret?: Secret
  readonly llmApiKey?: Secret
  readonly mlflowToken?: Secret
  readonly mlflowUsername?: string
  readonly mlflowPassword?: Secret
  readonly slackBotToken?: Secret
  readonly slackAppToken?: Secret
  readonly slackSigningSecret?: Secret
  readonly slackClientSecret?: Secret
  readonly teamsAppPassword?: Secret
  /** Signs deck links and what a sign-in carries back; the same in every process. */
  readonly linkKey?: Secret
  /** Encrypts what is stored for others, such as the tokens of Slack workspaces. */
  readonly encryptionKey?: Secret
  /** Keys that `POST /generate-slides` takes. */
  readonly apiKeys: readonly Secret[]
}

export type Settings = z.output<ReturnType<typeof configFile>> & {
  readonly mlflow: z.output<typeof MlflowFile>
  readonly prompts: Prompts
  /** The brand themes of `themes/`, by name. */
  readonly themes: Themes
  readonly credentials: Credentials
}

const botFile = z.object(botSections).transform(toBotSettings)

type FurtherCheck = (sections: z.output<typeof botFile>, env: Environment) => readonly string[]

/**
 * Reads `config.yaml`, `mlflow.yaml` and `prompts.yaml` from `folder`, fills in `${NAME}` from `env`, takes secrets
 * from `env` alone, and checks everything; `moreProblems` is what else a command wants to be set. `needsRedis` is false
 * for the served agent, which remembers nothing.
 * @throws SettingsError with every problem of all three files
 */
export function loadSettings(
  env: Environment,
  folder: string,
  moreProblems: FurtherCheck = () => [],
  { needsRedis = true }: { readonly needsRedis?: boolean } = {},
): Settings {
  const problems: string[] = []
  const secrets = secretValues(env)
  const themeProblems: string[] = []
  const themes = loadThemes(join(folder, 'themes'), { env, secrets }, themeProblems)
  const config = readConfigFile(folder, 'config.yaml', configFile(themes.names, needsRedis), { env, secrets }, problems)
  const mlflow = readConfigFile(folder, 'mlflow.yaml', MlflowFile, { env, secrets }, problems)
  const prompts = readConfigFile(folder, 'prompts.yaml', PromptsFile, { env, secrets }, problems)
  const secret = (key: string): Secret | undefined => {
    const value = env[key]
    return value ? new Secret(value) : undefined
  }
  problems.push(...themeProblems, ...credentialProblems(env, config?.databricks.clientId))
  // Also while other sections have problems: people want to know all of them at once.
  const sections = config ?? readConfigFile(folder, 'config.yaml', botFile, { env, secrets }, [])
  if (sections) problems.push(...moreProblems(sections, env))
  if (problems.length > 0 || !config || !mlflow || !prompts) throw new SettingsError(problems)
  return {
    ...config,
    mlflow: {
      ...mlflow,
      // The same folder wherever a command is started from: what waits there is sent by whichever command comes next.
      tracing: { ...mlflow.tracing, spoolDir: resolve(folder, '..', mlflow.tracing.spoolDir) },
    },
    prompts,
    themes: themes.loaded,
    credentials: {
      ...dropUndefined({
        databricksToken: secret('DATABRICKS_TOKEN'),
        databricksClientSecret: secret('DATABRICKS_CLIENT_SECRET'),
        llmApiKey: secret('LLM_API_KEY'),
        mlflowToken: secret('MLFLOW_TRACKING_TOKEN'),
        mlflowUsername: env['MLFLOW_TRACKING_USERNAME'],
        mlflowPassword: secret('MLFLOW_TRACKING_PASSWORD'),
        slackBotToken: secret('SLACK_BOT_TOKEN'),
        slackAppToken: secret('SLACK_APP_TOKEN'),
        slackSigningSecret: secret('SLACK_SIGNING_SECRET'),
        slackClientSecret: secret('SLACK_CLIENT_SECRET'),
        teamsAppPassword: secret('TEAMS_APP_PASSWORD'),
        linkKey: secret('DECKHAND_LINK_KEY'),
        encryptionKey: secret('DECKHAND_ENCRYPTION_KEY'),
      }),
      apiKeys: listOf(env['DECKHAND_API_KEYS']).map((key) => new Secret(key)),
    },
  }
}

/**
 * The sections about serving and the chat platforms alone, for commands that need neither Databricks nor any secret.
 * @throws SettingsError with every problem of these sections
 */
export function loadBotSections(env: Environment, folder: string): z.output<typeof botFile> {
  const problems: string[] = []
  const sections = readConfigFile(folder, 'config.yaml', botFile, { env, secrets: secretValues(env) }, problems)
  if (!sections) throw new SettingsError(problems)
  return sections
}

/** Every `NAME.yaml` of the folder, checked. `names` holds those that have problems, too, and the built-in ones. */
export function loadThemes(
  folder: string,
  from: { readonly env: Environment; readonly secrets: readonly string[] },
  problems: string[],
): { readonly loaded: Themes; readonly names: ReadonlySet<string> } {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.yaml')) : []
  const loaded = new Map<string, Theme>()
  const names = new Set(builtInThemes.keys())
  for (const file of files.toSorted()) {
    const name = file.slice(0, -'.yaml'.length)
    if (builtInThemes.has(name)) problems.push(`themes/${file}: has the name of a built-in theme, should have its own`)
    if (/-(light|dark)$/.test(name))
      problems.push(`themes/${file}: ends like a side of a theme, should have a name without -light or -dark`)
    for (const known of [name, `${name}-light`, `${name}-dark`]) names.add(known)
    const found: string[] = []
    const brand = readConfigFile(folder, file, BrandThemeFile, from, found)
    if (brand) for (const [side, theme] of createBrandThemes(name, brand, folder, found)) loaded.set(side, theme)
    problems.push(
      ...found.map((problem) => (problem.startsWith(file) ? `themes/${problem}` : `themes/${file} ${problem}`)),
    )
  }
  return { loaded, names }
}

/** One kind of credential for the workspace, and whole. `clientId` is undefined while the file has problems. */
function credentialProblems(env: Environment, clientId: string | undefined): string[] {
  const token = Boolean(env['DATABRICKS_TOKEN'])
  const secret = Boolean(env['DATABRICKS_CLIENT_SECRET'])
  if (!token && !secret) {
    return ['environment: DATABRICKS_TOKEN is not set and DATABRICKS_CLIENT_SECRET neither; one of them should be']
  }
  if (clientId === undefined) return []
  if (token && clientId !== '') {
    return ['config.yaml databricks.client_id: is set and DATABRICKS_TOKEN too; only one kind of credential should be']
  }
  if (secret && !token && clientId === '') {
    return ['config.yaml databricks.client_id: is "", should be the service principal of DATABRICKS_CLIENT_SECRET']
  }
  return []
}

const secretNames = [
  'DATABRICKS_TOKEN',
  'DATABRICKS_CLIENT_SECRET',
  'LLM_API_KEY',
  'MLFLOW_TRACKING_TOKEN',
  'MLFLOW_TRACKING_PASSWORD',
  'SLACK_BOT_TOKEN',
  'SLACK_APP_TOKEN',
  'SLACK_SIGNING_SECRET',
  'SLACK_CLIENT_SECRET',
  'TEAMS_APP_PASSWORD',
  'DECKHAND_LINK_KEY',
  'DECKHAND_ENCRYPTION_KEY',
]

/** Every secret text in `env`, passwords inside addresses included, for masking what leaves the process. */
export function secretValues(env: Environment): readonly string[] {
  const values = [...secretNames.map((key) => env[key] ?? ''), ...listOf(env['DECKHAND_API_KEYS'])]
  for (const key of ['REDIS_URL', 'MLFLOW_TRACKING_URI', 'LLM_BASE_URL']) {
    const password = URL.parse(env[key] ?? '')?.password ?? ''
    values.push(password, decodeURIComponent(password))
  }
  return [...new Set(values.filter((value) => value.length >= 4))]
}

function isLanguageTag(value: string): boolean {
  try {
    return value !== '' && Intl.getCanonicalLocales(value).length === 1
  } catch {
    return false
  }
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

function dropUndefined<T extends object>(value: T): Defined<T> {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Defined<T>
}
