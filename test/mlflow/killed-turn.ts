import { systemClock } from '../../src/lib/clock.ts'
import { createHttpClient } from '../../src/lib/http.ts'
import { silentLogger } from '../../src/lib/log.ts'
import { createTracing } from '../../src/mlflow/create-tracing.ts'
import { fullTracing } from '../support/full-tracing.ts'

// A process of its own for a test that kills it: begins a turn, tells its ids, and never ends it.
const [, , trackingUri = '', experimentName = '', spoolDir = ''] = process.argv
const tracing = await createTracing({
  settings: {
    trackingUri,
    experimentName,
    environment: 'test',
    tracing: fullTracing(spoolDir),
  },
  http: createHttpClient(),
  clock: systemClock,
  log: silentLogger,
})
const question = 'What were Q4 2023 sales by region?'
await tracing.turn({ question, sessionId: 's', userId: 'u', inputs: { question }, tags: {} }, async (trace) => {
  const runId = await trace.runId
  await tracing.flush(AbortSignal.timeout(30_000))
  process.stdout.write(`${JSON.stringify({ traceId: trace.traceId, runId })}\n`)
  await new Promise((resolve) => setInterval(resolve, 60_000))
})
