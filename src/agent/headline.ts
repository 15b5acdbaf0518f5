import type { RichText } from '../render/deck.ts'
import type { Fact } from '../render/fact.ts'
import type { Table } from '../render/table.ts'
import type { FactSheet } from './facts.ts'

/** The first thing to say about rows, made by code alone: the one value, or the total and the extremes. */
export function headline(sheet: FactSheet, tables: readonly Table[]): RichText {
  const single = tables.length === 1 && tables[0]?.rows.length === 1 ? sheet.facts.find(isCell) : undefined
  if (single) return [`${single.label}: `, { fact: single.id, format: 'full' }]

  const about = sheet.facts.filter((fact) => fact.lineage.tableId === tables[0]?.id)
  const total = about.find((fact) => fact.kind === 'total')
  const highest = about.find((fact) => fact.kind === 'maximum')
  const lowest = about.find((fact) => fact.kind === 'minimum')
  const parts: RichText = []
  for (const fact of [total, highest, lowest]) {
    if (!fact) continue
    parts.push(`${parts.length === 0 ? '' : ' · '}${fact.label}: `, { fact: fact.id })
  }
  if (parts.length > 0) return parts
  const rowCount = about.find((fact) => fact.kind === 'count')
  return rowCount ? [`${rowCount.label}: `, { fact: rowCount.id }] : [tables[0]?.title ?? '']
}

function isCell(fact: Fact): boolean {
  return fact.kind === 'cell' && fact.valueType === 'number'
}
