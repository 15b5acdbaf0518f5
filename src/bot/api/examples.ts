import type { Answer, ErrorBody, GenerateRequest, Progress, Running } from './schema.ts'

/** What the OpenAPI document shows. A test holds them against their schemas. */

const asked = { id: 'api-3f6c2a51-7d0e-4b0c-9a52-1f1d7d2c8e10', thread: 'q4-review' }
const link = (file: string): string =>
  `https://deckhand.example.com/d/mB2c/1/${file}?m=mf3k2v1c&e=mfdj8z1c&s=…`.replace('…', 's'.repeat(43))

const request: GenerateRequest = { question: 'What were Q4 2023 sales by region?', max_slides: 6, thread: asked.thread }

const progress: Progress = {
  ...asked,
  status: 'running',
  ahead: 0,
  steps: [
    { id: 'intent_analysis', title: 'Reading the question', state: 'done', detail: '' },
    { id: 'tool_execution_loop', title: 'Asking Genie', state: 'running', detail: 'running the query' },
  ],
  trace_url: 'https://mlflow.example.com/#/experiments/1/traces?selectedEvaluationId=tr-1',
}

const firstAnswer: NonNullable<Running['first_answer']> = {
  headline: 'EMEA leads with $4.2M, 38% of the total',
  columns: [
    { title: 'region', is_number: false },
    { title: 'total_sales', is_number: true },
  ],
  rows: [
    ['EMEA', '4,200,000'],
    ['APAC', '3,900,000'],
  ],
  more_rows: 1,
}

const slide: Running['slides'][number] = { number: 2, total: 5, title: 'EMEA leads the quarter' }

const running: Running = { ...progress, first_answer: firstAnswer, slides: [slide] }

const answer: Answer = {
  ...asked,
  status: 'answered',
  answer: 'EMEA leads Q4 2023 with $4.2M, 38% of the total.',
  slide_count: 2,
  files: {
    html: link('deck.html'),
    pdf: link('deck.pdf'),
    pptx: link('deck.pptx'),
    xlsx: link('deck.xlsx'),
    png: [link('slide-1.png'), link('slide-2.png')],
    thumbnail: [link('thumbnail-1.png'), link('thumbnail-2.png')],
    overview: link('overview.png'),
    csv: [link('T1.csv')],
  },
  numbers: { total: 25, verified: 25 },
  readings: ['Total sales by region, 2023-10-01 to 2023-12-31'],
  sql: ['SELECT region, SUM(amount) AS total_sales FROM sales GROUP BY region'],
  suggestions: ['How does that compare with Q4 2022?'],
  provenance: 'Sales (Genie); written by databricks-claude-sonnet-4-6',
  genie_conversation_id: '01f0c4a7d1e81c3f9a',
  trace_id: 'tr-4bf92f3577b34da6a3ce929d0e0e4736',
  trace_url: progress.trace_url,
  run_id: '9f1c2d3e4f5a',
  timings_ms: { first_answer: 3100, deck: 9400, total: 10_200 },
  tokens: { input: 8123, output: 1460 },
  cost_usd: 0.046269,
  error: '',
  can_retry: false,
}

const error: ErrorBody = {
  error: {
    code: 'bad-request',
    message: 'max_slides should be a whole number from 1 to 30.',
    fields: [{ field: 'max_slides', problem: 'max_slides should be a whole number from 1 to 30.' }],
  },
}

const events = [
  { event: 'progress', data: progress },
  { event: 'first_answer', data: { id: asked.id, ...firstAnswer } },
  { event: 'slide', data: { id: asked.id, ...slide } },
  { event: 'done', data: answer },
] as const

export const examples = { request, progress, firstAnswer, slide, running, answer, error, events }
