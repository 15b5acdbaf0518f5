import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { workspaceEnv } from '../../sandbox/stack.ts'
import { createAuditLog } from '../../src/bot/admin/audit-log.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { connectRedis } from '../../src/lib/redis.ts'
import { serveAnsweringModel } from '../support/answering-model.ts'
import { isolatedRedisUrl } from '../support/parts.ts'
import { type Ran, runDeckhand } from '../support/run-deckhand.ts'
import { type SandboxModels, startSandboxModels } from '../support/sandbox-models.ts'

/** Releases as a shell runs them: processes, their streams, their exit codes, over a workspace that really serves. */

const parts = new AsyncDisposableStack()
let models: SandboxModels
let env: Readonly<Record<string, string>>

beforeAll(async () => {
  const dir = mkdtempSync(join(tmpdir(), 'deckhand-release-'))
  parts.defer(() => rmSync(dir, { recursive: true, force: true }))
  models = parts.use(await startSandboxModels({ serveModel: serveAnsweringModel }))
  env = {
    PATH: process.env['PATH'] ?? '',
    HOME: dir,
    ...workspaceEnv(models.workspace, { redisUrl: await isolatedRedisUrl(), mlflowUrl: 'http://127.0.0.1:1' }),
    DECKHAND_DEV_ENDPOINT: 'deckhand-dev',
    DECKHAND_PROD_ENDPOINT: 'deckhand-prod',
    DECKHAND_SPOOL_DIR: join(dir, 'spool'),
  }
  await models.register('first')
}, 60_000)
afterAll(() => parts.disposeAsync())

const deckhand = (...args: readonly string[]): Promise<Ran> => runDeckhand(args, env)

async function json(...args: readonly string[]): Promise<Ran & { readonly data: unknown }> {
  const ran = await deckhand(...args, '--json')
  return { ...ran, data: ran.out === '' ? undefined : (JSON.parse(ran.out) as unknown) }
}

describe('releases from the shell', { timeout: 120_000 }, () => {
  it('show a plan and change nothing with --dry-run', async () => {
    const dry = await deckhand('deploy', 'dev', '--dry-run')

    expect(dry).toMatchObject({ code: 0, err: '' })
    expect(dry.out).toMatch(/^Plan [\da-f]{8} for dev: version 1 instead of nothing$/m)
    expect(dry.out).toContain('Nothing was changed.')
    expect((await json('status', 'dev')).data).toMatchObject({ environments: [{ environment: 'dev', serving: [] }] })
  })

  it('bring the newest version to traffic, with progress beside the result', async () => {
    const deployed = await json('deploy', 'dev', '--reason', 'a first try')

    expect(deployed).toMatchObject({ code: 0, data: { outcome: 'released', environment: 'dev', version: '1' } })
    expect(deployed.err).toMatch(/^✓ \d\/\d Smoke test/m)
    expect(deployed.out.trim().split('\n')).toHaveLength(1)

    const smoke = await json('smoke', 'dev')
    expect(smoke).toMatchObject({ code: 0, data: { passed: true } })
    const history = await deckhand('history', 'dev')
    expect(history.out).toMatch(/deploy version – → 1 by operator .*: a first try/)
  })

  it('release to prod only when somebody who may approves', async () => {
    const asked = await json('deploy', 'prod')
    expect(asked).toMatchObject({ code: 1, data: { outcome: 'waits-for-approval', plan: { version: '1' } } })

    const own = await deckhand('approve', 'prod')
    expect(own.code).toBe(1)
    expect(own.err).toMatch(/somebody else has to approve it/)

    const approved = await json('deploy', 'prod', '--approve')
    expect(approved).toMatchObject({ code: 0, data: { outcome: 'released', version: '1' } })
    expect((await json('versions')).data).toMatchObject({
      versions: [
        {
          version: '1',
          aliases: ['champion'],
          tags: {
            release_dev: expect.stringMatching(/^deploy dev-1 by operator .*, released at 2/) as unknown,
            release_prod: expect.stringMatching(/^deploy prod-1 by operator/) as unknown,
          },
        },
      ],
    })
  })

  it('return to what served when the new version fails its smoke test, and roll back in one command', async () => {
    await models.register('second')
    expect(await json('deploy', 'prod', '--approve')).toMatchObject({ code: 0, data: { version: '2' } })
    await models.register('broken')

    const broken = await deckhand('deploy', 'prod', '--version', '3', '--approve')
    expect(broken.code).toBe(1)
    expect(broken.out).toContain('Not released: prod serves what it served before.')
    expect(broken.out).toContain('Smoke test:')
    expect((await json('status', 'prod')).data).toMatchObject({
      environments: [{ serving: [{ version: '2', traffic_percent: 100 }], champion: '2', previous: '1' }],
    })

    const preview = await deckhand('rollback', 'prod', '--dry-run')
    expect(preview.out).toBe('A rollback of prod puts back version 1 for version 2. Nothing was changed.\n')
    expect(await json('rollback', 'prod')).toMatchObject({ code: 0, data: { outcome: 'released', version: '1' } })
    expect((await json('status', 'prod')).data).toMatchObject({ environments: [{ champion: '1' }] })
  })

  it('are kept out by a lock, with its reason', async () => {
    expect((await deckhand('lock', 'dev', 'board', 'meeting')).out).toBe('dev is locked: board meeting\n')
    expect((await deckhand('status', 'dev')).out).toMatch(/Locked {4}by operator .*: board meeting/)
    expect((await deckhand('unlock', 'dev')).code).toBe(0)
  })

  it.each([
    [['deploy', 'staging'], 2, /There is no environment "staging"/],
    [['deploy', 'dev', '--verison', '1'], 2, /did you mean --version\?/],
    [['deploy', 'dev', '--version', '99'], 1, /99/],
    [['rollback', 'dev'], 1, /before/],
    [['cancel', 'dev'], 1, /No release of dev is under way/],
    [['approve', 'dev'], 1, /No plan waits for approval/],
  ])('answer %j in one line', async (args, code, line) => {
    const { code: got, out, err } = await deckhand(...args)

    expect(got).toBe(code)
    expect(`${out}${err}`.trim().split('\n')).toHaveLength(1)
    expect(`${out}${err}`).toMatch(line)
  })

  it('leave one record of each attempt', async () => {
    await using redis = await connectRedis(env['REDIS_URL'] ?? '', { log: silentLogger })

    const records = await createAuditLog({ redis }).list(100)

    const kept = records.map(({ command, outcome }) => `${outcome}: ${command}`)
    expect(kept).toContain('not-understood: deploy staging')
    expect(kept).toContain('allowed: rollback prod')
    expect(kept.filter((line) => line === 'allowed: deploy prod --approve')).toHaveLength(2)
    expect(new Set(records.map(({ identity }) => identity.split(':')[0]))).toEqual(new Set(['shell']))
  })
})
