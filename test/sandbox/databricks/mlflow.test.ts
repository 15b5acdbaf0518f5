import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sandboxCredentials, sandboxUserName, type Workspace } from '../../../sandbox/databricks/contract.ts'
import { clouds, type Cloud } from '../../../sandbox/databricks/mlflow/contract.ts'
import { createWorkspace } from '../../../sandbox/databricks/workspace.ts'
import { createManualClock, type ManualClock } from '../../support/manual-clock.ts'
import { noData } from '../../support/no-data.ts'
import { call } from './genie-caller.ts'

let workspace: Workspace
let clock: ManualClock

beforeEach(() => open('aws'))
afterEach(() => workspace[Symbol.asyncDispose]())

async function open(cloud: Cloud): Promise<void> {
  await workspace?.[Symbol.asyncDispose]()
  clock = createManualClock(Date.parse('2026-01-31T12:00:00Z'))
  workspace = await createWorkspace({ brain: async () => ({ content: '' }), clock, cloud, warehouse: noData })
}

const post = (path: string, body: object) => call(workspace, 'POST', path, body)

async function newRun(): Promise<string> {
  await post('/api/2.0/mlflow/experiments/create', { name: '/Shared/x' })
  const id = workspace.mlflow.experiment('/Shared/x')?.id
  const { json } = await post('/api/2.0/mlflow/runs/create', { experiment_id: id, run_name: 'one', tags: [] })
  return (json as { run: { info: { run_id: string } } }).run.info.run_id
}

async function sign(path: string): Promise<{ url: string; headers: Record<string, string> }> {
  const { json } = await post('/api/2.0/mlflow/artifacts/credentials-for-write', {
    run_id: await newRun(),
    path: [path],
  })
  const [info] = (json as { credential_infos: { signed_uri: string; headers: { name: string; value: string }[] }[] })
    .credential_infos
  return {
    url: info?.signed_uri ?? '',
    headers: Object.fromEntries((info?.headers ?? []).map(({ name, value }) => [name, value])),
  }
}

function sendSpans(headers: Record<string, string>, body: string | Uint8Array = new Uint8Array()) {
  return fetch(`${workspace.url}/api/2.0/otel/v1/traces`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sandboxCredentials.token}`, ...headers },
    body: Buffer.from(body),
  })
}

describe('experiments of the sandbox workspace', () => {
  it('need a folder, an absolute name, and one of their own', async () => {
    const create = (name: string) => post('/api/2.0/mlflow/experiments/create', { name })

    expect(await create('deckhand')).toMatchObject({ status: 400, json: { error_code: 'INVALID_PARAMETER_VALUE' } })
    expect(await create('/Shared/team/x')).toMatchObject({
      status: 404,
      json: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'Parent directory /Shared/team does not exist.' },
    })
    expect(await post('/api/2.0/workspace/mkdirs', { path: '/Shared/team' })).toMatchObject({ status: 200 })
    expect(await create('/Shared/team/x')).toMatchObject({ status: 200, json: { experiment_id: expect.any(String) } })
    expect(await create('/Shared/team/x')).toMatchObject({
      status: 400,
      json: { error_code: 'RESOURCE_ALREADY_EXISTS' },
    })
    expect([...workspace.mlflow.folders]).toContain(`/Users/${sandboxUserName}`)
  })

  it('stay under their name when they are deleted, and take no more runs', async () => {
    await newRun()
    const id = workspace.mlflow.experiment('/Shared/x')?.id
    workspace.mlflow.deleteExperiment('/Shared/x')

    const path = '/api/2.0/mlflow/experiments/get-by-name?experiment_name=%2FShared%2Fx'
    expect(await call(workspace, 'GET', path)).toMatchObject({ json: { experiment: { lifecycle_stage: 'deleted' } } })
    expect(await post('/api/2.0/mlflow/runs/create', { experiment_id: id })).toMatchObject({ status: 400 })
  })

  it('are not told to strangers', async () => {
    const path = '/api/2.0/mlflow/experiments/get-by-name?experiment_name=%2FShared%2Fx'

    expect(await call(workspace, 'GET', path, undefined, null)).toMatchObject({ status: 401 })
  })
})

describe('runs of the sandbox workspace', () => {
  it('keep a parameter’s first value, and a metric once', async () => {
    const run_id = await newRun()
    const log = (value: string) =>
      post('/api/2.0/mlflow/runs/log-batch', {
        run_id,
        params: [{ key: 'a', value }],
        metrics: [{ key: 'm', value: 1, timestamp: 1, step: 0 }],
      })

    expect(await log('1')).toMatchObject({ status: 200 })
    expect(await log('1')).toMatchObject({ status: 200 })
    expect(await log('2')).toMatchObject({ status: 400, json: { message: expect.stringContaining('not allowed') } })
    const [run] = workspace.mlflow.runs(workspace.mlflow.experiment('/Shared/x')?.id ?? '')
    expect(run?.metrics).toHaveLength(1)
  })

  it.each([
    ['params', 101],
    ['tags', 101],
    ['metrics', 1001],
  ])('take no batch with too many %s', async (kind, count) => {
    const run_id = await newRun()
    const items = Array.from({ length: count }, (_, n) => ({
      key: `k${n}`,
      value: kind === 'metrics' ? n : 'v',
      timestamp: 1,
    }))

    expect(await post('/api/2.0/mlflow/runs/log-batch', { run_id, [kind]: items })).toMatchObject({ status: 400 })
  })
})

describe('traces in an experiment of the sandbox workspace', () => {
  it('keep what is said in their info, and what was said before a second info', async () => {
    await newRun()
    const experiment_id = workspace.mlflow.experiment('/Shared/x')?.id
    const traceId = `tr-${'ab'.repeat(16)}`
    const source = { source_type: 'CODE', source_id: 'check' }
    const start = (assessments: readonly object[], state: string) =>
      post('/api/3.0/mlflow/traces', {
        trace: {
          trace_info: {
            trace_id: traceId,
            trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id } },
            request_time: '2026-01-31T12:00:00.000Z',
            execution_duration: '1.5s',
            state,
            assessments,
          },
        },
      })
    await start([{ assessment_id: 'a-1', assessment_name: 'accuracy', source, feedback: { value: 1 } }], 'OK')
    const opinion = { assessment_name: 'rating', source: { source_type: 'HUMAN', source_id: 'ann' }, feedback: {} }
    await post(`/api/3.0/mlflow/traces/${traceId}/assessments`, { assessment: opinion })
    await start([{ assessment_id: 'a-1', assessment_name: 'accuracy', source, feedback: { value: 0.5 } }], 'ERROR')

    const { json } = await call(workspace, 'GET', `/api/3.0/mlflow/traces/${traceId}`)

    expect(json.trace.trace_info).toMatchObject({
      state: 'ERROR',
      assessments: [
        { assessment_id: 'a-1', feedback: { value: 0.5 } },
        { assessment_name: 'rating', valid: true },
      ],
    })
    expect(await post('/api/3.0/mlflow/traces/tr-none/assessments', { assessment: opinion })).toMatchObject({
      status: 404,
    })
    const dotted = { ...opinion, assessment_name: 'a.b' }
    expect(await post(`/api/3.0/mlflow/traces/${traceId}/assessments`, { assessment: dotted })).toMatchObject({
      status: 400,
    })
  })
})

describe.each(clouds)('storage that the sandbox workspace signs for: %s', (cloud) => {
  beforeEach(() => open(cloud))

  const query = cloud === 'azure-data-lake' ? '&resource=file' : ''
  const needed: Record<string, string> = cloud === 'azure-blob' ? { 'x-ms-blob-type': 'BlockBlob' } : {}

  async function put(path: string, change: (url: string) => string = (url) => url, more: Record<string, string> = {}) {
    const { url, headers } = await sign(path)
    if (cloud === 'azure-data-lake') delete headers['x-ms-blob-type']
    return fetch(change(url) + query, { method: 'PUT', headers: { ...headers, ...needed, ...more }, body: 'x' })
  }

  it('takes the file that was signed for', async () => {
    expect((await put('a/b c.txt')).ok).toBe(true)
  })

  it('takes no workspace token', async () => {
    const reply = await put('a', undefined, { authorization: `Bearer ${sandboxCredentials.token}` })

    expect(reply.status).toBe(400)
    expect(await reply.text()).toContain('Only one auth mechanism allowed')
  })

  it('takes no other file with that signature, and no other signature', async () => {
    expect((await put('a', (url) => url.replace('/a?', '/b?'))).status).toBe(403)
    expect((await put('a', (url) => url.replace(/[0-9a-f]{48}/, '0'.repeat(48)))).status).toBe(403)
  })

  it('takes nothing once the address has expired', async () => {
    const { url, headers } = await sign('a')
    await clock.advance(16 * 60_000)

    const reply = await fetch(url + query, { method: 'PUT', headers: { ...headers, ...needed }, body: 'x' })

    expect([400, 403]).toContain(reply.status)
    expect(await reply.text()).toMatch(/expired|expiry|ExpiredToken/)
  })
})

describe('trace tables of the sandbox workspace', () => {
  const headers = { 'content-type': 'application/x-protobuf', 'x-databricks-uc-table-name': 'main.a.b_otel_spans' }

  beforeEach(() => {
    workspace.mlflow.bindToTables('/Shared/x', 'main.a.b')
  })

  it('take protobuf with the name of their table only', async () => {
    expect((await sendSpans(headers)).status).toBe(200)
    expect((await sendSpans({ ...headers, 'content-type': 'application/json' }, '{}')).status).toBe(415)
    expect((await sendSpans({ 'content-type': 'application/x-protobuf' })).status).toBe(400)
    expect((await sendSpans({ ...headers, 'x-databricks-uc-table-name': 'main.a.c_otel_spans' })).status).toBe(404)
    expect((await sendSpans(headers, 'not protobuf')).status).toBe(400)
  })

  it('take infos of their own location only, as the fourth version has them', async () => {
    const hex = 'ab'.repeat(16)
    const info = {
      trace_id: hex,
      trace_location: {
        type: 'UC_TABLE_PREFIX',
        uc_table_prefix: { catalog_name: 'main', schema_name: 'a', table_prefix: 'b' },
      },
      request_time: '2026-01-31T12:00:00.000Z',
      execution_duration: '1.5s',
      state: 'OK',
    }
    const put = (location: string, body: object) => post(`/api/4.0/mlflow/traces/${location}/${hex}/info`, body)

    expect(await put('main.a.b', info)).toMatchObject({ status: 200, json: { trace_id: hex } })
    expect(await put('main.a.c', info)).toMatchObject({ status: 400 })
    expect(await put('main.a.b', { ...info, trace_id: `tr-${hex}` })).toMatchObject({ status: 400 })
    expect(await put('main.a.b', { trace: { trace_info: info } })).toMatchObject({ status: 400 })
    expect(workspace.mlflow.tableTraces('main.a.b')).toHaveLength(1)
  })

  it('are where the traces of their experiment belong, not the experiment', async () => {
    const experiment_id = workspace.mlflow.experiment('/Shared/x')?.id
    const trace_info = {
      trace_id: `tr-${'ab'.repeat(16)}`,
      trace_location: { type: 'MLFLOW_EXPERIMENT', mlflow_experiment: { experiment_id } },
      request_time: '2026-01-31T12:00:00.000Z',
      execution_duration: '1.5s',
      state: 'OK',
    }

    expect(await post('/api/3.0/mlflow/traces', { trace: { trace_info } })).toMatchObject({ status: 400 })
  })
})
