import { dimensionOf, type Metric, metricOf, type SemanticLayer } from '../../../data/semantic-layer.ts'
import { addDays, type Period, rangePeriod, shiftUnit, unitAt, unitsIn } from '../calendar.ts'
import type { Filter, Intent, ListIntent, MeasureIntent, ValuesIntent } from '../intent.ts'
import { baseSelect, columnOf, type CompileDeps, condition, dataStart, keysOf } from './base.ts'
import { date, type Select, text, writeSelect } from './select.ts'

/** Writes the SQL that answers an intent. Names are full, every value stands in the text, and the order is total. */
export function compile(intent: Intent, deps: CompileDeps): string {
  switch (intent.kind) {
    case 'measure':
      return writeSelect(measureSelect(intent, deps))
    case 'list':
      return writeSelect(listSelect(intent, deps))
    case 'values':
      return writeSelect(valuesSelect(intent, deps))
  }
}

function measureSelect(intent: MeasureIntent, deps: CompileDeps): Select {
  switch (intent.view.kind) {
    case 'plain':
      return ordered(baseSelect(intent, deps), intent, deps)
    case 'share':
      return shareSelect(intent, deps)
    case 'share-of':
      return shareOfSelect(intent, intent.view.part, deps)
    case 'compare':
      return keysOf(intent).length === 0
        ? comparedRows(intent, intent.view.periods, deps)
        : comparedColumns(intent, intent.view.periods, deps)
    case 'growth':
      return growthSelect(intent, intent.view.base, deps)
    case 'cumulative':
      return cumulativeSelect(intent, deps)
    case 'average-over':
      return averageSelect(intent, intent.view.grain, deps)
  }
}

const columnsOf = (intent: Pick<MeasureIntent, 'metrics'>, layer: SemanticLayer): readonly string[] =>
  intent.metrics.map((name) => metricOf(layer, name).column)

/** Ranked, or by time, or the largest first. `rankColumn` is what ranks, when it is not a metric's own column. */
function ordered(select: Select, intent: MeasureIntent, { layer }: CompileDeps, rankColumn?: string): Select {
  const { top, grain, by } = intent
  const ranks = rankColumn ?? metricOf(layer, top?.by ?? intent.metrics[0] ?? '').column
  const keys = keysOf(intent)
  const direction = top?.end === 'low' ? 'ASC' : 'DESC'
  if (top?.perGroup) {
    const groups = keys.filter((key) => key !== top.of)
    const row = `ROW_NUMBER() OVER (PARTITION BY ${groups.join(', ')} ORDER BY ${ranks} ${direction} NULLS LAST, ${top.of})`
    const inner = select.groupBy ? { ...select } : select
    return {
      with: [{ name: 'base', select: inner }],
      columns: ['*'],
      from: 'base',
      ...(top.count === undefined ? {} : { qualify: `${row} <= ${top.count}` }),
      orderBy: [...groups, `${ranks} ${direction} NULLS LAST`, top.of],
    }
  }
  const rest = keys.filter((key) => key !== grain)
  if (top) {
    return {
      ...select,
      orderBy: [`${ranks} ${direction} NULLS LAST`, ...keys],
      ...(top.count === undefined ? {} : { limit: top.count }),
    }
  }
  if (keys.length === 0) return select
  const byOrder = by.length === 1 && !grain ? dimensionOf(layer, by[0] ?? '').order?.orders : undefined
  if (byOrder !== undefined && select.groupBy)
    return { ...select, groupBy: [...select.groupBy, byOrder], orderBy: [byOrder] }
  return { ...select, orderBy: grain ? [grain, ...rest] : [`${ranks} DESC NULLS LAST`, ...rest] }
}

/** Each group's percentage of the whole; with a time step, of that step. */
function shareSelect(intent: MeasureIntent, deps: CompileDeps): Select {
  const metric = metricOf(deps.layer, intent.metrics[0] ?? '')
  // Values of what is split pick rows of the result; the whole stays the whole
  const picks = intent.filters.filter(({ dimension }) => intent.by.includes(dimension))
  const base = baseSelect({ ...intent, filters: intent.filters.filter((filter) => !picks.includes(filter)) }, deps)
  const keys = keysOf(intent)
  const over = intent.by.length > 0 && intent.grain ? `PARTITION BY ${intent.grain}` : ''
  const share = `${stem(metric)}_share_pct`
  const columns = [
    ...keys,
    metric.column,
    `ROUND(100.0 * ${metric.column} / NULLIF(SUM(${metric.column}) OVER (${over}), 0), 2) AS ${share}`,
  ]
  const shares: Select = { with: [{ name: 'base', select: base }], columns, from: 'base' }
  if (picks.length === 0) return ordered(shares, intent, deps)
  const picked: Select = {
    with: [...(shares.with ?? []), { name: 'shares', select: { columns, from: 'base' } }],
    columns: ['*'],
    from: 'shares',
    where: picks.map((filter) => condition(filter, filter.dimension)),
  }
  return ordered(picked, intent, deps)
}

/** One part next to the whole: both values and the percentage. */
function shareOfSelect(intent: MeasureIntent, part: readonly Filter[], deps: CompileDeps): Select {
  const metric = metricOf(deps.layer, intent.metrics[0] ?? '')
  const query = { ...intent, metrics: intent.metrics.slice(0, 1) }
  const keys = keysOf(intent)
  const name = slug(
    part.map(({ label, values, exclude }) => `${exclude ? 'not ' : ''}${label ?? values.join(' ')}`).join(' '),
  )
  const value = `COALESCE(part.${metric.column}, 0)`
  const select: Select = {
    with: [
      { name: 'part', select: baseSelect({ ...query, filters: [...intent.filters, ...part] }, deps) },
      { name: 'whole', select: baseSelect(query, deps) },
    ],
    columns: [
      ...keys,
      `${value} AS ${name}_${metric.column}`,
      `whole.${metric.column} AS total_${metric.column}`,
      `ROUND(100.0 * ${value} / NULLIF(whole.${metric.column}, 0), 2) AS ${name}_share_pct`,
    ],
    from: 'whole',
    joins: [`LEFT JOIN part ${keys.length > 0 ? `USING (${keys.join(', ')})` : 'ON TRUE'}`],
  }
  return keys.length === 0 ? select : ordered(select, intent, deps, `${name}_share_pct`)
}

/** Times as rows, each with the change from the row before. */
function comparedRows(intent: MeasureIntent, periods: readonly Period[], deps: CompileDeps): Select {
  const { layer } = deps
  const rows = periods.map((period, index) => {
    const base = baseSelect({ ...intent, period }, deps)
    return writeSelect({
      ...base,
      columns: [`${index + 1} AS position`, `${text(period.label)} AS period`, ...base.columns],
    })
  })
  const changes = intent.metrics.flatMap((name) => {
    const metric = metricOf(layer, name)
    return changeColumns(
      metric,
      metric.column,
      `LAG(${metric.column}) OVER (ORDER BY position)`,
      intent.metrics.length === 1,
    )
  })
  return {
    with: [{ name: 'periods', select: rows.join('\nUNION ALL\n') }],
    columns: ['period', ...columnsOf(intent, layer), ...changes],
    from: 'periods',
    orderBy: ['position'],
  }
}

/** Groups as rows, times as columns; with two times also the change. */
function comparedColumns(intent: MeasureIntent, periods: readonly Period[], deps: CompileDeps): Select {
  const { layer } = deps
  const keys = keysOf(intent)
  const names = periods.map(({ label }) => slug(label).replace(/^(?=\d)/, 'y'))
  const metrics = intent.metrics.map((name) => metricOf(layer, name))
  // A group without orders sold nothing; a rate without orders is no rate
  const valueIn = (metric: Metric, name: string): string =>
    metric.additive === 'none' ? `${name}.${metric.column}` : `COALESCE(${name}.${metric.column}, 0)`
  const columns = periods.flatMap(({ label }, index) =>
    metrics.map((metric) => `${valueIn(metric, names[index] ?? '')} AS ${withSlug(metric.column, slug(label))}`),
  )
  const [before = '', after = ''] = names
  const changes =
    periods.length === 2
      ? metrics.flatMap((metric) =>
          changeColumns(metric, valueIn(metric, after), valueIn(metric, before), metrics.length === 1),
        )
      : []
  const [first = '', ...others] = names
  const compared: Select = {
    with: periods.map((period, index) => ({
      name: names[index] ?? '',
      select: baseSelect({ ...intent, period, ...(intent.grain ? { placeInYear: true } : {}) }, deps),
    })),
    columns: [...keys, ...columns, ...changes],
    from: first,
    joins: others.map((name) => `FULL JOIN ${name} USING (${keys.join(', ')})`),
  }
  const [metric] = metrics
  if (!metric) throw new RangeError('Nothing to compare: the intent names no metric')
  const change = changeName(metric)
  const amount = metrics.length === 1 && metric.unit !== 'percent' && intent.top?.growth === 'amount'
  const rank = amount
    ? differenceName(metric)
    : intent.top?.growth !== undefined || intent.change !== undefined
      ? change
      : withSlug(metric.column, slug(periods.at(-1)?.label ?? ''))
  if (intent.change === undefined) return ordered(compared, intent, deps, rank)
  const only: Select = {
    with: [...(compared.with ?? []), { name: 'compared', select: { ...compared, with: [] } }],
    columns: ['*'],
    from: 'compared',
    where: [`${change} ${intent.change === 'rise' ? '>' : '<'} 0`],
  }
  return ordered(only, intent, deps, rank)
}

/** The last column of the change: percent, or points where the value is a percentage itself. */
const changeName = (metric: Metric): string =>
  metric.unit === 'percent' ? `${stem(metric)}_change_pct_points` : `${stem(metric)}_change_pct`

const differenceName = (metric: Metric): string =>
  metric.unit === 'usd' ? `${stem(metric)}_change_usd` : `${stem(metric)}_change`

function changeColumns(metric: Metric, now: string, before: string, inFull: boolean): readonly string[] {
  if (metric.unit === 'percent') return [`ROUND(${now} - ${before}, 2) AS ${changeName(metric)}`]
  const difference = differenceName(metric)
  return [
    ...(inFull ? [`${now} - ${before} AS ${difference}`] : []),
    `ROUND(100.0 * (${now} - ${before}) / NULLIF(${before}, 0), 2) AS ${changeName(metric)}`,
  ]
}

/** A series in which each complete step knows the one it grew from. */
function growthSelect(intent: MeasureIntent, base: 'previous' | 'year', deps: CompileDeps): Select {
  const { layer, today } = deps
  const { grain = 'month' } = intent
  const metric = metricOf(layer, intent.metrics[0] ?? '')
  const start = dataStart[metric.table]
  const asked = intent.period ?? rangePeriod(start, today)
  const from = unitAt(grain, asked.from).from
  const back = base === 'year' ? '1 YEAR' : grain === 'quarter' ? '3 MONTH' : `1 ${grain.toUpperCase()}`
  const earlier =
    base === 'year'
      ? unitAt(grain, shiftUnit('year', from, -1).from.slice(0, 4) + from.slice(4)).from
      : shiftUnit(grain, from, -1).from
  // The running step would look like a fall
  const current = unitAt(grain, today)
  const end =
    asked.to > today && current.to > today
      ? addDays(current.from, -1)
      : asked.to >= current.from && current.to > today
        ? addDays(current.from, -1)
        : asked.to
  const on = intent.by.map((key) => ` AND before.${key} = now.${key}`).join('')
  const before = `before.${metric.column}`
  const now = `now.${metric.column}`
  const name = metric.unit === 'percent' ? `${stem(metric)}_change_pct_points` : `${stem(metric)}_growth_pct`
  const growth =
    metric.unit === 'percent'
      ? `ROUND(${now} - ${before}, 2)`
      : `ROUND(100.0 * (${now} - ${before}) / NULLIF(${before}, 0), 2)`
  const select: Select = {
    with: [
      {
        name: 'series',
        select: baseSelect(
          {
            ...intent,
            metrics: intent.metrics.slice(0, 1),
            period: { ...rangePeriod(earlier, end < earlier ? earlier : end) },
          },
          deps,
        ),
      },
    ],
    columns: [
      ...keysOf(intent).map((key) => `now.${key}`),
      now,
      `${before} AS ${base === 'year' ? 'year_before' : 'previous'}_${metric.column}`,
      `${growth} AS ${name}`,
    ],
    from: 'series AS now',
    joins: [`LEFT JOIN series AS before ON before.${grain} = now.${grain} - INTERVAL ${back}${on}`],
    where: [`now.${grain} >= ${date(from)}`, ...(intent.top ? [`${before} IS NOT NULL`] : [])],
  }
  return ordered(select, intent, deps, name)
}

function cumulativeSelect(intent: MeasureIntent, deps: CompileDeps): Select {
  const { grain = 'month', by } = intent
  const partition = by.length > 0 ? `PARTITION BY ${by.join(', ')} ` : ''
  const columns = columnsOf(intent, deps.layer)
  return ordered(
    {
      with: [{ name: 'base', select: baseSelect({ ...intent, grain }, deps) }],
      columns: [
        ...keysOf({ by, grain }),
        ...columns,
        ...columns.map((column) => `SUM(${column}) OVER (${partition}ORDER BY ${grain}) AS cumulative_${column}`),
      ],
      from: 'base',
    },
    { ...intent, grain },
    deps,
  )
}

/** The mean of whole steps. What adds up is divided by their number, so that steps with nothing count as 0. */
function averageSelect(intent: MeasureIntent, grain: NonNullable<MeasureIntent['grain']>, deps: CompileDeps): Select {
  const { layer } = deps
  const metrics = intent.metrics.map((name) => metricOf(layer, name))
  const period = intent.period ?? rangePeriod(dataStart[metrics[0]?.table ?? 'orders'], deps.today)
  const count = unitsIn(grain, period)
  const word = { day: 'daily', week: 'weekly', month: 'monthly', quarter: 'quarterly', year: 'yearly' }[grain]
  const select: Select = {
    with: [{ name: `${grain}s_base`, select: baseSelect({ ...intent, grain, having: [], period }, deps) }],
    columns: [
      ...intent.by,
      ...metrics.map((metric) => {
        const isRate = metric.additive === 'none' && metric.unit !== 'count'
        const mean = isRate ? `AVG(${metric.column})` : `1.0 * SUM(${metric.column}) / ${count}`
        return `ROUND(${mean}, 2) AS avg_${word}_${metric.column}`
      }),
    ],
    from: `${grain}s_base`,
    groupBy: intent.by,
    ...(intent.by.length === 0 ? { having: ['COUNT(*) > 0'] } : {}),
  }
  const [first] = metrics
  return ordered(select, { ...intent, metrics: intent.metrics.slice(0, 1) }, deps, `avg_${word}_${first?.column ?? ''}`)
}

function listSelect(intent: ListIntent, { layer, today }: CompileDeps): Select {
  const rows = layer.lists[intent.list]
  const column = (dimension: string): string => rows.filters?.[dimension] ?? columnOf(layer, dimension, rows.table)
  const { alias, name } = layer.tables[rows.table]
  const day = intent.state === 'churned' ? 'c.churn_date' : rows.date
  const where = intent.filters.map((filter) => condition(filter, column(filter.dimension)))
  if (intent.period && day !== undefined)
    where.push(`${day} BETWEEN ${date(intent.period.from)} AND ${date(intent.period.to)}`)
  else if (intent.state === 'churned') where.push('c.churned')
  if (intent.state === 'active') where.push(`c.signup_date <= ${date(today)}`, 'NOT c.churned')
  where.push(...intent.amounts.map(({ field, operator, value }) => `${alias}.${field} ${operator} ${value}`))
  const direction = intent.end === 'low' ? 'ASC' : 'DESC'
  const order = {
    size: [`${rows.size} ${direction}`, rows.key],
    latest: [`${day ?? rows.size} DESC`, `${rows.key} DESC`],
    earliest: [day ?? rows.size, rows.key],
    name: [rows.key],
  }[intent.sort]
  return {
    columns: rows.columns.map((each) =>
      each.sql === `${alias}.${each.name}` || each.sql === each.name ? each.sql : `${each.sql} AS ${each.name}`,
    ),
    from: rows.from ?? `${name} AS ${alias}`,
    where,
    orderBy: order,
    ...(intent.count === undefined ? {} : { limit: intent.count }),
  }
}

function valuesSelect({ dimension, filters }: ValuesIntent, { layer }: CompileDeps): Select {
  const known = dimensionOf(layer, dimension)
  const table = known.columns.customers === undefined ? 'orders' : 'customers'
  const columns = [dimension, ...(known.inside === undefined ? [] : [known.inside])]
  const { name, alias } = layer.tables[table]
  return {
    columns: columns.map(
      (each, index) => `${index === 0 ? 'DISTINCT ' : ''}${columnOf(layer, each, table)} AS ${each}`,
    ),
    from: `${name} AS ${alias}`,
    where: [
      ...filters.map((filter) => condition(filter, columnOf(layer, filter.dimension, table))),
      ...(known.only ? [`${columnOf(layer, dimension, table)} IS NOT NULL`] : []),
    ],
    orderBy: [...columns],
  }
}

/** A metric's column without its unit, for names that get another. */
const stem = (metric: Metric): string => metric.column.replace(/_(?:usd|pct)$/, '')

/** `revenue_usd` and `2023` make `revenue_2023_usd`. */
const withSlug = (column: string, name: string): string => column.replace(/(_usd|_pct)?$/, `_${name}$1`)

const slug = (label: string): string =>
  label
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_|_$/g, '')
