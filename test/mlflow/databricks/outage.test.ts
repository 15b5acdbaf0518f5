import { describe, expect, it } from 'vitest'
import type { RouteKind } from '../../../sandbox/databricks/faults.ts'
import { createManualClock } from '../../support/manual-clock.ts'
import { aTurn, runTurn, soon } from '../set-up.ts'
import { experimentPath, setUp } from './set-up.ts'

const everything: readonly RouteKind[] = [
  'scim.me',
  'mlflow.get-experiment',
  'mlflow.create-run',
  'mlflow.search-runs',
  'mlflow.log-batch',
  'mlflow.start-trace',
  'mlflow.create-trace-info',
]

describe.each(['an ordinary experiment', 'Unity Catalog tables'] as const)(
  'ten turns during an outage, for %s',
  (kind) => {
    it('are sent after it, in the order in which they ended, none twice', async () => {
      const clock = createManualClock(Date.now())
      await using context = await setUp({ clock })
      const { mlflow, faults } = context.workspace
      const location = 'main.deckhand.prod'
      if (kind === 'Unity Catalog tables') mlflow.bindToTables(experimentPath, location)
      const tracing = await context.startTracing()
      for (const on of everything) faults.add({ on, fault: { kind: 'status', status: 503 }, times: 1000 })

      const traceIds: string[] = []
      for (let turn = 1; turn <= 10; turn += 1) {
        const { traceId } = await runTurn(tracing, { ...aTurn, question: `Question ${turn}` })
        traceIds.push(traceId)
      }
      await tracing.flush(soon())
      expect(await context.spooled()).toHaveLength(10)

      faults.clear()
      await clock.advance(60_000)
      await tracing.flush(soon())

      expect(await context.spooled()).toEqual([])
      expect(await context.rejected()).toEqual([])
      const { id } = mlflow.experiment(experimentPath) ?? { id: '' }
      const infos = kind === 'Unity Catalog tables' ? mlflow.tableTraces(location) : mlflow.traces(id)
      expect(infos.map((info) => info['request_preview'])).toEqual(traceIds.map((_, index) => `Question ${index + 1}`))
      const runs = mlflow.runs(id)
      expect(runs.map((run) => [run.tags.get('deckhand.trace_id'), run.status])).toEqual(
        traceIds.map((traceId) => [traceId, 'FINISHED']),
      )
      const roots = mlflow.spans(`${location}_otel_spans`).filter((span) => span.parentSpanId === '')
      expect(roots).toHaveLength(kind === 'Unity Catalog tables' ? 10 : 0)
      expect(context.warnings()).toHaveLength(1)
    })
  },
)

describe('a workspace that asks for patience', () => {
  it('is left alone for as long as it says', async () => {
    const clock = createManualClock(Date.now())
    await using context = await setUp({ clock })
    const tracing = await context.startTracing()
    await runTurn(tracing)
    await tracing.flush(soon())
    const fault = { kind: 'rate-limited', shape: 'documented', retryAfterSeconds: 90 } as const
    context.workspace.faults.add({ on: 'mlflow.start-trace', fault })

    await runTurn(tracing)
    await tracing.flush(soon())
    const before = context.sent.length
    await clock.advance(89_000)
    await tracing.flush(soon())

    expect(context.sent.length).toBe(before)
    await clock.advance(2000)
    await tracing.flush(soon())
    expect(await context.spooled()).toEqual([])
  })
})
