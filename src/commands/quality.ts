import { join } from 'node:path'
import type { Command } from 'commander'
import { printable } from '../bot/shell/printable.ts'
import { traceAsText } from '../bot/shell/find-trace.ts'
import { reportAsJson, reportAsText, type EvaluationReport } from '../eval/report.ts'
import type { EvaluationApp, EvaluationRequest } from '../evaluation-app.ts'
import { cancelOnSignals } from '../lib/signals.ts'
import { loadSettings } from '../settings.ts'

const root = join(import.meta.dirname, '../..')
const configFolder = join(root, 'config')

/** Standing where people look for a turn, and what the link of a message is worth. */
const whatToName = 'link of a message in Slack or Teams, turn id, trace id or run id'

interface Printing {
  readonly json?: true
}

/** `deckhand trace` and `deckhand eval`: how good answers are, and what happened in one of them. `env` as `main` reads it. */
export function addQualityCommands(program: Command, env: NodeJS.ProcessEnv): void {
  program
    .command('trace')
    .description('find the trace and the run of an answer')
    .argument('<what>', whatToName)
    .option('--json', 'print one JSON object instead of text')
    .addHelpText(
      'after',
      `
Examples:
  deckhand trace "https://acme.slack.com/archives/C0123456789/p1700000000000100?thread_ts=1700000000.000100"
  deckhand trace tr-0123456789abcdef0123456789abcdef --json

The link of the question works, and so does that of the reply. Quotes keep the shell from reading it.
Exit code: 0 found, 1 not found, 2 wrong usage or configuration.`,
    )
    .action(runTrace)

  const evaluation = program.command('eval').description('ask a set of questions and judge the answers')
  evaluation
    .command('add')
    .description('put the question of an answer into an evaluation dataset in MLflow')
    .argument('<what>', whatToName)
    .option('--set <name>', 'dataset (default: evaluation.collected_set of mlflow.yaml)')
    .option('--json', 'print one JSON object instead of text')
    .addHelpText(
      'after',
      `
What its thread had asked before goes with it, and so do expectations that were noted on the trace in MLflow's page,
under the names that docs/evaluation.md tells.`,
    )
    .action(runAdd)
  evaluation
    .command('run')
    .description('ask a set of questions, judge the answers, and compare with the last time')
    .option('--set <name>', 'YAML file or MLflow dataset (default: evaluation.set of mlflow.yaml)')
    .option('--version <text>', 'what is being evaluated, for the record (default: the version of this program)')
    .option('--json', 'print one JSON object instead of text')
    .addHelpText(
      'after',
      `
Examples:
  deckhand eval run
  deckhand eval run --set collected --version 7 --json

Exit code: 0 good enough, 1 below a threshold of mlflow.yaml or failed, 2 wrong usage or configuration, 130 stopped.`,
    )
    .action(runEvaluation)

  async function runTrace(what: string, { json }: Printing): Promise<void> {
    const { createRecordsApp } = await import('../records-app.ts')
    await using app = createRecordsApp(loadSettings(env, configFolder), env)
    using cancel = cancelOnSignals(process)
    const found = await app.find(what, cancel.signal)
    process.stdout.write(`${json ? JSON.stringify(found) : traceAsText(found)}\n`)
  }

  async function runAdd(what: string, { set, json }: Printing & { readonly set?: string }): Promise<void> {
    const { createRecordsApp } = await import('../records-app.ts')
    await using app = createRecordsApp(loadSettings(env, configFolder), env)
    using cancel = cancelOnSignals(process)
    const added = await app.collect(what, set, cancel.signal)
    if (json) {
      const { isNew, ...rest } = added
      process.stdout.write(`${JSON.stringify({ ...rest, is_new: isNew })}\n`)
      return
    }
    const expected = added.expectations.length === 0 ? 'nothing yet' : added.expectations.join(', ')
    const lines = [
      `${added.isNew ? 'Added to' : 'Is already in'} ${added.set}: ${printable(added.question)}`,
      ...(added.after.length === 0 ? [] : [`After    ${added.after.map(printable).join(' → ')}`]),
      `Expected ${printable(expected)}`,
    ]
    process.stdout.write(`${lines.join('\n')}\n`)
  }

  async function runEvaluation(
    options: Printing & { readonly set?: string; readonly version?: string },
  ): Promise<void> {
    const { createEvaluationApp } = await import('../evaluation-app.ts')
    await using app = await createEvaluationApp(loadSettings(env, configFolder), env, root)
    using cancel = cancelOnSignals(process)
    const report = await runToReport(app, options, cancel.signal)
    if (!report) {
      process.exitCode = 130
      return
    }
    process.exitCode = report.missed.length === 0 ? 0 : 1
    // Answers and queries of others are among the faults.
    const text = options.json
      ? JSON.stringify(reportAsJson(report))
      : reportAsText(report).split('\n').map(printable).join('\n')
    process.stdout.write(`${text}\n`)
  }
}

/** Undefined when somebody stopped it. */
async function runToReport(
  app: EvaluationApp,
  request: EvaluationRequest,
  signal: AbortSignal,
): Promise<EvaluationReport | undefined> {
  let answered = 0
  try {
    return await app.run(
      request,
      ({ id, passed }, total) => {
        answered += 1
        if (process.stderr.isTTY) process.stderr.write(`${answered}/${total} ${passed ? '✓' : '✗'} ${printable(id)}\n`)
      },
      signal,
    )
  } catch (error) {
    if (!signal.aborted) throw error
    process.stderr.write('deckhand: stopped before all questions were asked; nothing is compared with this run.\n')
    return undefined
  }
}
