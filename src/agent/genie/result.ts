import type { Column, Table } from '../../render/table.ts'
import { unitOf } from '../units.ts'
import { canonicalCell, type RawCell } from './cells.ts'
import type { Statement } from './schema.ts'

/** The rows of a succeeded statement, typed, and whether the warehouse holds more. */
export type ResultRows = Pick<Table, 'columns' | 'rows' | 'truncated' | 'totalRowCount'>

const columnTypes: Readonly<Record<string, Column['type']>> = {
  BYTE: 'number',
  TINYINT: 'number',
  SHORT: 'number',
  SMALLINT: 'number',
  INT: 'number',
  INTEGER: 'number',
  LONG: 'number',
  BIGINT: 'number',
  DECIMAL: 'number',
  FLOAT: 'number',
  REAL: 'number',
  DOUBLE: 'number',
  DATE: 'date',
  TIMESTAMP: 'date',
  TIMESTAMP_NTZ: 'date',
  TIMESTAMP_LTZ: 'date',
  BOOLEAN: 'boolean',
}

/**
 * Reads a statement's result. A column whose cells do not all fit its declared type becomes text, so that no value is
 * lost or changed; column names are made unique by a number.
 * @throws ResultFormError when rows are missing or do not fit the columns
 */
export function readResult(statement: Statement): ResultRows {
  const raw = statement.result?.data_array ?? []
  const declared = inOrder(statement.manifest?.schema?.columns ?? [])
  const counted = statement.manifest?.total_row_count ?? statement.result?.row_count ?? raw.length
  if (raw.length === 0 && counted > 0) throw new ResultFormError(`result has no rows, manifest counts ${counted}`)
  const misfit = raw.findIndex((row) => row.length !== declared.length)
  if (misfit >= 0) {
    throw new ResultFormError(`row ${misfit} has ${raw[misfit]?.length} cells, expected ${declared.length}`)
  }

  const names = uniqueNames(declared.map((column) => column.name))
  const read = declared.map((column, index) => readColumn(names[index] ?? column.name, column, raw, index))
  const truncated = statement.manifest?.truncated === true || counted > raw.length
  return {
    columns: read.map(({ column }) => column),
    rows: raw.map((_row, row) => read.map(({ cells }) => cells[row] ?? null)),
    truncated: truncated || statement.result?.next_chunk_index !== undefined,
    totalRowCount: Math.max(counted, raw.length),
  }
}

/** A result that is not the shape it should be. The message names places, never values. */
export class ResultFormError extends Error {
  override readonly name = 'ResultFormError'
}

interface DeclaredColumn {
  readonly name: string
  readonly position?: number | undefined
  readonly type_name?: string | undefined
  readonly type_text?: string | undefined
}

/** By position when every column has one, else as they came. */
function inOrder(columns: readonly DeclaredColumn[]): readonly DeclaredColumn[] {
  if (columns.some((column) => column.position === undefined)) return columns
  return columns.toSorted((a, b) => (a.position ?? 0) - (b.position ?? 0))
}

function readColumn(
  name: string,
  declared: DeclaredColumn,
  rows: readonly (readonly RawCell[])[],
  index: number,
): { readonly column: Column; readonly cells: readonly (string | null)[] } {
  const vendorType = vendorTypeOf(declared)
  const raw = rows.map((row) => row[index] ?? null)
  const declaredType = columnTypes[vendorType] ?? 'text'
  const read = raw.map((cell) => canonicalCell(cell, declaredType))
  const fits = read.every((cell) => cell !== undefined)
  const type = fits ? declaredType : 'text'
  return {
    column: { name, type, vendorType, unit: unitOf(name, type, vendorType) },
    cells: fits ? read : raw.map((cell) => (cell === null ? null : String(cell))),
  }
}

/** `type_text` says TIMESTAMP_NTZ where `type_name` has no word for it; otherwise the name is the one to trust. */
function vendorTypeOf({ type_name, type_text }: DeclaredColumn): string {
  const base = (type_text ?? '').toUpperCase().split(/[(<\s]/)[0] ?? ''
  if (type_name === undefined || base.startsWith('TIMESTAMP')) return base === '' ? 'STRING' : base
  return type_name.toUpperCase()
}

function uniqueNames(names: readonly string[]): readonly string[] {
  const taken = new Set<string>()
  return names.map((name) => {
    let unique = name
    for (let number = 2; taken.has(unique.toLowerCase()); number += 1) unique = `${name} (${number})`
    taken.add(unique.toLowerCase())
    return unique
  })
}
