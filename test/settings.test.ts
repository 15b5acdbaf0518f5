import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadSettings, secretValues, SettingsError } from '../src/settings.ts'

const shipped = join(import.meta.dirname, '../config')
const env = {
  DATABRICKS_HOST: 'https://dbc-1.example.com/',
  DATABRICKS_TOKEN: 'planted-token-value',
  REDIS_URL: 'redis://:planted-password@127.0.0.1:6379',
}

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'deckhand-settings-'))
  cpSync(shipped, folder, { recursive: true })
})

afterEach(() => rmSync(folder, { recursive: true }))

function edit(file: string, from: string, to: string): void {
  const path = join(folder, file)
  const text = readFileSync(path, 'utf8')
  expect(text).toContain(from)
  writeFileSync(path, text.replace(from, to))
}

function problemsOf(load: () => unknown): readonly string[] {
  try {
    load()
  } catch (error) {
    if (error instanceof SettingsError) return error.problems
    throw error
  }
  return []
}

describe('loadSettings', () => {
  it('accepts the shipped files with a workspace, a token and Redis', () => {
    const settings = loadSettings(env, folder)

    expect(settings.databricks.host).toBe('https://dbc-1.example.com')
    expect(settings.output.defaultMaxSlides).toBe(10)
    expect(settings.genie.questionsPerMinute).toBe(5)
    expect(settings.mlflow.experimentName).toBe('/Users/{username}/ai-slide-generator/{environment}')
    expect(settings.credentials.databricksToken?.reveal()).toBe('planted-token-value')
  })

  it('fills environment values in, as numbers where a number belongs', () => {
    const settings = loadSettings({ ...env, GENIE_QUESTIONS_PER_MINUTE: '12', GENIE_SPACE_ID: '0123' }, folder)

    expect(settings.genie.questionsPerMinute).toBe(12)
    expect(settings.genie.defaultSpaceId).toBe('0123')
  })

  it('takes a brand theme by the name of its file, and names those there are for any other', () => {
    edit('config.yaml', 'theme: light', 'theme: harbour')
    expect(loadSettings(env, folder).themes.get('harbour')?.footer).toContain('Harbour')

    edit('config.yaml', 'theme: harbour', 'theme: acme')
    expect(problemsOf(() => loadSettings(env, folder))).toEqual([
      'config.yaml output.theme: is "acme", should be one of light, dark, harbour, harbour-light, harbour-dark',
    ])
  })

  it('says what is wrong with a brand theme, by file and key', () => {
    edit('themes/harbour.yaml', "accent: '#0b6470'", "accent: 'teal'")

    expect(problemsOf(() => loadSettings(env, folder))).toEqual([
      'themes/harbour.yaml colours.accent: is "teal", should be a colour such as "#1d57a8"',
    ])
  })

  it('reports every problem of all files at once, each with its key, what it is and what it should be', () => {
    edit('config.yaml', 'temperature: 0.2', 'temperature: hot')
    edit('config.yaml', 'max_tool_iterations: 5', 'max_tool_iterations: 9')
    edit('config.yaml', 'theme: light', 'theme: pink\n  glitter: true')
    edit('mlflow.yaml', 'sample_rate: 1.0', 'sample_rate: 2')
    edit('prompts.yaml', '<question>{{question}}</question>', '<question>{{quest}}</question>')

    expect(problemsOf(() => loadSettings({}, folder))).toEqual([
      'config.yaml databricks.host: is "", should be the address of a workspace, such as https://dbc-1234.cloud.databricks.com (set DATABRICKS_HOST)',
      'config.yaml llm.temperature: is "hot", should be a number from 0 to 2',
      'config.yaml agent.max_tool_iterations: is 9, should be a whole number from 1 to 5',
      'config.yaml output.theme: is "pink", should be one of light, dark, harbour, harbour-light, harbour-dark',
      'config.yaml output.glitter: is not a setting; remove it',
      'config.yaml redis.url: is "", should be the address of a Redis or Valkey server, such as redis://127.0.0.1:6379 (set REDIS_URL)',
      'mlflow.yaml tracing.sample_rate: is 2, should be a number from 0 to 1',
      expect.stringMatching(
        /^prompts.yaml intent_analysis.user: is ".*…, should be text that uses only \{\{question\}\}.*; it uses \{\{quest\}\}$/s,
      ),
      'environment: DATABRICKS_TOKEN is not set and DATABRICKS_CLIENT_SECRET neither; one of them should be',
    ])
  })

  it('asks for a variable that has no default by name', () => {
    edit('config.yaml', 'endpoint: ${LLM_ENDPOINT:-databricks-claude-sonnet-4-6}', 'endpoint: ${LLM_ENDPOINT}')

    expect(problemsOf(() => loadSettings(env, folder))).toContain(
      'config.yaml llm.endpoint: needs the environment variable LLM_ENDPOINT, which is not set',
    )
  })

  it('refuses two kinds of credential, and none', () => {
    const both = { ...env, DATABRICKS_CLIENT_ID: 'id', DATABRICKS_CLIENT_SECRET: 'planted-client-secret' }

    expect(problemsOf(() => loadSettings(both, folder)).join()).toContain('only one kind of credential')
    expect(problemsOf(() => loadSettings({ ...env, DATABRICKS_TOKEN: '' }, folder)).join()).toContain(
      'DATABRICKS_TOKEN is not set',
    )
  })

  it('refuses a setting that nothing would act on', () => {
    edit('mlflow.yaml', 'log_system_metrics: false', 'log_system_metrics: true\n  log_models: true')

    expect(problemsOf(() => loadSettings(env, folder)).join()).toContain('log_models')
  })

  it('tells a single problem in one line', () => {
    expect(() => loadSettings({ ...env, LOG_LEVEL: 'loud' }, folder)).toThrow(
      /^The configuration has a problem: config.yaml log.level: is "loud", should be debug, info, warn, error or silent$/,
    )
  })

  it('keeps waiting traces in one place, wherever a command is started from', () => {
    expect(loadSettings(env, folder).mlflow.tracing.spoolDir).toBe(join(folder, '../.deckhand/spool'))
    expect(loadSettings({ ...env, DECKHAND_SPOOL_DIR: '/var/spool/x' }, folder).mlflow.tracing.spoolDir).toBe(
      '/var/spool/x',
    )
  })

  it('prints no secret, whichever way the settings are shown', () => {
    const settings = loadSettings(env, folder)

    const shown = `${JSON.stringify(settings)} ${inspect(settings, { depth: 9 })} ${String(settings.redis.url)}`
    expect(shown).toContain('[secret]')
    for (const secret of secretValues(env)) expect(shown).not.toContain(secret)
  })

  it('masks a secret that was put where another value belongs', () => {
    edit('config.yaml', 'theme: light', 'theme: ${DATABRICKS_TOKEN}')

    const problems = problemsOf(() => loadSettings(env, folder)).join('\n')
    expect(problems).toContain('output.theme: is [secret]')
    expect(problems).not.toContain('planted-token-value')
  })

  it('names a file that is not there and text that is not YAML', () => {
    rmSync(join(folder, 'mlflow.yaml'))
    writeFileSync(join(folder, 'config.yaml'), 'a: [1')

    const problems = problemsOf(() => loadSettings(env, folder))
    expect(problems[0]).toMatch(/^config.yaml: /)
    expect(problems).toContain('mlflow.yaml: cannot be read in the configuration folder')
  })
})
