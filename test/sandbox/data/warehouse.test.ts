import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadSemanticLayer, parseSemanticLayer } from '../../../sandbox/data/semantic-layer.ts'
import { createWarehouse, type Warehouse, WarehouseError } from '../../../sandbox/data/warehouse.ts'
import { rejection } from '../../support/rejection.ts'

let warehouse: Warehouse

beforeAll(async () => {
  warehouse = await createWarehouse({ today: '2026-11-23' })
})
afterAll(async () => {
  await warehouse[Symbol.asyncDispose]()
})

async function rows(sql: string, from: Warehouse = warehouse): Promise<readonly (readonly (string | null)[])[]> {
  return (
    await from.query(sql.replaceAll(/\bO\b/g, 'sandbox.sales.orders').replaceAll(/\bC\b/g, 'sandbox.crm.customers'))
  ).rows
}
const number = async (sql: string): Promise<number> => Number((await rows(sql))[0]?.[0])

describe('the sample data', () => {
  it('has the size it promises, up to today', async () => {
    expect(await number('SELECT count(*) FROM O')).toBeGreaterThan(200_000)
    expect(await number('SELECT count(*) FROM C')).toBeGreaterThan(5000)
    expect(await rows('SELECT min(order_date), max(order_date), count(DISTINCT order_date) FROM O')).toEqual([
      ['2021-01-01', '2026-11-23', '2153'],
    ])
  })

  it('stays the same on every machine and version', async () => {
    expect(await rows('SELECT count(*), sum(revenue), sum(cost), sum(quantity), count(*) FILTER (returned) FROM O'))
      .toMatchInlineSnapshot(`
      [
        [
          "253003",
          "700959045.74",
          "458584190.70",
          "1925681",
          "11878",
        ],
      ]
    `)
    expect(await rows('SELECT count(*), count(*) FILTER (churned), sum(mrr) FROM C')).toMatchInlineSnapshot(`
      [
        [
          "7403",
          "3014",
          "11530800.00",
        ],
      ]
    `)
  })

  it('does not change a day when the next one comes', async () => {
    const past = `SELECT md5(string_agg(to_json(t)::VARCHAR, '|' ORDER BY order_id)) FROM O t WHERE order_date <= '2023-08-16'`
    const known = `SELECT md5(string_agg(customer_id || customer || segment || country || plan || mrr || signup_date, '|' ORDER BY customer_id)) FROM C WHERE signup_date <= '2023-08-16'`
    const left = `SELECT customer_id, churn_date, churn_reason FROM C WHERE churn_date <= '2023-08-16' ORDER BY 1`
    await using day = await createWarehouse({ today: '2023-08-16' })
    await using nextDay = await createWarehouse({ today: '2023-08-17' })

    for (const sql of [past, known, left]) {
      const before = await rows(sql, day)
      expect(await rows(sql, nextDay)).toEqual(before)
      expect(await rows(sql)).toEqual(before)
    }
    expect(await rows('SELECT max(order_date), (SELECT max(churn_date) FROM C) FROM O', day)).toEqual([
      ['2023-08-16', '2023-08-16'],
    ])
  })

  it('is another company with another seed', async () => {
    const sum = 'SELECT sum(revenue) FROM O'
    await using other = await createWarehouse({ today: '2021-06-30', seed: 'other' })
    await using same = await createWarehouse({ today: '2021-06-30', seed: 'deckhand' })

    expect(await rows(sum, other)).not.toEqual(await rows(sum, same))
    expect(await rows(sum, same)).toEqual(await rows(`${sum} WHERE order_date <= '2021-06-30'`))
  })

  it('keeps money exact and orders consistent', async () => {
    const { columns } = await warehouse.query(
      'SELECT list_price, discount_rate, revenue, cost FROM sandbox.sales.orders LIMIT 1',
    )

    expect(columns.map(({ typeText }) => typeText)).toEqual([
      'DECIMAL(10,2)',
      'DECIMAL(4,2)',
      'DECIMAL(12,2)',
      'DECIMAL(12,2)',
    ])
    expect(
      await number('SELECT count(*) FROM O WHERE abs(quantity * list_price * (1 - discount_rate) - revenue) > 0.005'),
    ).toBe(0)
    expect(
      await number('SELECT count(*) FROM O WHERE quantity < 1 OR discount_rate NOT BETWEEN 0 AND 0.3 OR cost <= 0'),
    ).toBe(0)
    expect(await number('SELECT count(*) - count(DISTINCT order_id) FROM O')).toBe(0)
    expect(await number('SELECT count(*) - count(DISTINCT customer) FROM C')).toBe(0)
  })

  it('has orders only from customers who were there, as they are in the customer list', async () => {
    expect(
      await number(`SELECT count(*) FROM O o LEFT JOIN C c USING (customer_id) WHERE c.customer_id IS NULL OR o.order_date < c.signup_date
        OR o.order_date > c.churn_date OR o.region <> c.region OR o.country <> c.country OR o.segment <> c.segment OR o.customer <> c.customer`),
    ).toBe(0)
    expect(
      await number(
        'SELECT count(*) FROM C WHERE churned <> (churn_date IS NOT NULL) OR churned <> (churn_reason IS NOT NULL) OR churn_date < signup_date',
      ),
    ).toBe(0)
  })
})

describe('what the sample data tells', () => {
  it('has a strong fourth quarter every year', async () => {
    const years = await rows(
      `SELECT y, max_by(q, r) FROM (SELECT year(order_date) y, quarter(order_date) q, sum(revenue) r FROM O WHERE order_date < '2026-01-01' GROUP BY ALL) GROUP BY y ORDER BY y`,
    )

    expect(years.map(([, best]) => best)).toEqual(['4', '4', '4', '4', '4'])
  })

  it('has one bad quarter, the third of 2024, by missing hardware', async () => {
    const worst = await rows(
      `SELECT d, r / p FROM (SELECT date_trunc('quarter', order_date)::DATE d, sum(revenue) r, lag(sum(revenue), 4) OVER (ORDER BY d) p FROM O WHERE order_date < '2026-10-01' GROUP BY 1) WHERE p IS NOT NULL ORDER BY 2`,
    )
    const lost = await rows(
      `SELECT category, sum(revenue) FILTER (order_date BETWEEN '2024-07-01' AND '2024-09-30') / sum(revenue) FILTER (order_date BETWEEN '2023-07-01' AND '2023-09-30') x FROM O GROUP BY 1 ORDER BY x`,
    )

    expect(worst[0]?.[0]).toBe('2024-07-01')
    expect(worst.filter(([, ratio]) => Number(ratio) < 1)).toHaveLength(1)
    expect(lost[0]?.[0]).toBe('Hardware')
    expect(Number(lost[0]?.[1])).toBeLessThan(0.55)
    expect(lost.slice(1).every(([, ratio]) => Number(ratio) > 0.9)).toBe(true)
  })

  it('has one region that grows by more than a third a year', async () => {
    const growth = await rows(
      `SELECT region, power(sum(revenue) FILTER (year(order_date) = 2025) / sum(revenue) FILTER (year(order_date) = 2021), 0.25) g FROM O GROUP BY 1 ORDER BY g DESC`,
    )

    expect(growth[0]?.[0]).toBe('APAC')
    expect(Number(growth[0]?.[1])).toBeGreaterThan(1.33)
    expect(growth.slice(1).every(([, rate]) => Number(rate) < 1.15)).toBe(true)
  })

  it('sells larger quantities at higher discounts', async () => {
    const quantities = await rows(
      `SELECT discount_rate, avg(quantity) FROM O WHERE segment = 'Mid-Market' AND category <> 'Services' AND discount_rate <= 0.25 GROUP BY 1 ORDER BY 1`,
    )
    const sizes = quantities.map(([, size]) => Number(size))

    expect(sizes.length).toBeGreaterThanOrEqual(5)
    expect(sizes).toEqual(sizes.toSorted((a, b) => a - b))
  })

  it('gets furniture back often, software hardly ever, and a faulty batch of chairs', async () => {
    const rates = await rows(`SELECT category, avg(returned::INT) r FROM O GROUP BY 1 ORDER BY r DESC`)
    const chairs = await rows(
      `SELECT date_trunc('quarter', order_date)::DATE, avg(returned::INT) r FROM O WHERE product = 'Ergo Chair' GROUP BY 1 ORDER BY r DESC`,
    )

    expect(rates.map(([category]) => category)).toEqual([
      'Furniture',
      'Accessories',
      'Hardware',
      'Software',
      'Services',
    ])
    expect(chairs[0]?.[0]).toBe('2025-04-01')
    expect(Number(chairs[0]?.[1])).toBeGreaterThan(1.5 * Number(chairs[1]?.[1]))
  })

  it('loses more and more small customers, and only those', async () => {
    const rate = async (segment: string, year: number) =>
      number(
        `SELECT count(*) FILTER (year(churn_date) = ${year}) / count(*) FILTER (signup_date < '${year}-01-01' AND coalesce(churn_date, '9999-01-01') >= '${year}-01-01') FROM C WHERE segment = '${segment}'`,
      )

    expect((await rate('SMB', 2025)) / (await rate('SMB', 2023))).toBeGreaterThan(1.7)
    expect((await rate('Mid-Market', 2025)) / (await rate('Mid-Market', 2023))).toBeLessThan(1.6)
    expect(await rate('Enterprise', 2025)).toBeLessThan(0.06)
  })
})

describe('the warehouse', () => {
  it.each([
    ['INSERT', 'INSERT INTO sandbox.sales.products SELECT * FROM sandbox.sales.products'],
    ['DELETE', 'DELETE FROM sandbox.sales.orders'],
    ['UPDATE', 'UPDATE sandbox.crm.customers SET mrr = 0'],
    ['DROP', 'DROP TABLE sandbox.sales.orders'],
    ['CREATE', 'CREATE TABLE x (a INTEGER)'],
    ['SET', 'SET threads = 1'],
    ['ATTACH', "ATTACH ':memory:' AS other"],
    ['two statements', 'SELECT 1; SELECT 2'],
  ])('does not run %s', async (_what, sql) => {
    await expect(rejection(warehouse.query(sql))).resolves.toMatchObject({
      name: 'WarehouseError',
      code: 'not-allowed',
    })
  })

  it.each([
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM '/etc/hostname'",
    "SELECT * FROM read_text('https://example.com/')",
    "COPY (SELECT 1) TO '/tmp/x.csv'",
    'SELECT * FROM nowhere',
    'SELEC 1',
    ' -- nothing',
  ])('reaches nothing by %s', async (sql) => {
    const error = await rejection(warehouse.query(sql))

    expect(error).toBeInstanceOf(WarehouseError)
    expect(error).toMatchObject({ code: expect.stringMatching(/^(sql|not-allowed)$/) })
  })

  it('gives cells as text, missing ones as null, and the number of all rows', async () => {
    const result = await warehouse.query(
      "SELECT x, x / 4 AS quarter, NULL AS gone, DATE '2024-02-29' + CAST(x AS INTEGER) AS day, x > 1 AS big FROM range(3) AS t(x)",
      { maxRows: 2 },
    )

    expect(result).toEqual({
      columns: [
        { name: 'x', typeName: 'LONG', typeText: 'BIGINT' },
        { name: 'quarter', typeName: 'DOUBLE', typeText: 'DOUBLE' },
        { name: 'gone', typeName: 'INT', typeText: 'INT' },
        { name: 'day', typeName: 'DATE', typeText: 'DATE' },
        { name: 'big', typeName: 'BOOLEAN', typeText: 'BOOLEAN' },
      ],
      rows: [
        ['0', '0', null, '2024-02-29', 'false'],
        ['1', '0.25', null, '2024-03-01', 'false'],
      ],
      totalRowCount: 3,
    })
  })

  it('stops a query when the caller does', async () => {
    const stop = new AbortController()
    const running = rejection(
      warehouse.query(
        'SELECT count(*) FROM sandbox.sales.orders a, sandbox.sales.orders b WHERE a.revenue > b.cost + 1',
        { signal: stop.signal },
      ),
    )
    await warehouse.query('SELECT 1')
    stop.abort(new Error('enough'))

    await expect(running).resolves.toMatchObject({ message: 'enough' })
  })

  it('stops a query that runs too long', async () => {
    await using hasty = await createWarehouse({ today: '2021-03-01', timeoutMs: 50 })

    await expect(
      rejection(hasty.query('SELECT count(*) FROM range(1000000) a, range(1000000) b WHERE a.range > b.range')),
    ).resolves.toMatchObject({ code: 'timeout' })
    await expect(hasty.query('SELECT 1')).resolves.toMatchObject({ rows: [['1']] })
  })

  it.each(['yesterday', '2026-13-01', '2020-12-31'])('cannot be made for %s', async (today) => {
    expect(await rejection(createWarehouse({ today }))).toBeInstanceOf(RangeError)
  })
})

describe('the semantic layer', () => {
  it('knows exactly the values the data has', async () => {
    const layer = await loadSemanticLayer(warehouse)
    const columns = {
      region: 'O',
      country: 'O',
      segment: 'O',
      category: 'O',
      product: 'O',
      channel: 'O',
      customer: 'C',
      plan: 'C',
      churn_reason: 'C',
    }

    for (const [dimension, table] of Object.entries(columns)) {
      const values = await warehouse.query(
        `SELECT DISTINCT ${dimension} FROM ${table === 'O' ? 'sandbox.sales.orders' : 'sandbox.crm.customers'} WHERE ${dimension} IS NOT NULL`,
        { maxRows: 100_000 },
      )
      expect(Object.keys(layer.dimensions[dimension]?.values ?? {}).toSorted(), dimension).toEqual(
        values.rows.map(([value]) => value ?? '').toSorted(),
      )
    }
  })

  it('nests countries in regions and products in categories', async () => {
    expect(await number('SELECT max(n) FROM (SELECT count(DISTINCT region) n FROM C GROUP BY country)')).toBe(1)
    expect(await number('SELECT max(n) FROM (SELECT count(DISTINCT category) n FROM O GROUP BY product)')).toBe(1)
  })

  it('uses each word for one thing', async () => {
    const layer = parseSemanticLayer(
      await readFile(new URL('../../../sandbox/data/semantic-layer.yaml', import.meta.url), 'utf8'),
    )
    const words = [
      ...layer.combinations.flatMap((combination) => combination.words),
      ...Object.values(layer.metrics).flatMap((metric) => metric.words),
      ...Object.values(layer.dimensions).flatMap(({ words, adjectives, values, groups }) => [
        ...words,
        ...adjectives,
        ...Object.values(values).flat(),
        ...Object.values(groups).flatMap((group) => group.words),
      ]),
    ]

    expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([])
  })

  it('reports every mistake in it', () => {
    const error = () =>
      parseSemanticLayer(
        'tables: {}\njoins: []\nmetrics: {}\ncombinations: [{words: "a, b", metrics: [nope, none]}]\ndimensions: {}\nlists: {}',
      )

    expect(error).toThrow(/tables|orders/)
  })
})
