import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { z } from 'zod'
import type { Warehouse } from './warehouse.ts'

const TableName = z.enum(['orders', 'customers'])
export type TableName = z.infer<typeof TableName>

/** Words and phrases with commas between them. */
const words = z
  .string()
  .regex(/^[a-z0-9 ,]*$/, 'expected lower-case words with commas between them')
  .transform((text) => text.split(',').flatMap((phrase) => phrase.trim() || []))

const Metric = z.strictObject({
  table: TableName,
  label: z.string(),
  /** Name of the result's column; ends in `_usd` or `_pct` (percent points) where it has that unit. */
  column: z.string().regex(/^[a-z_]+$/),
  sql: z.string(),
  sql_all_time: z.string().optional(),
  unit: z.enum(['usd', 'count', 'percent', 'number']),
  additive: z.enum(['full', 'dimensions', 'none']),
  good: z.enum(['high', 'low']),
  definition: z.string().optional(),
  definition_all_time: z.string().optional(),
  words,
  average: z.string().optional(),
})
export type Metric = z.infer<typeof Metric>

const Dimension = z.strictObject({
  label: z.string(),
  plural: z.string(),
  words,
  adjectives: words.default([]),
  /** The dimension each value of this one belongs to: a country lies in one region. */
  inside: z.string().optional(),
  columns: z.partialRecord(TableName, z.string()),
  order: z.partialRecord(TableName, z.string()).optional(),
  via: z.partialRecord(TableName, TableName).optional(),
  count: z.string().optional(),
  only: z.array(z.string()).optional(),
  from_data: z.string().optional(),
  values: z.record(z.string(), words).default({}),
  groups: z.record(z.string(), z.strictObject({ words, values: z.array(z.string()) })).default({}),
})
export type Dimension = z.infer<typeof Dimension>

const ListName = z.enum(['orders', 'customers', 'products'])
export type ListName = z.infer<typeof ListName>

const RowList = z.strictObject({
  table: TableName,
  label: z.string(),
  from: z.string().optional(),
  columns: z.array(z.strictObject({ name: z.string(), sql: z.string() })).min(1),
  size: z.string(),
  size_label: z.string(),
  date: z.string().optional(),
  key: z.string(),
  filters: z.record(z.string(), z.string()).optional(),
})
export type RowList = z.infer<typeof RowList>

const SemanticLayerFile = z
  .strictObject({
    tables: z.record(
      TableName,
      z.strictObject({ name: z.string(), alias: z.string(), date: z.string().optional(), about: z.string() }),
    ),
    joins: z.array(z.strictObject({ from: TableName, to: TableName, on: z.string() })),
    metrics: z.record(z.string(), Metric),
    combinations: z.array(z.strictObject({ words, metrics: z.array(z.string()).min(2) })),
    dimensions: z.record(z.string(), Dimension),
    lists: z.record(ListName, RowList),
  })
  .superRefine((layer, context) => {
    const known = (where: string, metric: string | undefined): void => {
      if (metric !== undefined && !layer.metrics[metric]) {
        context.addIssue({ code: 'custom', message: `${where} names the unknown metric "${metric}"` })
      }
    }
    for (const [name, metric] of Object.entries(layer.metrics)) known(`metric ${name}`, metric.average)
    for (const { metrics } of layer.combinations) for (const metric of metrics) known('a combination', metric)
    for (const [name, dimension] of Object.entries(layer.dimensions)) {
      known(`dimension ${name}`, dimension.count)
      for (const metric of dimension.only ?? []) known(`dimension ${name}`, metric)
      for (const [group, { values }] of Object.entries(dimension.groups)) {
        for (const value of values) {
          if (!dimension.values[value]) {
            context.addIssue({ code: 'custom', message: `group ${group} names the unknown ${name} "${value}"` })
          }
        }
      }
    }
  })

/** What the data means: tables, metrics with SQL, dimensions with the words for them. See `semantic-layer.yaml`. */
export type SemanticLayer = z.infer<typeof SemanticLayerFile>

/** Reads and checks the layer. @throws ZodError naming every problem */
export function parseSemanticLayer(yaml: string): SemanticLayer {
  return SemanticLayerFile.parse(parse(yaml))
}

/** The layer of the sample data, with the values that only the data knows filled in. */
export async function loadSemanticLayer(warehouse: Warehouse): Promise<SemanticLayer> {
  const layer = parseSemanticLayer(await readFile(new URL('semantic-layer.yaml', import.meta.url), 'utf8'))
  for (const dimension of Object.values(layer.dimensions)) {
    if (dimension.from_data === undefined) continue
    const { rows } = await warehouse.query(dimension.from_data, { maxRows: 100_000 })
    for (const [value] of rows) {
      if (typeof value === 'string') dimension.values[value] = [value.toLowerCase()]
    }
  }
  return layer
}

/** The metric of that name. @throws RangeError when the layer has none */
export function metricOf(layer: SemanticLayer, name: string): Metric {
  return layer.metrics[name] ?? missing('metric', name)
}

/** The dimension of that name. @throws RangeError when the layer has none */
export function dimensionOf(layer: SemanticLayer, name: string): Dimension {
  return layer.dimensions[name] ?? missing('dimension', name)
}

function missing(kind: string, name: string): never {
  throw new RangeError(`No ${kind} "${name}" in the semantic layer`)
}
