import { join } from 'node:path'
import type { Command } from 'commander'
import { cancelOnSignals } from '../lib/signals.ts'
import { versionTag, type Registered, type RegisterStep } from '../mlflow/registry.ts'
import { loadSettings } from '../settings.ts'
import { packageSources } from './package.ts'

const configFolder = join(import.meta.dirname, '../../config')

interface RegisterOptions {
  readonly out?: string
  readonly json?: true
}

/** `deckhand register`: the agent as a version in the model registry. `env` as `main` reads it. */
export function addRegisterCommand(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command('register')
    .description('package the agent and put it into the model registry as a version')
    .option('--out <dir>', 'keep the package in this folder; an earlier package there is replaced')
    .option('--json', 'print one JSON object instead of text')
    .addHelpText(
      'after',
      `
Examples:
  deckhand register
  deckhand register --out model --json
  deckhand eval run --version "$(git rev-parse HEAD)" && deckhand register     # with its scores

registry_uri and model_name of mlflow.yaml say where. What is there already makes no second version, and a version whose
upload was interrupted is finished. deckhand deploy ENV serves it.
Exit code: 0 registered, 1 failed, 2 wrong usage or configuration, 130 stopped.`,
    )
    .action(async (options: RegisterOptions) => {
      const { createRegisterApp } = await import('../register-app.ts')
      const sources = packageSources(env)
      await using app = createRegisterApp(loadSettings(env, configFolder), env, sources)
      using cancel = cancelOnSignals(process)
      const onProgress = (step: RegisterStep): void => void process.stderr.write(`${inWords(step)}\n`)
      const registered = await app.register(options.out, onProgress, cancel.signal).catch((error: unknown) => {
        if (!cancel.signal.aborted) throw error
      })
      if (!registered) {
        process.stderr.write('deckhand: stopped. The next deckhand register goes on with what was uploaded.\n')
        process.exitCode = 130
        return
      }
      const { version } = registered
      process.stdout.write(`${options.json ? asJson(registered) : asText(registered)}\n`)
      if (version.tags[versionTag.evaluationRun] === undefined && !options.json) {
        process.stderr.write('No evaluation of these sources was found: plans will show no scores.\n')
      }
    })
}

function inWords(step: RegisterStep): string {
  switch (step.kind) {
    case 'known':
      return `The registry has this content as version ${step.version}.`
    case 'resumed':
      return `Version ${step.version} has this content, but not all of its files: finishing it …`
    case 'given-up':
      return `Version ${step.version} cannot be finished: making another …`
    case 'uploading':
      return `Uploading ${step.fileCount} files, ${(step.sizeBytes / 1e6).toFixed(1)} MB …`
    case 'finishing':
      return 'Finishing …'
  }
}

function asText({ version, isNew }: Registered): string {
  const { modelName, tags, aliases, link } = version
  const commit = tags[versionTag.commit]
  const hash = tags[versionTag.contentHash]?.slice(0, 12)
  return [
    `${modelName} version ${version.version}${isNew ? '' : ' (registered before)'}`,
    `commit ${commit ?? 'unknown'}, content ${hash ?? 'unknown'}${aliases.length === 0 ? '' : `, ${aliases.join(', ')}`}`,
    link,
  ].join('\n')
}

function asJson({ version, isNew }: Registered): string {
  return JSON.stringify({
    model_name: version.modelName,
    version: version.version,
    is_new: isNew,
    status: version.status,
    commit: version.tags[versionTag.commit] ?? '',
    content_hash: version.tags[versionTag.contentHash] ?? '',
    aliases: version.aliases,
    tags: version.tags,
    link: version.link,
  })
}
