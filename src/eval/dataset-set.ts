import { z } from 'zod'
import type { StoredRecord } from '../mlflow/datasets.ts'
import type { MlflowRecords } from '../mlflow/records.ts'
import { describeIssues } from '../lib/zod-issues.ts'
import { EvalSet, Expectations } from './case.ts'
import { EvalError } from './eval-error.ts'

const Inputs = z.object({
  question: z.string().min(1),
  after: z.array(z.string()).default([]),
  space: z.string().optional(),
  language: z.string().optional(),
})

/**
 * An evaluation dataset of MLflow as a set of questions. What is expected of an answer stands in the records in the words
 * of {@link Expectations}; records without any are asked all the same, and scored for grounding, time and cost.
 * @throws EvalError `usage` when there is no such dataset, it is empty, or a record cannot be read; MlflowError
 */
export async function loadDataset(
  name: string,
  records: Pick<MlflowRecords, 'experiment' | 'datasets'>,
  signal: AbortSignal,
): Promise<EvalSet> {
  const datasetId = await records.datasets.find(name, (await records.experiment(signal)).id, signal)
  if (datasetId === undefined) {
    throw new EvalError('usage', `There is no evaluation set "${name}": it should be a YAML file or an MLflow dataset`)
  }
  const stored = await records.datasets.list(datasetId, signal)
  if (stored.length === 0) throw new EvalError('usage', `The evaluation dataset "${name}" has no questions`)
  const parsed = EvalSet.safeParse({ name, cases: stored.map((record) => toCase(name, record)) })
  if (parsed.success) return parsed.data
  throw new EvalError('usage', `The evaluation dataset "${name}" has problems: ${describeIssues(parsed.error)}`)
}

function toCase(set: string, record: StoredRecord): z.input<typeof EvalSet>['cases'][number] {
  const { id } = record.tags
  const inputs = Inputs.safeParse(record.inputs)
  if (!inputs.success) {
    throw new EvalError('usage', `Record ${record.id} of "${set}" has problems: ${describeIssues(inputs.error)}`)
  }
  const known = Object.fromEntries(
    Object.entries(record.expectations).filter(([name]) => Object.hasOwn(Expectations.shape, name)),
  )
  const given = inputs.data
  return {
    id: id ?? record.id.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-'),
    question: given.question,
    after: given.after,
    ...(given.space === undefined ? {} : { space: given.space }),
    ...(given.language === undefined ? {} : { language: given.language }),
    ...(Object.keys(known).length === 0 ? {} : { expect: known }),
  }
}
