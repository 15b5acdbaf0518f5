import type { Endpoint } from '../serving.ts'
import { describeChanges } from './configs.ts'
import type { EnvironmentRecord } from './operation.ts'

/** What somebody changed at the endpoint since our last release, one line each; none: nothing. */
export type Drift = readonly string[]

/** `record` undefined: we have not released there yet, and whatever is there is taken as it is. */
export function findDrift(record: EnvironmentRecord | undefined, endpoint: Endpoint | undefined): Drift {
  if (!record) return []
  if (record.expected === null) return endpoint ? ['the endpoint is there, although we have taken it away'] : []
  if (!endpoint) return ['the endpoint is gone']
  // A first version that is not up yet has no config of its own.
  return endpoint.config ? describeChanges(record.expected, endpoint.config) : ['the endpoint serves nothing']
}
