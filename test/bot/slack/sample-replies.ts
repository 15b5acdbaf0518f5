import type { Reply, ReplyResult } from '../../../src/bot/reply.ts'

/** One turn's reply at its moments, as the core makes them. */
const turnId = 'slack-T0001-C0001-1700000000.000100'
type Step = Reply['steps'][number]
const steps = (...states: [title: string, state: Step['state'], detail?: string][]): Step[] =>
  states.map(([title, state, detail = ''], index) => ({ id: `s${index}`, title, state, detail }))

const base: Reply = {
  turnId,
  question: 'How did revenue by region develop in Q4 2023?',
  thread: 'slack.T0001.C0001.1700000000%2E000100',
  userId: 'U0001',
  phase: 'working',
  ahead: 0,
  steps: steps(
    ['Reading the question', 'done'],
    ['Asking Genie', 'running', 'running the query'],
    ['Planning the deck', 'pending'],
    ['Writing slides', 'pending'],
    ['Making the files', 'pending'],
  ),
  slides: [],
  slideCount: 0,
  traceUrl: 'http://127.0.0.1:5000/#/experiments/1/traces?selectedEvaluationId=tr-1',
}

const firstAnswer: Reply['firstAnswer'] = {
  headline: 'EMEA led Q4 2023 with $4.2M, 38 % of all revenue; APAC grew fastest.',
  columns: [
    { title: 'Region', isNumber: false },
    { title: 'Revenue', isNumber: true },
    { title: 'Share', isNumber: true },
    { title: 'Growth', isNumber: true },
  ],
  rows: [
    ['EMEA', '$4,210,300', '38 %', '+6.1 %'],
    ['Americas', '$3,980,120', '36 %', '+2.4 %'],
    ['APAC', '$1,870,450', '17 %', '+14.8 %'],
    ['LATAM', '$720,900', '7 %', '−1.2 %'],
    ['Middle East', '$210,450', '2 %', ''],
    ['Africa', '$98,300', '1 %', '+3.3 %'],
  ],
  moreRows: 0,
}

const titles = [
  'Q4 2023 revenue: EMEA in front, APAC catching up',
  'EMEA brought in 38 % of revenue',
  'APAC grew by 14.8 %, twice as fast as any other region',
  'November was the strongest month everywhere',
  'What to watch in Q1',
]
const slides: Reply['slides'] = titles.map((title, index) => ({ index, id: `slide-${index}`, title, picture: '' }))

const result: ReplyResult = {
  status: 'answered',
  answer:
    'EMEA led the fourth quarter of 2023 with $4.2M, 38 % of all revenue, ahead of Americas with $4.0M. APAC grew fastest, by 14.8 % over the quarter before. November was the strongest month in every region.',
  errorCode: '',
  canRetry: false,
  readings: ['revenue by region, 2023-10-01 to 2023-12-31', 'revenue by month and region, same period'],
  sql: ['SELECT region, SUM(amount) FROM sales GROUP BY region'],
  suggestions: ['Only EMEA, by country', 'Compare with Q4 2022', 'Which products drove APAC’s growth?'],
  provenance: 'Powered by Genie · Sales (sandbox data) · sandbox-analyst',
  numbers: { total: 25, verified: 24 },
  timingsMs: { firstAnswer: 900, deck: 7400, total: 8100 },
  tokens: { input: 4200, output: 1100 },
  costUsd: 0.029,
  traceId: 'tr-1',
  runId: 'run-1',
  genieConversationId: 'conv-1',
  deck: {
    key: 'k1',
    version: 1,
    title: titles[0] ?? '',
    links: Object.fromEntries(
      ['html', 'pdf', 'pptx', 'xlsx', 'csv'].map((format) => [format, `http://127.0.0.1:3000/d/k1/1/deck.${format}`]),
    ),
  },
}

const failed: ReplyResult = {
  ...result,
  status: 'failed',
  answer: 'Genie took longer than 10 minutes for this question. Please try again, or ask for a shorter period.',
  errorCode: 'timeout',
  canRetry: true,
  readings: [],
  suggestions: [],
  sql: [],
  provenance: '',
  numbers: { total: 0, verified: 0 },
  costUsd: 0,
}
delete failed.deck

const doneSteps = steps(
  ['Reading the question', 'done'],
  ['Asking Genie', 'done', '6 rows'],
  ['Planning the deck', 'done'],
  ['Writing slides', 'done', '5 of 5'],
  ['Making the files', 'done'],
)

/** With pictures for as many slides as there are ids. */
export function withPictures(reply: Reply, ids: readonly string[]): Reply {
  return { ...reply, slides: reply.slides.map((slide, index) => ({ ...slide, picture: ids[index] ?? '' })) }
}

export const samples = {
  queued: { ...base, phase: 'queued', ahead: 2 },
  working: base,
  firstAnswer: {
    ...base,
    firstAnswer,
    steps: steps(
      ['Reading the question', 'done'],
      ['Asking Genie', 'done', '6 rows'],
      ['Planning the deck', 'running'],
    ),
  },
  growing: {
    ...base,
    firstAnswer,
    slides: slides.slice(0, 2),
    slideCount: 5,
    steps: steps(['Asking Genie', 'done', '6 rows'], ['Writing slides', 'running', '2 of 5']),
  },
  answered: { ...base, phase: 'ended', firstAnswer, slides, slideCount: 5, steps: doneSteps, result },
  clarify: {
    ...base,
    phase: 'ended',
    steps: [],
    result: {
      ...failed,
      status: 'clarify',
      answer: 'Do you mean booked or recognised revenue?',
      canRetry: false,
      suggestions: ['Booked revenue', 'Recognised revenue'],
      provenance: 'Powered by Genie · Sales (sandbox data) · sandbox-analyst',
    },
  },
  failed: { ...base, phase: 'ended', steps: [], result: failed },
  stopped: {
    ...base,
    phase: 'ended',
    steps: [],
    result: { ...failed, status: 'stopped', answer: 'Stopped, as you asked.' },
  },
} satisfies Record<string, Reply>
