import { buildFactSheet } from '../../../src/agent/facts.ts'
import { refinedTableOf } from '../facts/table-of.ts'
import { caseOf, type GroundingCase } from './grounding-case.ts'

/** A shop that reports by month and category: dates, plain amounts beside euros, rates, single values. */
const byMonth = refinedTableOf(
  [
    ['month', 'DATE'],
    ['sales', 'DOUBLE'],
    ['orders', 'BIGINT'],
    ['avg_order_value_eur', 'DOUBLE'],
  ],
  [
    ['2024-01-01', '51200.5', '510', '100.39'],
    ['2024-02-01', '48000', '470', '102.13'],
    ['2024-03-01', '62000', '600', '103.33'],
    ['2024-04-01', '60500', '580', '104.31'],
    ['2024-05-01', '71000', '650', '109.23'],
    ['2024-06-01', '69000', '640', '107.81'],
  ],
  { id: 'T1', title: 'Sales by month', question: 'How are sales developing in 2024?' },
)

const byCategory = refinedTableOf(
  [
    ['category', 'STRING'],
    ['net_sales_eur', 'DECIMAL'],
    ['margin_pct', 'DOUBLE'],
    ['returns', 'BIGINT'],
  ],
  [
    ['Electronics', '180400.20', '22.5', '310'],
    ['Home & Garden', '96000', '31', '120'],
    ['Toys', '54300.3', '18.75', '95'],
    ['Sports', '31000', '27.1', '44'],
  ],
  { id: 'T2', title: 'Net sales by category, first half of 2024', question: 'net sales by category' },
)

const customers = refinedTableOf(
  [
    ['total_customers', 'BIGINT'],
    ['active_rate', 'DOUBLE'],
  ],
  [['48210', '0.64']],
  { id: 'T3', title: 'Customers', question: 'how many customers are there and how many are active' },
)

const tables = [byMonth, byCategory, customers]

const honest: GroundingCase['honest'] = [
  ['Sales reached their high of {<Sales, May 2024>} in May and eased to {<Sales, Jun 2024>} in June.', 2],
  ['June sales fell {<Growth of sales, May 2024 to Jun 2024>} compared with May.', 1],
  ['Since January, sales are up {<Growth of sales, Jan 2024 to Jun 2024>}.', 1],
  ['From January to June, sales grew by {<Growth of sales, Jan 2024 to Jun 2024>}.', 1],
  ['The first half of 2024 brought {<Total sales>} in total sales.', 1],
  ['Total orders in H1 2024: {<Total orders>}', 1],
  ['Average order value rose to {<Avg order value, May 2024>} in May 2024.', 1],
  ['The average order is worth {<Avg order value, Jun 2024>} as of June.', 1],
  [
    'Electronics is by far the largest category with {<Net sales, Electronics>} ({<Share of total net sales, Electronics>} of net sales).',
    2,
  ],
  ['Home & Garden has the best margin at {<Highest margin: Home & Garden>}.', 1],
  ['Toys has the weakest margin: {<Margin, Toys>}, versus {<Margin, Home & Garden>} for Home & Garden.', 2],
  ['Electronics accounts for half of net sales and most returns ({<Returns, Electronics>}).', 1],
  ['Together, the four categories sold {<Total net sales>}.', 2],
  ['We have {<Total customers>} customers, of whom {<Active rate>} are active.', 2],
  ['{<Active rate>} of customers are active.', 1],
  ['48,210 customers, 64% active', 2],
  ['48.2k customers in total', 1],
  ['Sales dipped in February (48,000) before jumping to 62,000 in March.', 2],
  ['May was the strongest month at 71,000.', 1],
  ['Sports: €31,000 net sales, 27.1% margin, 44 returns', 3],
  ['Net sales of €96k in Home & Garden', 1],
  ['Sales rose almost 35% between January and June.', 1],
  ['Orders grew 25% from January to June.', 1],
  ['Returns concentrate in Electronics: 310 of 569.', 2],
  ['Monthly sales averaged {<Average sales per month>}.', 1],
  ['The gap between Electronics and Home & Garden is {<Net sales, Electronics ahead of Home & Garden>}.', 1],
  ['Margins vary from 18.75% (Toys) to 31% (Home & Garden).', 2],
  ['What to do next: protect margins in Toys', 0],
  ['H1 2024 at a glance', 0],
  ['January to June 2024', 0],
  ['Sales by month (2024)', 0],
  [
    'Momentum slowed in June: sales down {<Growth of sales, May 2024 to Jun 2024>}, orders down {<Growth of orders, May 2024 to Jun 2024>}.',
    2,
  ],
]

const lies: GroundingCase['lies'] = [
  'Sales reached €«71,000» in May.',
  'Sales reached «{<Sales, Jun 2024>}» in May.',
  'Electronics returned «{<Returns, Toys>}» items.',
  'Books is the largest category with «{<Net sales, Electronics>}».',
  'Net sales of «$96k» in Home & Garden',
  'July sales were «{<Sales, Jun 2024>}».',
  'In July, sales reached «{<Sales, Jun 2024>}».',
  'Sales grew «40%» from January to June.',
  'We have «52,000» customers.',
  '«84%» of customers are active.',
  'Margin fell to «{<Margin, Toys>}» in Electronics.',
  'Toys has a margin of «€18.75».',
  'Total net sales were «{<Total sales>}» euros.',
  'Electronics margin is «22.5 points».',
  'June sales grew «{<Growth of sales, May 2024 to Jun 2024>}».',
  'Sales fell by «{<Growth of sales, Jan 2024 to Jun 2024>}» since January.',
  'Returns: «{<Total orders>}»',
  '«{<Returns, Electronics>}» orders were placed in Electronics.',
  'Sports grew «27.1%».',
  'The Garden Tools category sold «€96,000».',
  'Furniture «€54,300»',
  'Electronics made €180,400 and Toys «€96,000».',
  'The four categories sold «€400,000» together.',
  'All «six» categories grew.',
  'Electronics accounts for «three quarters of» net sales.',
  'Orders «doubled» from January to June.',
  'Sales by month («{<Sales, May 2024>}» in April)',
  'EU sales reached «{<Total sales>}».',
  'Average order value was «{<Avg order value, May 2024>}» in January 2024.',
  'Active customers: «48,210»%',
]

export const shop: GroundingCase = caseOf({
  name: 'a shop',
  question: 'How are sales developing in 2024?',
  tables,
  sheet: buildFactSheet(tables),
  honest,
  lies,
})
