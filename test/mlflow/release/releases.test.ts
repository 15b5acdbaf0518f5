import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RegistryError } from '../../../src/mlflow/registry/registry-error.ts'
import { ServingError } from '../../../src/mlflow/serving/serving-error.ts'
import { ann, ben, deploy, eventsOf, folder, minute, openBench, startDeploy, stateOf, type Bench } from './bench.ts'
import type { Call } from './stand-ins.ts'

let bench: Bench

beforeEach(async () => {
  bench = await openBench()
})
afterEach(() => bench[Symbol.asyncDispose]())

/** Does something else instead of the n-th call of this name. */
function spoil(name: string, nth: number, instead: () => Promise<never>): Call {
  let seen = 0
  return async (called, work) => {
    if (called === name) seen += 1
    return called === name && seen === nth ? instead() : work()
  }
}

describe('a deploy', () => {
  it('makes the endpoint, tests it and points the aliases at the version', async () => {
    bench.workspace.addVersion()

    const result = await deploy(bench.open())

    expect(result).toMatchObject({ outcome: 'released', version: '1', warnings: [] })
    expect(stateOf(bench)).toBe('v1 100 | champion 1, previous -')
  })

  it('replaces what serves, and keeps it as the previous version', async () => {
    const releases = bench.open()
    bench.workspace.addVersion()
    await deploy(releases)
    bench.workspace.addVersion()

    const result = await deploy(releases)

    expect(result).toMatchObject({ outcome: 'released', version: '2' })
    expect(stateOf(bench)).toBe('v2 100 | champion 2, previous 1')
    const [last, first] = await releases.history('prod')
    expect(last).toMatchObject({ outcome: 'released', from: '1', version: '2', who: ann, approvedBy: ben })
    expect(first).toMatchObject({ outcome: 'released', from: null, version: '1' })
  })

  it('tells each step as it goes', async () => {
    bench.workspace.addVersion()

    const events = await eventsOf(await startDeploy(bench.open()))

    expect(events.filter(({ state }) => state !== 'progress').map(({ step, state }) => `${step} ${state}`)).toEqual([
      'begin done',
      'configure started',
      'configure done',
      'wait started',
      'wait done',
      'smoke started',
      'smoke done',
      'alias-previous started',
      'alias-previous done',
      'alias-champion started',
      'alias-champion done',
    ])
    expect(events.filter(({ step, state }) => step === 'smoke' && state === 'progress')).toHaveLength(3)
  })

  it('registers a folder first, once', async () => {
    const releases = bench.open()

    await deploy(releases, { folder })
    bench.workspace.addVersion()
    await deploy(releases)
    await deploy(releases, { folder })

    expect(stateOf(bench)).toBe('v1 100 | champion 1, previous 2')
    expect(bench.workspace.changes.filter((change) => change === 'create version')).toHaveLength(1)
  })

  it('tests a canary before it has traffic, then gives it more and more', async () => {
    bench.workspace.addVersion()
    await deploy(bench.open())
    bench.workspace.addVersion()
    const looks: number[] = []
    const releases = bench.open({
      environment: {
        canary: [
          { trafficPercent: 0, holdMs: 0 },
          { trafficPercent: 25, holdMs: 5 * minute },
        ],
      },
      judge: {
        async look({ trafficPercent }) {
          looks.push(trafficPercent)
          return { isGood: true, why: '40 requests' }
        },
      },
    })
    bench.workspace.changes.length = 0

    const result = await deploy(releases)

    expect(result.outcome).toBe('released')
    expect(bench.workspace.changes).toEqual([
      'put v1 100, v2 0',
      'put v1 75, v2 25',
      'put v2 100',
      'previous → 1',
      'champion → 2',
    ])
    expect(looks).toEqual(Array.from({ length: 10 }, () => 25))
  })

  it('leaves the aliases of another environment alone', async () => {
    bench.workspace.addVersion()

    await deploy(bench.open(), {}, 'dev')

    expect(stateOf(bench, 'deckhand-dev')).toBe('v1 100 | champion -, previous -')
  })

  it('moves the alias alone when the version serves already', async () => {
    bench.workspace.addVersion()
    await deploy(bench.open())
    bench.workspace.aliases.delete('champion')
    bench.workspace.changes.length = 0

    await deploy(bench.open(), { version: '1' })

    expect(bench.workspace.changes).toEqual(['champion → 1'])
  })
})

describe('a deploy that fails', () => {
  beforeEach(async () => {
    bench.workspace.addVersion()
    await deploy(bench.open())
    bench.workspace.addVersion()
  })

  const before = 'v1 100 | champion 1, previous -'

  it('stays with the earlier version when the new one cannot be built', async () => {
    bench.workspace.unbuildable.add('2')
    bench.workspace.changes.length = 0

    const result = await deploy(bench.open())

    expect(result).toMatchObject({ outcome: 'returned', failedStep: 'wait', logTail: 'pip: no space' })
    expect(stateOf(bench)).toBe(before)
    expect(bench.workspace.changes).toEqual(['put v1 100, v2 0'])
  })

  it.each([
    [
      'an error',
      { html: '', slide_count: 0, trace_url: '', error: 'The space is not shared' },
      'The space is not shared',
    ],
    ['no slides', { html: '<html></html>', slide_count: 0, trace_url: 'https://t.example', error: '' }, '0 slides'],
    ['no page', { html: 'sorry', slide_count: 1, trace_url: 'https://t.example', error: '' }, 'its html is no page'],
    ['no trace', { html: '<html></html>', slide_count: 1, trace_url: '', error: '' }, 'it links to no trace'],
    ['something else', 'hello', 'has not the columns'],
  ])('returns when the new version answers with %s', async (_what, answer, why) => {
    bench.workspace.answers.set('2', () => answer)

    const result = await deploy(bench.open())

    expect(result).toMatchObject({
      outcome: 'returned',
      failedStep: 'smoke',
      reason: expect.stringContaining(why),
      logTail: 'Traceback: the model has a fault\n',
    })
    expect(stateOf(bench)).toBe(before)
  })

  it('returns when a canary is judged bad', async () => {
    const releases = bench.open({
      environment: { canary: [{ trafficPercent: 25, holdMs: 5 * minute }] },
      judge: { look: async () => ({ isGood: false, why: '9 of 40 requests failed' }) },
    })

    const result = await deploy(releases)

    expect(result).toMatchObject({
      outcome: 'returned',
      failedStep: 'hold',
      reason: 'With 25 % of traffic, 9 of 40 requests failed',
    })
    expect(stateOf(bench)).toBe(before)
  })

  const refused = { userMessage: 'We may not do this.' }
  const failures: readonly (readonly [call: string, nth: number, step: string, error: Error])[] = [
    ['create version', 1, 'register', new RegistryError('no-access', 'No CREATE_MODEL', refused)],
    ['finalize', 1, 'register', new RegistryError('not-ready', 'The version failed', refused)],
    ['put config', 1, 'configure', new ServingError('rejected', 'Too many copies', refused)],
    ['put config', 2, 'configure', new ServingError('no-access', 'The creator has lost its rights', refused)],
    ['set alias', 1, 'alias-previous', new RegistryError('no-access', 'No right to alias', refused)],
    ['set alias', 2, 'alias-champion', new RegistryError('no-access', 'No right to alias', refused)],
  ]

  it.each(failures)('returns when call “%s” number %i is refused, in step %s', async (name, nth, step, error) => {
    const releases = bench.open({ call: spoil(name, nth, () => Promise.reject(error)) })

    const result = await deploy(releases, { folder })

    expect(result).toMatchObject({
      outcome: 'returned',
      failedStep: step,
      reason: expect.stringContaining(error.message),
    })
    expect(stateOf(bench)).toBe(before)
  })

  it.each([
    ['upload', 'register'],
    ['put config', 'configure'],
    ['get endpoint', 'configure'],
    ['invoke', 'smoke'],
    ['set alias', 'alias-previous'],
  ])('returns when a call “%s” never answers, at the deadline of step %s', async (name, step) => {
    // The first looks at the endpoint are those of the plan and of the deploy.
    const nth = name === 'get endpoint' ? 3 : 1
    const releases = bench.open({ call: spoil(name, nth, () => new Promise<never>(() => {})) })

    const result = await deploy(releases, { folder })

    expect(result).toMatchObject({
      outcome: 'returned',
      failedStep: step,
      reason: expect.stringContaining('took longer'),
    })
    expect(stateOf(bench)).toBe(before)
  })

  it('takes an endpoint away again that it has made', async () => {
    bench.workspace.answers.set('2', () => 'hello')

    const result = await deploy(bench.open(), {}, 'dev')

    expect(result.outcome).toBe('returned')
    expect(stateOf(bench, 'deckhand-dev')).toContain('no endpoint')
  })

  it('is not done while the workspace hangs; the next command goes on with the way back', async () => {
    bench.workspace.hanging.add('2')

    const result = await deploy(bench.open())

    expect(result).toMatchObject({ outcome: 'unfinished', failedStep: 'configure-back' })
    expect((await bench.open().status('prod'))[0]?.running).toMatchObject({ direction: 'back', isHeld: false })

    const stored = bench.workspace.endpoints.get('deckhand')
    if (stored) stored.pendingAt = 0 // it comes up after all
    bench.workspace.hanging.clear()
    const again = bench.open().rollback('prod', ann)

    // The way back is done first, and then nothing is left behind it.
    await expect(again.result).rejects.toMatchObject({ code: 'nothing-before' })
    expect(stateOf(bench)).toBe(before)
  })

  it('can be cancelled from another process', async () => {
    let isPut = false
    let cancelled: unknown
    const releases = bench.open({
      async call(name, work) {
        if (isPut) cancelled ??= await bench.open().cancel('prod', ben)
        const value = await work()
        isPut ||= name === 'put config'
        return value
      },
    })

    const result = await deploy(releases)

    expect(cancelled).toEqual({ releaseId: 'prod-2' })
    expect(result).toMatchObject({ outcome: 'returned', reason: 'Ben has cancelled the release of prod' })
    expect(stateOf(bench)).toBe(before)
  })
})
