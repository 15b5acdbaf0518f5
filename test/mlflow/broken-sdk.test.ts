import { describe, expect, it, vi } from 'vitest'
import { runTurn, setUp, soon } from './set-up.ts'

vi.mock('@opentelemetry/sdk-node', () => ({
  NodeSDK: function NodeSDK() {
    throw new Error('No such thing here')
  },
}))

describe('createTracing when OpenTelemetry cannot be started', () => {
  it('runs turns untraced, and says so once', async () => {
    await using set = await setUp()
    const tracing = await set.startTracing()

    const traces = [await runTurn(tracing), await runTurn(tracing)]
    await tracing.flush(soon())

    expect(traces.map(({ traceId, traceUrl }) => [traceId, traceUrl])).toEqual([
      ['', ''],
      ['', ''],
    ])
    expect(set.logged).toEqual([
      {
        level: 'error',
        fields: { error: 'Error: No such thing here' },
        message: 'Turns are not traced: OpenTelemetry cannot be started',
      },
    ])
  })
})
