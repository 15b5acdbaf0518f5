import type { Clock } from '../lib/clock.ts'
import type { Logger } from '../lib/log.ts'
import type { Tracer } from '../mlflow/tracing.ts'
import type { CallLlm } from './call-llm.ts'
import type { Prompts } from './prompts.ts'

/** What every stage of a turn works with. */
export interface StageDeps {
  readonly callLlm: CallLlm
  readonly tracer: Tracer
  readonly prompts: Prompts
  readonly clock: Clock
  readonly log: Logger
}
