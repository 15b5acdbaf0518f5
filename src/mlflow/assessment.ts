import { createHash } from 'node:crypto'
import { cut, limits } from './limits.ts'

/** What somebody or something says about a trace: MLflow shows it beside the trace, and counts it. */
export interface Assessment {
  /** Letters, digits, `_` and `-`. */
  readonly name: string
  /** `id` of a person is theirs on the platform; of code or of a model its name. */
  readonly source: { readonly type: 'HUMAN' | 'CODE' | 'LLM_JUDGE'; readonly id: string }
  readonly value: AssessmentValue
  /** Why, in words; '' when nobody said. */
  readonly rationale: string
  readonly metadata?: Readonly<Record<string, string>> | undefined
}

export type AssessmentValue = boolean | number | string | readonly string[]

/** Ours: a text column holds it whole, and people read it in a narrow pane. */
export const longestRationale = 4000

/** In MLflow's shape, without a trace's id: as it is embedded in a trace's info, too. */
export function toWire({ name, source, value, rationale, metadata = {} }: Assessment): object {
  return {
    assessment_name: cut(name.replaceAll('.', '_'), limits.metadataValue),
    source: { source_type: source.type, source_id: cut(source.id, limits.metadataValue) },
    feedback: { value },
    ...(rationale === '' ? {} : { rationale: cut(rationale, longestRationale) }),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
  }
}

/**
 * The id of an assessment that goes with its trace: the same at each sending, so that MLflow replaces it instead of
 * showing it twice.
 */
export function embeddedId(traceId: string, { name, source }: Assessment): string {
  const digest = createHash('sha256').update([traceId, name, source.type, source.id].join('\n')).digest('hex')
  return `a-${digest.slice(0, 32)}`
}
