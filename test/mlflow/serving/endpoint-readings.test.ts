import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sandboxCredentials, type Workspace } from '../../../sandbox/databricks/contract.ts'
import { createWorkspace } from '../../../sandbox/databricks/workspace.ts'
import { createCredentials } from '../../../src/lib/databricks/credentials.ts'
import { createDatabricksRest } from '../../../src/lib/databricks/rest.ts'
import { createHttpClient, type HttpClient } from '../../../src/lib/http.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { createEndpointReadings, type EndpointReadings } from '../../../src/mlflow/serving/endpoint-readings.ts'
import { createManualClock } from '../../support/manual-clock.ts'

const { signal } = new AbortController()
let workspace: Workspace
let http: HttpClient

beforeAll(async () => {
  http = createHttpClient()
  workspace = await createWorkspace({ brain: async () => ({ content: '' }), today: '2026-11-22' })
})
afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
  await http[Symbol.asyncDispose]()
})

function endpointsAs(token = sandboxCredentials.token, host = workspace.url): EndpointReadings {
  const clock = createManualClock(Date.now(), { autoAdvance: true })
  const credentials = createCredentials({ host, http, clock, token: new Secret(token) })
  return createEndpointReadings({
    host,
    http,
    credentials,
    rest: createDatabricksRest({ host, credentials, http, clock }),
  })
}

describe('Serving endpoints', () => {
  it('say whether they can be asked, and why not', async () => {
    workspace.serving.set('agent', { ready: 'NOT_READY', configUpdate: 'UPDATE_FAILED' })
    const endpoints = endpointsAs()

    expect(await endpoints.readiness('sandbox-analyst', signal)).toEqual({ state: 'ready', why: '' })
    expect(await endpoints.readiness('agent', signal)).toEqual({
      state: 'down',
      why: 'it is NOT_READY, its last update UPDATE_FAILED',
    })
    expect(await endpoints.readiness('nobody', signal)).toEqual({ state: 'down', why: 'it does not exist' })
  })

  it('are not called down where they could not be asked', async () => {
    const refused = await endpointsAs('another token').readiness('sandbox-analyst', signal)
    workspace.faults.add({ on: 'serving.get', fault: { kind: 'status', status: 500 } })
    const broken = await endpointsAs().readiness('sandbox-analyst', signal)
    workspace.faults.clear()
    workspace.faults.add({ on: 'serving.get', fault: { kind: 'html' } })
    const page = await endpointsAs().readiness('sandbox-analyst', signal)
    workspace.faults.clear()

    expect([refused, broken, page].map(({ state }) => state)).toEqual(['unknown', 'unknown', 'unknown'])
    expect(refused.why).toBe('it could not be asked (unauthenticated)')
  })

  it('tell how busy they are by their metrics export', async () => {
    workspace.serving.set('agent', { cpuPercent: 71.5, memoryPercent: 40, concurrency: 8, requests: 30, errors5xx: 2 })

    expect(await endpointsAs().utilisation('agent', signal)).toEqual({
      cpuPercent: 71.5,
      memoryPercent: 40,
      concurrency: 8,
      requests: 30,
      errors4xx: 0,
      errors5xx: 2,
    })
    await expect(endpointsAs().utilisation('nobody', signal)).rejects.toMatchObject({
      name: 'DatabricksError',
      status: 404,
    })
  })
})
