import { dimensionOf, type Metric, metricOf, type SemanticLayer, type TableName } from '../../../data/semantic-layer.ts'
import { addDays, type Day, type Grain, type Period, rangePeriod, unitAt } from '../calendar.ts'
import type { Amount, Filter } from '../intent.ts'
import { date, type Select, text } from './select.ts'

export interface CompileDeps {
  readonly layer: SemanticLayer
  /** Last day with data. */
  readonly today: Day
}

/** Measures of one time, grouped. What every view is made from. */
export interface BaseQuery {
  readonly metrics: readonly string[]
  readonly by: readonly string[]
  readonly grain?: Grain | undefined
  readonly filters: readonly Filter[]
  readonly amounts: readonly Amount[]
  readonly having: readonly Amount[]
  readonly period?: Period | undefined
  /** Name the time step by its place in the year (month 1 to 12), so that years can be set side by side. */
  readonly placeInYear?: boolean
}

/** First day of each table. */
export const dataStart: Readonly<Record<TableName, Day>> = { orders: '2021-01-01', customers: '2018-01-01' }

/** Columns the result is grouped by, in order: the time step first. */
export const keysOf = (query: Pick<BaseQuery, 'by' | 'grain'>): readonly string[] => [
  ...(query.grain === undefined ? [] : [query.grain]),
  ...query.by,
]

/** The base query as a SELECT without order; measures of two tables are joined on what they are grouped by. */
export function baseSelect(query: BaseQuery, deps: CompileDeps): Select {
  const tables = [...new Set(query.metrics.map((name) => metricOf(deps.layer, name).table))]
  if (tables.length === 1) return tableSelect(query, tables[0] ?? 'orders', deps)
  const keys = keysOf(query)
  // Orders begin later than customers: where no time is named, both begin with the orders
  const period = query.period ?? rangePeriod(dataStart.orders, deps.today)
  return {
    with: tables.map((table) => ({
      name: `from_${table}`,
      select: tableSelect(
        { ...query, period, metrics: query.metrics.filter((name) => metricOf(deps.layer, name).table === table) },
        table,
        deps,
      ),
    })),
    columns: [...keys, ...query.metrics.map((name) => metricOf(deps.layer, name).column)],
    from: 'from_orders',
    joins: [`FULL JOIN from_customers ${keys.length > 0 ? `USING (${keys.join(', ')})` : 'ON TRUE'}`],
  }
}

function tableSelect(query: BaseQuery, table: TableName, deps: CompileDeps): Select {
  return table === 'orders' ? ordersSelect(query, deps) : customersSelect(query, deps)
}

function ordersSelect(query: BaseQuery, deps: CompileDeps): Select {
  const { layer, today } = deps
  const { period, grain } = query
  const keys: { readonly name: string; readonly sql: string }[] = query.by.map((name) => ({
    name,
    sql: columnOf(layer, name, 'orders'),
  }))
  if (grain) keys.unshift({ name: grain, sql: stepOf(grain, 'o.order_date', query.placeInYear === true) })
  const where = [
    ...(period ? [`o.order_date BETWEEN ${date(period.from)} AND ${date(period.to)}`] : []),
    ...conditions(query, 'orders', layer),
  ]
  const having = query.having.map((limit) => `${metricOf(layer, limit.field).sql} ${limit.operator} ${limit.value}`)
  const counts = query.metrics.every((name) => metricOf(layer, name).unit === 'count')
  // A sum over nothing is one row without a value; a count of nothing is 0, but not before the time has come
  if (keys.length === 0 && (!counts || (period !== undefined && period.from > today))) having.unshift('COUNT(*) > 0')
  return {
    columns: [
      ...keys.map(named),
      ...query.metrics.map((name) => `${metricOf(layer, name).sql} AS ${metricOf(layer, name).column}`),
    ],
    from: `${layer.tables.orders.name} AS o`,
    joins: joinsFor(query, 'orders', layer),
    where,
    groupBy: keys.map(({ sql }) => sql),
    having,
  }
}

/**
 * Customers are counted at moments: for each time step (or the one time asked about) all customers are looked at, and
 * the measure says by its dates who counts. Steps without anybody stay, with 0.
 */
function customersSelect(query: BaseQuery, deps: CompileDeps): Select {
  const { layer, today } = deps
  const { period, grain } = query
  const keys = query.by.map((name) => ({ name, sql: columnOf(layer, name, 'customers') }))
  const from = `${layer.tables.customers.name} AS c`
  const where = conditions(query, 'customers', layer)
  for (const name of query.by) {
    if (dimensionOf(layer, name).only) where.push(`${columnOf(layer, name, 'customers')} IS NOT NULL`)
  }
  if (!grain) {
    const to = period && period.to < today ? period.to : today
    const begun = period === undefined || period.from <= today
    const sqlOf = (metric: Metric): string => {
      const sql = period === undefined ? (metric.sql_all_time ?? metric.sql) : metric.sql
      return sql.replaceAll('{start}', date(period?.from ?? dataStart.customers)).replaceAll('{end}', date(to))
    }
    return {
      columns: [
        ...keys.map(named),
        ...query.metrics.map((name) => `${sqlOf(metricOf(layer, name))} AS ${metricOf(layer, name).column}`),
      ],
      from,
      where: begun ? where : [...where, `${date(period.from)} <= ${date(today)}`],
      groupBy: keys.map(({ sql }) => sql),
      having: [
        ...(keys.length === 0 ? ['COUNT(*) > 0'] : []),
        ...query.having.map((limit) => `${sqlOf(metricOf(layer, limit.field))} ${limit.operator} ${limit.value}`),
      ],
    }
  }
  const span = period ?? rangePeriod(dataStart.customers, today)
  const last = span.to < today ? span.to : today
  const step = grain === 'quarter' ? 'INTERVAL 3 MONTH' : `INTERVAL 1 ${grain.toUpperCase()}`
  const first = unitAt(grain, span.from).from
  const steps: Select = {
    columns: [
      `${first < span.from ? `GREATEST(CAST(step AS DATE), ${date(span.from)})` : 'CAST(step AS DATE)'} AS first_day`,
      `LEAST(CAST(step + ${step} - INTERVAL 1 DAY AS DATE), ${date(last)}) AS last_day`,
      `CAST(step AS DATE) AS ${grain}`,
    ],
    // An empty series when the time lies ahead
    from: `generate_series(${date(first)}, ${date(last < first ? addDays(first, -1) : last)}, ${step}) AS t(step)`,
  }
  const sqlOf = (metric: Metric): string =>
    metric.sql.replaceAll('{start}', 't.first_day').replaceAll('{end}', 't.last_day')
  const stepColumn = query.placeInYear === true ? `${grain}(t.${grain})` : `t.${grain}`
  return {
    with: [{ name: `${grain}s`, select: steps }],
    columns: [
      named({ name: grain, sql: stepColumn }),
      ...keys.map(named),
      ...query.metrics.map((name) => `${sqlOf(metricOf(layer, name))} AS ${metricOf(layer, name).column}`),
    ],
    from: `${grain}s AS t`,
    joins: [`CROSS JOIN ${from}`],
    where,
    groupBy: [`t.${grain}`, ...keys.map(({ sql }) => sql)],
    having: query.having.map((limit) => `${sqlOf(metricOf(layer, limit.field))} ${limit.operator} ${limit.value}`),
  }
}

/** `o.region`, or `expression AS name` where the expression has another name. */
const named = ({ name, sql }: { readonly name: string; readonly sql: string }): string =>
  new RegExp(`^\\w+\\.${name}$`).test(sql) ? sql : `${sql} AS ${name}`

/** The expression of a dimension in a table. @throws RangeError when the table lacks it */
export function columnOf(layer: SemanticLayer, name: string, table: TableName): string {
  const column = dimensionOf(layer, name).columns[table]
  if (column === undefined) throw new RangeError(`Dimension "${name}" is not in table ${table}`)
  return column
}

function stepOf(grain: Grain, column: string, placeInYear: boolean): string {
  if (placeInYear) return `${grain}(${column})`
  return grain === 'day' ? column : `CAST(date_trunc('${grain}', ${column}) AS DATE)`
}

function joinsFor(query: BaseQuery, table: TableName, layer: SemanticLayer): readonly string[] {
  const names = [...query.by, ...query.filters.map(({ dimension }) => dimension)]
  const targets = new Set(names.flatMap((name) => dimensionOf(layer, name).via?.[table] ?? []))
  return layer.joins
    .filter(({ from, to }) => from === table && targets.has(to))
    .map(({ to, on }) => `JOIN ${layer.tables[to].name} AS ${layer.tables[to].alias} ON ${on}`)
}

function conditions(query: Pick<BaseQuery, 'filters' | 'amounts'>, table: TableName, layer: SemanticLayer): string[] {
  const alias = layer.tables[table].alias
  return [
    ...query.filters.map((filter) => condition(filter, columnOf(layer, filter.dimension, table))),
    ...query.amounts.map(({ field, operator, value }) => `${alias}.${field} ${operator} ${value}`),
  ]
}

/** `column = 'x'`, `column IN (…)`, or the opposite. */
export function condition({ dimension, values, exclude }: Filter, column: string): string {
  if (dimension === 'returned') return values.includes('true') !== exclude ? column : `NOT ${column}`
  const [only] = values
  if (values.length === 1 && only !== undefined) return `${column} ${exclude ? '<>' : '='} ${text(only)}`
  return `${column} ${exclude ? 'NOT IN' : 'IN'} (${values.map(text).join(', ')})`
}
