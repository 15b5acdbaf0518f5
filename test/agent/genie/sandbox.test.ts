import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sandboxCredentials, sandboxSpaceIds, type Workspace } from '../../../sandbox/databricks/contract.ts'
import type { Fault, FaultPlan } from '../../../sandbox/databricks/faults.ts'
import { createWorkspace } from '../../../sandbox/databricks/workspace.ts'
import { createChatModel } from '../../../src/agent/chat-model/databricks.ts'
import { createGenie } from '../../../src/agent/genie/databricks-genie.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { createCredentials } from '../../../src/lib/databricks/credentials.ts'
import { createDatabricksRest, type DatabricksRest } from '../../../src/lib/databricks/rest.ts'
import { createHttpClient, type HttpClient } from '../../../src/lib/http.ts'
import { Secret } from '../../../src/lib/secret.ts'
import { freePort } from '../../support/free-port.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { rejection } from '../../support/rejection.ts'

/** The clients against a workspace that really runs SQL and was written from the documentation by another hand. */
const { signal } = new AbortController()
const spaceId = sandboxSpaceIds.sales
const question = 'What were Q4 2023 sales by region?'
let workspace: Workspace
let http: HttpClient

beforeAll(async () => {
  http = createHttpClient()
  workspace = await createWorkspace({ brain: async () => ({ content: 'EMEA leads.' }), today: '2026-11-22' })
  await workspace.ready()
})

afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
  await http[Symbol.asyncDispose]()
})

function restTo(host: string, signIn: 'pat' | 'oauth' = 'pat', clock = systemClock): DatabricksRest {
  const { token, clientId, clientSecret } = sandboxCredentials
  const who = signIn === 'pat' ? { token: new Secret(token) } : { clientId, clientSecret: new Secret(clientSecret) }
  const credentials = createCredentials({ host, http, clock, ...who })
  return createDatabricksRest({ host, credentials, http, clock })
}

/** Waits of the client pass at once; the workspace goes by its own time. */
function impatientGenie(host = workspace.url) {
  const clock = createManualClock(Date.now(), { autoAdvance: true })
  return createGenie({ rest: restTo(host, 'pat', clock), clock, timeoutMs: 3_600_000 })
}

function plan(...plans: readonly FaultPlan[]): void {
  workspace.faults.clear()
  for (const each of plans) workspace.faults.add(each)
}

const asked = () =>
  workspace.requests.filter(({ method, path }) => method === 'POST' && /start-conversation$|messages$/.test(path))
    .length

describe('Genie against the sandbox workspace', () => {
  it('answers with typed rows and follows up in the conversation', async () => {
    plan()
    const genie = createGenie({ rest: restTo(workspace.url), clock: systemClock, timeoutMs: 60_000 })
    const statuses: string[] = []

    const first = await genie.ask({ spaceId, question, onStatus: (status) => statuses.push(status) }, signal)
    const second = await genie.ask({ spaceId, conversationId: first.conversationId, question: 'only EMEA' }, signal)

    if (first.kind !== 'table' || second.kind !== 'table') throw new Error('expected two tables')
    expect(first.table.columns.map(({ type }) => type)).toContain('number')
    expect(first.table.rows.length).toBeGreaterThan(1)
    expect(first.table.sql).toMatch(/select/i)
    expect(statuses.at(-1)).toBe('COMPLETED')
    expect(second.conversationId).toBe(first.conversationId)
    expect(second.table.rows.length).toBeLessThan(first.table.rows.length)
    const emea = (table: typeof first.table) => table.rows.find((row) => row.includes('EMEA'))
    expect(emea(first.table)).toBeDefined()
  })

  it('does not blame Genie for a workspace that cannot be reached', async () => {
    const genie = impatientGenie(`http://127.0.0.1:${await freePort()}`)

    await expect(genie.ask({ spaceId, question }, signal)).rejects.toMatchObject({
      code: 'unavailable',
      userMessage: 'Databricks cannot be reached right now. Please try again in a moment.',
    })
  })

  it('signs in as a service principal', async () => {
    plan()
    const genie = createGenie({ rest: restTo(workspace.url, 'oauth'), clock: systemClock, timeoutMs: 60_000 })

    await expect(genie.getSpace(spaceId, signal)).resolves.toMatchObject({ spaceId })
  })

  it('passes on a question back', async () => {
    plan()

    const answer = await impatientGenie().ask({ spaceId, question: 'What is the weather in Paris?' }, signal)

    expect(answer.kind).toBe('text')
  })

  it('keeps away from a space it may not use', async () => {
    plan()

    await expect(rejection(impatientGenie().getSpace(sandboxSpaceIds.finance, signal))).resolves.toMatchObject({
      code: 'not-found',
    })
    await expect(
      rejection(impatientGenie().ask({ spaceId: sandboxSpaceIds.finance, question }, signal)),
    ).resolves.toMatchObject({
      code: expect.stringMatching(/no-access|not-found/),
    })
  })

  it.each<[string, readonly FaultPlan[]]>([
    ['a lost reply', [{ on: 'genie.ask', fault: { kind: 'reply-lost' } }]],
    ['an unknown status', [{ on: 'genie.message', fault: { kind: 'message-status', status: 'REFLECTING' }, times: 2 }]],
    ['polls that fail', [{ on: 'genie.message', fault: { kind: 'status', status: 503 }, times: 4 }]],
    ['polls that break', [{ on: 'genie.message', fault: { kind: 'reset' }, times: 2 }]],
    [
      'rows that are late',
      [{ on: 'genie.query-result', fault: { kind: 'statement-state', state: 'RUNNING' }, times: 3 }],
    ],
    ['rows that are gone', [{ on: 'genie.message', fault: { kind: 'result-expired' } }]],
    ['a closed statement', [{ on: 'genie.query-result', fault: { kind: 'statement-state', state: 'CLOSED' } }]],
    ['a correction', [{ on: 'genie.ask', fault: { kind: 'self-correction' } }]],
    [
      'a limit that passes',
      [{ on: 'genie.ask', fault: { kind: 'rate-limited', shape: 'envelope', retryAfterSeconds: 12 } }],
    ],
  ])('gets over %s with one question asked', async (what, plans) => {
    plan()
    const calm = await impatientGenie().ask({ spaceId, question }, signal)
    plan(...plans)
    const before = asked()
    const seenBefore = workspace.requests.length

    const answer = await impatientGenie().ask({ spaceId, question }, signal)

    if (answer.kind !== 'table' || calm.kind !== 'table') throw new Error('expected tables')
    expect(answer.table.rows).toEqual(calm.table.rows)
    const refused = plans.some(({ fault }) => fault.kind === 'rate-limited') ? 1 : 0
    expect(asked() - before - refused).toBe(1)
    const paths = workspace.requests.slice(seenBefore).map(({ path }) => path)
    expect(paths.some((path) => path.includes('execute-query'))).toBe(/gone|closed/.test(what))
    expect(paths.some((path) => path.includes('/conversations?'))).toBe(what === 'a lost reply')
  })

  it.each<[Fault, string]>([
    [{ kind: 'message-failed', type: 'SQL_EXECUTION_EXCEPTION', error: '[INSUFFICIENT_PERMISSIONS] no' }, 'no-access'],
    [{ kind: 'message-failed', type: 'RATE_LIMIT_EXCEEDED_GENERIC_EXCEPTION', error: 'busy' }, 'rate-limited'],
    [{ kind: 'message-cancelled' }, 'cancelled'],
    [{ kind: 'message-stuck' }, 'timeout'],
    [{ kind: 'login-redirect' }, 'no-access'],
    [{ kind: 'html' }, 'no-access'],
    [{ kind: 'status', status: 404, body: { error_code: 'RESOURCE_DOES_NOT_EXIST', message: 'no' } }, 'not-found'],
    [{ kind: 'rate-limited', shape: 'string', retryAfterSeconds: 300 }, 'rate-limited'],
  ])('reports %j as %s', async (fault, code) => {
    plan({ on: 'genie.ask', fault })

    const error = await rejection(impatientGenie().ask({ spaceId, question }, signal))

    expect(error).toMatchObject({ name: 'GenieError', code, userMessage: expect.stringMatching(/^[A-Z].*\.$/) })
  })
})

describe('the chat model against the sandbox workspace', () => {
  const hello = { messages: [{ role: 'user', content: 'Hello' }] } as const

  function chatModel() {
    const clock = createManualClock(Date.now(), { autoAdvance: true })
    const rest = restTo(workspace.url, 'pat', clock)
    return createChatModel({ name: 'sandbox-analyst', rest, clock, maxTokens: 500, temperature: 0, timeoutMs: 60_000 })
  }

  it.each<[string, readonly FaultPlan[]]>([
    ['a plain reply', []],
    ['content in parts', [{ on: 'chat.completion', fault: { kind: 'content-parts' } }]],
    ...(['documented', 'envelope', 'gateway', 'string', 'empty'] as const).map(
      (shape): [string, readonly FaultPlan[]] => [
        `a 429 of shape ${shape}`,
        [{ on: 'chat.completion', fault: { kind: 'rate-limited', shape, retryAfterSeconds: 2 } }],
      ],
    ),
  ])('reads the text after %s', async (_what, plans) => {
    plan(...plans)

    await expect(chatModel().complete(hello, signal)).resolves.toMatchObject({
      text: 'EMEA leads.',
      finishReason: 'stop',
    })
  })

  it.each<[Fault, string]>([
    [{ kind: 'malformed-json' }, 'bad-answer'],
    [{ kind: 'reply-lost' }, 'unavailable'],
    [{ kind: 'html' }, 'no-access'],
    [{ kind: 'status', status: 500 }, 'unavailable'],
  ])('reports %j as %s', async (fault, code) => {
    plan({ on: 'chat.completion', fault })

    await expect(rejection(chatModel().complete(hello, signal))).resolves.toMatchObject({
      name: 'ChatModelError',
      code,
    })
  })
})
