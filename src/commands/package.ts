import { join } from 'node:path'
import type { Command } from 'commander'
import { packageModel, type PackageSources } from '../mlflow/model-package/package-model.ts'
import { programVersion } from '../lib/program-version.ts'
import { secretValues } from '../settings.ts'

const root = join(import.meta.dirname, '../..')

/** This checkout's sources. `env`: `DECKHAND_COMMIT` says outside of git which they are. */
export function packageSources(env: NodeJS.ProcessEnv): PackageSources {
  return {
    root,
    agentEntry: join(root, 'src/served-agent.ts'),
    configFolder: join(root, 'config'),
    version: programVersion,
    commit: env['DECKHAND_COMMIT'] ?? '',
    secrets: secretValues(env),
  }
}

/** `deckhand package`: the agent as a folder that MLflow serves. Needs no settings of this machine. */
export function addPackageCommand(program: Command): void {
  program
    .command('package')
    .description('write the agent as an MLflow model into a folder')
    .requiredOption('--out <dir>', 'folder for the model; an earlier package there is replaced')
    .option('--json', 'print one JSON object instead of text')
    .addHelpText(
      'after',
      `
Examples:
  deckhand package --out model
  mlflow models serve -m model          # DATABRICKS_HOST, DATABRICKS_TOKEN, GENIE_SPACE_ID … are read where it runs

The configuration of config/ goes with it, secrets never. Outside of a git checkout DECKHAND_COMMIT ("ID SECONDS") says
which sources these are.`,
    )
    .action(async ({ out, json }: { readonly out: string; readonly json?: true }) => {
      const { dir, version, commit, contentHash, fileCount, sizeBytes } = await packageModel(
        packageSources(process.env),
        out,
      )
      const text = json
        ? JSON.stringify({
            dir,
            version,
            commit,
            content_hash: contentHash,
            file_count: fileCount,
            size_bytes: sizeBytes,
          })
        : [
            `${dir}: ${fileCount} files, ${(sizeBytes / 1e6).toFixed(1)} MB`,
            `version ${version}, commit ${commit || 'unknown'}, content ${contentHash.slice(0, 12)}`,
          ].join('\n')
      process.stdout.write(`${text}\n`)
    })
}
