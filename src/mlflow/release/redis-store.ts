import type { Redis } from 'ioredis'
import { z } from 'zod'
import { parseJson } from '../../lib/json.ts'
import { defineScript, type RedisScript } from '../../lib/redis-script.ts'
import { EnvironmentRecord, HistoryEntry, Operation, Person } from './operation.ts'
import { Plan } from './plan.ts'
import { ReleaseError } from './release-error.ts'
import { Approval, AuditEntry, Lock, type Lease, type ReleaseStore } from './store.ts'

/** Releases and their audit are kept this long back. */
const mostHistory = 200
const mostAudit = 10_000

const acquireScript = defineScript(`
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
local fence = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], fence, 'PX', ARGV[1])
return fence
`)

/** What follows runs only under the lease: KEYS[1] holds its fence, ARGV[1] is ours. */
function underLease(lua: string): RedisScript {
  return defineScript(`if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'lost' end\n${lua}`)
}

const renewScript = underLease(`
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('GET', KEYS[2]) or ''
`)

const releaseScript = underLease(`return redis.call('DEL', KEYS[1])`)

const beginScript = underLease(`
if redis.call('EXISTS', KEYS[2]) == 1 then return 'lost' end
redis.call('SET', KEYS[2], ARGV[2])
redis.call('DEL', KEYS[3])
redis.call('HDEL', KEYS[4], ARGV[3])
redis.call('HDEL', KEYS[5], ARGV[3])
redis.call('LPUSH', KEYS[6], ARGV[4])
redis.call('LTRIM', KEYS[6], 0, ARGV[5])
return 'ok'
`)

const writeScript = underLease(`
redis.call('SET', KEYS[2], ARGV[2])
return 'ok'
`)

const endScript = underLease(`
redis.call('SET', KEYS[2], ARGV[2])
redis.call('LPUSH', KEYS[3], ARGV[3])
redis.call('LTRIM', KEYS[3], 0, ARGV[4])
redis.call('LPUSH', KEYS[4], ARGV[5])
redis.call('LTRIM', KEYS[4], 0, ARGV[6])
redis.call('DEL', KEYS[5], KEYS[6])
return 'ok'
`)

/** Only the release that is under way can be cancelled, not the one that follows it. */
const cancelScript = defineScript(`
local operation = redis.call('GET', KEYS[1])
if not operation or cjson.decode(operation).id ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[2], ARGV[2], 'NX')
return 1
`)

const approveScript = defineScript(`
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return '' end
redis.call('HSETNX', KEYS[2], ARGV[1], ARGV[2])
return redis.call('HGET', KEYS[2], ARGV[1])
`)

/** Releases in Redis. All keys of an environment are in one slot: `deckhand:release:{dev}:…`. */
export function createRedisReleaseStore(redis: Redis, now: () => number = Date.now): ReleaseStore {
  const key = (environment: string, name: string): string =>
    `deckhand:release:{${encodeURIComponent(environment)}}:${name}`

  async function fenced(
    lease: Lease,
    script: RedisScript,
    names: readonly string[],
    args: readonly (string | number)[],
  ) {
    const keys = ['lease', ...names].map((name) => key(lease.environment, name))
    const answer = z.union([z.string(), z.number()]).parse(await script.run(redis, keys, [lease.fence, ...args]))
    if (answer !== 'lost') return String(answer)
    throw new ReleaseError('lease-lost', `Another process has taken over the releases of ${lease.environment}`)
  }

  async function list<T>(environment: string, name: string, schema: z.ZodType<T>, count: number): Promise<T[]> {
    const texts = count < 1 ? [] : await redis.lrange(key(environment, name), 0, count - 1)
    return texts.flatMap((text) => parsed(schema, text) ?? [])
  }

  async function find<T>(environment: string, name: string, schema: z.ZodType<T>): Promise<T | undefined> {
    const text = await redis.get(key(environment, name))
    return text === null ? undefined : schema.parse(parseJson(text))
  }

  /** Plans by hash; those that are too old are taken away by whoever looks. */
  async function livePlans(environment: string): Promise<readonly Plan[]> {
    const all = await redis.hgetall(key(environment, 'plans'))
    const plans: Plan[] = []
    for (const [hash, text] of Object.entries(all)) {
      const plan = parsed(Plan, text)
      if (plan && plan.expiresAt > now()) plans.push(plan)
      else {
        await redis.multi().hdel(key(environment, 'plans'), hash).hdel(key(environment, 'approvals'), hash).exec()
      }
    }
    return plans.toSorted((a, b) => b.at - a.at)
  }

  return {
    async acquire(environment, ms) {
      const keys = [key(environment, 'lease'), key(environment, 'fence')]
      const fence = z.number().parse(await acquireScript.run(redis, keys, [Math.round(ms)]))
      return fence === 0 ? undefined : { environment, fence }
    },
    async renew(lease, ms) {
      const cancel = await fenced(lease, renewScript, ['cancel'], [Math.round(ms)])
      return { cancelledBy: parsed(Person, cancel) }
    },
    async release(lease) {
      await fenced(lease, releaseScript, [], [])
    },
    async isHeld(environment) {
      return (await redis.exists(key(environment, 'lease'))) === 1
    },

    async nextId(environment) {
      return `${environment}-${await redis.incr(key(environment, 'count'))}`
    },
    findOperation: (environment) => find(environment, 'operation', Operation),
    async begin(lease, operation, entry) {
      const names = ['operation', 'cancel', 'plans', 'approvals', 'audit']
      const args = [JSON.stringify(operation), operation.planHash ?? '', JSON.stringify(entry), mostAudit - 1]
      await fenced(lease, beginScript, names, args)
    },
    async write(lease, operation) {
      await fenced(lease, writeScript, ['operation'], [JSON.stringify(operation)])
    },
    async end(lease, record, entry, audit) {
      const names = ['record', 'history', 'audit', 'operation', 'cancel']
      const [state, past, line] = [record, entry, audit].map((value) => JSON.stringify(value)) as [
        string,
        string,
        string,
      ]
      await fenced(lease, endScript, names, [state, past, mostHistory - 1, line, mostAudit - 1])
    },
    async cancel(environment, operationId, who) {
      const keys = [key(environment, 'operation'), key(environment, 'cancel')]
      return (await cancelScript.run(redis, keys, [operationId, JSON.stringify(who)])) === 1
    },

    findRecord: (environment) => find(environment, 'record', EnvironmentRecord),
    history: (environment, count) => list(environment, 'history', HistoryEntry, count),

    async keepPlan(plan) {
      await redis.hset(key(plan.facts.environment, 'plans'), plan.hash, JSON.stringify(plan))
      await livePlans(plan.facts.environment)
    },
    async findPlan(environment, hash) {
      return (await livePlans(environment)).find((plan) => plan.hash === hash)
    },
    listPlans: livePlans,
    async approve(environment, approval) {
      const keys = [key(environment, 'plans'), key(environment, 'approvals')]
      const args = [approval.planHash, JSON.stringify(approval)]
      return parsed(Approval, z.string().parse(await approveScript.run(redis, keys, args)))
    },
    async findApproval(environment, planHash) {
      const text = await redis.hget(key(environment, 'approvals'), planHash)
      return text === null ? undefined : Approval.parse(parseJson(text))
    },

    async lock(environment, lock) {
      const first = await redis.set(key(environment, 'lock'), JSON.stringify(lock), 'NX', 'GET')
      return (first === null ? undefined : parsed(Lock, first)) ?? lock
    },
    findLock: (environment) => find(environment, 'lock', Lock),
    async unlock(environment) {
      const text = await redis.getdel(key(environment, 'lock'))
      return text === null ? undefined : parsed(Lock, text)
    },

    async audit(entry) {
      const name = key(entry.environment, 'audit')
      await redis
        .multi()
        .lpush(name, JSON.stringify(entry))
        .ltrim(name, 0, mostAudit - 1)
        .exec()
    },
    listAudit: (environment, count) => list(environment, 'audit', AuditEntry, count),
  }
}

function parsed<T>(schema: z.ZodType<T>, text: string): T | undefined {
  const value = schema.safeParse(parseJson(text))
  return value.success ? value.data : undefined
}
