import { dirname } from 'node:path/posix'
import { z } from 'zod'
import { ApiError, badRequest, notFound, ok } from '../http/reply.ts'
import type { Route } from '../http/router.ts'
import { Pairs, parse, toPairs } from './body.ts'
import type { StoredExperiment } from './contract.ts'
import type { Store } from './store.ts'

const Create = z.object({ name: z.string().min(1), artifact_location: z.string().exactOptional(), tags: Pairs })
const Mkdirs = z.object({ path: z.string().startsWith('/') })

/** Experiments by their path in the workspace, and the folders they lie in. */
export function experimentRoutes(store: Store): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/api/2.0/mlflow/experiments/get-by-name',
      kind: 'mlflow.get-experiment',
      handle({ query }) {
        const name = query.get('experiment_name') ?? ''
        const found = store.experiments.find((each) => each.name === name)
        // As seen on a workspace
        if (!found) throw notFound(`Node ${name} does not exist.`)
        return ok({ experiment: show(found) })
      },
    },
    {
      method: 'POST',
      path: '/api/2.0/mlflow/experiments/create',
      kind: 'mlflow.create-experiment',
      handle({ json }) {
        const { name, tags, artifact_location } = parse(Create, json)
        return ok({ experiment_id: store.createExperiment(name, tags, artifact_location).id })
      },
    },
    {
      method: 'POST',
      path: '/api/2.0/workspace/mkdirs',
      kind: 'workspace.mkdirs',
      handle({ json }) {
        const { path } = parse(Mkdirs, json)
        if (!/^\/(Users|Shared|Repos)\//.test(`${path}/`)) throw badRequest(`The path ${path} cannot be created.`)
        for (let folder = path; !store.folders.has(folder); folder = dirname(folder)) {
          if (store.experiments.some((each) => each.name === folder)) {
            throw new ApiError(400, 'RESOURCE_ALREADY_EXISTS', `${folder} is not a folder.`)
          }
          store.folders.add(folder)
        }
        return ok()
      },
    },
  ]
}

function show(experiment: StoredExperiment): object {
  return {
    experiment_id: experiment.id,
    name: experiment.name,
    artifact_location: experiment.artifactLocation,
    lifecycle_stage: experiment.isDeleted ? 'deleted' : 'active',
    tags: toPairs(experiment.tags),
  }
}
