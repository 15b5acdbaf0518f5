import { parseArgs } from 'node:util'
import { createAnalyst } from './analyst/analyst.ts'
import { sandboxCredentials, sandboxSpaceIds } from './contract.ts'
import { createWorkspace } from './workspace.ts'

/** Runs the workspace for people: prints where it listens and how to get in, until Ctrl-C. Delays are in seconds. */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'genie-delay': { type: 'string', default: '4' },
    'llm-delay': { type: 'string', default: '1' },
  },
})

function amount(name: keyof typeof values): number {
  const value = Number(values[name])
  if (Number.isFinite(value) && value >= 0) return value
  process.stderr.write(`--${name} is "${values[name]}", expected a number from 0 on\n`)
  process.exit(2)
}

await using workspace = await createWorkspace({
  brain: createAnalyst(),
  port: amount('port'),
  genieDelayMs: amount('genie-delay') * 1000,
  llmDelayMs: amount('llm-delay') * 1000,
})
process.stdout.write(
  [
    `DATABRICKS_HOST=${workspace.url}`,
    `DATABRICKS_TOKEN=${sandboxCredentials.token}`,
    `GENIE_SPACE_ID=${sandboxSpaceIds.sales}`,
    '',
  ].join('\n'),
)
const { promise: stopped, resolve: stop } = Promise.withResolvers<void>()
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop())
await stopped
