import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAdminDesk, type AdminDesk, type CarryOut } from '../../../src/bot/admin/admin-desk.ts'
import { createAdmins, type Identity } from '../../../src/bot/admin/admins.ts'
import { createAuditLog, type AuditLog } from '../../../src/bot/admin/audit-log.ts'
import { commandToText } from '../../../src/bot/admin/command.ts'
import { silentLogger } from '../../../src/lib/log.ts'
import { connectRedis, type RedisConnection } from '../../../src/lib/redis.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { isolatedRedisUrl } from '../../support/parts.ts'

const start = Date.parse('2026-11-23T08:00:00Z')
const tenant = '11111111-2222-3333-4444-555555555555'

/** One person for each role, on every platform. */
const roles = ['all', 'deployer', 'approver', 'watcher', 'stranger'] as const
const platforms = ['slack', 'teams', 'shell'] as const

function identityOf(role: (typeof roles)[number], platform: (typeof platforms)[number]): Identity {
  const id = { slack: `T1/U${role.toUpperCase()}`, teams: `${tenant}/aaaaaaaa-0000-0000-0000-${role}`, shell: role }
  return `${platform}:${id[platform]}`
}

const identitiesOf = (role: (typeof roles)[number]): Identity[] => platforms.map((each) => identityOf(role, each))

const admins = createAdmins({
  people: {
    all: identitiesOf('all'),
    deployer: identitiesOf('deployer'),
    approver: identitiesOf('approver'),
    watcher: identitiesOf('watcher'),
  },
  may: {
    dev: { deploy: ['all', 'deployer'], approve: ['all'], rollback: ['all', 'deployer'], lock: ['all', 'deployer'] },
    prod: { deploy: ['all', 'deployer'], approve: ['all', 'approver'], rollback: ['all', 'approver'], lock: ['all'] },
  },
})

interface Bench {
  readonly redis: RedisConnection
  readonly audit: AuditLog
  readonly desk: AdminDesk
  readonly carriedOut: string[]
}

let bench: Bench

beforeEach(async () => {
  const redis = await connectRedis(await isolatedRedisUrl(), { log: silentLogger })
  const audit = createAuditLog({ redis })
  const carriedOut: string[] = []
  const carryOut: CarryOut = async (command, { person }) => {
    carriedOut.push(`${person}: ${commandToText(command)}`)
    return { isOk: true, text: 'done', data: {} }
  }
  const clock = createManualClock(start)
  const desk = createAdminDesk({ environments: ['dev', 'prod'], admins, audit, carryOut, clock, log: silentLogger })
  bench = { redis, audit, desk, carriedOut }
})

afterEach(() => bench.redis[Symbol.asyncDispose]())

const running = { signal: new AbortController().signal, onProgress: (): void => undefined }

async function give(identity: Identity, words: string): Promise<{ readonly isOk: boolean; readonly text: string }> {
  const considered = await bench.desk.consider(identity, words)
  if (considered.kind === 'allowed') return considered.run(running)
  return { isOk: considered.kind === 'help', text: considered.text }
}

const looking = ['help', 'status', 'status prod', 'versions', 'diff prod', 'history dev', 'smoke prod']
const looks = [...looking, 'deploy prod --dry-run', 'rollback prod --dry-run']

/** Who may do what changes something. `--approve` is for the shell alone, whoever writes it. */
const changes: readonly (readonly [words: string, who: readonly string[]])[] = [
  ['deploy dev', ['all', 'deployer']],
  ['deploy prod', ['all', 'deployer']],
  ['deploy prod --approve', ['all']],
  ['deploy dev --approve', ['all']],
  ['approve dev', ['all']],
  ['approve prod', ['all', 'approver']],
  ['rollback dev', ['all', 'deployer']],
  ['rollback prod --to 3', ['all', 'approver']],
  ['lock dev "a reason"', ['all', 'deployer']],
  ['lock prod "a reason"', ['all']],
  ['unlock prod', ['all']],
  ['cancel dev', ['all', 'deployer']],
  ['cancel prod', ['all', 'deployer', 'approver']],
]

describe.each(platforms)('a command from %s', (platform) => {
  it.each(changes)('“%s” is carried out for those who may, and for nobody else', async (words, who) => {
    for (const role of roles) await give(identityOf(role, platform), words)

    const isShellOnly = words.includes('--approve') && platform !== 'shell'
    expect(bench.carriedOut).toEqual(isShellOnly ? [] : who.map((role) => `${role}: ${words}`))
  })

  it.each(looks)('“%s” is for every admin, and no stranger', async (words) => {
    for (const role of roles) {
      const { isOk } = await give(identityOf(role, platform), words)
      expect(isOk, role).toBe(role !== 'stranger')
    }
  })

  it('tells a stranger the same whatever they write', async () => {
    const answers = new Set<string>()
    for (const words of [...looks, 'deploy prod', 'deploy nowhere', 'nonsense', '']) {
      answers.add((await give(identityOf('stranger', platform), words)).text)
    }

    expect([...answers]).toEqual([expect.not.stringMatching(/dev|prod|deploy|all/) as unknown])
  })

  it('keeps one record of each attempt, also of those refused or not understood', async () => {
    await give(identityOf('deployer', platform), 'deploy prod --version 7')
    await give(identityOf('deployer', platform), 'approve prod')
    await give(identityOf('deployer', platform), 'deplyo prod')
    await give(identityOf('stranger', platform), 'deploy prod')

    const at = start
    const environment = 'prod'
    const deployer = { at, identity: identityOf('deployer', platform), person: 'deployer' }
    expect((await bench.audit.list(10)).toReversed()).toEqual([
      { ...deployer, environment, command: 'deploy prod --version 7', outcome: 'allowed', why: '' },
      {
        ...deployer,
        environment,
        command: 'approve prod',
        outcome: 'refused',
        why: 'You may not approve releases to prod; all, approver may (admins in config.yaml).',
      },
      {
        ...deployer,
        command: 'deplyo prod',
        outcome: 'not-understood',
        why: expect.stringMatching(/deploy/) as unknown,
      },
      {
        at,
        identity: identityOf('stranger', platform),
        person: '',
        environment,
        command: 'deploy prod',
        outcome: 'refused',
        why: 'is no admin',
      },
    ])
  })
})

describe('the admin desk', () => {
  it('knows a person of Entra by their id in either case', () => {
    const [slack, teams] = identitiesOf('all')

    expect(admins.find(teams?.toUpperCase().replace('TEAMS:', 'teams:') as Identity)?.person).toBe('all')
    expect(admins.find(slack?.toLowerCase() as Identity)).toBeUndefined()
  })

  it('does not take one platform’s person for another’s', () => {
    expect(admins.find('shell:T1/UALL')).toBeUndefined()
    expect(admins.find('slack:T2/UALL')).toBeUndefined()
  })

  it('keeps nothing of what was asked about and not confirmed', async () => {
    const considered = await bench.desk.consider('shell:all', 'deploy prod')

    expect(considered.kind).toBe('allowed')
    expect(await bench.audit.list(10)).toEqual([])
  })

  it('carries nothing out that cannot be kept', async () => {
    const considered = await bench.desk.consider('shell:all', 'deploy prod')
    bench.redis.disconnect()

    await expect(considered.kind === 'allowed' && considered.run(running)).rejects.toThrow(/closed/i)
    expect(bench.carriedOut).toEqual([])
  })

  it('lets whoever is at the shell in where shell:* stands, and tells them apart in the records', () => {
    const open = createAdmins({ people: { operator: ['shell:*'], ann: ['shell:ann'] }, may: {} })

    expect(open.find('shell:bob')).toEqual({ person: 'operator', identity: 'shell:bob' })
    expect(open.find('shell:ann')?.person).toBe('ann')
    expect(open.find('slack:T1/*')).toBeUndefined()
  })

  it('has help that tells every command as it is written there', async () => {
    expect((await give('slack:T1/UALL', 'help')).text).toMatch(/^\/deckhand deploy ENV \[--version N\]/m)
    expect((await give('shell:all', 'help')).text).toMatch(/^deckhand rollback ENV \[--to N\]/m)
  })
})
