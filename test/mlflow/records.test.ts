import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { createHttpClient } from '../../src/lib/http.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { Secret } from '../../src/lib/secret.ts'
import type { Assessment } from '../../src/mlflow/assessment.ts'
import { chooseBackend } from '../../src/mlflow/choose-backend.ts'
import { createMlflowRecords, type MlflowRecords } from '../../src/mlflow/records.ts'
import { createRedactor } from '../../src/mlflow/redact.ts'
import type { Tracing, TurnTrace } from '../../src/mlflow/tracing.ts'
import { rejection } from '../support/rejection.ts'
import { aTurn, runTurn, setUp, soon, type SetUp } from './set-up.ts'

interface Started extends AsyncDisposable {
  readonly set: SetUp
  readonly tracing: Tracing
  readonly records: MlflowRecords
  /** A turn that MLflow has. */
  turn(tags?: Readonly<Record<string, string>>, sessionId?: string): Promise<TurnTrace>
}

async function start(): Promise<Started> {
  await using parts = new AsyncDisposableStack()
  const set = parts.use(await setUp())
  const http = parts.use(createHttpClient())
  const deps = { http, clock: systemClock, log: silentLogger }
  const backend = chooseBackend({ trackingUri: set.proxy.url, spanFormat: 'auto' }, deps)
  if (!backend) throw new Error('There is no backend for the test server')
  const redact = createRedactor([new Secret('hunter2-secret')])
  const records = createMlflowRecords({ backend, experimentName: set.experimentName, redact })
  const tracing = await set.startTracing()
  const owned = parts.move()
  return {
    set,
    tracing,
    records,
    async turn(tags = {}, sessionId = aTurn.sessionId) {
      const trace = await runTurn(tracing, { ...aTurn, sessionId, tags: { ...aTurn.tags, ...tags } })
      await tracing.flush(soon())
      return trace
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

const ann: Assessment = {
  name: 'user_rating',
  source: { type: 'HUMAN', id: 'ann' },
  value: false,
  rationale: 'Wrong quarter',
}

describe('assessments on a real server', () => {
  it('keep one opinion of each person: the last one overrides the earlier, others stand beside it', async () => {
    await using started = await start()
    const { traceId } = await started.turn()
    const { assessments } = started.records

    await assessments.put(traceId, ann, soon())
    await assessments.put(traceId, { ...ann, source: { type: 'HUMAN', id: 'bob' }, value: true, rationale: '' }, soon())
    await assessments.put(traceId, { ...ann, value: true, rationale: 'Oh, it was right' }, soon())

    const { feedback } = await assessments.list(traceId, soon())
    const said = feedback.map(({ source, value, isValid, rationale }) => [source.id, value, isValid, rationale])
    expect(said).toHaveLength(3)
    expect(said).toEqual(
      expect.arrayContaining([
        ['ann', false, false, 'Wrong quarter'],
        ['bob', true, true, ''],
        ['ann', true, true, 'Oh, it was right'],
      ]),
    )
  })

  it('are not doubled when the same is said again, as after a lost answer', async () => {
    await using started = await start()
    const { traceId } = await started.turn()
    const { set, records } = started
    set.proxy.decide = ({ method }) => (method === 'POST' ? 'lose-reply' : 'pass')

    const error = await rejection(records.assessments.put(traceId, ann, soon()))
    set.proxy.decide = () => 'pass'
    await records.assessments.put(traceId, ann, soon())

    expect(error).toMatchObject({ code: 'unreachable' })
    expect((await records.assessments.list(traceId, soon())).feedback).toHaveLength(1)
  })

  it('do not carry secrets that a person pasted', async () => {
    await using started = await start()
    const { traceId } = await started.turn()

    await started.records.assessments.put(traceId, { ...ann, rationale: 'my key is hunter2-secret' }, soon())

    const { feedback } = await started.records.assessments.list(traceId, soon())
    expect(feedback[0]?.rationale).toBe('my key is [secret]')
  })

  it('of a trace that MLflow does not have yet are refused as not found', async () => {
    await using started = await start()
    const unknown = `tr-${'0'.repeat(32)}`

    expect(await rejection(started.records.assessments.put(unknown, ann, soon()))).toMatchObject({ code: 'not-found' })
  })
})

describe('searching traces on a real server', () => {
  it('finds turns by tag, by a part of a tag, by thread and by run, newest first', async () => {
    await using started = await start()
    const first = await started.turn({ turn_id: 'slack-T1-C1-1700000001.000100' }, 'thread-1')
    const second = await started.turn({ turn_id: 'slack-T1-C1-1700000002.000200' }, 'thread-1')
    const other = await started.turn({ turn_id: "it's" }, 'thread-2')
    const { traces } = started.records
    const { id } = await started.records.experiment(soon())
    const idsOf = async (filter: Parameters<typeof traces.find>[1]): Promise<string[]> =>
      (await traces.find(id, filter, soon())).map(({ traceId }) => traceId)

    expect(await idsOf({ tags: { turn_id: 'slack-T1-C1-1700000002.000200' } })).toEqual([second.traceId])
    expect(await idsOf({ tags: { turn_id: { like: '%-C1-1700000001.000100%' } } })).toEqual([first.traceId])
    expect(await idsOf({ sessionId: 'thread-1' })).toEqual([second.traceId, first.traceId])
    expect(await idsOf({ runId: await other.runId })).toEqual([other.traceId])
    expect(await idsOf({ tags: { turn_id: "it's" } })).toEqual([other.traceId])
    expect(await idsOf({ sessionId: 'thread-3' })).toEqual([])
    expect(await traces.get(first.traceId, soon())).toMatchObject({
      sessionId: 'thread-1',
      question: aTurn.question,
      state: 'OK',
      runId: await first.runId,
      experimentId: id,
    })
  })
})

describe('evaluation datasets on a real server', () => {
  it('hold records by their inputs: the same question again adds to what is expected of it', async () => {
    await using started = await start()
    const { datasets } = started.records
    const { id } = await started.records.experiment(soon())
    const name = `set-${randomUUID()}`
    const { traceId } = await started.turn()
    const inputs = { question: 'Revenue in 2024?', after: ['Hello'] }

    const datasetId = await datasets.findOrCreate(name, id, soon())
    const first = await datasets.put(
      datasetId,
      [{ inputs, expectations: { a: 1 }, tags: { from: 'x' }, traceId }],
      soon(),
    )
    const again = await datasets.put(datasetId, [{ inputs, expectations: { b: [2] }, tags: {} }], soon())

    expect([first.added, again.added]).toEqual([1, 0])
    expect(await datasets.findOrCreate(name, id, soon())).toBe(datasetId)
    expect(await datasets.find(`${name}-other`, id, soon())).toBeUndefined()
    expect(await datasets.list(datasetId, soon())).toMatchObject([
      { inputs, expectations: { a: 1, b: [2] }, tags: { from: 'x' }, traceId },
    ])
  })

  it('give back all records, however many pages', async () => {
    await using started = await start()
    const { datasets } = started.records
    const { id } = await started.records.experiment(soon())
    const datasetId = await datasets.findOrCreate(`set-${randomUUID()}`, id, soon())
    const questions = Array.from({ length: 520 }, (_, index) => `question ${index}`)

    await datasets.put(
      datasetId,
      questions.map((question) => ({ inputs: { question }, expectations: {}, tags: {} })),
      soon(),
    )

    const stored = await datasets.list(datasetId, soon())
    expect(new Set(stored.map(({ inputs }) => inputs['question']))).toEqual(new Set(questions))
    expect(stored).toHaveLength(520)
  })
})

describe('evaluation runs on a real server', () => {
  it('are found by their set once they have ended, with their values, and have the turns below them', async () => {
    await using started = await start()
    const { evaluations } = started.records
    const { id } = await started.records.experiment(soon())
    const turn = await started.turn()
    const run = { experimentId: id, set: 'golden', params: { version: '7' }, tags: { who: 'me' } }
    const older = await evaluations.start({ ...run, name: 'eval-1', startedAt: 1_800_000_000_000 }, soon())
    await evaluations.finish(older, { 'passed/mean': 0.5 }, { isGood: false, at: 1_800_000_001_000 }, soon())
    const newer = await evaluations.start({ ...run, name: 'eval-2', startedAt: 1_800_000_002_000 }, soon())
    await evaluations.link(newer, [{ traceId: turn.traceId, runId: await turn.runId }], soon())
    await evaluations.start({ ...run, name: 'still-running', startedAt: 1_800_000_004_000 }, soon())

    expect(await evaluations.latest(id, 'golden', soon())).toMatchObject({
      runId: older,
      metrics: { 'passed/mean': 0.5 },
    })
    await evaluations.finish(newer, { 'case/a/right_numbers': 1 }, { isGood: true, at: 1_800_000_003_000 }, soon())
    expect(await evaluations.latest(id, 'golden', soon())).toMatchObject({
      runId: newer,
      name: 'eval-2',
      startedAt: 1_800_000_002_000,
      metrics: { 'case/a/right_numbers': 1 },
    })
    expect(await evaluations.latest(id, 'another', soon())).toBeUndefined()
    const stored = await started.set.mlflow.run(newer)
    expect(stored).toMatchObject({ status: 'FINISHED', params: { version: '7' } })
    expect(stored.tags).toMatchObject({ 'mlflow.runType': 'genai_evaluate', who: 'me', 'deckhand.eval_passed': 'true' })
    expect((await started.set.mlflow.run(await turn.runId)).tags['mlflow.parentRunId']).toBe(newer)
    expect(await started.set.mlflow.tracesOfRun(id, newer)).toEqual([turn.traceId])
  })
})

describe('what code says about a turn', () => {
  it('is beside its trace as soon as that is there, once, however often the trace is sent', async () => {
    await using started = await start()
    const { set, tracing, records } = started
    let tries = 0
    // The trace arrives, and MLflow's answer to that does not.
    set.proxy.decide = ({ path }) => (path === '/api/3.0/mlflow/traces' && (tries += 1) === 1 ? 'lose-reply' : 'pass')

    const trace = await tracing.turn(aTurn, async (turn, _root, report) => {
      const source = { type: 'CODE', id: 'deckhand' } as const
      report.assess({ name: 'data_accuracy', source, value: 0.9, rationale: 'draft' })
      report.assess({ name: 'data_accuracy', source, value: 0.96, rationale: '24 of 25 numbers rest on data' })
      report.assess({ name: 'unverified_numbers', source, value: ['12 %'], rationale: '12 % (slide 2): hunter2' })
      return turn
    })
    await expect.poll(() => tries, { timeout: 20_000 }).toBe(2)
    await tracing.flush(soon())

    const { feedback } = await records.assessments.list(trace.traceId, soon())
    const said = feedback.map(({ name, value, source, isValid }) => [name, value, source.type, isValid])
    expect(said.toSorted((a, b) => String(a[0]).localeCompare(String(b[0])))).toEqual([
      ['data_accuracy', 0.96, 'CODE', true],
      ['unverified_numbers', ['12 %'], 'CODE', true],
    ])
  })

  it('keeps numbers and loses words where contents are not captured', async () => {
    await using started = await start()
    const tracing = await started.set.startTracing({ captureInputOutput: false })

    const trace = await tracing.turn(aTurn, async (turn, _root, report) => {
      const source = { type: 'CODE', id: 'deckhand' } as const
      report.assess({ name: 'unverified_numbers', source, value: ['12 %', '7'], rationale: '12 %: we sold 12 %' })
      return turn
    })
    await tracing.flush(soon())

    const { feedback } = await started.records.assessments.list(trace.traceId, soon())
    expect(feedback).toMatchObject([{ value: 2, rationale: '' }])
  })
})
