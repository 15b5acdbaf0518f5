import { randomUUID } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { PromptContent } from '../../src/mlflow/backend.ts'
import { limits } from '../../src/mlflow/limits.ts'
import type { Tracing, TurnReport, TurnTrace } from '../../src/mlflow/tracing.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { mlflowUrl } from '../support/parts.ts'
import { aTurn, runTurn, setUp, soon } from './set-up.ts'

// Its start is no part of the first test's time.
beforeAll(() => mlflowUrl(), 120_000)

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

/** A turn that does nothing but report. */
function reportTurn(tracing: Tracing, report: (report: TurnReport) => void, info = aTurn): Promise<TurnTrace> {
  return tracing.turn(info, async (trace, _root, sink) => {
    report(sink)
    return trace
  })
}

describe("a turn's run", () => {
  it('holds what the turn reported: tags, metrics at their steps, files byte for byte', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing()
    const picture = Uint8Array.from({ length: 4000 }, (_, index) => index % 256)

    const { runId } = await reportTurn(tracing, (report) => {
      report.tag('status', 'working')
      report.tag('status', 'answered')
      report.metric('slide_count', 4)
      report.metric('slide_count', 5)
      for (const step of [1, 2, 3]) report.metric('draft_seconds', step / 10, step)
      report.metric('not_a_number', Number.NaN)
      report.artifact({ path: 'deck.json', mediaType: 'application/json', content: () => '{"title":"Umsätze 📈"}' })
      report.artifact({ path: 'previews/slide-1.png', mediaType: 'image/png', content: () => picture })
    })
    await tracing.flush(soon())
    const run = await context.mlflow.run(await runId)

    expect(run.tags['status']).toBe('answered')
    expect(run.metrics).toMatchObject({ success: 1, slide_count: 5, draft_seconds: 0.3 })
    expect(run.metrics).not.toHaveProperty('not_a_number')
    expect(
      (await context.mlflow.metricHistory(run.id, 'draft_seconds')).map(({ step, value }) => [step, value]),
    ).toEqual([
      [1, 0.1],
      [2, 0.2],
      [3, 0.3],
    ])
    expect(await context.mlflow.artifacts(run.id)).toEqual(['deck.json', 'previews/slide-1.png'])
    expect(text(await context.mlflow.artifact(run.id, 'deck.json'))).toBe('{"title":"Umsätze 📈"}')
    expect(await context.mlflow.artifact(run.id, 'previews/slide-1.png')).toEqual(picture)
  })

  it('has a step for each model call and each tool call, from the spans of its trace', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing()

    const { runId } = await runTurn(tracing)
    await tracing.flush(soon())
    const id = await runId
    const history = async (key: string): Promise<number[]> =>
      (await context.mlflow.metricHistory(id, key)).map(({ value }) => value)

    expect(await history('call_llm_input_tokens')).toEqual([100, 50])
    expect(await history('call_llm_output_tokens')).toEqual([20, 10])
    expect(await history('call_llm_latency_seconds')).toHaveLength(2)
    expect(await history('genie_row_count')).toEqual([4])
    const { metrics } = await context.mlflow.run(id)
    expect(metrics).toMatchObject({
      llm_calls_count: 2,
      tool_calls_count: 1,
      input_tokens: 150,
      output_tokens: 30,
      total_tokens: 180,
      input_cost_usd: 0.000_45,
      output_cost_usd: 0.000_45,
      total_cost_usd: 0.0009,
    })
  })

  it('asks for its files after the turn, each once, and survives one that cannot be made', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing()
    const asked: string[] = []

    const { runId } = await tracing.turn(aTurn, async (trace, _root, report) => {
      const content = (name: string) => (): string => {
        asked.push(name)
        if (name === 'broken.txt') throw new Error('cannot be drawn')
        return name
      }
      for (const path of ['a.txt', 'broken.txt', 'b.txt']) {
        report.artifact({ path, mediaType: 'text/plain', content: content(path) })
      }
      asked.push('the turn ends')
      return trace
    })
    await tracing.flush(soon())
    const run = await context.mlflow.run(await runId)

    expect(asked).toEqual(['the turn ends', 'a.txt', 'broken.txt', 'b.txt'])
    expect(await context.mlflow.artifacts(run.id)).toEqual(['a.txt', 'b.txt'])
    expect(run.tags['artifacts_left_out']).toBe('broken.txt')
  })

  it('takes nothing after the end of the turn', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing()
    let late: TurnReport | undefined

    const { runId } = await reportTurn(tracing, (report) => (late = report))
    late?.metric('late', 1)
    late?.artifact({ path: 'late.txt', mediaType: 'text/plain', content: () => 'late' })
    await tracing.flush(soon())

    expect((await context.mlflow.run(await runId)).metrics).not.toHaveProperty('late')
    expect(await context.mlflow.artifacts(await runId)).toEqual([])
  })

  it('is KILLED when a person stopped the turn, FAILED with type and message when it broke', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing()
    const runs: Promise<string>[] = []
    const endWith = async (error: Error): Promise<void> => {
      const turn = tracing.turn(aTurn, async (trace) => {
        runs.push(trace.runId)
        throw error
      })
      await expect(turn).rejects.toBe(error)
    }

    await endWith(new DOMException('Stopped by the person', 'AbortError'))
    await endWith(new RangeError('Slide 9 of 8'))
    await tracing.flush(soon())
    const [stopped, failed] = await Promise.all(runs.map(async (id) => context.mlflow.run(await id)))

    expect([stopped?.status, stopped?.metrics['success']]).toEqual(['KILLED', 0])
    expect([failed?.status, failed?.metrics['success']]).toEqual(['FAILED', 0])
    expect(failed?.tags).toMatchObject({ error_type: 'RangeError', error_message: 'RangeError: Slide 9 of 8' })
  })

  it('holds no file and no message of an error when inputs and outputs are not captured', async () => {
    await using context = await setUp()
    const run = { params: {}, tags: {}, configYaml: 'llm:\n  temperature: 0.2\n' }
    const tracing = await context.startTracing({ captureInputOutput: false }, { settings: { run } })
    let id: Promise<string> | undefined

    await tracing
      .turn(aTurn, async (trace, _root, report) => {
        id = trace.runId
        report.artifact({ path: 'deck.json', mediaType: 'application/json', content: () => '{}' })
        throw new Error('no rows for Ann Smith')
      })
      .catch(() => undefined)
    await tracing.flush(soon())
    const read = await context.mlflow.run((await id) ?? '')

    expect(await context.mlflow.artifacts(read.id)).toEqual(['run_config.yaml'])
    expect(read.params).not.toHaveProperty('question')
    expect(read.tags).toMatchObject({ error_type: 'Error' })
    expect(JSON.stringify(context.proxy.requests.map(({ body }) => body.toString()))).not.toContain('Ann Smith')
  })

  it('has CPU and memory of the machine under MLflow’s own names when that is switched on', async () => {
    const clock = createManualClock(Date.now())
    await using context = await setUp({ clock })
    const tracing = await context.startTracing({}, { settings: { logSystemMetrics: true } })

    const { runId } = await tracing.turn(aTurn, async (trace) => {
      for (let second = 0; second < 3; second += 1) await clock.advance(1000)
      return trace
    })
    await tracing.flush(soon())

    const memory = await context.mlflow.metricHistory(await runId, 'system/system_memory_usage_megabytes')
    expect(memory.map(({ step }) => step)).toEqual([0, 1, 2, 3])
    for (const { value } of memory) expect(value).toBeGreaterThan(100)
    for (const key of ['system/cpu_utilization_percentage', 'system/system_memory_usage_percentage']) {
      for (const { value } of await context.mlflow.metricHistory(await runId, key)) {
        expect(value).toBeGreaterThanOrEqual(0)
        expect(value).toBeLessThanOrEqual(100)
      }
    }
  })
})

describe('what is more than MLflow takes', () => {
  it('is cut or spread over several requests: long texts, many metrics, odd names', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing(
      {},
      {
        settings: { run: { params: { 'a param "quoted"': 'x'.repeat(7000) }, tags: { note: 'é'.repeat(9000) } } },
      },
    )

    const { runId } = await reportTurn(
      tracing,
      (report) => {
        for (let step = 1; step <= 2500; step += 1) report.metric('many', step, step)
        report.tag('k'.repeat(300), 'v')
      },
      { ...aTurn, question: 'Why? '.repeat(100) },
    )
    await tracing.flush(soon())
    const run = await context.mlflow.run(await runId)

    expect(await context.spooled()).toEqual([])
    expect(run.params['a param _quoted_']).toBe(`${'x'.repeat(limits.paramValue - 3)}...`)
    expect(run.params['question']).toHaveLength(limits.runQuestion)
    expect(run.tags['note']).toHaveLength(limits.tagValue)
    expect(run.tags[`${'k'.repeat(limits.key - 3)}...`]).toBe('v')
    expect(await context.mlflow.metricHistory(run.id, 'many')).toHaveLength(2500)
    const batches = context.proxy.requests.filter(({ path }) => path.endsWith('/runs/log-batch'))
    expect(batches).toHaveLength(3)
    for (const { body } of batches) expect(body.byteLength).toBeLessThanOrEqual(1_000_000)
  })

  it('stays out and is named: a file larger than a server should have to hold in memory', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing()

    const { runId } = await reportTurn(tracing, (report) => {
      const bytes = new Uint8Array(limits.artifactBytes + 1)
      report.artifact({ path: 'deck.pdf', mediaType: 'application/pdf', content: () => bytes })
      report.artifact({ path: 'small.pdf', mediaType: 'application/pdf', content: () => bytes.subarray(0, 10) })
    })
    await tracing.flush(soon())

    expect((await context.mlflow.run(await runId)).tags['artifacts_left_out']).toBe('deck.pdf')
    expect(await context.mlflow.artifacts(await runId)).toEqual(['small.pdf'])
  })

  it('costs the run its files only, when the server does not take them', async () => {
    await using context = await setUp()
    context.proxy.decide = ({ path }) =>
      path.includes('/mlflow-artifacts/') ? { status: 413, text: 'Request Entity Too Large' } : 'pass'
    const tracing = await context.startTracing()

    const { runId, traceId } = await reportTurn(tracing, (report) => {
      report.artifact({ path: 'deck.pdf', mediaType: 'application/pdf', content: () => new Uint8Array(10) })
    })
    await tracing.flush(soon())

    expect(await context.spooled()).toEqual([])
    expect((await context.mlflow.trace(traceId))?.spans).toHaveLength(1)
    const { status, tags } = await context.mlflow.run(await runId)
    expect(status).toBe('FINISHED')
    expect(tags['artifacts_left_out']).toContain('413')
  })
})

describe('a run while MLflow fails', () => {
  it('waits on disk with its files, and is sent whole when MLflow is back', async () => {
    await using context = await setUp()
    context.proxy.decide = () => 'refuse'
    const first = await context.startTracing()
    const { traceId } = await reportTurn(first, (report) => {
      report.tag('draft', 'none')
      report.metric('slide_count', 5)
      report.artifact({ path: 'deck.pdf', mediaType: 'application/pdf', content: () => Buffer.from('%PDF-1.7') })
    })
    await first.flush(soon())
    await first[Symbol.asyncDispose]()
    expect(await context.spooled()).toHaveLength(1)

    context.proxy.decide = () => 'pass'
    const next = await context.startTracing()
    await next.flush(soon())
    const experimentId = (await context.mlflow.experimentId(context.experimentName)) ?? ''
    const [run] = await context.mlflow.runsOfExperiment(experimentId)

    expect(await context.spooled()).toEqual([])
    expect(run?.tags).toMatchObject({ 'deckhand.trace_id': traceId, thread: aTurn.sessionId, draft: 'none' })
    // It was made with them: MLflow is not asked to look at each of them once more.
    const logged = context.proxy.requests.filter(({ path }) => path.endsWith('/runs/log-batch')).at(-1)
    expect(JSON.parse(text(logged?.body ?? Buffer.of()))).toMatchObject({ tags: [] })
    expect(run?.metrics['slide_count']).toBe(5)
    expect(text(await context.mlflow.artifact(run?.id ?? '', 'deck.pdf'))).toBe('%PDF-1.7')
  })

  it.each(['POST /api/2.0/mlflow/runs/log-batch', 'PUT /api/2.0/mlflow-artifacts', 'POST /api/2.0/mlflow/runs/update'])(
    'holds everything once, when the answer to %s is lost',
    async (lost) => {
      await using context = await setUp()
      const tracing = await context.startTracing()
      let isLost = false
      context.proxy.decide = ({ method, path }) => {
        if (isLost || !`${method} ${path}`.startsWith(lost)) return 'pass'
        isLost = true
        return 'lose-reply'
      }

      const { runId } = await tracing.turn(aTurn, async (trace, _root, report) => {
        for (const step of [1, 2, 3]) report.metric('draft_seconds', step, step)
        report.artifact({ path: 'deck.json', mediaType: 'application/json', content: () => '{}' })
        await trace.runId
        return trace
      })
      await expect.poll(() => context.spooled(), { timeout: 20_000 }).toEqual([])
      const experimentId = (await context.mlflow.experimentId(context.experimentName)) ?? ''

      expect(isLost).toBe(true)
      expect(await context.mlflow.runsOfExperiment(experimentId)).toHaveLength(1)
      expect(await context.mlflow.metricHistory(await runId, 'draft_seconds')).toHaveLength(3)
      expect(await context.mlflow.metricHistory(await runId, 'success')).toHaveLength(1)
      expect(await context.mlflow.artifacts(await runId)).toEqual(['deck.json'])
      // It was all said a second time.
      expect(context.proxy.calls().filter((call) => call.endsWith('/runs/log-batch'))).toHaveLength(2)
    },
  )
})

const prompt = (content: string, hash: string) => ({
  name: 'slide',
  hash,
  messages: [
    { role: 'system', content },
    { role: 'user', content: 'Question: {{question}}' },
  ],
})

const Linked = z
  .string()
  .transform((json) => z.array(z.object({ name: z.string(), version: z.string() })).parse(JSON.parse(json)))

describe('prompts that are registered', () => {
  it('get a version when their content is new and keep it while it is not, and turns are linked with it', async () => {
    await using context = await setUp()
    const hash = () => randomUUID().slice(0, 12)
    const [old, changed] = [prompt('Write a slide.', hash()), prompt('Write a good slide.', hash())]
    const versionsOfRun = async (prompts: PromptContent[]): Promise<{ run: unknown; trace: unknown }> => {
      const tracing = await context.startTracing({}, { settings: { prompts } })
      const { runId, traceId } = await reportTurn(tracing, (report) => {
        report.prompt('slide')
        report.prompt('slide')
        report.prompt('not_registered')
      })
      await tracing.flush(soon())
      await tracing[Symbol.asyncDispose]()
      const [run, trace] = [await context.mlflow.run(await runId), await context.mlflow.trace(traceId)]
      return {
        run: Linked.parse(run.tags['mlflow.linkedPrompts']),
        trace: Linked.parse(trace?.tags['mlflow.linkedPrompts']),
      }
    }

    const first = await versionsOfRun([old])
    const [{ version = '' } = {}] = first.run as { version?: string }[]
    const next = [{ name: 'deckhand.slide', version: String(Number(version) + 1) }]

    expect(first).toEqual({ run: [{ name: 'deckhand.slide', version }], trace: [{ name: 'deckhand.slide', version }] })
    expect(await versionsOfRun([old])).toEqual(first)
    expect(await versionsOfRun([changed])).toEqual({ run: next, trace: next })
    expect(await versionsOfRun([old])).toEqual(first)
    expect(await context.mlflow.prompt('deckhand.slide', version)).toEqual(old.messages)
    const experimentId = (await context.mlflow.experimentId(context.experimentName)) ?? ''
    expect(await context.mlflow.tracesWithPrompt(experimentId, `deckhand.slide/${version}`)).toHaveLength(3)
    expect(await context.mlflow.tracesWithPrompt(experimentId, `deckhand.slide/${next[0]?.version}`)).toHaveLength(1)
  })

  it('are left alone when nothing is to be registered', async () => {
    await using context = await setUp()
    const tracing = await context.startTracing()

    const { traceId } = await reportTurn(tracing, (report) => report.prompt('slide'))
    await tracing.flush(soon())

    expect((await context.mlflow.trace(traceId))?.tags).not.toHaveProperty('mlflow.linkedPrompts')
    expect(context.proxy.calls().filter((call) => call.includes('model'))).toEqual([])
  })

  it('keep no trace back when the registry refuses them', async () => {
    await using context = await setUp()
    context.proxy.decide = ({ path }) =>
      path.includes('registered-models') ? { status: 403, text: 'no permission to register' } : 'pass'
    const tracing = await context.startTracing({}, { settings: { prompts: [prompt('Write.', 'abc')] } })

    const { traceId } = await reportTurn(tracing, (report) => report.prompt('slide'))
    await reportTurn(tracing, (report) => report.prompt('slide'))
    await tracing.flush(soon())

    expect(await context.mlflow.trace(traceId)).toBeDefined()
    expect(context.proxy.calls().filter((call) => call.includes('registered-models'))).toHaveLength(1)
    expect(context.logged.filter(({ message }) => message.startsWith('Prompts are not registered'))).toHaveLength(1)
  })
})

describe('secrets', () => {
  it('stand in no param, tag, metric name or file of a run, nor in the spool', async () => {
    await using context = await setUp()
    const planted = 'planted-secret-value'
    const run = { params: { host: `https://u:${planted}@h` }, tags: { note: planted }, configYaml: `key: ${planted}` }
    const redact = (value: string): string => value.replaceAll(planted, '[secret]')
    const tracing = await context.startTracing({}, { redact, settings: { run } })

    const { runId } = await reportTurn(
      tracing,
      (report) => {
        report.tag(planted, planted)
        report.metric(planted, 1)
        const html = Buffer.from(`<p>${planted}</p>`)
        report.artifact({ path: 'output.html', mediaType: 'text/html; charset=utf-8', content: () => html })
        report.artifact({
          path: 'deck.json',
          mediaType: 'application/json',
          content: () => JSON.stringify({ planted }),
        })
      },
      // The secret lies where a question is cut for the run.
      { ...aTurn, question: `${'Is it? '.repeat(13)}${planted}`, params: { space: planted } },
    )
    await tracing.flush(soon())

    expect((await context.mlflow.run(await runId)).params['question']).toMatch(/\[secret\]$/)
    for (const path of await context.mlflow.artifacts(await runId)) {
      expect(text(await context.mlflow.artifact(await runId, path))).toContain('[secret]')
    }
    expect(context.proxy.requests.map(({ body }) => body.toString()).join()).not.toContain(planted.slice(0, 8))
  })
})
