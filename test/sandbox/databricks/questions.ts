/**
 * Business questions with the SQL an analyst would write for them by hand. The SQL is not derived from the sandbox's:
 * it uses other forms on purpose, and times are written out for 2026-11-23 as the last day with data.
 * `o` stands for the orders table and `c` for the customers table.
 */
export interface BusinessQuestion {
  readonly question: string
  readonly sql: string
  /** The order of the rows is part of the answer. */
  readonly ordered?: true
}

const q = (question: string, sql: string, ordered?: 'ordered'): BusinessQuestion => ({
  question,
  sql: sql.replaceAll(/\bO\b/g, 'sandbox.sales.orders').replaceAll(/\bC\b/g, 'sandbox.crm.customers'),
  ...(ordered ? { ordered: true } : {}),
})

const quarterStart = `make_date(year(order_date), 3 * CAST(floor((month(order_date) - 1) / 3) AS INTEGER) + 1, 1)`
const monthStart = `make_date(year(order_date), month(order_date), 1)`

/** Totals, splits, rankings, filters. */
const salesQuestions = [
  q(
    'What were Q4 2023 sales by region?',
    `SELECT region, sum(revenue) FROM O WHERE year(order_date) = 2023 AND month(order_date) >= 10 GROUP BY 1 ORDER BY 2 DESC`,
    'ordered',
  ),
  q('How much did we sell in 2024?', `SELECT sum(revenue) FROM O WHERE year(order_date) = 2024`),
  q("What's our total revenue to date?", `SELECT sum(revenue) FROM O`),
  q(
    'revenue in the fourth quarter of 2023',
    `SELECT sum(revenue) FROM O WHERE order_date >= '2023-10-01' AND order_date < '2024-01-01'`,
  ),
  q('How many orders did we get in 2022?', `SELECT count(*) FROM O WHERE year(order_date) = 2022`),
  q('How many orders did we get yesterday?', `SELECT count(*) FROM O WHERE order_date = '2026-11-22'`),
  q(
    'Show me monthly revenue for 2023',
    `SELECT ${monthStart}, sum(revenue) FROM O WHERE year(order_date) = 2023 GROUP BY 1 ORDER BY 1`,
    'ordered',
  ),
  q(
    'Revenue by region and quarter for 2024',
    `SELECT ${quarterStart}, region, sum(revenue) FROM O WHERE year(order_date) = 2024 GROUP BY ALL ORDER BY 1, 2`,
    'ordered',
  ),
  q(
    'Show orders by day for last week',
    `SELECT order_date, count(*) FROM O WHERE order_date BETWEEN '2026-11-16' AND '2026-11-22' GROUP BY 1 ORDER BY 1`,
    'ordered',
  ),
  q(
    'orders by week in March 2024',
    `SELECT CAST(order_date - CAST(isodow(order_date) - 1 AS INTEGER) AS DATE), count(*) FROM O WHERE year(order_date) = 2024 AND month(order_date) = 3 GROUP BY 1`,
  ),
  q('revenue by year', `SELECT make_date(year(order_date), 1, 1), sum(revenue) FROM O GROUP BY 1`),
  q(
    'Which region had the highest revenue in 2024?',
    `SELECT region, sum(revenue) r FROM O WHERE year(order_date) = 2024 GROUP BY 1 ORDER BY r DESC LIMIT 1`,
  ),
  q('which region sold the most', `SELECT region, sum(revenue) r FROM O GROUP BY 1 ORDER BY r DESC LIMIT 1`),
  q('What is our best product?', `SELECT product, sum(revenue) r FROM O GROUP BY 1 ORDER BY r DESC LIMIT 1`),
  q(
    'Top 5 products by revenue in Germany last year',
    `SELECT product, sum(revenue) r FROM O WHERE country = 'Germany' AND year(order_date) = 2025 GROUP BY 1 ORDER BY r DESC LIMIT 5`,
    'ordered',
  ),
  q(
    'bottom 3 categories by margin',
    `SELECT category, round(100 * (1 - sum(cost) / sum(revenue)), 2) m FROM O GROUP BY 1 ORDER BY m LIMIT 3`,
    'ordered',
  ),
  q(
    'Which country in EMEA has the lowest margin?',
    `SELECT country, round(100 * (1 - sum(cost) / sum(revenue)), 2) m FROM O WHERE region = 'EMEA' GROUP BY 1 ORDER BY m LIMIT 1`,
  ),
  q(
    'Who are our top 10 customers by revenue in 2025?',
    `SELECT customer, sum(revenue) r FROM O WHERE year(order_date) = 2025 GROUP BY 1 ORDER BY r DESC LIMIT 10`,
    'ordered',
  ),
  q(
    'Top 3 products in each region by revenue in 2025',
    `SELECT region, product, r FROM (SELECT region, product, sum(revenue) r, rank() OVER (PARTITION BY region ORDER BY sum(revenue) DESC) k FROM O WHERE year(order_date) = 2025 GROUP BY 1, 2) WHERE k <= 3`,
  ),
  q('best month ever', `SELECT ${monthStart} m, sum(revenue) r FROM O GROUP BY 1 ORDER BY r DESC LIMIT 1`),
  q(
    'In which month did we have the most orders in 2022?',
    `SELECT ${monthStart} m, count(*) n FROM O WHERE year(order_date) = 2022 GROUP BY 1 ORDER BY n DESC LIMIT 1`,
  ),
  q(
    'What was the busiest day in 2023?',
    `SELECT order_date, count(*) n FROM O WHERE year(order_date) = 2023 GROUP BY 1 ORDER BY n DESC, 1 LIMIT 1`,
  ),
  q(
    'Show me the best and worst products in 2025',
    `SELECT product, sum(revenue) r FROM O WHERE year(order_date) = 2025 GROUP BY 1 ORDER BY r DESC`,
    'ordered',
  ),
  q(
    'top 2 products per quarter in 2025',
    `SELECT d, product, r FROM (SELECT ${quarterStart} d, product, sum(revenue) r, rank() OVER (PARTITION BY d ORDER BY r DESC) k FROM O WHERE year(order_date) = 2025 GROUP BY 1, 2) WHERE k <= 2`,
  ),
  q(
    'best month for each region in 2024',
    `SELECT m, region, r FROM (SELECT region, ${monthStart} m, sum(revenue) r, row_number() OVER (PARTITION BY region ORDER BY sum(revenue) DESC) k FROM O WHERE year(order_date) = 2024 GROUP BY 1, 2) WHERE k = 1`,
  ),
  q(
    'Which weekday has the most orders?',
    `SELECT dayname(order_date) d, count(*) n FROM O GROUP BY 1 ORDER BY n DESC LIMIT 1`,
  ),
  q('How much did we sell in the US?', `SELECT sum(revenue) FROM O WHERE country = 'United States'`),
  q(
    'Revenue in Germany, France and Spain',
    `SELECT country, sum(revenue) FROM O WHERE country IN ('Germany', 'France', 'Spain') GROUP BY 1`,
  ),
  q(
    'revenue in Latin America in 2024',
    `SELECT sum(revenue) FROM O WHERE country IN ('Brazil', 'Mexico') AND year(order_date) = 2024`,
  ),
  q(
    'Sales of laptops in 2025 by channel',
    `SELECT channel, sum(revenue) FROM O WHERE product LIKE 'Atlas Laptop%' AND year(order_date) = 2025 GROUP BY 1`,
  ),
  q('Revenue by region excluding Nordics', `SELECT region, sum(revenue) FROM O WHERE region <> 'Nordics' GROUP BY 1`),
  q('sales outside of EMEA', `SELECT sum(revenue) FROM O WHERE region IN ('Americas', 'APAC', 'Nordics')`),
  q('Revenue excluding returns by channel', `SELECT channel, sum(revenue) FROM O WHERE returned = false GROUP BY 1`),
  q(
    'Show me the revenue breakdown for Q3 2024 by product category, excluding returns',
    `SELECT category, sum(CASE WHEN returned THEN 0 ELSE revenue END) FROM O WHERE order_date BETWEEN '2024-07-01' AND '2024-09-30' GROUP BY 1`,
  ),
  q(
    'Sum of revenue where region is EMEA and channel is Online',
    `SELECT sum(revenue) FROM O WHERE region = 'EMEA' AND channel = 'Online'`,
  ),
  q(
    'revenue for Enterprise in APAC since March 2025 by month',
    `SELECT ${monthStart}, sum(revenue) FROM O WHERE segment = 'Enterprise' AND region = 'APAC' AND order_date >= '2025-03-01' GROUP BY 1`,
  ),
  q(
    'third quarter 2023 orders by channel',
    `SELECT channel, count(*) FROM O WHERE order_date BETWEEN '2023-07-01' AND '2023-09-30' GROUP BY 1`,
  ),
  q('orders on March 15th, 2024', `SELECT count(*) FROM O WHERE order_date = '2024-03-15'`),
  q(
    'revenue between March and June 2023 by month',
    `SELECT ${monthStart}, sum(revenue) FROM O WHERE year(order_date) = 2023 AND month(order_date) IN (3, 4, 5, 6) GROUP BY 1`,
  ),
  q(
    'sales for the last 12 months by quarter',
    `SELECT ${quarterStart}, sum(revenue) FROM O WHERE order_date BETWEEN '2025-11-01' AND '2026-10-31' GROUP BY 1`,
  ),
  q(
    'revenue over the last 30 days',
    `SELECT sum(revenue) FROM O WHERE order_date BETWEEN '2026-10-24' AND '2026-11-22'`,
  ),
  q(
    'orders last month by region',
    `SELECT region, count(*) FROM O WHERE year(order_date) = 2026 AND month(order_date) = 10 GROUP BY 1`,
  ),
  q('revenue year to date', `SELECT sum(revenue) FROM O WHERE order_date >= '2026-01-01'`),
  q(
    'revenue in H1 2024 by country in Nordics',
    `SELECT country, sum(revenue) FROM O WHERE region = 'Nordics' AND order_date BETWEEN '2024-01-01' AND '2024-06-30' GROUP BY 1`,
  ),
  q(
    'revenue 2021 to 2023 by year',
    `SELECT make_date(year(order_date), 1, 1), sum(revenue) FROM O WHERE year(order_date) <= 2023 GROUP BY 1`,
  ),
  q(
    'revenue by weekday in 2025',
    `SELECT dayname(order_date), sum(revenue) FROM O WHERE year(order_date) = 2025 GROUP BY 1`,
  ),
  q(
    'revenue by plan in 2025',
    `SELECT plan, sum(revenue) FROM O JOIN C USING (customer_id) WHERE year(order_date) = 2025 GROUP BY 1`,
  ),
  q('What is the split of revenue between channels?', `SELECT channel, sum(revenue) FROM O GROUP BY 1`),
  q('total revenue across all regions in 2024', `SELECT sum(revenue) FROM O WHERE year(order_date) = 2024`),
  q(
    'show revenue for all regions in 2024',
    `SELECT region, sum(revenue) FROM O WHERE year(order_date) = 2024 GROUP BY 1`,
  ),
]

/** Other measures: quantities, rates, averages, counts. */
const measureQuestions = [
  q(
    "What's the gross margin by product category?",
    `SELECT category, round(100 * sum(revenue - cost) / sum(revenue), 2) FROM O GROUP BY 1`,
  ),
  q(
    'What are total costs and profit by year',
    `SELECT make_date(year(order_date), 1, 1), sum(cost), sum(revenue) - sum(cost) FROM O GROUP BY 1`,
  ),
  q(
    'revenue, orders and margin by region for Q1 2024',
    `SELECT region, sum(revenue), count(*), round(100 * sum(revenue - cost) / sum(revenue), 2) FROM O WHERE order_date BETWEEN '2024-01-01' AND '2024-03-31' GROUP BY 1`,
  ),
  q(
    'orders and revenue by month in 2023',
    `SELECT ${monthStart}, count(*), sum(revenue) FROM O WHERE year(order_date) = 2023 GROUP BY 1`,
  ),
  q('Average order value by channel', `SELECT channel, round(avg(revenue), 2) FROM O GROUP BY 1`),
  q('median order value by segment', `SELECT segment, round(quantile_cont(revenue, 0.5), 2) FROM O GROUP BY 1`),
  q(
    'average selling price by product in Hardware',
    `SELECT product, round(sum(revenue) / sum(quantity), 2) FROM O WHERE category = 'Hardware' GROUP BY 1`,
  ),
  q(
    'How many units of Ergo Chair were sold in 2025?',
    `SELECT sum(quantity) FROM O WHERE product = 'Ergo Chair' AND year(order_date) = 2025`,
  ),
  q(
    'how many laptops were sold in Germany in 2024',
    `SELECT sum(quantity) FROM O WHERE product IN ('Atlas Laptop 14', 'Atlas Laptop 16') AND country = 'Germany' AND year(order_date) = 2024`,
  ),
  q(
    'Number of orders per customer segment in 2023',
    `SELECT segment, count(*) FROM O WHERE year(order_date) = 2023 GROUP BY 1`,
  ),
  q('units per order by category', `SELECT category, round(avg(quantity), 2) FROM O GROUP BY 1`),
  q(
    'How much discount did we give in Q4 2024?',
    `SELECT sum(quantity * list_price) - sum(revenue) FROM O WHERE order_date BETWEEN '2024-10-01' AND '2024-12-31'`,
  ),
  q(
    'average discount by channel in November 2024',
    `SELECT channel, round(avg(discount_rate * 100), 2) FROM O WHERE order_date BETWEEN '2024-11-01' AND '2024-11-30' GROUP BY 1`,
  ),
  q(
    'discount rate by segment',
    `SELECT segment, round(100 * (1 - sum(revenue) / sum(quantity * list_price)), 2) FROM O GROUP BY 1`,
  ),
  q(
    'Which products have the highest return rate?',
    `SELECT product, round(100 * avg(CAST(returned AS INTEGER)), 2) r FROM O GROUP BY 1 ORDER BY r DESC LIMIT 10`,
    'ordered',
  ),
  q(
    'What percentage of orders were returned in Furniture?',
    `SELECT round(100 * avg(CAST(returned AS INTEGER)), 2) FROM O WHERE category = 'Furniture'`,
  ),
  q(
    'returns as a percentage of orders by category',
    `SELECT category, round(100 * sum(CASE WHEN returned THEN 1 ELSE 0 END) / count(*), 2) FROM O GROUP BY 1`,
  ),
  q(
    'return rate of Ergo Chair by quarter in 2025',
    `SELECT ${quarterStart}, round(100 * avg(CAST(returned AS INTEGER)), 2) FROM O WHERE product = 'Ergo Chair' AND year(order_date) = 2025 GROUP BY 1`,
  ),
  q('how many orders were returned in 2025', `SELECT count(*) FROM O WHERE returned AND year(order_date) = 2025`),
  q(
    'what was the value of returned orders in 2025',
    `SELECT sum(revenue) FROM O WHERE returned AND year(order_date) = 2025`,
  ),
  q(
    'net revenue by category in 2025',
    `SELECT category, sum(revenue) FROM O WHERE NOT returned AND year(order_date) = 2025 GROUP BY 1`,
  ),
  q(
    'How many distinct customers bought in APAC in 2022?',
    `SELECT count(DISTINCT customer_id) FROM O WHERE region = 'APAC' AND year(order_date) = 2022`,
  ),
  q(
    'how many customers ordered in 2025 by region',
    `SELECT region, count(DISTINCT customer) FROM O WHERE year(order_date) = 2025 GROUP BY 1`,
  ),
  q(
    'number of different products sold in Japan in 2024',
    `SELECT count(DISTINCT product) FROM O WHERE country = 'Japan' AND year(order_date) = 2024`,
  ),
  q(
    'Revenue per customer by segment',
    `SELECT segment, round(sum(revenue) / count(DISTINCT customer_id), 2) FROM O GROUP BY 1`,
  ),
  q(
    'How many orders per customer on average in 2024?',
    `SELECT round(count(*) / count(DISTINCT customer_id), 2) FROM O WHERE year(order_date) = 2024`,
  ),
  q(
    'average monthly revenue in 2023 by region',
    `SELECT region, round(sum(revenue) / 12, 2) FROM O WHERE year(order_date) = 2023 GROUP BY 1`,
  ),
  q(
    'average number of orders per day in December 2024',
    `SELECT round(count(*) / 31, 2) FROM O WHERE order_date BETWEEN '2024-12-01' AND '2024-12-31'`,
  ),
  q(
    'how many orders do we get per month on average',
    `SELECT round(count(*) / 70, 2) FROM O WHERE order_date < '2026-11-01'`,
  ),
  q('orders over $10k by segment', `SELECT segment, count(*) FROM O WHERE revenue > 10000 GROUP BY 1`),
  q(
    'orders with a discount of more than 20% by channel',
    `SELECT channel, count(*) FROM O WHERE discount_rate > 0.2 GROUP BY 1`,
  ),
  q(
    'countries with revenue over 5 million in 2025',
    `SELECT country, sum(revenue) FROM O WHERE year(order_date) = 2025 GROUP BY 1 HAVING sum(revenue) > 5e6`,
  ),
  q(
    'customers with more than 40 orders in 2025',
    `SELECT customer, count(*) n FROM O WHERE year(order_date) = 2025 GROUP BY 1 HAVING n > 40`,
  ),
]

/** Shares, comparisons, growth, running totals. */
const viewQuestions = [
  q(
    'What share of revenue came from online in 2023?',
    `SELECT sum(CASE WHEN channel = 'Online' THEN revenue END), sum(revenue), round(100 * sum(CASE WHEN channel = 'Online' THEN revenue END) / sum(revenue), 2) FROM O WHERE year(order_date) = 2023`,
  ),
  q(
    'share of revenue by region',
    `SELECT region, sum(revenue), round(100 * sum(revenue) / (SELECT sum(revenue) FROM O), 2) FROM O GROUP BY 1`,
  ),
  q(
    'what share of EMEA revenue comes from online in 2024?',
    `SELECT sum(revenue) FILTER (channel = 'Online'), sum(revenue), round(100 * sum(revenue) FILTER (channel = 'Online') / sum(revenue), 2) FROM O WHERE region = 'EMEA' AND year(order_date) = 2024`,
  ),
  q(
    "EMEA's share of revenue by year",
    `SELECT make_date(year(order_date), 1, 1), sum(revenue) FILTER (region = 'EMEA'), sum(revenue), round(100 * sum(revenue) FILTER (region = 'EMEA') / sum(revenue), 2) FROM O GROUP BY 1`,
  ),
  q(
    'percentage of orders by category in APAC in 2023',
    `WITH t AS (SELECT category, count(*) n FROM O WHERE region = 'APAC' AND year(order_date) = 2023 GROUP BY 1) SELECT category, n, round(100 * n / (SELECT sum(n) FROM t), 2) FROM t`,
  ),
  q(
    'Compare 2022, 2023 and 2024 revenue',
    `SELECT CAST(y AS VARCHAR), r, r - lag(r) OVER (ORDER BY y), round(100 * (r / lag(r) OVER (ORDER BY y) - 1), 2) FROM (SELECT year(order_date) y, sum(revenue) r FROM O GROUP BY 1) WHERE y BETWEEN 2022 AND 2024 ORDER BY y`,
    'ordered',
  ),
  q('compare EMEA and APAC', `SELECT region, sum(revenue) FROM O WHERE region IN ('EMEA', 'APAC') GROUP BY 1`),
  q(
    'difference between online and direct revenue in 2024',
    `SELECT channel, sum(revenue) FROM O WHERE channel IN ('Online', 'Direct') AND year(order_date) = 2024 GROUP BY 1`,
  ),
  q(
    'sales by region in Q4 2023 compared to Q4 2022',
    `SELECT region, a, b, b - a, round(100 * (b / a - 1), 2) FROM (SELECT region, sum(revenue) FILTER (order_date BETWEEN '2022-10-01' AND '2022-12-31') a, sum(revenue) FILTER (order_date BETWEEN '2023-10-01' AND '2023-12-31') b FROM O GROUP BY 1)`,
  ),
  q(
    'How does Q4 2023 compare to Q3 2023 in orders?',
    `SELECT p, n, n - lag(n) OVER (ORDER BY p), round(100 * (n / lag(n) OVER (ORDER BY p) - 1), 2) FROM (SELECT CASE WHEN month(order_date) >= 10 THEN 'Q4 2023' ELSE 'Q3 2023' END p, count(*) n FROM O WHERE order_date BETWEEN '2023-07-01' AND '2023-12-31' GROUP BY 1)`,
  ),
  q(
    'monthly sales 2022 vs 2023',
    `SELECT m, a, b, b - a, round(100 * (b / a - 1), 2) FROM (SELECT month(order_date) m, sum(revenue) FILTER (year(order_date) = 2022) a, sum(revenue) FILTER (year(order_date) = 2023) b FROM O GROUP BY 1) ORDER BY m`,
    'ordered',
  ),
  q(
    'Did revenue increase in 2024?',
    `SELECT CAST(y AS VARCHAR), r, r - lag(r) OVER (ORDER BY y), round(100 * (r / lag(r) OVER (ORDER BY y) - 1), 2) FROM (SELECT year(order_date) y, sum(revenue) r FROM O WHERE year(order_date) IN (2023, 2024) GROUP BY 1)`,
  ),
  q(
    'revenue Q4 2023 vs same quarter last year',
    `SELECT p, r, r - lag(r) OVER (ORDER BY y), round(100 * (r / lag(r) OVER (ORDER BY y) - 1), 2) FROM (SELECT year(order_date) y, 'Q4 ' || year(order_date) p, sum(revenue) r FROM O WHERE month(order_date) >= 10 AND year(order_date) IN (2022, 2023) GROUP BY 1, 2)`,
  ),
  q(
    'Revenue growth by region 2023 vs 2022',
    `SELECT region, a, b, b - a, round(100 * (b / a - 1), 2) FROM (SELECT region, sum(revenue) FILTER (year(order_date) = 2022) a, sum(revenue) FILTER (year(order_date) = 2023) b FROM O GROUP BY 1)`,
  ),
  q(
    'which region grew the most in 2024?',
    `SELECT region, a, b, b - a, round(100 * (b / a - 1), 2) g FROM (SELECT region, sum(revenue) FILTER (year(order_date) = 2023) a, sum(revenue) FILTER (year(order_date) = 2024) b FROM O GROUP BY 1) ORDER BY g DESC LIMIT 1`,
  ),
  q(
    'Which product category had the biggest drop in revenue in Q3 2024 versus Q2 2024?',
    `SELECT category, a, b, b - a d, round(100 * (b / a - 1), 2) FROM (SELECT category, sum(revenue) FILTER (order_date BETWEEN '2024-04-01' AND '2024-06-30') a, sum(revenue) FILTER (order_date BETWEEN '2024-07-01' AND '2024-09-30') b FROM O GROUP BY 1) ORDER BY d LIMIT 1`,
  ),
  q(
    'which products declined in 2024?',
    `SELECT product, a, b, b - a, round(100 * (b / a - 1), 2) FROM (SELECT product, sum(revenue) FILTER (year(order_date) = 2023) a, sum(revenue) FILTER (year(order_date) = 2024) b FROM O GROUP BY 1) WHERE b < a`,
  ),
  q(
    'monthly revenue growth in 2023',
    `WITH t AS (SELECT ${monthStart} m, sum(revenue) r FROM O GROUP BY 1), g AS (SELECT m, r, lag(r) OVER (ORDER BY m) p FROM t) SELECT m, r, p, round(100 * (r / p - 1), 2) FROM g WHERE year(m) = 2023 ORDER BY m`,
    'ordered',
  ),
  q(
    'yoy order growth by quarter in 2024 for APAC',
    `WITH t AS (SELECT ${quarterStart} d, count(*) n FROM O WHERE region = 'APAC' GROUP BY 1), g AS (SELECT d, n, lag(n, 4) OVER (ORDER BY d) p FROM t) SELECT d, n, p, round(100 * (n / p - 1), 2) FROM g WHERE year(d) = 2024`,
  ),
  q(
    'this year vs last year revenue by segment',
    `SELECT segment, a, b, b - a, round(100 * (b / a - 1), 2) FROM (SELECT segment, sum(revenue) FILTER (order_date BETWEEN '2025-01-01' AND '2025-11-23') a, sum(revenue) FILTER (order_date >= '2026-01-01') b FROM O GROUP BY 1)`,
  ),
  q(
    'cumulative revenue by month in 2024',
    `SELECT m, r, sum(r) OVER (ORDER BY m ROWS UNBOUNDED PRECEDING) FROM (SELECT ${monthStart} m, sum(revenue) r FROM O WHERE year(order_date) = 2024 GROUP BY 1)`,
  ),
  q(
    'How did revenue develop over the last 12 months?',
    `SELECT ${monthStart}, sum(revenue) FROM O WHERE order_date >= '2025-11-01' AND order_date < '2026-11-01' GROUP BY 1 ORDER BY 1`,
    'ordered',
  ),
  q(
    'revenue vs cost by month in 2024',
    `SELECT ${monthStart}, sum(revenue), sum(cost) FROM O WHERE year(order_date) = 2024 GROUP BY 1`,
  ),
]

const active = (day: string): string => `signup_date <= '${day}' AND coalesce(churn_date, '9999-01-01') > '${day}'`

/** Customers, churn, recurring revenue. */
const customerQuestions = [
  q('How many customers do we have?', `SELECT count(*) FROM C WHERE NOT churned`),
  q(
    'How many active customers did we have at the end of 2023?',
    `SELECT count(*) FROM C WHERE ${active('2023-12-31')}`,
  ),
  q(
    'customers by segment and region',
    `SELECT segment, region, count(*) FROM C WHERE churn_date IS NULL GROUP BY 1, 2`,
  ),
  q(
    'how many Enterprise customers do we have in Germany?',
    `SELECT count(*) FROM C WHERE segment = 'Enterprise' AND country = 'Germany' AND NOT churned`,
  ),
  q('How many customers churned in 2024?', `SELECT count(*) FROM C WHERE year(churn_date) = 2024`),
  q(
    'churned customers by segment and quarter in 2025',
    `SELECT make_date(2025, 3 * quarter(churn_date) - 2, 1), segment, count(*) FROM C WHERE year(churn_date) = 2025 GROUP BY quarter(churn_date), segment`,
  ),
  q(
    'What is the churn rate by segment in 2025?',
    `SELECT segment, round(100 * count(*) FILTER (year(churn_date) = 2025) / count(*) FILTER (signup_date < '2025-01-01' AND coalesce(churn_date, '9999-01-01') >= '2025-01-01'), 2) FROM C GROUP BY 1`,
  ),
  q(
    'What percentage of customers churned in 2024?',
    `SELECT round(100 * count(*) FILTER (year(churn_date) = 2024) / count(*) FILTER (signup_date < '2024-01-01' AND coalesce(churn_date, '9999-01-01') >= '2024-01-01'), 2) FROM C`,
  ),
  q(
    'monthly churn for Enterprise in 2023',
    `SELECT m, round(100 * count(*) FILTER (date_trunc('month', churn_date) = m) / count(*) FILTER (signup_date < m AND coalesce(churn_date, '9999-01-01') >= m), 2), count(*) FILTER (date_trunc('month', churn_date) = m) FROM C, (SELECT make_date(2023, unnest(range(1, 13)), 1) m) WHERE segment = 'Enterprise' GROUP BY m`,
  ),
  q(
    'compare churn rate in 2024 and 2025 by segment',
    `WITH t AS (SELECT segment, round(100 * count(*) FILTER (year(churn_date) = 2024) / count(*) FILTER (signup_date < '2024-01-01' AND coalesce(churn_date, '9999-01-01') >= '2024-01-01'), 2) a, round(100 * count(*) FILTER (year(churn_date) = 2025) / count(*) FILTER (signup_date < '2025-01-01' AND coalesce(churn_date, '9999-01-01') >= '2025-01-01'), 2) b FROM C GROUP BY 1) SELECT segment, a, b, round(b - a, 2) FROM t`,
  ),
  q(
    'Show the number of new customers per month in 2025',
    `SELECT make_date(2025, month(signup_date), 1), count(*) FROM C WHERE year(signup_date) = 2025 GROUP BY month(signup_date)`,
  ),
  q(
    'how many new Enterprise customers did we win in Q1 2025',
    `SELECT count(*) FROM C WHERE segment = 'Enterprise' AND signup_date BETWEEN '2025-01-01' AND '2025-03-31'`,
  ),
  q(
    'net new customers by quarter in 2024',
    `SELECT d, (SELECT count(*) FROM C WHERE signup_date BETWEEN d AND last_day(d + INTERVAL 2 MONTH)) - (SELECT count(*) FROM C WHERE churn_date BETWEEN d AND last_day(d + INTERVAL 2 MONTH)) FROM (SELECT make_date(2024, unnest([1, 4, 7, 10]), 1) d)`,
  ),
  q('What is the MRR by plan?', `SELECT plan, sum(mrr) FROM C WHERE NOT churned GROUP BY 1`),
  q(
    'MRR by month for the last 6 months',
    `SELECT m, sum(mrr) FROM C, (SELECT make_date(2026, unnest(range(5, 11)), 1) m) WHERE signup_date <= last_day(m) AND (churn_date IS NULL OR churn_date > last_day(m)) GROUP BY m`,
  ),
  q('MRR per customer by segment', `SELECT segment, round(sum(mrr) / count(*), 2) FROM C WHERE NOT churned GROUP BY 1`),
  q('how much MRR did we lose in 2025', `SELECT sum(mrr) FROM C WHERE year(churn_date) = 2025`),
  q('churn reasons in 2025', `SELECT churn_reason, count(*) FROM C WHERE year(churn_date) = 2025 GROUP BY 1`),
  q(
    'which segment lost the most customers in 2025',
    `SELECT segment, count(*) n FROM C WHERE year(churn_date) = 2025 GROUP BY 1 ORDER BY n DESC LIMIT 1`,
  ),
  q(
    'top 5 countries by number of customers',
    `SELECT country, count(*) n FROM C WHERE NOT churned GROUP BY 1 ORDER BY n DESC, 1 LIMIT 5`,
    'ordered',
  ),
  q(
    'which plan has the most customers',
    `SELECT plan, count(*) n FROM C WHERE NOT churned GROUP BY 1 ORDER BY n DESC LIMIT 1`,
  ),
  q(
    'customer numbers by region at the end of Q2 2025',
    `SELECT region, count(*) FROM C WHERE ${active('2025-06-30')} GROUP BY 1`,
  ),
  q(
    'what proportion of customers are Enterprise',
    `SELECT count(*) FILTER (segment = 'Enterprise'), count(*), round(100 * count(*) FILTER (segment = 'Enterprise') / count(*), 2) FROM C WHERE NOT churned`,
  ),
  q(
    'What share of customers are on Basic by region?',
    `SELECT region, count(*) FILTER (plan = 'Basic'), count(*), round(100 * count(*) FILTER (plan = 'Basic') / count(*), 2) FROM C WHERE NOT churned GROUP BY 1`,
  ),
  q(
    'retention rate by segment in 2025',
    `SELECT segment, round(100 * count(*) FILTER (coalesce(churn_date, '9999-01-01') > '2025-12-31') / count(*), 2) FROM C WHERE signup_date < '2025-01-01' AND coalesce(churn_date, '9999-01-01') >= '2025-01-01' GROUP BY 1`,
  ),
  q(
    'orders and churn rate by segment in 2025',
    `SELECT segment, n, round(100 * count(*) FILTER (year(churn_date) = 2025) / count(*) FILTER (signup_date < '2025-01-01' AND coalesce(churn_date, '9999-01-01') >= '2025-01-01'), 2) FROM C JOIN (SELECT segment, count(*) n FROM O WHERE year(order_date) = 2025 GROUP BY 1) USING (segment) GROUP BY 1, 2`,
  ),
]

const customerColumns = 'customer, segment, region, country, plan, mrr, signup_date, churn_date, churn_reason'
const orderColumns =
  'order_id, order_date, customer, region, country, segment, product, channel, quantity, revenue, 100 * discount_rate, returned'

/** Lists of rows and names. */
const listQuestions = [
  q('which customers churned in 2024', `SELECT ${customerColumns} FROM C WHERE year(churn_date) = 2024`),
  q(
    'Which customers left last quarter?',
    `SELECT ${customerColumns} FROM C WHERE churn_date BETWEEN '2026-07-01' AND '2026-09-30'`,
  ),
  q(
    'list all customers in Denmark on the Premium plan',
    `SELECT ${customerColumns} FROM C WHERE country = 'Denmark' AND plan = 'Premium'`,
  ),
  q(
    'list new Enterprise customers in Q1 2025',
    `SELECT ${customerColumns} FROM C WHERE segment = 'Enterprise' AND signup_date BETWEEN '2025-01-01' AND '2025-03-31'`,
  ),
  q('list the 10 biggest orders', `SELECT ${orderColumns} FROM O ORDER BY revenue DESC, order_id LIMIT 10`, 'ordered'),
  q(
    'list the 5 latest orders in Japan',
    `SELECT ${orderColumns} FROM O WHERE country = 'Japan' ORDER BY order_date DESC, order_id DESC LIMIT 5`,
    'ordered',
  ),
  q('which countries are in EMEA', `SELECT DISTINCT country, region FROM O WHERE region = 'EMEA'`),
  q(
    'which products are in Furniture',
    `SELECT product, category, list_price, launch_year FROM sandbox.sales.products WHERE category = 'Furniture'`,
  ),
]

export const businessQuestions: readonly BusinessQuestion[] = [
  ...salesQuestions,
  ...measureQuestions,
  ...viewQuestions,
  ...customerQuestions,
  ...listQuestions,
]
