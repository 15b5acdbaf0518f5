import { createHash } from 'node:crypto'
import type { FoundTrace } from '../mlflow/trace-search.ts'
import type { MlflowRecords } from '../mlflow/records.ts'
import { EvalError } from './eval-error.ts'

/** A question that was added to an evaluation dataset. */
export interface Collected {
  readonly question: string
  /** What was asked in its thread before. */
  readonly after: readonly string[]
  /** False when the dataset had it already. */
  readonly isNew: boolean
  /** Names of what is expected of a good answer, from the trace's expectations; may be empty. */
  readonly expectations: readonly string[]
}

/** A follow-up makes sense only after what it follows; longer threads are cut to their end. */
const mostBefore = 10

/**
 * Puts the question of a traced turn into an evaluation dataset, after what its thread had asked before, with the
 * expectations that people noted on the trace in MLflow. Repeating it adds nothing.
 * @throws EvalError `usage` when the trace holds no question, MlflowError
 */
export async function collectTurn(
  traceId: string,
  set: string,
  records: Pick<MlflowRecords, 'experiment' | 'traces' | 'assessments' | 'datasets'>,
  signal: AbortSignal,
): Promise<Collected> {
  const trace = await records.traces.get(traceId, signal)
  if (trace.question === '') {
    throw new EvalError(
      'usage',
      `Trace ${traceId} holds no question: inputs are not captured (tracing.capture_input_output)`,
    )
  }
  const after = await askedBefore(trace, records, signal)
  const { expectations } = await records.assessments.list(traceId, signal)
  const datasetId = await records.datasets.findOrCreate(set, (await records.experiment(signal)).id, signal)
  const space = trace.tags['genie_space_id'] ?? ''
  const { added } = await records.datasets.put(
    datasetId,
    [
      {
        inputs: {
          question: trace.question,
          ...(after.length > 0 ? { after } : {}),
          ...(space === '' ? {} : { space }),
        },
        expectations: Object.fromEntries(expectations.map(({ name, value }) => [name, value])),
        tags: { id: caseIdOf(trace, after), trace_id: traceId },
        traceId,
      },
    ],
    signal,
  )
  return {
    question: trace.question,
    after,
    isNew: added > 0,
    expectations: expectations.map(({ name }) => name),
  }
}

async function askedBefore(
  trace: FoundTrace,
  { traces }: Pick<MlflowRecords, 'traces'>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  if (trace.sessionId === '') return []
  const ofThread = await traces.find(trace.experimentId, { sessionId: trace.sessionId }, signal)
  return ofThread
    .filter(({ startedAt, question }) => startedAt < trace.startedAt && question !== '')
    .toSorted((a, b) => a.startedAt - b.startedAt)
    .slice(-mostBefore)
    .map(({ question }) => question)
}

/** Readable, and the same whenever the same is asked after the same. */
function caseIdOf({ question }: FoundTrace, after: readonly string[]): string {
  const words = question
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 40)
  const hash = createHash('sha256')
    .update(JSON.stringify([question, after]))
    .digest('hex')
    .slice(0, 6)
  return words === '' ? `question-${hash}` : `${words}-${hash}`.replaceAll(/-{2,}/g, '-')
}
