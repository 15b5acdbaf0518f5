import { defineScript } from '../../lib/redis-script.ts'

/**
 * The mailbox's steps, each all or nothing. Whoever holds the thread's `token` may write; a new owner puts a token of
 * their own there, and from then on the earlier one is refused.
 */

/** → {'new' | 'full' | 'seen', turns ahead} */
export const acceptScript = defineScript(`
local seen, inbox, messages, busy = unpack(KEYS)
local id, message, mostAhead, seenMs, now, thread = unpack(ARGV)
if redis.call('EXISTS', seen) == 1 then
  return { 'seen', redis.call('LPOS', inbox, id) or 0 }
end
local ahead = redis.call('LLEN', inbox)
if ahead > tonumber(mostAhead) then
  return { 'full', ahead }
end
redis.call('SET', seen, '1', 'PX', seenMs)
redis.call('HSET', messages, id, message)
redis.call('RPUSH', inbox, id)
redis.call('ZADD', busy, now, thread)
return { 'new', ahead }
`)

/**
 * What is to be done next in the thread: an end to deliver before a turn to run. With 'take' the caller becomes the
 * owner; without 'run' a turn is not begun, only told of.
 * → {'lost'} | {'nothing'} | {'more'} | {'deliver', id, message, end} | {'run', id, message, claims, survived, stopped}
 */
export const nextScript = defineScript(`
local lease, inbox, messages, outbox, ends, stops, busy = unpack(KEYS)
local token, take, run, now, thread = unpack(ARGV)
if take == 'take' then
  redis.call('HSET', lease, 'token', token)
elseif redis.call('HGET', lease, 'token') ~= token then
  return { 'lost' }
end
local ended = redis.call('LINDEX', outbox, 0)
if ended then
  redis.call('ZADD', busy, now, thread)
  return { 'deliver', ended, redis.call('HGET', messages, ended), redis.call('HGET', ends, ended) }
end
local id = redis.call('LINDEX', inbox, 0)
if not id then
  redis.call('DEL', lease, stops)
  redis.call('ZREM', busy, thread)
  return { 'nothing' }
end
if run ~= 'run' then
  return { 'more' }
end
if redis.call('HGET', lease, 'turn') ~= id then
  redis.call('HSET', lease, 'turn', id, 'claims', 0, 'survived', 0)
end
redis.call('ZADD', busy, now, thread)
return {
  'run', id, redis.call('HGET', messages, id), redis.call('HINCRBY', lease, 'claims', 1),
  tonumber(redis.call('HGET', lease, 'survived')), redis.call('SISMEMBER', stops, id),
}
`)

/** Keeps the result of a step. → 'lost' | 'kept' | 'stop' (kept, and a person wants the turn stopped) */
export const putScript = defineScript(`
local lease, journal, stops = unpack(KEYS)
local token, id, step, value, ttlMs = unpack(ARGV)
if redis.call('HGET', lease, 'token') ~= token then
  return 'lost'
end
redis.call('HSET', journal, step, value)
redis.call('PEXPIRE', journal, ttlMs)
return redis.call('SISMEMBER', stops, id) == 1 and 'stop' or 'kept'
`)

/**
 * Writes further keys. `first` and `argument`: the first of them in KEYS, and its first of four arguments in ARGV: field
 * or '', 'set', 'remove' or 'add', value, life in ms.
 */
const writeKeys = `
local function write(first, argument)
  for index = first, #KEYS do
    local key = KEYS[index]
    local at = argument + (index - first) * 4
    local field, action, value, ttlMs = unpack(ARGV, at, at + 3)
    if action == 'remove' then
      if field == '' then redis.call('UNLINK', key) else redis.call('HDEL', key, field) end
    elseif field == '' then
      redis.call('SET', key, value, 'PX', ttlMs)
    else
      redis.call(action == 'add' and 'HINCRBY' or 'HSET', key, field, value)
      redis.call('PEXPIRE', key, ttlMs)
    end
  end
end
`

/** Writes under the lease of a turn that goes on. → 'lost' | 'ended' | 'done' */
export const writeScript = defineScript(`${writeKeys}
local lease, token, id = KEYS[1], ARGV[1], ARGV[2]
if redis.call('HGET', lease, 'token') ~= token then
  return 'lost'
end
if redis.call('HGET', lease, 'turn') ~= id then
  return 'ended'
end
write(2, 3)
return 'done'
`)

/**
 * The end of a turn: the message leaves the inbox, the end waits for delivery, and what the turn changed is written. A
 * dead letter that is not '' is kept as well. Bears repetition. → 'lost' | 'done'
 */
export const commitScript = defineScript(`${writeKeys}
local lease, inbox, outbox, ends, stops, journal, dead = unpack(KEYS, 1, 7)
local token, id, ending, letter, mostDead = unpack(ARGV, 1, 5)
if redis.call('HGET', lease, 'token') ~= token then
  return 'lost'
end
if redis.call('LINDEX', inbox, 0) ~= id then
  return redis.call('HEXISTS', ends, id) == 1 and 'done' or 'lost'
end
redis.call('LPOP', inbox)
redis.call('RPUSH', outbox, id)
redis.call('HSET', ends, id, ending)
redis.call('SREM', stops, id)
redis.call('DEL', journal)
redis.call('HDEL', lease, 'turn', 'claims', 'survived')
if letter ~= '' then
  redis.call('LPUSH', dead, letter)
  redis.call('LTRIM', dead, 0, mostDead - 1)
end
write(8, 6)
return 'done'
`)

/** The end has reached the person: nothing of the turn is left. → 'lost' | 'done' */
export const deliveredScript = defineScript(`
local lease, messages, outbox, ends = unpack(KEYS)
local token, id = unpack(ARGV)
if redis.call('HGET', lease, 'token') ~= token then
  return 'lost'
end
if redis.call('LINDEX', outbox, 0) == id then
  redis.call('LPOP', outbox)
  redis.call('HDEL', ends, id)
  redis.call('HDEL', messages, id)
end
return 'done'
`)

/** The process lets go of a turn alive, so that the turn is not to blame; whoever owns the thread by now keeps it. */
export const releaseScript = defineScript(`
local lease = KEYS[1]
local token, id = unpack(ARGV)
if redis.call('HGET', lease, 'turn') == id then
  redis.call('HINCRBY', lease, 'survived', 1)
end
if redis.call('HGET', lease, 'token') == token then
  redis.call('HDEL', lease, 'token')
end
return 'done'
`)

/** Marks a turn, or with '' the first one, to be stopped. → its id, or '' when no such turn waits for its end */
export const stopScript = defineScript(`
local inbox, stops = unpack(KEYS)
local id, ttlMs = unpack(ARGV)
if id == '' then
  id = redis.call('LINDEX', inbox, 0)
elseif not redis.call('LPOS', inbox, id) then
  id = false
end
if not id then
  return ''
end
redis.call('SADD', stops, id)
redis.call('PEXPIRE', stops, ttlMs)
return id
`)
