import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Plan, Releases } from '../../../src/mlflow/release.ts'
import { ReleaseError } from '../../../src/mlflow/release/release-error.ts'
import { rejection } from '../../support/rejection.ts'
import { ann, ben, deploy, folder, minute, openBench, startDeploy, stateOf, type Bench } from './bench.ts'

let bench: Bench
let releases: Releases

beforeEach(async () => {
  bench = await openBench()
  releases = bench.open()
  bench.workspace.addVersion()
  await deploy(releases)
  bench.workspace.addVersion()
  bench.workspace.changes.length = 0
})
afterEach(() => bench[Symbol.asyncDispose]())

/** Code and message. Nothing was touched, nothing is under way, and the audit has the refusal as its newest entry. */
async function refusalOf(work: Promise<unknown>): Promise<string> {
  const error = await rejection(work)
  if (!(error instanceof ReleaseError)) throw error
  expect(bench.workspace.changes).toEqual([])
  expect((await releases.audit('prod'))[0]).toMatchObject({ result: 'refused' })
  expect((await releases.status('prod'))[0]?.running).toBeUndefined()
  return `${error.code}: ${error.message}`
}

describe('approval', () => {
  let plan: Plan

  beforeEach(async () => {
    plan = await releases.plan('prod', {}, ann)
  })

  const start = (options = {}): Promise<unknown> => releases.deploy('prod', plan.hash, ann, options).result

  it('is needed', async () => {
    expect(await refusalOf(start())).toMatch(/^not-approved: .*a second person has to approve it/)
  })

  it('is given by a second person', async () => {
    await releases.approve('prod', plan.hash, ben)

    expect(await start()).toMatchObject({ outcome: 'released' })
  })

  it('may be followed by a deploy of the second person', async () => {
    await releases.approve('prod', plan.hash, ben)

    const result = await releases.deploy('prod', plan.hash, ben).result

    expect(result).toMatchObject({ outcome: 'released' })
  })

  it('is refused to the person who planned', async () => {
    expect(await refusalOf(releases.approve('prod', plan.hash, ann))).toMatch(
      /^own-approval: .*somebody else has to approve/,
    )
  })

  it('does not hold for another plan, not even one that says the same', async () => {
    await releases.approve('prod', plan.hash, ben)
    await bench.clock.sleep(minute)
    const other = await releases.plan('prod', {}, ann)

    expect(await refusalOf(releases.deploy('prod', other.hash, ann).result)).toContain(other.hash)
  })

  it('cannot be given after an hour', async () => {
    await bench.clock.sleep(61 * minute)

    expect(await refusalOf(releases.approve('prod', plan.hash, ben))).toMatch(/^expired: .*make a new one/)
  })

  it('holds for an hour after the plan', async () => {
    await releases.approve('prod', plan.hash, ben)
    await bench.clock.sleep(61 * minute)

    expect(await refusalOf(start())).toMatch(/^expired: .*make a new one/)
  })

  it('is used up by its deploy', async () => {
    await releases.approve('prod', plan.hash, ben)
    await start()
    bench.workspace.changes.length = 0

    expect(await refusalOf(start())).toMatch(/^expired: .*make a new one/)
  })

  it('is not needed in the shell by who may approve', async () => {
    expect(await start({ approves: true })).toMatchObject({ outcome: 'released' })
    expect((await releases.history('prod'))[0]).toMatchObject({ approvedBy: ann })
  })

  it('is not needed where the settings ask for none', async () => {
    const dev = await releases.plan('dev', {}, ann)

    expect(await releases.deploy('dev', dev.hash, ann).result).toMatchObject({ outcome: 'released' })
  })

  it('of one environment is none in another', async () => {
    await expect(releases.approve('dev', plan.hash, ben)).rejects.toMatchObject({ code: 'expired' })
    await expect(releases.deploy('dev', plan.hash, ben).result).rejects.toMatchObject({ code: 'expired' })
  })
})

describe('a plan', () => {
  const approved = async (): Promise<Plan> => {
    const plan = await releases.plan('prod', {}, ann)
    await releases.approve('prod', plan.hash, ben)
    return plan
  }
  const start = (plan: Plan): Promise<unknown> => releases.deploy('prod', plan.hash, ann).result

  it('tells what serves, what would, and how both were judged', async () => {
    bench.workspace.versions.splice(0, 1)
    bench.workspace.addVersion({ eval_passed: '0.95', eval_run: 'r1', commit: 'abcdef0' })

    const plan = await releases.plan('prod', { reason: 'better charts' }, ann)

    expect(plan).toMatchObject({
      from: '1',
      reason: 'better charts',
      needsApproval: true,
      facts: { version: '2', aliases: { champion: '1', previous: null }, drift: [] },
      changes: ['v1 is gone: version 1 with 100 % of traffic', 'v2 is new: version 2 with 100 % of traffic'],
      scores: [{ name: 'eval_passed', before: null, after: 0.95 }],
    })
  })

  it('shows what happened to configuration and prompts between the two packages', async () => {
    const files = (config: string) => ({
      'deckhand.json': JSON.stringify({ files: { 'artifacts/agent/config/prompts.yaml': config, 'model.py': 'same' } }),
      'artifacts/agent/config/prompts.yaml': `title: Decks\ntone: ${config}\n`,
    })
    bench.workspace.files.set('1', files('dry'))
    bench.workspace.files.set('2', files('friendly'))

    const { sources } = await releases.plan('prod', {}, ann)

    expect(sources.configDiff).toBe('prompts.yaml\n  title: Decks\n- tone: dry\n+ tone: friendly\n')
  })

  it('changes nothing, and is not kept when it is dry', async () => {
    const plan = await releases.plan('prod', {}, ann, { isDryRun: true })

    expect(await refusalOf(releases.approve('prod', plan.hash, ben))).toMatch(/^expired: .*is not there/)
  })

  it('is refused for a version that does not exist', async () => {
    expect(await refusalOf(releases.plan('prod', { version: '9' }, ann))).toMatch(
      /^unknown-version: .*There is no version 9/,
    )
  })

  it('is refused for a version whose files are not there', async () => {
    const [newest] = bench.workspace.versions
    if (newest) bench.workspace.versions[0] = { ...newest, status: 'pending' }

    expect(await refusalOf(releases.plan('prod', { version: '2' }, ann))).toMatch(
      /^version-not-ready: .*is pending, expected ready/,
    )
  })

  it('is refused when all is as wished', async () => {
    expect(await refusalOf(releases.plan('prod', { version: '1' }, ann))).toMatch(
      /^nothing-to-do: .*serves prod already/,
    )
  })

  it('is refused for an environment that nobody has set up', () =>
    expect(releases.plan('test', {}, ann)).rejects.toMatchObject({
      code: 'unknown-environment',
      message: 'There is no environment test, only prod and dev',
    }))

  it('is refused once an alias has moved', async () => {
    const plan = await approved()
    bench.workspace.aliases.set('champion', '2')

    expect(await refusalOf(start(plan))).toMatch(/^changed: .*champion is 2/)
  })

  it('is refused once the release would go another way', async () => {
    const plan = await approved()
    const later = bench.open({ environment: { canary: [{ trafficPercent: 10, holdMs: minute }] } })

    expect(await refusalOf(later.deploy('prod', plan.hash, ann).result)).toMatch(
      /^changed: .*the settings of the release/,
    )
  })

  it('holds when somebody else has registered its folder meanwhile', async () => {
    const plan = await releases.plan('prod', { folder }, ann)
    await releases.approve('prod', plan.hash, ben)
    bench.workspace.addVersion({ content_hash: folder.contentHash })

    expect(await start(plan)).toMatchObject({ outcome: 'released', version: '3' })
  })
})

describe('an endpoint that somebody has changed', () => {
  beforeEach(() => {
    const [entity] = bench.workspace.endpoints.get('deckhand')?.config?.entities ?? []
    if (entity) entity.settings = { ...entity.settings, workload_size: 'Large' }
  })

  const drift = 'v1: workload_size was Small, is Large'

  it('is said', async () => {
    expect((await releases.status('prod'))[0]?.drift).toEqual([drift])
    expect((await releases.plan('prod', {}, ann)).facts.drift).toEqual([drift])
  })

  it('is not deployed over', async () => {
    expect(await refusalOf(deploy(releases))).toContain(drift)
  })

  it('is deployed over when that may be lost, and can be gone back to', async () => {
    expect(await deploy(releases, { acceptsDrift: true })).toMatchObject({ outcome: 'released' })
    expect((await releases.status('prod'))[0]?.drift).toEqual([])

    await releases.rollback('prod', ann).result

    const [entity] = bench.workspace.endpoints.get('deckhand')?.config?.entities ?? []
    expect(entity?.settings).toMatchObject({ workload_size: 'Large' })
  })

  it('is refused when the change came after the plan', async () => {
    const plan = await releases.plan('prod', { acceptsDrift: true }, ann)
    await releases.approve('prod', plan.hash, ben)
    const [entity] = bench.workspace.endpoints.get('deckhand')?.config?.entities ?? []
    if (entity) entity.settings = { ...entity.settings, workload_size: 'Medium' }

    expect(await refusalOf(releases.deploy('prod', plan.hash, ann).result)).toMatch(/^changed: .*was Large, is Medium/)
  })

  it('is refused when it is gone', async () => {
    bench.workspace.endpoints.clear()

    expect(await refusalOf(deploy(releases))).toMatch(/^drift: .*the endpoint is gone/)
  })

  it('is refused while the change is under way', async () => {
    const plan = await releases.plan('prod', { acceptsDrift: true }, ann)
    await releases.approve('prod', plan.hash, ben)
    const stored = bench.workspace.endpoints.get('deckhand')
    if (stored) Object.assign(stored, { pending: stored.config, pendingAt: Infinity, update: 'running' })

    expect(await refusalOf(releases.deploy('prod', plan.hash, ann).result)).toMatch(
      /^busy: .*being changed by somebody else/,
    )
  })
})

describe('a lock', () => {
  beforeEach(() => releases.lock('prod', ben, 'quarter end'))

  it('keeps others from releasing and rolling back, with its reason', async () => {
    expect(await refusalOf(deploy(releases))).toMatch(/^locked: .*prod is locked by Ben: quarter end/)
    expect(await refusalOf(releases.rollback('prod', ann).result)).toMatch(/^locked: .*quarter end/)
    expect(await refusalOf(releases.lock('prod', ann, 'mine'))).toMatch(/^locked: .*by Ben already/)
  })

  it('does not keep its owner', async () => {
    const plan = await releases.plan('prod', {}, ann)
    await releases.approve('prod', plan.hash, ben)

    expect(await releases.deploy('prod', plan.hash, ben).result).toMatchObject({ outcome: 'released' })
  })

  it('is there until anybody takes it away', async () => {
    await releases.unlock('prod', ann)

    expect(await deploy(releases)).toMatchObject({ outcome: 'released' })
    await expect(releases.unlock('prod', ann)).rejects.toMatchObject({ code: 'nothing-there' })
  })
})

describe('two processes', () => {
  it('do not release into one environment at once', async () => {
    const results = await Promise.allSettled(
      [startDeploy(bench.open()), startDeploy(bench.open())].map(async (run) => (await run).result),
    )

    const outcomes = results.map((each) => (each.status === 'fulfilled' ? each.value.outcome : each.reason.code))
    expect(outcomes).toContain('released')
    expect(outcomes.filter((outcome) => outcome !== 'released')).toHaveLength(1)
    expect(outcomes.some((outcome) => ['busy', 'changed', 'expired'].includes(outcome))).toBe(true)
    expect(bench.workspace.changes.filter((change) => change.startsWith('put'))).toEqual([
      'put v1 100, v2 0',
      'put v2 100',
    ])
    expect(stateOf(bench)).toBe('v2 100 | champion 2, previous 1')
  })

  it('release into two environments at once', async () => {
    const results = await Promise.all([deploy(bench.open()), deploy(bench.open(), {}, 'dev')])

    expect(results.map(({ outcome }) => outcome)).toEqual(['released', 'released'])
  })
})

describe('cancelling', () => {
  it('is refused when nothing is under way', async () => {
    expect(await refusalOf(releases.cancel('prod', ben))).toMatch(/^nothing-there: .*No release of prod is under way/)
  })

  it('is too late once aliases move', async () => {
    let moving = false
    let refusal: unknown
    const run = await startDeploy(
      bench.open({
        async call(name, work) {
          if (moving) refusal ??= await releases.cancel('prod', ben).catch((error: unknown) => error)
          const value = await work()
          moving ||= name === 'set alias'
          return value
        },
      }),
    )

    expect(await run.result).toMatchObject({ outcome: 'released' })
    expect(refusal).toMatchObject({ code: 'too-late' })
  })
})

describe('the audit', () => {
  it('has who, what, when and how it ended, newest first', async () => {
    await releases.plan('prod', { version: '9' }, ben).catch(() => {})
    await deploy(releases, { reason: 'better charts' })
    await releases.lock('prod', ben, 'quarter end')

    const entries = await releases.audit('prod')

    expect(entries.slice(0, 6).map(({ who, action, result }) => `${who.name} ${action} ${result}`)).toEqual([
      'Ben lock done',
      'Ann deploy done',
      'Ann deploy started',
      'Ben approve done',
      'Ann plan done',
      'Ben plan refused',
    ])
    expect(entries[1]).toMatchObject({ releaseId: 'prod-2', planHash: entries[3]?.planHash, at: expect.any(Number) })
  })
})
