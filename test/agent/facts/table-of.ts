import { refineUnits, unitOf } from '../../../src/agent/units.ts'
import type { Column, Table } from '../../../src/render/table.ts'

const typeOf = (vendorType: string): Column['type'] => {
  if (/^(?:string|varchar|char)/i.test(vendorType)) return 'text'
  if (/^(?:date|timestamp)/i.test(vendorType)) return 'date'
  return /^bool/i.test(vendorType) ? 'boolean' : 'number'
}

/** A table as the Genie client would parse it: columns by name and the warehouse's type, units by name, cells as text. */
export function tableOf(
  columns: readonly (readonly [name: string, vendorType: string])[],
  rows: readonly (readonly (string | null)[])[],
  more: Partial<Table> = {},
): Table {
  return {
    id: 'T1',
    title: '',
    question: '',
    sql: '',
    columns: columns.map(([name, vendorType]) => ({
      name,
      type: typeOf(vendorType),
      vendorType,
      unit: unitOf(name, typeOf(vendorType), vendorType),
    })),
    rows: rows.map((row) => [...row]),
    truncated: false,
    totalRowCount: rows.length,
    source: { spaceId: 's', conversationId: 'c', messageId: 'm', attachmentId: 'a', statementId: 'st' },
    ...more,
  }
}

/** The same, with units settled by the values, as decks hold it. */
export const refinedTableOf = (...args: Parameters<typeof tableOf>): Table => refineUnits(tableOf(...args))
