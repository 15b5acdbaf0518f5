import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Workspace } from '../../../sandbox/databricks/contract.ts'
import { createWorkspace } from '../../../sandbox/databricks/workspace.ts'
import { createWarehouse, type Warehouse } from '../../../sandbox/data/warehouse.ts'
import { ask } from './genie-caller.ts'
import { businessQuestions } from './questions.ts'

let warehouse: Warehouse
let workspace: Workspace

beforeAll(async () => {
  warehouse = await createWarehouse({ today: '2026-11-23' })
  workspace = await createWorkspace({ brain: async () => ({ content: '' }), warehouse, today: '2026-11-23' })
})

afterAll(async () => {
  await workspace[Symbol.asyncDispose]()
  await warehouse[Symbol.asyncDispose]()
})

type Row = readonly (string | null)[]

/** Rounded halves may fall to either side of the second decimal; everything else is exact. */
function same(cell: string | null | undefined, expected: string | null | undefined): boolean {
  if (cell === expected) return true
  const [a, b] = [Number(cell), Number(expected)]
  if (cell === null || expected === null || cell === '' || expected === '' || Number.isNaN(a) || Number.isNaN(b))
    return false
  return Math.abs(a - b) < 0.0101
}

const sorted = (rows: readonly Row[]): readonly Row[] =>
  rows.toSorted((a, b) => (JSON.stringify(names(a)) < JSON.stringify(names(b)) ? -1 : 1))

/** What tells rows apart: names and days, not amounts that rounding may differ in. */
const names = (row: Row): readonly (string | null)[] =>
  row.filter((cell) => cell !== null && (Number.isNaN(Number(cell)) || /^\d{1,2}$/.test(cell)))

describe('sandbox Genie answers business questions', () => {
  it('knows at least 120 of them', () => {
    expect(new Set(businessQuestions.map(({ question }) => question)).size).toBeGreaterThanOrEqual(120)
  })

  it.each(businessQuestions)('$question', async ({ question, sql, ordered }) => {
    const expected = await warehouse.query(sql)
    const answer = await ask(workspace, question)

    expect(answer.text).toBe('')
    expect(expected.rows.length).toBeGreaterThan(0)
    expect(answer.rows).toHaveLength(expected.rows.length)
    const [got, wanted] = ordered ? [answer.rows, expected.rows] : [sorted(answer.rows), sorted(expected.rows)]
    wanted.forEach((row, index) => {
      const answered = got[index] ?? []
      expect(answered, `row ${index}: ${JSON.stringify(row)}`).toHaveLength(row.length)
      row.forEach((cell, column) => {
        expect(same(answered[column], cell), `row ${index}, column ${column}: ${answered[column]} is not ${cell}`).toBe(
          true,
        )
      })
    })
  })
})
