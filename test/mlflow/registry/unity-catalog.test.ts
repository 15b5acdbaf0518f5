import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { RegisteredFolder, RegisterStep } from '../../../src/mlflow/registry.ts'
import { dyingClient } from '../../support/dying-client.ts'
import { writeModelFolder } from '../../support/model-folder.ts'
import { rejection } from '../../support/rejection.ts'
import { sandboxModelName, startSandboxModels, type SandboxModels } from '../../support/sandbox-models.ts'

const { signal } = new AbortController()
let sandbox: SandboxModels
let folder: RegisteredFolder

beforeEach(async () => {
  sandbox = await startSandboxModels()
  folder = await writeModelFolder(join(sandbox.dir, 'one'), 'one')
})
afterEach(() => sandbox[Symbol.asyncDispose]())

const stored = () => sandbox.workspace.models.get(sandboxModelName)?.versions ?? []

describe('The registry in Unity Catalog', () => {
  it('makes the folder a version with every file, byte for byte', async () => {
    const steps: RegisterStep[] = []
    const { version, isNew } = await sandbox.registry.register(
      folder,
      { registered_by: 'ann' },
      { signal, onProgress: (step) => steps.push(step) },
    )

    expect({ version, isNew }).toMatchObject({
      isNew: true,
      version: {
        modelName: sandboxModelName,
        version: '1',
        status: 'ready',
        tags: { registered_by: 'ann', commit: 'abc123', deckhand_version: '1.2.3', content_hash: folder.contentHash },
        link: `${sandbox.workspace.url}/explore/data/models/main/deckhand/slide_agent/version/1`,
      },
    })
    expect(steps.map(({ kind }) => kind)).toEqual(['uploading', 'finishing'])
    const path = 'artifacts/agent/a name with space & ümlaut.txt'
    const [copy] = stored()
    for (const file of ['MLmodel', 'model.py', path]) {
      expect(await readFile(join(copy?.dir ?? '', file))).toEqual(await readFile(join(folder.dir, file)))
    }
    expect(Buffer.from(await sandbox.registry.readFile('1', path, signal)).toString()).toBe('one')
  })

  it('gives the known version for known content', async () => {
    await sandbox.registry.register(folder, { registered_by: 'ann' }, { signal })
    const before = sandbox.workspace.requests.length

    const again = await sandbox.registry.register(folder, { registered_by: 'bob' }, { signal })

    expect(again).toMatchObject({ isNew: false, version: { version: '1', tags: { registered_by: 'ann' } } })
    expect(stored()).toHaveLength(1)
    const asked = sandbox.workspace.requests.slice(before).map(({ method }) => method)
    expect(asked).toEqual(['GET', 'GET', 'GET'])
  })

  it('has one version in the end, whichever request was the last of a killed process', async () => {
    let last = 0
    for (let isThrough = false; !isThrough; last += 1) {
      await using fresh = await startSandboxModels()
      const client = dyingClient(fresh.http, last)
      const dying = fresh.registryOf(sandboxModelName, client)
      isThrough = await dying.register(folder, {}, { signal }).then(
        () => !client.isDead,
        () => false,
      )

      const { version } = await fresh.registry.register(folder, {}, { signal })

      const all = await fresh.registry.listVersions(signal)
      expect({ last, all: all.map((one) => [one.version, one.status]) }).toEqual({
        last,
        all: [[version.version, 'ready']],
      })
    }
    expect(last).toBeGreaterThan(10)
  }, 60_000)

  it('counts work whose answer was lost as done', async () => {
    for (const on of ['uc.create-model', 'uc.create-version', 'uc.upload', 'uc.finalize', 'uc.set-alias'] as const) {
      sandbox.workspace.faults.add({ on, fault: { kind: 'reply-lost' } })
    }

    const { version } = await sandbox.registry.register(folder, {}, { signal })
    await sandbox.registry.setAlias('candidate', version.version, signal)

    expect(version).toMatchObject({ version: '1', status: 'ready' })
    expect(stored()).toHaveLength(1)
    expect((await sandbox.registry.findByAlias('candidate', signal))?.version).toBe('1')
  })

  it('gives up a version that takes no files any more, and makes another', async () => {
    sandbox.workspace.faults.add({ on: 'uc.finalize', fault: { kind: 'status', status: 400 } })
    expect(await rejection(sandbox.registry.register(folder, {}, { signal }))).toMatchObject({ code: 'rejected' })
    sandbox.workspace.faults.add({ on: 'uc.upload', fault: { kind: 'status', status: 400 }, times: 20 })
    const steps: RegisterStep[] = []
    const onProgress = (step: RegisterStep): void => {
      steps.push(step)
      if (step.kind === 'given-up') sandbox.workspace.faults.clear()
    }

    const { version } = await sandbox.registry.register(folder, {}, { signal, onProgress })

    expect(version.version).toBe('2')
    expect(steps.map(({ kind }) => kind)).toEqual(['resumed', 'uploading', 'given-up', 'uploading', 'finishing'])
  })

  it('says when a version fails, or stays pending', async () => {
    sandbox.workspace.faults.add({ on: 'uc.finalize', fault: { kind: 'registration-failed' } })
    const failed = await rejection(sandbox.registry.register(folder, {}, { signal }))
    sandbox.workspace.faults.add({ on: 'uc.finalize', fault: { kind: 'registration-stuck' } })
    const stuck = await rejection(sandbox.registry.register(folder, {}, { signal }))

    expect(failed).toMatchObject({ code: 'not-ready', message: expect.stringContaining('Version 1') })
    expect(stuck).toMatchObject({ code: 'not-ready', message: expect.stringContaining('is pending') })
    expect((await sandbox.registry.listVersions(signal)).map(({ status }) => status)).toEqual(['pending', 'failed'])
  })

  it('names the grant that is missing, and names that are none', async () => {
    const locked = await rejection(sandbox.registryOf('main.finance.agent').register(folder, {}, { signal }))
    const nowhere = await rejection(sandbox.registryOf('main.nowhere.agent').register(folder, {}, { signal }))

    expect(locked).toMatchObject({
      code: 'no-access',
      userMessage: expect.stringContaining('CREATE MODEL on main.finance'),
    })
    expect(nowhere).toMatchObject({ code: 'not-found' })
    expect(() => sandbox.registryOf('agent')).toThrow('expected catalog.schema.model')
  })

  it('tells answers that mean nothing, and stops when told to', async () => {
    const codes: unknown[] = []
    for (const kind of ['html', 'malformed-json', 'login-redirect'] as const) {
      sandbox.workspace.faults.add({ on: 'uc.get-version', fault: { kind } })
      codes.push(await rejection(sandbox.registry.getVersion('1', signal)))
    }
    const stopped = new AbortController()
    const register = sandbox.registry.register(
      folder,
      {},
      { signal: stopped.signal, onProgress: () => stopped.abort(new Error('stopped')) },
    )

    expect(codes).toMatchObject([{ code: 'no-access' }, { code: 'unreachable' }, { code: 'no-access' }])
    expect(await rejection(register)).toBe(stopped.signal.reason)
    expect(stored().map(({ status }) => status)).toEqual(['PENDING_REGISTRATION'])
  })

  it('lists versions with tags and aliases, newest first, and moves aliases', async () => {
    const { registry } = sandbox
    expect(await registry.listVersions(signal)).toEqual([])
    await sandbox.register('one')
    await sandbox.register('two')
    await registry.setAlias('champion', '1', signal)
    await registry.setAlias('champion', '2', signal)
    await registry.setAlias('previous', '1', signal)
    await registry.setTags('2', { eval_passed: '0.95' }, signal)

    const [two, one] = await registry.listVersions(signal)

    expect([two?.version, two?.aliases, two?.tags['eval_passed']]).toEqual(['2', ['champion'], '0.95'])
    expect([one?.version, one?.aliases]).toEqual(['1', ['previous']])
    await registry.deleteAlias('previous', signal)
    await registry.deleteAlias('previous', signal)
    expect(await registry.findByAlias('previous', signal)).toBeUndefined()
    expect(await rejection(registry.getVersion('9', signal))).toMatchObject({ code: 'not-found' })
  })
})
