import { z } from 'zod'
import type { Clock } from '../../../src/lib/clock.ts'
import { badRequest, notFound, ok } from '../http/reply.ts'
import type { Route } from '../http/router.ts'
import { parse } from './body.ts'
import { newAssessmentId, type Store, type TraceInfo } from './store.ts'

const Create = z.object({
  assessment: z.looseObject({
    assessment_name: z
      .string()
      .min(1)
      .max(250)
      .refine((name) => !name.includes('.'), 'must not contain a dot'),
    source: z.object({ source_type: z.enum(['HUMAN', 'LLM_JUDGE', 'CODE']), source_id: z.string().max(250) }),
    overrides: z.string().exactOptional(),
  }),
})
const Search = z.object({
  locations: z
    .array(
      z.object({
        type: z.literal('MLFLOW_EXPERIMENT'),
        mlflow_experiment: z.object({ experiment_id: z.string() }),
      }),
    )
    .min(1),
  filter: z.string().default(''),
  max_results: z.int().max(500).default(100),
})

/** What is said about traces that lie in experiments, and finding them. */
export function opinionRoutes({ store, clock }: { readonly store: Store; readonly clock: Clock }): readonly Route[] {
  function infoOf(traceId: string): TraceInfo {
    const found = store.traces.get(traceId)
    if (!found) throw notFound(`Trace with ID ${traceId} does not exist.`)
    return { ...found.info, assessments: [...found.assessments.values()] }
  }

  const one = '/api/3.0/mlflow/traces/:trace'
  return [
    {
      method: 'GET',
      path: one,
      kind: 'mlflow.get-trace',
      handle: ({ params }) => ok({ trace: { trace_info: infoOf(params['trace'] ?? '') } }),
    },
    {
      method: 'POST',
      path: `${one}/assessments`,
      kind: 'mlflow.create-assessment',
      handle({ params, json }) {
        const traceId = params['trace'] ?? ''
        infoOf(traceId)
        const { assessment } = parse(Create, json)
        const assessments = store.traces.get(traceId)?.assessments
        const earlier = assessments?.get(assessment.overrides ?? '')
        if (assessment.overrides !== undefined && !earlier) {
          throw notFound(`Assessment ${assessment.overrides} does not exist.`)
        }
        if (earlier) assessments?.set(assessment.overrides ?? '', { ...earlier, valid: false })
        const id = newAssessmentId()
        const create_time = new Date(clock.now()).toISOString()
        const stored = { ...assessment, assessment_id: id, trace_id: traceId, valid: true, create_time }
        assessments?.set(id, stored)
        return ok({ assessment: stored })
      },
    },
    {
      method: 'POST',
      path: '/api/3.0/mlflow/traces/search',
      kind: 'mlflow.search-traces',
      handle({ json }) {
        const { locations, filter, max_results } = parse(Search, json)
        const ids = new Set(locations.map((location) => location.mlflow_experiment.experiment_id))
        const isWanted = readFilter(filter)
        const found = [...store.traces.entries()]
          .filter(([, trace]) => ids.has(trace.experimentId) && isWanted(trace.info))
          .map(([traceId]) => infoOf(traceId))
          .toReversed()
        return ok({ traces: found.slice(0, max_results) })
      },
    },
  ]
}

const condition =
  /^(tag|metadata)\.`([^`]+)` (=|LIKE) (?:'([^']*)'|"([^"]*)")$|^attributes\.(run_id) (=) (?:'([^']*)'|"([^"]*)")$/

/** Conditions about tags, metadata and the run, joined by AND: the part of the language that the documents show most. */
function readFilter(filter: string): (info: TraceInfo) => boolean {
  const tests = filter
    .split(/ AND /i)
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const match = condition.exec(part.trim())
      if (!match) throw badRequest(`The sandbox does not read the filter ${part}`)
      const [, where, key = '', operator = '=', single, double, , , runSingle, runDouble] = match
      const wanted = single ?? double ?? runSingle ?? runDouble ?? ''
      return (info: TraceInfo): boolean => {
        const values = (where === 'tag' ? info['tags'] : info['trace_metadata']) as Record<string, string> | undefined
        const value = values?.[where === undefined ? 'mlflow.sourceRun' : key]
        return value !== undefined && (operator === '=' ? value === wanted : isLike(value, wanted))
      }
    })
  return (info) => tests.every((test) => test(info))
}

function isLike(value: string, pattern: string): boolean {
  const source = pattern
    .split('%')
    .map((part) => RegExp.escape(part))
    .join('.*')
  return new RegExp(`^${source}$`, 's').test(value)
}
