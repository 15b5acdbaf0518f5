import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createWarehouse, type Warehouse } from '../../sandbox/data/warehouse.ts'
import { evaluate, type CaseResult } from '../../src/eval/evaluate.ts'
import { loadEvalSet } from '../../src/eval/load-set.ts'
import { startDeckhand, type TestDeckhand } from '../support/deckhand.ts'
import { queryOf } from './warehouse-truth.ts'

const today = '2026-11-23'
const golden = loadEvalSet(join(import.meta.dirname, '../../sandbox/golden/golden.yaml'), today)
let warehouse: Warehouse
let deckhand: TestDeckhand
let results: readonly CaseResult[]

beforeAll(async () => {
  warehouse = await createWarehouse({ today })
  deckhand = await startDeckhand({ warehouse, today })
  const { agent, defaults } = deckhand.app.shell
  const deps = {
    agent,
    spaceOf: () => defaults.spaceId,
    maxSlides: 6,
    user: 'golden',
    query: queryOf(warehouse),
    concurrency: 2,
  }
  results = await evaluate(golden, 'test', deps, () => undefined, AbortSignal.timeout(110_000))
}, 120_000)

afterAll(async () => {
  await deckhand?.[Symbol.asyncDispose]()
  await warehouse?.[Symbol.asyncDispose]()
})

describe('the golden set', () => {
  it('has at least 40 questions, most with numbers computed elsewhere', () => {
    expect(golden.cases.length).toBeGreaterThanOrEqual(40)
    expect(golden.cases.filter(({ expect }) => expect?.sql !== undefined).length).toBeGreaterThanOrEqual(35)
  })

  it.each(golden.cases)('$id: $question', ({ id }) => {
    const result = results.find((candidate) => candidate.id === id)
    expect(result?.faults.join('; ')).toBe('')
    expect(result?.passed).toBe(true)
  })
})
