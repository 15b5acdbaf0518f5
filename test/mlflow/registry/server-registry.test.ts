import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createHttpClient, type HttpClient } from '../../../src/lib/http.ts'
import { modelAliases, type ModelRegistry, type RegisteredFolder } from '../../../src/mlflow/registry.ts'
import { chooseRegistry } from '../../../src/mlflow/registry/choose-registry.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { writeModelFolder } from '../../support/model-folder.ts'
import { mlflowUrl } from '../../support/parts.ts'
import { rejection } from '../../support/rejection.ts'
import { startProxy, type Proxy } from '../proxy.ts'

const { signal } = new AbortController()
const run = promisify(execFile)

let dir: string
let mlflow: string
let http: HttpClient
let proxy: Proxy
let folder: RegisteredFolder
let modelName: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'deckhand-registry-'))
  folder = await writeModelFolder(join(dir, 'model'))
  mlflow = await mlflowUrl()
  http = createHttpClient()
  proxy = await startProxy(mlflow)
}, 60_000)
beforeEach(() => {
  modelName = `deckhand ${randomUUID()}`
  proxy.decide = () => 'pass'
})
afterAll(async () => {
  await proxy[Symbol.asyncDispose]()
  await http[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
})

function registry(registryUri = proxy.url): ModelRegistry {
  const found = chooseRegistry(
    { registryUri, modelName, experimentName: `/Tests/${modelName}` },
    { http, clock: createManualClock(Date.now(), { autoAdvance: true }) },
  )
  if (!found) throw new Error('no registry')
  return found
}

describe('The registry of an MLflow server', () => {
  it('makes the folder a version that MLflow itself loads by its alias', async () => {
    const models = registry()
    const { version, isNew } = await models.register(folder, { registered_by: 'ann' }, { signal })
    await models.setAlias(modelAliases.candidate, version.version, signal)

    expect({ version, isNew }).toMatchObject({
      isNew: true,
      version: {
        modelName,
        version: '1',
        status: 'ready',
        tags: {
          registered_by: 'ann',
          commit: 'abc123',
          deckhand_version: '1.2.3',
          content_hash: folder.contentHash,
        },
        link: `${proxy.url}/#/models/${encodeURIComponent(modelName)}/versions/1`,
      },
    })
    expect((await models.findByAlias('candidate', signal))?.version).toBe('1')
    const path = 'artifacts/agent/a name with space & ümlaut.txt'
    expect(Buffer.from(await models.readFile('1', path, signal)).toString()).toBe('one')
    const program = [
      'import mlflow, pandas, sys',
      'model = mlflow.pyfunc.load_model(f"models:/{sys.argv[1]}@candidate")',
      'print(model.predict(pandas.DataFrame({"question": ["What?"]}))["answer"][0])',
    ].join('\n')
    const { stdout } = await run(process.env['DECKHAND_PYTHON'] ?? 'python3', ['-I', '-c', program, modelName], {
      env: { ...process.env, MLFLOW_TRACKING_URI: mlflow, MLFLOW_DISABLE_TELEMETRY: 'true' },
      timeout: 120_000,
    })
    expect(stdout.trim().split('\n').at(-1)).toBe('one: What?')
  }, 150_000)

  it('gives the known version for known content, untouched', async () => {
    const first = await registry().register(folder, { registered_by: 'ann' }, { signal })
    const before = proxy.requests.length
    const steps: unknown[] = []

    const again = await registry().register(
      folder,
      { registered_by: 'bob' },
      { signal, onProgress: (step) => steps.push(step) },
    )

    expect(again.isNew).toBe(false)
    expect(again.version).toEqual(first.version)
    expect(steps).toEqual([{ kind: 'known', version: '1' }])
    expect(proxy.requests.slice(before).map(({ method }) => method)).toEqual(['GET', 'GET'])
  })

  it('has one version in the end, whichever request was the last of a killed process', async () => {
    const small = { ...folder, dir: await mkdtemp(join(dir, 'small-')) }
    for (const file of ['MLmodel', 'model.py']) await cp(join(folder.dir, file), join(small.dir, file))
    let last = 0
    for (let isThrough = false; !isThrough; last += 1) {
      modelName = `killed at ${last} ${randomUUID()}`
      let count = 0
      proxy.decide = () => {
        count += 1
        if (count <= last) return 'pass'
        return count === last + 1 ? 'lose-reply' : 'refuse'
      }
      isThrough = await registry()
        .register(small, {}, { signal })
        .then(
          () => true,
          () => false,
        )
      proxy.decide = () => 'pass'

      const { version } = await registry().register(small, {}, { signal })

      const all = await registry().listVersions(signal)
      expect({ last, versions: all.map((one) => [one.version, one.status]) }).toEqual({
        last,
        versions: [[version.version, 'ready']],
      })
    }
    expect(last).toBeGreaterThan(9)
  }, 120_000)

  it('counts a version whose answer was lost as made', async () => {
    proxy.decide = ({ path }) => (path.endsWith('/model-versions/create') ? 'lose-reply' : 'pass')

    const { version } = await registry().register(folder, {}, { signal })

    expect(version).toMatchObject({ version: '1', status: 'ready' })
    expect(await registry().listVersions(signal)).toHaveLength(1)
  })

  it('lists versions with tags and aliases, newest first, and moves aliases', async () => {
    const models = registry()
    expect(await models.listVersions(signal)).toEqual([])
    await models.register(folder, {}, { signal })
    await models.register(await writeModelFolder(join(dir, 'other'), 'two'), {}, { signal })

    await models.setAlias('champion', '1', signal)
    await models.setAlias('previous', '1', signal)
    await models.setAlias('champion', '2', signal)
    await models.setTags('2', { eval_passed: '0.95' }, signal)

    const [two, one] = await models.listVersions(signal)
    expect([two?.version, two?.aliases, two?.tags['eval_passed']]).toEqual(['2', ['champion'], '0.95'])
    expect([one?.version, one?.aliases]).toEqual(['1', ['previous']])
    await models.deleteAlias('previous', signal)
    await models.deleteAlias('previous', signal)
    expect(await models.findByAlias('previous', signal)).toBeUndefined()
    expect(await models.findByAlias('champion', signal)).toEqual(await models.getVersion('2', signal))
  })

  it('says what is not there', async () => {
    await registry().register(folder, {}, { signal })

    const failures = await Promise.all(
      [
        registry().getVersion('9', signal),
        registry().setAlias('champion', '9', signal),
        registry().setTags('9', { a: 'b' }, signal),
      ].map(rejection),
    )

    for (const failure of failures) expect(failure).toMatchObject({ name: 'RegistryError', code: 'not-found' })
  })

  it('waits for a server that is away for a moment, and says when it stays away or refuses', async () => {
    let tries = 0
    proxy.decide = () => ((tries += 1) < 3 ? { status: 503, text: 'later' } : 'pass')
    expect((await registry().register(folder, {}, { signal })).isNew).toBe(true)

    proxy.decide = () => 'refuse'
    expect(await rejection(registry().getVersion('1', signal))).toMatchObject({ code: 'unreachable' })
    proxy.decide = () => ({ status: 403, text: '{"error_code":"PERMISSION_DENIED","message":"no"}' })
    expect(await rejection(registry().getVersion('1', signal))).toMatchObject({
      code: 'no-access',
      userMessage: expect.stringContaining(`grant permission to read registered model ${modelName}`),
    })
  })

  it('takes no folder without a model, or without a signature', async () => {
    const empty = await mkdtemp(join(dir, 'empty-'))
    const nothing = await rejection(registry().register({ ...folder, dir: empty }, {}, { signal }))
    await writeFile(join(empty, 'MLmodel'), 'flavors: {}\nsignature: {inputs: "[1]"}\n')
    const half = await rejection(registry().register({ ...folder, dir: empty }, {}, { signal }))

    expect(nothing).toMatchObject({ code: 'rejected', userMessage: expect.stringContaining('holds no model') })
    expect(half).toMatchObject({ code: 'rejected', userMessage: expect.stringContaining('signature') })
  })
})
