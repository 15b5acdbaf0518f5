import { z } from 'zod'
import type { Clock } from '../../../src/lib/clock.ts'
import { badRequest, ok } from '../http/reply.ts'
import type { Route } from '../http/router.ts'
import { Pairs, parse, toPairs } from './body.ts'
import type { StoredRun } from './contract.ts'
import type { Storage } from './storage.ts'
import { newRunId, type Store } from './store.ts'

/** @see https://docs.databricks.com/api/workspace/experiments/logbatch */
const limits = { metrics: 1000, params: 100, tags: 100, all: 1000, bytes: 1_000_000, paramValue: 6000, paths: 2000 }

const Create = z.object({
  experiment_id: z.string(),
  run_name: z.string().default(''),
  start_time: z.int().exactOptional(),
  tags: Pairs,
})
const Metric = z.object({
  key: z.string().min(1).max(250),
  value: z.number(),
  timestamp: z.int(),
  step: z.int().default(0),
})
const LogBatch = z.object({ run_id: z.string(), params: Pairs, tags: Pairs, metrics: z.array(Metric).default([]) })
const Update = z.object({
  run_id: z.string(),
  status: z.enum(['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED']).exactOptional(),
  end_time: z.int().exactOptional(),
})
const Search = z.object({
  experiment_ids: z.array(z.string()),
  filter: z.string().default(''),
  max_results: z.int().max(50_000).default(1000),
})
const Sign = z.object({ run_id: z.string(), path: z.array(z.string().min(1)).min(1).max(limits.paths) })

/** Runs of experiments, and addresses to upload their files to. */
export function runRoutes(deps: {
  readonly store: Store
  readonly storage: Storage
  readonly clock: Clock
}): readonly Route[] {
  const { store, storage, clock } = deps
  const root = '/api/2.0/mlflow'
  return [
    {
      method: 'POST',
      path: `${root}/runs/create`,
      kind: 'mlflow.create-run',
      handle({ json }) {
        const body = parse(Create, json)
        const experiment = store.experimentById(body.experiment_id)
        const id = newRunId()
        const run: StoredRun = {
          id,
          experimentId: experiment.id,
          name: body.run_name,
          artifactUri: `${experiment.artifactLocation}/${id}/artifacts`,
          startTime: body.start_time ?? clock.now(),
          status: 'RUNNING',
          endTime: undefined,
          params: new Map(),
          tags: body.tags,
          metrics: [],
        }
        store.runs.set(id, run)
        return ok({ run: show(run) })
      },
    },
    {
      method: 'GET',
      path: `${root}/runs/get`,
      kind: 'mlflow.get-run',
      handle: ({ query }) => ok({ run: show(store.runById(query.get('run_id') ?? '')) }),
    },
    {
      method: 'POST',
      path: `${root}/runs/search`,
      kind: 'mlflow.search-runs',
      handle({ json }) {
        const { experiment_ids, filter, max_results } = parse(Search, json)
        const isMeant = toFilter(filter)
        const found = [...store.runs.values()]
          .filter((run) => experiment_ids.includes(run.experimentId))
          .filter(isMeant)
          .toSorted((a, b) => b.startTime - a.startTime)
        return ok({ runs: found.slice(0, max_results).map(show) })
      },
    },
    {
      method: 'POST',
      path: `${root}/runs/log-batch`,
      kind: 'mlflow.log-batch',
      handle({ json, bytes }) {
        const { run_id, params, tags, metrics } = parse(LogBatch, json)
        const run = store.runById(run_id)
        const isTooMuch =
          metrics.length > limits.metrics ||
          params.size > limits.params ||
          tags.size > limits.tags ||
          metrics.length + params.size + tags.size > limits.all ||
          bytes.length > limits.bytes
        if (isTooMuch) throw badRequest('A batch logging request is over its limits.')
        for (const [key, value] of params) {
          if (value.length > limits.paramValue) throw badRequest(`Param value of '${key}' had length ${value.length}.`)
          if ((run.params.get(key) ?? value) !== value) {
            throw badRequest(`Changing param values is not allowed. Param with key='${key}' was already logged.`)
          }
        }
        for (const [key, value] of params) run.params.set(key, value)
        for (const [key, value] of tags) run.tags.set(key, value)
        for (const metric of metrics) {
          const isKnown = run.metrics.some(
            ({ key, value, timestamp, step }) =>
              key === metric.key && value === metric.value && timestamp === metric.timestamp && step === metric.step,
          )
          if (!isKnown) run.metrics.push(metric)
        }
        return ok()
      },
    },
    {
      method: 'POST',
      path: `${root}/runs/update`,
      kind: 'mlflow.update-run',
      handle({ json }) {
        const { run_id, status, end_time } = parse(Update, json)
        const run = store.runById(run_id)
        run.status = status ?? run.status
        run.endTime = end_time ?? run.endTime
        return ok({ run_info: show(run).info })
      },
    },
    {
      method: 'POST',
      path: `${root}/artifacts/credentials-for-write`,
      kind: 'mlflow.credentials',
      handle({ json }) {
        const { run_id, path: paths } = parse(Sign, json)
        store.runById(run_id)
        return ok({
          credential_infos: paths.map((path) => ({ run_id, path, ...storage.sign(`runs/${run_id}/${path}`) })),
        })
      },
    },
    {
      // Files API: paths below /Volumes
      method: 'PUT',
      path: '/api/2.0/fs/files/Volumes/*',
      kind: 'files.upload',
      raw: true,
      handle({ params, query, bytes }) {
        const path = `/Volumes/${params['*'] ?? ''}`
        if (store.volumeFiles.has(path) && query.get('overwrite') !== 'true') {
          throw badRequest(`The file ${path} exists.`)
        }
        store.volumeFiles.set(path, bytes)
        return { status: 204, body: '' }
      },
    },
  ]
}

function show(run: StoredRun): { readonly info: object; readonly data: object } {
  return {
    info: {
      run_id: run.id,
      run_uuid: run.id,
      run_name: run.name,
      experiment_id: run.experimentId,
      status: run.status,
      start_time: run.startTime,
      ...(run.endTime === undefined ? {} : { end_time: run.endTime }),
      artifact_uri: run.artifactUri,
      lifecycle_stage: 'active',
    },
    data: { params: toPairs(run.params), tags: toPairs(run.tags), metrics: run.metrics },
  }
}

/** The language has far more; the stand-in reads what its clients ask: tags and the status, equal to a text, all of them. */
function toFilter(filter: string): (run: StoredRun) => boolean {
  const parts = filter === '' ? [] : filter.split(' AND ')
  const conditions = parts.map((part) => {
    const [, tag, value] = /^(?:tags\.`([^`]+)`|attributes\.status) = '([^']*)'$/.exec(part) ?? []
    if (value === undefined) throw badRequest(`The sandbox does not read the filter ${filter}`)
    return (run: StoredRun): boolean => (tag === undefined ? run.status : run.tags.get(tag)) === value
  })
  return (run) => conditions.every((isMet) => isMet(run))
}
