import { firstOrderDate, firstSignupDate, nameEnds, nameStarts, nameTrades, products, regions } from './master-data.ts'

/**
 * SQL that fills `sandbox.sales` and `sandbox.crm`, in order. Every draw comes from MD5 over the seed and what is
 * drawn for, so the data is the same on every machine and DuckDB version, and a later `today` only adds rows: what
 * was ordered up to a day does not change, and churn after `today` is not known yet.
 *
 * What a reader can find in the data:
 * - the year has seasons: the fourth quarter is strong, January, July and August are weak, weekends are slow;
 * - the third quarter of 2024 is bad: a parts shortage stops more than half of all Hardware orders;
 * - APAC grows by more than a third a year, the other regions by single digits; Online grows at Direct's expense;
 * - a higher discount goes with larger quantities, and November has more discounts;
 * - furniture comes back often, software hardly ever; a faulty batch of Ergo Chair in the second quarter of 2025;
 * - churn of small businesses (SMB) more than doubles from mid-2024 on, other segments stay as they were.
 */
export function generatorStatements(options: { readonly today: string; readonly seed: string }): readonly string[] {
  const today = `DATE ${quote(options.today)}`
  return [
    `ATTACH ':memory:' AS sandbox`,
    `CREATE SCHEMA sandbox.sales`,
    `CREATE SCHEMA sandbox.crm`,
    // 64 fresh bits for a name, and four independent draws in [0, 1) out of them.
    `CREATE TEMP MACRO bits(name) AS md5_number_lower(${quote(options.seed)} || '/' || name)`,
    `CREATE TEMP MACRO draw(h, n) AS ((h >> (16 * n)) & 65535) / 65536.0::DOUBLE`,
    ...masterTables(),
    rawCustomers(today),
    churnDates(today),
    customers(today),
    activeCustomers(today),
    orderSlots(today),
    orders(),
    `CREATE TABLE sandbox.sales.products AS
      SELECT product, category, list_price, CAST(launch_year AS INTEGER) AS launch_year
      FROM (SELECT *, row_number() OVER (PARTITION BY product ORDER BY year DESC) AS n, min(year) OVER (PARTITION BY product) AS launch_year
            FROM price_list WHERE year <= year(${today}))
      WHERE n = 1
      ORDER BY category, product`,
    ...[
      'region_list',
      'country_list',
      'product_list',
      'price_list',
      'product_slots',
      'raw_customers',
      'churn_dates',
      'active_customers',
      'order_slots',
    ].map((table) => `DROP TABLE ${table}`),
  ]
}

function masterTables(): string[] {
  const regionRows = regions.map((r) => `(${quote(r.region)}, ${r.ordersPerDay}, ${r.yearlyGrowth})`)
  const countryRows = regions.flatMap(({ region, countries }) => {
    let from = 0
    return Object.entries(countries).map(([country, share]) => {
      const row = `(${quote(region)}, ${quote(country)}, ${from / 100}, ${(from + share) / 100})`
      from += share
      return row
    })
  })
  const productRows = products.map(
    (p) => `(${quote(p.product)}, ${quote(p.category)}, ${p.price}, ${p.costShare}, ${p.weight}, ${p.since})`,
  )
  return [
    `CREATE TEMP TABLE region_list AS
      SELECT * FROM (VALUES ${regionRows.join(', ')}) AS t(region, orders_per_day, yearly_growth)`,
    `CREATE TEMP TABLE country_list AS
      SELECT * FROM (VALUES ${countryRows.join(', ')}) AS t(region, country, share_from, share_to)`,
    `CREATE TEMP TABLE product_list AS
      SELECT * FROM (VALUES ${productRows.join(', ')}) AS t(product, category, price, cost_share, weight, since)`,
    // Prices and costs rise by 3 % each January; software and services gain weight, hardware loses some.
    `CREATE TEMP TABLE price_list AS
      SELECT year, product, category,
        CAST(price * (1 + 0.03 * (year - 2021)) AS DECIMAL(10, 2)) AS list_price,
        CAST(price * cost_share * (1 + 0.03 * (year - 2021)) AS DECIMAL(10, 2)) AS unit_cost,
        weight * CASE category WHEN 'Software' THEN 1 + 0.12 * (year - 2021) WHEN 'Services' THEN 1 + 0.06 * (year - 2021)
                               WHEN 'Hardware' THEN 1 - 0.03 * (year - 2021) ELSE 1 END AS weight
      FROM product_list, (SELECT unnest(range(2021, 2041)) AS year)
      WHERE year >= since`,
    // A thousand slots a year, shared out by weight: a draw picks a slot, an equal join finds the product.
    `CREATE TEMP TABLE product_slots AS
      WITH ranges AS (
        SELECT *, (sum(weight) OVER w - weight) / sum(weight) OVER (PARTITION BY year) AS share_from,
          sum(weight) OVER w / sum(weight) OVER (PARTITION BY year) AS share_to
        FROM price_list
        WINDOW w AS (PARTITION BY year ORDER BY product))
      SELECT 1000 * year + slot AS slot, product, category, list_price, unit_cost
      FROM ranges JOIN (SELECT unnest(range(1000)) AS slot)
        ON (slot + 0.5) / 1000 >= share_from AND (slot + 0.5) / 1000 < share_to`,
  ]
}

/** Who signs up on which day; more each year, and a growing part of them in APAC. */
function rawCustomers(today: string): string {
  return `CREATE TEMP TABLE raw_customers AS
    WITH days AS (
      SELECT CAST(unnest(range(DATE '${firstSignupDate}', ${today} + INTERVAL 1 DAY, INTERVAL 1 DAY)) AS DATE) AS day),
    signups AS (
      SELECT day, unnest(range(CAST(floor(1.3 + 0.25 * (year(day) - 2018) + draw(bits('signups/' || day), 0)) AS INTEGER))) AS n
      FROM days),
    drawn AS (
      SELECT *, row_number() OVER (ORDER BY day, n) - 1 AS i,
        bits('customer/' || day || '/' || n) AS h, bits('customer2/' || day || '/' || n) AS h2
      FROM signups),
    placed AS (
      SELECT *,
        CASE WHEN draw(h, 0) < 0.16 + 0.025 * (year(day) - 2018) THEN 'APAC'
             WHEN draw(h, 0) < 0.50 + 0.020 * (year(day) - 2018) THEN 'EMEA'
             WHEN draw(h, 0) < 0.86 + 0.005 * (year(day) - 2018) THEN 'Americas'
             ELSE 'Nordics' END AS region,
        CASE WHEN draw(h, 1) < 0.60 THEN 'SMB' WHEN draw(h, 1) < 0.88 THEN 'Mid-Market' ELSE 'Enterprise' END AS segment
      FROM drawn),
    planned AS (
      SELECT p.*, c.country,
        CASE WHEN draw(h, 3) < (CASE segment WHEN 'SMB' THEN 0.60 WHEN 'Mid-Market' THEN 0.25 ELSE 0.05 END) THEN 'Basic'
             WHEN draw(h, 3) < (CASE segment WHEN 'SMB' THEN 0.94 WHEN 'Mid-Market' THEN 0.75 ELSE 0.40 END) THEN 'Plus'
             ELSE 'Premium' END AS plan
      FROM placed p JOIN country_list c
        ON c.region = p.region AND draw(p.h, 2) >= c.share_from AND draw(p.h, 2) < c.share_to)
    SELECT i, 'C-' || lpad(CAST(i + 1 AS VARCHAR), 5, '0') AS customer_id,
      ${companyName('i')} AS customer,
      segment, region, country, plan,
      -- Seats times the price of a seat.
      CAST((CASE plan WHEN 'Basic' THEN 9 WHEN 'Plus' THEN 15 ELSE 24 END)
        * CAST(CASE segment WHEN 'SMB' THEN 3 + draw(h2, 0) * 22 WHEN 'Mid-Market' THEN 25 + draw(h2, 0) * 120
                            ELSE 150 + draw(h2, 0) * 650 END AS INTEGER) AS DECIMAL(10, 2)) AS mrr,
      day AS signup_date
    FROM planned`
}

/** Company name number \`i\`: a multiplier coprime to the number of names scatters them, so neighbours look unlike. */
function companyName(i: string): string {
  const names = nameStarts.flatMap((start) => nameEnds.map((end) => start + end))
  const count = names.length * nameTrades.length
  const place = `(${i} * 7919 % ${count})`
  return `list_extract(${list(nameStarts)}, CAST(${place} // ${nameEnds.length * nameTrades.length} + 1 AS INTEGER))
        || list_extract(${list(nameEnds)}, CAST(${place} // ${nameTrades.length} % ${nameEnds.length} + 1 AS INTEGER))
        || ' ' || list_extract(${list(nameTrades)}, CAST(${place} % ${nameTrades.length} + 1 AS INTEGER))
        || CASE WHEN ${i} < ${count} THEN '' ELSE ' ' || CAST(${i} // ${count} + 1 AS VARCHAR) END`
}

/**
 * A customer leaves in the month in which the risk added up since their third month reaches what they drew, on a day
 * of its own.
 */
function churnDates(today: string): string {
  return `CREATE TEMP TABLE churn_dates AS
    WITH months AS (
      SELECT CAST(unnest(range(DATE '${firstSignupDate}', date_trunc('month', ${today}) + INTERVAL 1 MONTH, INTERVAL 1 MONTH)) AS DATE) AS month),
    risks AS (
      SELECT segment, plan, month,
        CASE segment
          WHEN 'Enterprise' THEN 0.0035
          WHEN 'Mid-Market' THEN 0.0080
          -- The segment whose churn rises: from July 2024 on, a little more each month, up to 2.6 times.
          ELSE 0.0110 * least(2.6, 1 + 0.08 * greatest(0, date_diff('month', DATE '2024-06-01', month)))
        END * CASE plan WHEN 'Basic' THEN 1.25 WHEN 'Plus' THEN 1.0 ELSE 0.7 END AS risk
      FROM months, (VALUES ('SMB'), ('Mid-Market'), ('Enterprise')) AS s(segment), (VALUES ('Basic'), ('Plus'), ('Premium')) AS p(plan)),
    added AS (
      SELECT *, sum(risk) OVER (PARTITION BY segment, plan ORDER BY month) AS risk_so_far FROM risks),
    drawn AS (
      SELECT i, h, c.segment, c.plan, risk_so_far - ln(1 - draw(h, 0)) AS reached
      FROM (SELECT *, bits('churn/' || customer_id) AS h FROM raw_customers) c
      JOIN added a ON a.segment = c.segment AND a.plan = c.plan
        AND a.month = CAST(date_trunc('month', signup_date) + INTERVAL 1 MONTH AS DATE))
    SELECT i, CAST(month + CAST(floor(draw(h, 1) * day(last_day(month))) AS INTEGER) AS DATE) AS churn_date,
      CASE WHEN draw(h, 2) < 0.34 THEN 'Too expensive' WHEN draw(h, 2) < 0.58 THEN 'Switched to competitor'
           WHEN draw(h, 2) < 0.77 THEN 'Missing features' WHEN draw(h, 2) < 0.90 THEN 'Poor support'
           ELSE 'No longer needed' END AS churn_reason
    FROM drawn d ASOF JOIN added a ON a.segment = d.segment AND a.plan = d.plan AND a.risk_so_far >= d.reached`
}

function customers(today: string): string {
  return `CREATE TABLE sandbox.crm.customers AS
    SELECT c.customer_id, customer, segment, region, country, plan, mrr, signup_date,
      coalesce(churn_date <= ${today}, false) AS churned,
      CASE WHEN churn_date <= ${today} THEN churn_date END AS churn_date,
      CASE WHEN churn_date <= ${today} THEN churn_reason END AS churn_reason
    FROM raw_customers c LEFT JOIN churn_dates USING (i)
    ORDER BY customer_id`
}

/** Who can order in a month: signed up before it, still there at its end. Larger customers order more often. */
function activeCustomers(today: string): string {
  return `CREATE TEMP TABLE active_customers AS
    WITH months AS (
      SELECT CAST(unnest(range(DATE '${firstOrderDate}', ${today} + INTERVAL 1 DAY, INTERVAL 1 MONTH)) AS DATE) AS month),
    places AS (
      SELECT month, region, i,
        unnest(range(CASE segment WHEN 'Enterprise' THEN 4 WHEN 'Mid-Market' THEN 2 ELSE 1 END)) AS copy
      FROM raw_customers LEFT JOIN churn_dates USING (i) JOIN months
        ON signup_date < month AND (churn_date IS NULL OR churn_date > last_day(month)))
    SELECT region, month, i, row_number() OVER (ORDER BY region, month, i, copy) - 1 AS place FROM places`
}

/** One row per order, with its random bits; how many there are a day is the region's size, growth, season and luck. */
function orderSlots(today: string): string {
  const season = [0.86, 0.88, 1.0, 0.95, 0.97, 1.0, 0.86, 0.83, 1.02, 1.1, 1.3, 1.26]
  const weekday = [0.62, 1.14, 1.16, 1.12, 1.1, 1.02, 0.7] // from Sunday
  return `CREATE TEMP TABLE order_slots AS
    WITH days AS (
      SELECT CAST(unnest(range(DATE '${firstOrderDate}', ${today} + INTERVAL 1 DAY, INTERVAL 1 DAY)) AS DATE) AS day),
    counts AS (
      SELECT day, region, bits('orders/' || region || '/' || day) AS h,
        orders_per_day * (yearly_growth ** (date_diff('day', DATE '2021-07-01', day) / 365.25))
          * list_extract(${numbers(season)}, CAST(month(day) AS INTEGER))
          * list_extract(${numbers(weekday)}, CAST(dayofweek(day) + 1 AS INTEGER)) AS expected
      FROM days, region_list),
    rows AS (
      SELECT day, region, unnest(range(CAST(floor(expected * (0.9 + 0.2 * draw(h, 0)) + draw(h, 1)) AS INTEGER))) AS n
      FROM counts),
    drawn AS (
      SELECT *, CAST(date_trunc('month', day) AS DATE) AS month,
        bits('order/' || region || '/' || day || '/' || n) AS h, bits('order2/' || region || '/' || day || '/' || n) AS h2
      FROM rows),
    markets AS (
      SELECT region, month, min(place) AS first_place, count(*) AS places FROM active_customers GROUP BY ALL)
    SELECT day, row_number() OVER (PARTITION BY day ORDER BY region, n) AS number, h, h2,
      first_place + CAST(floor(draw(h, 0) * places) AS BIGINT) AS place,
      1000 * year(day) + CAST(floor(draw(h, 1) * 1000) AS BIGINT) AS slot
    FROM drawn JOIN markets USING (region, month)`
}

function orders(): string {
  return `CREATE TABLE sandbox.sales.orders AS
    WITH bought AS (
      SELECT o.day, o.number, o.h, o.h2, c.customer_id, c.customer, c.region, c.country, c.segment,
        p.product, p.category, p.list_price, p.unit_cost,
        CASE WHEN draw(o.h, 2) < 0.28 + 0.04 * (year(o.day) - 2021) + CASE c.segment WHEN 'SMB' THEN 0.12 WHEN 'Enterprise' THEN -0.12 ELSE 0 END
               THEN 'Online'
             WHEN draw(o.h, 2) >= 0.70 THEN 'Partner'
             ELSE 'Direct' END AS channel
      FROM order_slots o
      JOIN active_customers a ON a.place = o.place
      JOIN raw_customers c ON c.i = a.i
      JOIN product_slots p ON p.slot = o.slot
      -- The bad quarter: for want of parts, more than half of all Hardware orders of Q3 2024 never happen.
      WHERE NOT (o.day BETWEEN DATE '2024-07-01' AND DATE '2024-09-30' AND p.category = 'Hardware' AND draw(o.h, 3) < 0.55)),
    discounted AS (
      SELECT *, CAST(least(0.30, 0.05 * floor(6 * draw(h2, 0) * (
          CASE channel WHEN 'Partner' THEN 0.9 WHEN 'Direct' THEN 0.7 ELSE 0.45 END
          + CASE segment WHEN 'Enterprise' THEN 0.25 ELSE 0 END
          + CASE WHEN month(day) = 11 THEN 0.35 ELSE 0 END))) AS DECIMAL(4, 2)) AS discount_rate
      FROM bought),
    priced AS (
      SELECT *, 1 + CAST(floor(draw(h2, 1) * (CASE segment WHEN 'SMB' THEN 4 WHEN 'Mid-Market' THEN 9 ELSE 24 END)
          * (CASE category WHEN 'Services' THEN 0.4 ELSE 1 END) * (1 + 2.0 * discount_rate)) AS INTEGER) AS quantity
      FROM discounted)
    SELECT
      'SO-' || strftime(day, '%Y%m%d') || '-' || lpad(CAST(number AS VARCHAR), 4, '0') AS order_id,
      day AS order_date, region, country, segment, customer_id, customer, product, category, channel,
      quantity, list_price, discount_rate,
      CAST(quantity * list_price * (1 - discount_rate) AS DECIMAL(12, 2)) AS revenue,
      CAST(quantity * unit_cost AS DECIMAL(12, 2)) AS cost,
      draw(h2, 2) < CASE
        WHEN product = 'Ergo Chair' AND day BETWEEN DATE '2025-04-01' AND DATE '2025-06-30' THEN 0.27
        ELSE CASE category WHEN 'Furniture' THEN 0.095 WHEN 'Accessories' THEN 0.058 WHEN 'Hardware' THEN 0.042
                           WHEN 'Software' THEN 0.014 ELSE 0.008 END
             * CASE channel WHEN 'Online' THEN 1.2 ELSE 0.9 END
        END AS returned
    FROM priced
    ORDER BY day, number`
}

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`
const list = (texts: readonly string[]): string => `[${texts.map(quote).join(', ')}]`
const numbers = (values: readonly number[]): string => `[${values.join(', ')}]`
