import { Gauge, Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { parsePrometheus } from '../../src/lib/prometheus-text.ts'

describe('parsePrometheus', () => {
  it('reads what Prometheus’s own client writes', async () => {
    const register = new Registry()
    const gauge = new Gauge({
      name: 'a_gauge',
      help: 'Some "help" with {braces} 1',
      labelNames: ['model'],
      registers: [register],
    })
    gauge.set({ model: 'sales,"v1"\\\n}' }, 1.5e-3)
    new Gauge({ name: 'plain', help: 'x', registers: [register] }).set(-Infinity)

    expect(parsePrometheus(await register.metrics())).toEqual([
      { name: 'a_gauge', labels: { model: 'sales,"v1"\\\n}' }, value: 0.0015 },
      { name: 'plain', labels: {}, value: -Infinity },
    ])
  })

  it('passes over comments, time stamps, the end mark and what is no sample', () => {
    const text = '# HELP x y\nx{le="+Inf"} 3 1700000000000\r\n\n<html>\nx nothing\n# EOF\n'

    expect(parsePrometheus(text)).toEqual([{ name: 'x', labels: { le: '+Inf' }, value: 3 }])
  })
})
