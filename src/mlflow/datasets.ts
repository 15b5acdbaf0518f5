import { z } from 'zod'
import type { MlflowClient } from './client.ts'
import { MlflowError } from './mlflow-error.ts'

/** One question of an evaluation dataset in MLflow. */
export interface DatasetRecord {
  /** What is asked. Two records with the same inputs are one. */
  readonly inputs: Readonly<Record<string, unknown>>
  /** What a good answer has; may be empty. */
  readonly expectations: Readonly<Record<string, unknown>>
  readonly tags: Readonly<Record<string, string>>
  /** The trace it was taken from; absent when a person wrote it. */
  readonly traceId?: string
}

export interface StoredRecord extends DatasetRecord {
  readonly id: string
}

/** MLflow's evaluation datasets. Every method rejects with MlflowError. */
export interface Datasets {
  /** Undefined when there is none of this name in the experiment. */
  find(name: string, experimentId: string, signal: AbortSignal): Promise<string | undefined>
  /** The dataset's id; made when missing. */
  findOrCreate(name: string, experimentId: string, signal: AbortSignal): Promise<string>
  /** A record with the same inputs gets the expectations and tags beside those it has. Repeating it changes nothing. */
  put(datasetId: string, records: readonly DatasetRecord[], signal: AbortSignal): Promise<{ readonly added: number }>
  /** All of them. */
  list(datasetId: string, signal: AbortSignal): Promise<readonly StoredRecord[]>
}

const Dataset = z.object({ dataset_id: z.string(), name: z.string() })
const CreateAnswer = z.object({ dataset: Dataset })
const SearchAnswer = z.object({ datasets: z.array(Dataset).default([]), next_page_token: z.string().default('') })
const PutAnswer = z.object({ inserted_count: z.number().default(0), updated_count: z.number().default(0) })
const anything = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((value) => value ?? {})
/** The records travel as JSON text inside JSON. */
const RecordsAnswer = z.object({
  records: z
    .string()
    .default('[]')
    .transform((text) => JSON.parse(text) as unknown)
    .pipe(
      z.array(
        z
          .object({
            dataset_record_id: z.string().default(''),
            inputs: anything,
            expectations: anything,
            tags: anything,
            source: z
              .object({ source_type: z.string(), source_data: z.object({ trace_id: z.string().optional() }) })
              .nullish()
              .catch(undefined),
          })
          .transform((record): StoredRecord => {
            const traceId = record.source?.source_data.trace_id
            return {
              id: record.dataset_record_id,
              inputs: record.inputs,
              expectations: record.expectations,
              tags: Object.fromEntries(Object.entries(record.tags).map(([key, value]) => [key, String(value)])),
              ...(traceId === undefined ? {} : { traceId }),
            }
          }),
      ),
    ),
  next_page_token: z.string().default(''),
})

const root = '/api/3.0/mlflow/datasets'

export function createDatasets({ client }: { readonly client: Pick<MlflowClient, 'call'> }): Datasets {
  async function find(name: string, experimentId: string, signal: AbortSignal): Promise<string | undefined> {
    const body = { experiment_ids: [experimentId], filter_string: `name = '${name}'`, max_results: 10 }
    const { datasets } = await client.call(
      { method: 'POST', path: `${root}/search`, body, schema: SearchAnswer },
      signal,
    )
    return datasets.find((dataset) => dataset.name === name)?.dataset_id
  }

  return {
    find,
    async findOrCreate(name, experimentId, signal) {
      const found = await find(name, experimentId, signal)
      if (found !== undefined) return found
      const body = { name, experiment_ids: [experimentId], tags: '{}' }
      try {
        const made = await client.call({ method: 'POST', path: `${root}/create`, body, schema: CreateAnswer }, signal)
        return made.dataset.dataset_id
      } catch (error) {
        // Somebody else was faster.
        const theirs = await find(name, experimentId, signal)
        if (theirs !== undefined) return theirs
        throw error
      }
    },
    async put(datasetId, records, signal) {
      const wire = records.map(({ inputs, expectations, tags, traceId }) => ({
        inputs,
        expectations,
        tags,
        source: traceId
          ? { source_type: 'TRACE', source_data: { trace_id: traceId } }
          : { source_type: 'HUMAN', source_data: {} },
      }))
      const path = `${root}/${encodeURIComponent(datasetId)}/records`
      const body = { records: JSON.stringify(wire) }
      const answer = await client.call({ method: 'POST', path, body, schema: PutAnswer }, signal)
      return { added: answer.inserted_count }
    },
    async list(datasetId, signal) {
      const all: StoredRecord[] = []
      let token = ''
      do {
        const query = new URLSearchParams({ max_results: '500', ...(token === '' ? {} : { page_token: token }) })
        const path = `${root}/${encodeURIComponent(datasetId)}/records?${query.toString()}`
        const page = await client.call({ method: 'GET', path, schema: RecordsAnswer }, signal)
        if (page.records.length === 0 && page.next_page_token === token && token !== '') {
          throw new MlflowError('not-mlflow', `Records of dataset ${datasetId} have no last page`)
        }
        all.push(...page.records)
        token = page.next_page_token
      } while (token !== '')
      return all
    },
  }
}
