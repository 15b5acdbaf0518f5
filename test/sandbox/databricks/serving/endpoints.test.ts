import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sandboxCredentials, type Workspace } from '../../../../sandbox/databricks/contract.ts'
import { createWorkspace } from '../../../../sandbox/databricks/workspace.ts'
import { writeModelFolder } from '../../../support/model-folder.ts'
import { createSmallServers } from '../../../support/model-server.ts'
import { noData } from '../../../support/no-data.ts'
import { call, type Json } from '../genie-caller.ts'

const model = 'main.deckhand.agent'
const models = '/api/2.0/mlflow/unity-catalog'
const prefix = '/api/2.0/serving-endpoints'
const settings = { brain: async () => ({ content: '' }), warehouse: noData }

let dir: string
/** Its models come up at once. */
let workspace: Workspace

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'deckhand-sandbox-'))
  await writeModelFolder(dir)
  workspace = await createWorkspace({ ...settings, serveModel: createSmallServers().serve })
  await register(workspace)
})
afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
})

/** As MLflow's client does it. */
async function register(on: Workspace): Promise<void> {
  await call(on, 'POST', `${models}/registered-models/create`, { name: model })
  const made = await call(on, 'POST', `${models}/model-versions/create`, { name: model, source: 'somewhere' })
  const { version } = made.json.model_version
  const files = await readdir(dir, { recursive: true, withFileTypes: true })
  for (const file of files.filter((entry) => entry.isFile())) {
    const path = join(file.parentPath, file.name)
    const target = `Models/main/deckhand/agent/${version}/${path.slice(dir.length + 1)}`
    const reply = await fetch(`${on.url}/api/2.0/fs/files/${target.split('/').map(encodeURIComponent).join('/')}`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${sandboxCredentials.token}` },
      body: new Uint8Array(await readFile(path)),
    })
    expect(reply.status).toBe(204)
  }
  const done = await call(on, 'POST', `${models}/model-versions/finalize`, { name: model, version })
  expect(done.json.model_version.status).toBe('READY')
}

const entity = (more: object = {}): Json => ({ name: 'agent-1', entity_name: model, entity_version: '1', ...more })

describe('serving endpoints of the sandbox workspace', () => {
  it('run MLflow’s own scoring server on the uploaded folder, until the workspace is disposed', async () => {
    const own = await createWorkspace(settings)
    let storedAt: string | undefined
    let servedAt: string | undefined
    try {
      await register(own)
      own.serving.putSecret('deckhand', 'trace', 'http://127.0.0.1/trace')
      const env = { TRACE_URL: '{{secrets/deckhand/trace}}' }
      await call(own, 'POST', prefix, {
        name: 'real',
        config: { served_entities: [entity({ environment_vars: env })] },
      })
      const starting = await call(own, 'GET', `${prefix}/real`)
      await own.serving.settled('real')
      const ready = await call(own, 'GET', `${prefix}/real`)
      const answer = await call(own, 'POST', '/serving-endpoints/real/invocations', {
        dataframe_records: [{ question: 'What?', max_slides: 3 }],
      })
      const refused = await call(own, 'POST', '/serving-endpoints/real/invocations', { rows: [] })
      const log = await call(own, 'GET', `${prefix}/real/served-models/agent-1/logs`)
      const metrics = await call(own, 'GET', `${prefix}/real/metrics`)
      storedAt = own.models.get(model)?.versions[0]?.dir
      servedAt = /Uvicorn running on (http:\S+)/.exec(log.json.logs)?.[1]

      expect(starting.json.state).toEqual({ ready: 'NOT_READY', config_update: 'IN_PROGRESS' })
      expect(starting.json.pending_config.served_entities[0].state.deployment).toBe('DEPLOYMENT_CREATING')
      expect(ready.json.state, log.json.logs).toEqual({ ready: 'READY', config_update: 'NOT_UPDATING' })
      expect(answer.json.predictions).toMatchObject([{ answer: 'one: What?', trace_url: 'http://127.0.0.1/trace' }])
      expect(answer.headers.get('served-model-name')).toBe('agent-1')
      expect(refused.status).toBe(400)
      expect(log.json.logs).toContain('small model is up: one')
      expect(metrics.text).toContain('request_count_total 2')
      expect(metrics.text).toContain('request_4xx_count_total 1')
      expect((await fetch(`${servedAt}/ping`)).status).toBe(200)
    } finally {
      await own[Symbol.asyncDispose]()
    }
    await expect(fetch(`${servedAt}/ping`)).rejects.toThrow()
    expect(existsSync(storedAt ?? '/')).toBe(false)
  }, 120_000)

  it('tell themselves with the fields that the vendor documents', async () => {
    const made = await call(workspace, 'POST', prefix, {
      name: 'shape',
      config: { served_entities: [entity({ workload_size: 'Small' })] },
      tags: [{ key: 'app', value: 'deckhand' }],
    })
    await workspace.serving.settled('shape')
    const { json } = await call(workspace, 'GET', `${prefix}/shape`)

    expect(made.status).toBe(200)
    expect(json).toMatchObject({
      name: 'shape',
      creator: 'analyst@sandbox.example',
      tags: [{ key: 'app', value: 'deckhand' }],
      permission_level: 'CAN_MANAGE',
      state: { ready: 'READY', config_update: 'NOT_UPDATING' },
      config: {
        config_version: 1,
        served_entities: [
          {
            ...entity({ workload_size: 'Small', workload_type: 'CPU' }),
            creator: 'analyst@sandbox.example',
            state: { deployment: 'DEPLOYMENT_READY', deployment_state_message: '' },
          },
        ],
        traffic_config: { routes: [{ served_entity_name: 'agent-1', traffic_percentage: 100 }] },
      },
    })
    expect(json).not.toHaveProperty('pending_config')
    const all = await call(workspace, 'GET', prefix)
    expect(all.json.endpoints.map(({ name }: Json) => name)).toEqual(['sandbox-analyst', 'shape'])
  })

  it.each<[string, Json]>([
    ['a version as a number', { served_entities: [entity({ entity_version: 1 })] }],
    ['what only the workspace says', { served_entities: [entity({ state: { deployment: 'DEPLOYMENT_READY' } })] }],
    ['a name with a dot', { served_entities: [entity({ name: 'a.b' })] }],
    ['two entities without traffic', { served_entities: [entity(), entity({ name: 'other' })] }],
    [
      'traffic to nobody',
      {
        served_entities: [entity()],
        traffic_config: { routes: [{ served_entity_name: 'nobody', traffic_percentage: 100 }] },
      },
    ],
    [
      'traffic below a hundred',
      {
        served_entities: [entity()],
        traffic_config: { routes: [{ served_entity_name: 'agent-1', traffic_percentage: 99 }] },
      },
    ],
    ['no entity', { served_entities: [] }],
  ])('refuse %s', async (_what, config) => {
    const reply = await call(workspace, 'POST', prefix, { name: 'refused', config })

    expect(reply.status).toBe(400)
    expect((await call(workspace, 'GET', `${prefix}/refused`)).status).toBe(404)
  })

  it('refuse a second change during a first one, and a second endpoint of a name', async () => {
    const config = { served_entities: [entity()] }
    workspace.faults.add({ on: 'serving.create', fault: { kind: 'update-hangs' } })
    await call(workspace, 'POST', prefix, { name: 'busy', config })

    const change = await call(workspace, 'PUT', `${prefix}/busy/config`, config)
    const again = await call(workspace, 'POST', prefix, { name: 'busy', config })
    workspace.serving.giveUp('busy')
    await workspace.serving.settled('busy')
    const failed = await call(workspace, 'GET', `${prefix}/busy`)

    expect([change.status, change.json.error_code]).toEqual([409, 'RESOURCE_CONFLICT'])
    expect([again.status, again.json.error_code]).toEqual([409, 'RESOURCE_ALREADY_EXISTS'])
    expect(failed.json.state).toEqual({ ready: 'NOT_READY', config_update: 'UPDATE_FAILED' })
  })

  it('do not deploy a version that there is not, or whose files are not all there', async () => {
    await call(workspace, 'POST', `${models}/model-versions/create`, { name: model, source: 'somewhere' })
    const messages: string[] = []
    for (const version of ['2', '9']) {
      const name = `none-${version}`
      await call(workspace, 'POST', prefix, {
        name,
        config: { served_entities: [entity({ entity_version: version })] },
      })
      await workspace.serving.settled(name)
      const { json } = await call(workspace, 'GET', `${prefix}/${name}`)
      messages.push(json.pending_config.served_entities[0].state.deployment_state_message)
    }

    expect(messages).toEqual([
      `Model ${model} version 2 is PENDING_REGISTRATION.`,
      `Model ${model} version 9 does not exist.`,
    ])
  })

  it('answer 503 when a model has crashed', async () => {
    await call(workspace, 'POST', prefix, { name: 'crashed', config: { served_entities: [entity()] } })
    await workspace.serving.settled('crashed')

    await workspace.serving.crash('crashed', 'agent-1')

    const reply = await call(workspace, 'POST', '/serving-endpoints/crashed/invocations', {
      dataframe_records: [{ question: 'What?' }],
    })
    expect([reply.status, reply.json.error_code]).toEqual([503, 'TEMPORARILY_UNAVAILABLE'])
  })
})

describe('Unity Catalog of the sandbox workspace', () => {
  it('takes files while a version is pending, and no more after', async () => {
    const file = '/api/2.0/fs/files/Models/main/deckhand/agent'

    const outside = await call(workspace, 'PUT', `${file}/2/%2e%2e%2f%2e%2e%2fescape?overwrite=true`, {})
    const first = await call(workspace, 'PUT', `${file}/2/new.json`, { a: 1 })
    const again = await call(workspace, 'PUT', `${file}/2/new.json`, { a: 1 })
    const late = await call(workspace, 'PUT', `${file}/1/new.json?overwrite=true`, { a: 1 })

    expect([outside.status, first.status, again.status, late.status]).toEqual([400, 204, 409, 400])
  })

  it('finalizes no version without a model, or without a signature', async () => {
    const version = { name: model, version: '2' }
    const file = '/api/2.0/fs/files/Models/main/deckhand/agent/2/MLmodel?overwrite=true'

    const empty = await call(workspace, 'POST', `${models}/model-versions/finalize`, version)
    await call(workspace, 'PUT', file, { flavors: {} })
    const half = await call(workspace, 'POST', `${models}/model-versions/finalize`, version)

    expect(empty.json.message).toContain('no MLmodel')
    expect(half.json.message).toContain('signature')
  })

  it('refuses names, tags and aliases as the vendor does', async () => {
    const create = (name: string): Promise<Json> =>
      call(workspace, 'POST', `${models}/registered-models/create`, { name }).then(({ json }) => json.error_code)
    const tag = { name: model, version: '1', key: 'a.b', value: 'x' }
    const alias = { name: model, version: '1' }

    expect(await create('agent')).toBe('INVALID_PARAMETER_VALUE')
    expect(await create('main.finance.agent')).toBe('PERMISSION_DENIED')
    expect(await create('nowhere.deckhand.agent')).toBe('RESOURCE_DOES_NOT_EXIST')
    expect(await create(model)).toBe('RESOURCE_ALREADY_EXISTS')
    expect((await call(workspace, 'POST', `${models}/model-versions/set-tag`, tag)).status).toBe(400)
    for (const name of ['latest', 'v1']) {
      const reply = await call(workspace, 'POST', `${models}/registered-models/alias`, { ...alias, alias: name })
      expect(reply.status).toBe(400)
    }
  })
})
