import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { Secret } from '../../src/lib/secret.ts'
import { createRedactor } from '../../src/mlflow/redact.ts'
import { createManualClock } from '../support/manual-clock.ts'
import type { ProxiedRequest } from './proxy.ts'
import { aTurn, question, runTurn, setUp, soon, type SetUp } from './set-up.ts'

const tokens = '{"input_tokens": 150, "output_tokens": 30, "total_tokens": 180}'

describe('a turn while MLflow is down', () => {
  it('is not disturbed, waits on disk for its owner only, and is sent once MLflow is back', async () => {
    const clock = createManualClock(Date.now())
    await using context = await setUp({ clock })
    context.proxy.decide = () => 'refuse'
    const tracing = await context.startTracing()

    const { traceId, traceUrl, runId } = await runTurn(tracing)
    await tracing.flush(soon())

    expect(await runId).toBe('')
    expect(traceUrl).toBe('')
    const [file = ''] = await context.spooled()
    expect(file).toContain(traceId)
    expect((await stat(join(context.spoolDir, file, 'record.json'))).mode & 0o777).toBe(0o600)
    expect(await context.mlflow.trace(traceId)).toBeUndefined()

    context.proxy.decide = () => 'pass'
    await clock.advance(60_000)
    await tracing.flush(soon())

    expect(await context.spooled()).toEqual([])
    const trace = await context.mlflow.trace(traceId)
    expect(trace?.metadata['mlflow.trace.tokenUsage']).toBe(tokens)
    const [run] = await context.mlflow.runsOfExperiment(trace?.experimentId ?? '')
    expect(run).toMatchObject({ status: 'FINISHED', tags: { 'deckhand.trace_id': traceId } })
    expect(await context.mlflow.tracesOfRun(trace?.experimentId ?? '', run?.id ?? '')).toEqual([traceId])
    expect(messages(context, 'warn')).toEqual([
      'MLflow takes no traces right now: they wait on disk and are sent later',
    ])
    expect(messages(context, 'info')).toEqual(['MLflow takes traces again'])
  })

  it('still gets its link when an earlier start has learnt the experiment', async () => {
    await using context = await setUp()
    await (await context.startTracing())[Symbol.asyncDispose]()
    const experimentId = await context.mlflow.experimentId(context.experimentName)
    context.proxy.decide = () => 'refuse'

    const tracing = await context.startTracing()

    expect((await runTurn(tracing)).traceUrl).toContain(`/#/experiments/${experimentId}/traces?`)
  })

  it('is sent by the next start, in the order in which turns ended', async () => {
    await using context = await setUp()
    context.proxy.decide = () => 'refuse'
    const first = await context.startTracing()
    const traceIds: string[] = []
    for (const name of ['one', 'two', 'three'])
      traceIds.push((await runTurn(first, { ...aTurn, question: name })).traceId)
    await first[Symbol.asyncDispose]()
    expect(await context.spooled()).toHaveLength(3)

    const before = context.proxy.requests.length
    context.proxy.decide = () => 'pass'
    const next = await context.startTracing()
    await next.flush(soon())

    expect(await context.spooled()).toEqual([])
    const sent = context.proxy.requests.slice(before).filter((request) => request.path === '/api/3.0/mlflow/traces')
    expect(sent.map((request) => traceIdOf(request))).toEqual(traceIds)
  })

  it('is not sent to another server than it was made for', async () => {
    await using elsewhere = await setUp()
    await using context = await setUp()
    context.proxy.decide = () => 'refuse'
    const first = await context.startTracing()
    await runTurn(first)
    await first[Symbol.asyncDispose]()

    const other = await context.startTracing({}, { settings: { trackingUri: elsewhere.proxy.url } })
    await other.flush(soon())

    expect(elsewhere.proxy.calls().filter((call) => call.includes('/traces'))).toEqual([])
    expect(await context.spooled()).toHaveLength(1)
    expect(context.logged).toContainEqual({
      level: 'info',
      fields: { place: context.proxy.url, waiting: 1 },
      message: 'Unsent traces wait for another MLflow server',
    })
  })
})

describe('a turn while MLflow hangs', () => {
  it('ends before MLflow has answered anything, and so does flush when its signal aborts', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing()
    context.proxy.decide = () => 'hang'
    const asked = context.proxy.arrival('POST /api/2.0/mlflow/runs/create')

    const { traceId } = await tracing.turn(aTurn, async (trace) => {
      await asked
      return trace
    })
    const patience = new AbortController()
    const flushed = tracing.flush(patience.signal)
    patience.abort()
    await flushed

    expect((await context.spooled()).map((name) => name.includes(traceId))).toEqual([true])
  })

  it('gives up waiting for the run a moment after the end of the turn', async () => {
    const clock = createManualClock(Date.now())
    await using context = await setUp({ clock })
    const tracing = await context.startTracing()
    context.proxy.decide = () => 'hang'

    const { runId } = await runTurn(tracing)
    await clock.advance(1500)

    expect(await runId).toBe('')
  })

  it('closes at once, and leaves the trace to the next start', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing()
    context.proxy.decide = () => 'hang'
    const { traceId } = await runTurn(tracing)

    await tracing[Symbol.asyncDispose]()
    context.proxy.decide = () => 'pass'
    const next = await context.startTracing()
    await next.flush(soon())

    expect((await context.mlflow.trace(traceId))?.state).toBe('OK')
  })
})

describe('a delivery that breaks off', () => {
  const steps = [
    'POST /api/2.0/mlflow/runs/create',
    'POST /api/2.0/mlflow/runs/log-batch',
    'POST /api/3.0/mlflow/traces',
    'POST /v1/traces',
    'POST /api/2.0/mlflow/runs/update',
  ]

  it.each(steps)('is repeated without a second run or doubled totals when the answer is lost: %s', async (step) => {
    const clock = createManualClock(Date.now())
    await using context = await setUp({ clock })
    const tracing = await context.startTracing()
    let lost = 0
    context.proxy.decide = (request) => {
      if (lost > 0 || nameOf(request) !== step) return 'pass'
      lost += 1
      return 'lose-reply'
    }

    const { traceId } = await runTurn(tracing)
    await tracing.flush(soon())
    await clock.advance(60_000)
    await tracing.flush(soon())

    expect(lost).toBe(1)
    expect(await context.spooled()).toEqual([])
    const trace = await context.mlflow.trace(traceId)
    expect(trace?.metadata['mlflow.trace.tokenUsage']).toBe(tokens)
    expect(trace?.metadata['mlflow.trace.cost']).toContain('"total_cost": 0.0009')
    expect(trace?.spans).toHaveLength(7)
    const runs = await context.mlflow.runsOfExperiment(trace?.experimentId ?? '')
    expect(runs.map((run) => [run.status, run.params])).toEqual([['FINISHED', { question }]])
    expect(await context.mlflow.tracesOfRun(trace?.experimentId ?? '', runs[0]?.id ?? '')).toEqual([traceId])
  })

  it('keeps a feedback that came between, when the trace is sent again', async () => {
    const clock = createManualClock(Date.now())
    await using context = await setUp({ clock })
    const tracing = await context.startTracing()
    let lost = 0
    context.proxy.decide = (request) => {
      if (lost > 0 || nameOf(request) !== 'POST /v1/traces') return 'pass'
      lost += 1
      return 'lose-reply'
    }
    const { traceId } = await runTurn(tracing)
    await tracing.flush(soon())
    await context.mlflow.post(`/api/3.0/mlflow/traces/${traceId}/assessments`, {
      assessment: {
        assessment_name: 'user_rating',
        trace_id: traceId,
        source: { source_type: 'HUMAN', source_id: 'ann' },
        feedback: { value: true },
      },
    })

    await clock.advance(60_000)
    await tracing.flush(soon())

    const trace = await context.mlflow.trace(traceId)
    expect(trace?.assessments).toEqual(['user_rating'])
    expect(trace?.tags).toMatchObject({ 'mlflow.trace.spansLocation': 'TRACKING_STORE', platform: 'slack' })
  })

  it('waits as long as the server asks for', async () => {
    const clock = createManualClock(Date.now())
    await using context = await setUp({ clock })
    const tracing = await context.startTracing()
    let refused = 0
    context.proxy.decide = (request) => {
      if (refused > 0 || nameOf(request) !== 'POST /v1/traces') return 'pass'
      refused += 1
      return { status: 429, headers: { 'retry-after': '40' }, text: 'slow down' }
    }
    await runTurn(tracing)
    await tracing.flush(soon())

    await clock.advance(39_000)
    await tracing.flush(soon())
    expect(await context.spooled()).toHaveLength(1)

    await clock.advance(1000)
    await tracing.flush(soon())
    expect(await context.spooled()).toEqual([])
  })

  it('sets a trace aside that the server will never take, and sends the next', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing()
    const [bad, good] = ['bad', 'good'].map((name) => ({ ...aTurn, sessionId: name }))
    context.proxy.decide = (request) =>
      nameOf(request) === 'POST /v1/traces' && request.body.includes('bad')
        ? {
            status: 400,
            headers: { 'content-type': 'application/json' },
            text: '{"detail":"Invalid OpenTelemetry format"}',
          }
        : 'pass'

    const refused = await runTurn(tracing, bad)
    const taken = await runTurn(tracing, good)
    await tracing.flush(soon())

    expect((await context.rejected()).map((name) => name.includes(refused.traceId))).toEqual([true])
    expect(await context.spooled()).toEqual([])
    expect((await context.mlflow.trace(taken.traceId))?.spans).toHaveLength(7)
    expect(messages(context, 'error')).toEqual(['MLflow does not take a trace: set aside'])
  })

  it('does not let one trace on which the server fails hold back the others', async () => {
    const clock = createManualClock(Date.now())
    await using context = await setUp({ clock })
    const tracing = await context.startTracing()
    context.proxy.decide = (request) =>
      nameOf(request) === 'POST /v1/traces' && request.body.includes('poison') ? { status: 500, text: 'oops' } : 'pass'

    await runTurn(tracing, { ...aTurn, sessionId: 'poison' })
    const { traceId } = await runTurn(tracing)
    for (let minute = 0; minute < 6; minute += 1) {
      await tracing.flush(soon())
      await clock.advance(60_000)
    }
    await tracing.flush(soon())

    expect((await context.mlflow.trace(traceId))?.state).toBe('OK')
    expect(await context.rejected()).toHaveLength(1)
  })

  it('opens another run when MLflow has lost the first', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing()
    const traceId = await tracing.turn(aTurn, async (trace) => {
      const runId = await trace.runId
      await context.mlflow.post('/api/2.0/mlflow/runs/delete', { run_id: runId })
      return trace.traceId
    })
    await tracing.flush(soon())

    const trace = await context.mlflow.trace(traceId)
    const runs = await context.mlflow.runsOfExperiment(trace?.experimentId ?? '')
    expect(runs.map((run) => run.status)).toEqual(['FINISHED'])
    expect(trace?.metadata['mlflow.sourceRun']).toBe(runs[0]?.id)
  })
})

describe('a process that is killed in the middle of a turn', () => {
  it('leaves a failed trace and run behind, which the next process sends', async () => {
    await using context = await setUp()
    const script = fileURLToPath(import.meta.resolve('./killed-turn.ts'))
    const args = [script, context.proxy.url, context.experimentName, context.spoolDir]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = (await once(child.stdout, 'data')) as [Buffer]
    const { traceId, runId } = JSON.parse(String(line)) as { readonly traceId: string; readonly runId: string }
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect((await context.mlflow.run(runId)).status).toBe('RUNNING')

    const next = await context.startTracing()
    await next.flush(soon())

    expect((await context.mlflow.run(runId)).status).toBe('FAILED')
    const trace = await context.mlflow.trace(traceId)
    expect(trace).toMatchObject({ state: 'ERROR', requestPreview: question, metadata: { 'mlflow.sourceRun': runId } })
    expect(trace?.spans.map((span) => span.name)).toEqual(['agent_orchestration'])
    expect(await context.spooled()).toEqual([])
  })
})

describe('a spool shared by several processes', () => {
  it('is sent once, by all of them together', async () => {
    await using context = await setUp()
    context.proxy.decide = () => 'refuse'
    const down = await context.startTracing()
    const traceIds: string[] = []
    for (let number = 0; number < 8; number += 1) traceIds.push((await runTurn(down)).traceId)
    await down[Symbol.asyncDispose]()
    context.proxy.decide = () => 'pass'

    const all = await Promise.all([1, 2, 3].map(() => context.startTracing()))
    await Promise.all(all.map((tracing) => tracing.flush(soon())))

    const sent = context.proxy.requests.filter((request) => request.path === '/api/3.0/mlflow/traces').map(traceIdOf)
    expect(sent.toSorted()).toEqual(traceIds.toSorted())
    expect(await context.spooled()).toEqual([])
  })
})

describe('a server that does not take OTLP', () => {
  it.each([404, 405, 415, 501])(
    'gets the spans as an artifact, which MLflow shows as well: status %i',
    async (status) => {
      await using context = await setUp()
      const tracing = await context.startTracing()
      context.proxy.decide = (request) => (nameOf(request) === 'POST /v1/traces' ? { status, text: 'no' } : 'pass')

      const { traceId } = await runTurn(tracing)
      await tracing.flush(soon())

      const trace = await context.mlflow.trace(traceId)
      expect(trace?.spans.map((span) => span.name)).toEqual([
        'agent_orchestration',
        'intent_analysis',
        'call_llm',
        'tool_execution_loop',
        'tool_call_1_query_genie',
        'tool_synthesis',
        'call_llm',
      ])
      expect(trace?.spans[0]?.attributes).toMatchObject({
        'mlflow.spanInputs': aTurn.inputs,
        'mlflow.spanType': 'AGENT',
      })
      expect(trace?.metadata['mlflow.trace.tokenUsage']).toBe(tokens)
    },
  )

  it('is not asked at all with backend artifact, and keeps traces on disk with backend otlp', async () => {
    await using context = await setUp()
    context.proxy.decide = (request) => (nameOf(request) === 'POST /v1/traces' ? { status: 404, text: 'no' } : 'pass')

    const artifact = await context.startTracing({ backend: 'artifact' })
    await runTurn(artifact)
    await artifact.flush(soon())
    expect(context.proxy.calls()).not.toContain('POST /v1/traces')
    expect(await context.spooled()).toEqual([])
    await artifact[Symbol.asyncDispose]()

    const otlp = await context.startTracing({ backend: 'otlp' })
    await runTurn(otlp)
    await otlp.flush(soon())
    expect(await context.spooled()).toHaveLength(1)
  })
})

describe('a server that refuses us', () => {
  it('is explained to the operator when it does not know its own name', async () => {
    await using context = await setUp()
    context.proxy.decide = () => ({
      status: 403,
      text: 'Invalid Host header - possible DNS rebinding attack detected',
    })
    const tracing = await context.startTracing()

    await runTurn(tracing)
    await tracing.flush(soon())

    const { host } = new URL(context.proxy.url)
    const warning = context.logged.find((line) => line.level === 'warn')
    expect(JSON.stringify(warning?.fields)).toContain(`--allowed-hosts \\"${host}\\"`)
    expect(await context.spooled()).toHaveLength(1)
  })

  it.each([
    { status: 401, text: 'You are not authenticated' },
    { status: 302, headers: { location: 'https://login.example/?token=abc' }, text: '' },
    { status: 200, text: '<html>Sign in</html>' },
  ])('keeps the trace and never throws: status $status', async (answer) => {
    await using context = await setUp()
    context.proxy.decide = () => answer
    const tracing = await context.startTracing()

    await runTurn(tracing)
    await tracing.flush(soon())

    expect(await context.spooled()).toHaveLength(1)
    expect(JSON.stringify(context.logged)).not.toContain('token=abc')
  })
})

describe('credentials and secrets', () => {
  it.each([
    [{ token: new Secret('tok-123456') }, 'Bearer tok-123456'],
    [
      { username: 'ann', password: new Secret('pass-12345'), token: new Secret('tok-123456') },
      `Basic ${btoa('ann:pass-12345')}`,
    ],
  ])('go into the authorization header of every request', async (settings, expected) => {
    await using context = await setUp()
    const tracing = await context.startTracing({}, { settings })

    await runTurn(tracing)
    await tracing.flush(soon())

    expect(new Set(context.proxy.requests.map((request) => request.headers.authorization))).toEqual(new Set([expected]))
  })

  it('appear nowhere in what is written to disk or sent, wherever they were planted', async () => {
    await using context = await setUp()
    const secret = 'dapi-"s3cret\\token"/+é'
    const tracing = await context.startTracing(
      {},
      { redact: createRedactor([new Secret(secret)]), settings: { token: new Secret('tok-of-mlflow') } },
    )
    const planted = `see ${secret} and tok-of-mlflow here`
    context.proxy.decide = (request) => (request.path.startsWith('/v1/') ? { status: 503, text: '' } : 'pass')

    const turn = tracing.turn(
      {
        question: planted,
        sessionId: planted,
        userId: planted,
        inputs: { [planted]: [planted] },
        tags: { [planted]: planted },
      },
      async (_trace, root) => {
        root.setOutputs({ answer: planted, nested: [{ deep: planted }] })
        root.setAttributes({ note: planted, [planted]: 1 })
        await tracing.span(planted, 'CHAT_MODEL', planted, async (span) => {
          span.setUsage({ model: planted, inputTokens: 1, outputTokens: 1, inputCostUsd: 0, outputCostUsd: 0 })
        })
        throw new Error(planted, { cause: new Error(JSON.stringify({ url: encodeURIComponent(secret), secret })) })
      },
    )
    await expect(turn).rejects.toThrow()
    await tracing.flush(soon())
    const [file = ''] = await context.spooled()
    const onDisk = await readFile(join(context.spoolDir, file, 'record.json'), 'utf8')
    await tracing[Symbol.asyncDispose]()
    context.proxy.decide = () => 'pass'
    const next = await context.startTracing()
    await next.flush(soon())

    const onTheWire = context.proxy.requests.map((request) => `${request.path}\n${request.body.toString('utf8')}`)
    expect(onTheWire.some((text) => text.startsWith('/v1/traces'))).toBe(true)
    expect(await context.spooled()).toEqual([])
    for (const text of [onDisk, ...onTheWire, JSON.stringify(context.logged)]) {
      for (const trace of ['s3cret', 'tok-of-mlflow']) expect(text).not.toContain(trace)
    }
    expect(onDisk).toContain('[secret]')
  })
})

describe('texts that a database would refuse', () => {
  it('are made storable: NUL, half an emoji, a very long input', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing()
    const half = '😀'.slice(0, 1)
    const odd = `a\0b${half}c`

    const traceId = await tracing.turn(
      { ...aTurn, question: `${'x'.repeat(996)}😀${'y'.repeat(9)}`, inputs: { odd, long: 'z'.repeat(2_000_000) } },
      async (trace, root) => {
        root.setAttributes({ odd })
        root.setOutputs(odd)
        return trace.traceId
      },
    )
    await tracing.flush(soon())

    const trace = await context.mlflow.trace(traceId)
    expect(trace?.spans[0]?.attributes).toMatchObject({ odd: 'ab\uFFFDc', 'mlflow.spanOutputs': 'ab\uFFFDc' })
    expect(String(trace?.spans[0]?.attributes['mlflow.spanInputs'])).toMatch(/z\.\.\. \(2\d{6} characters in all\)$/)
    expect(trace?.requestPreview).toBe(`${'x'.repeat(996)}...`)
  })
})

describe('a tracking_uri that is no address', () => {
  it('leaves traces on disk and says so once', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing({}, { settings: { trackingUri: 'databricks' } })

    const { traceId, traceUrl, runId } = await runTurn(tracing)
    await tracing.flush(soon())

    expect([traceId.startsWith('tr-'), traceUrl, await runId]).toEqual([true, '', ''])
    expect(await context.spooled()).toHaveLength(1)
    expect(messages(context, 'warn')).toHaveLength(1)
  })
})

function nameOf(request: ProxiedRequest): string {
  return `${request.method} ${request.path}`
}

function traceIdOf(request: ProxiedRequest): string {
  return /tr-[0-9a-f]{32}/.exec(request.body.toString())?.[0] ?? ''
}

function messages(context: SetUp, level: 'info' | 'warn' | 'error'): string[] {
  return context.logged.filter((line) => line.level === level).map((line) => line.message)
}
