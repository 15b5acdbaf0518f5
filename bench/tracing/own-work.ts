import { createHttpClient } from '../../src/lib/http.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { Secret } from '../../src/lib/secret.ts'
import { createTracing } from '../../src/mlflow/create-tracing.ts'
import { createRedactor } from '../../src/mlflow/redact.ts'
import { median } from '../report.ts'
import { fullTracing } from '../../test/support/full-tracing.ts'

/** What tracing does itself, by the clock, in a turn that does nothing else. */
export interface OwnWork {
  /** From the turn's begin to its end, which the reply waits for. */
  readonly inTurnMs: number
  /** From the end of the turn's own function until its caller goes on. */
  readonly atEndMs: number
  /** CPU of the process until the turn and its files are on disk. */
  readonly cpuMs: number
}

const rounds = 40
const modelCalls = 9
const prompt = 'F12 | Revenue, EMEA | $1,234,567 | cell\n'.repeat(500)
const page = Buffer.alloc(130_000, 'x')
const pictures = Array.from({ length: 6 }, () => Buffer.alloc(90_000, 1))

/** Turns as large as those with six slides, while MLflow refuses every connection. Medians. */
export async function measureOwnWork(spoolDir: string): Promise<OwnWork> {
  await using http = createHttpClient()
  const secrets = ['one-made-up-secret', 'another-secret', 'a-third-secret'].map((value) => new Secret(value))
  await using tracing = await createTracing({
    settings: {
      trackingUri: 'http://127.0.0.1:9',
      experimentName: '/Bench/own-work',
      environment: 'bench',
      logSystemMetrics: true,
      tracing: fullTracing(spoolDir),
    },
    http,
    clock: systemClock,
    log: silentLogger,
    redact: createRedactor(secrets),
  })
  const info = { question: 'Revenue by region', sessionId: 's', userId: 'u', inputs: {}, tags: {} }
  const usage = { model: 'm', inputTokens: 5000, outputTokens: 500, inputCostUsd: 0.015, outputCostUsd: 0.0075 }

  async function once(): Promise<OwnWork> {
    const cpuBefore = process.cpuUsage()
    const startedAt = performance.now()
    const workedUntil = await tracing.turn(info, async (_trace, root, report) => {
      for (let call = 0; call < modelCalls; call += 1) {
        const inputs = { messages: [{ role: 'user', content: prompt }] }
        await tracing.span('call_llm', 'CHAT_MODEL', inputs, async (span) => {
          span.setUsage(usage)
          span.setOutputs({ content: prompt.slice(0, 3000) })
        })
      }
      report.artifact({ path: 'output.html', mediaType: 'text/html', content: () => page })
      report.artifact({ path: 'deck.json', mediaType: 'application/json', content: () => JSON.stringify({ prompt }) })
      for (const [index, picture] of pictures.entries()) {
        report.artifact({ path: `previews/slide-${index + 1}.png`, mediaType: 'image/png', content: () => picture })
      }
      root.setOutputs({ answer: 'Done' })
      return performance.now()
    })
    const endedAt = performance.now()
    await tracing.flush(AbortSignal.timeout(5000))
    const { user, system } = process.cpuUsage(cpuBefore)
    return { inTurnMs: endedAt - startedAt, atEndMs: endedAt - workedUntil, cpuMs: (user + system) / 1000 }
  }

  for (let warmUp = 0; warmUp < 10; warmUp += 1) await once()
  const turns: OwnWork[] = []
  for (let round = 0; round < rounds; round += 1) turns.push(await once())
  return {
    inTurnMs: median(turns.map((turn) => turn.inTurnMs)),
    atEndMs: median(turns.map((turn) => turn.atEndMs)),
    cpuMs: median(turns.map((turn) => turn.cpuMs)),
  }
}
