import { durationInWords } from '../../../lib/duration.ts'
import { printable } from '../../shell/printable.ts'
import type { BudgetStatus, EndpointStatus, Percentiles, ServiceStatus } from './status.ts'
import { alignColumns } from './align-columns.ts'

const timeRows: readonly (readonly [name: keyof ServiceStatus['times_ms'], words: string])[] = [
  ['turn', 'Turn, from question to end'],
  ['first_answer', 'First answer'],
  ['queue_wait', 'Waiting for a worker'],
  ['genie_wait', 'Waiting for Genie’s turn'],
  ['genie', 'Genie, a question'],
  ['llm', 'Chat model, a call'],
  ['render', 'Rendering a deck'],
]

/** The status as a person reads it in a terminal. Times of day are UTC. */
export function statusToText(status: ServiceStatus): string {
  const { turns } = status
  const sections = [
    `Deckhand ${status.environment}, the last ${status.hours === 1 ? 'hour' : `${status.hours} hours`} until ${clockTime(status.at)}`,
    labelled([
      ['Alerts', alertLines(status)],
      ['Turns', [turnLine(status)]],
      ...(turns.ended === 0 ? [] : [['Errors', [counts(turns.errors) || 'none']] as const]),
    ]),
    ...(turns.ended === 0 ? [] : [timesTable(status), platformTable(status)]),
    labelled([
      ['Cost', costLines(status)],
      ['Decks', [deckLine(status)]],
      ['Queue', [queueLine(status)]],
      ['MLflow', [spoolLine(status)]],
      ...(status.budgets.length === 0 ? [] : [['Budgets', status.budgets.map(budgetLine)] as const]),
      ...(status.endpoints.length === 0 ? [] : [['Endpoints', status.endpoints.map(endpointLine)] as const]),
    ]),
  ]
  return sections.join('\n\n')
}

/** Lines with a label before the first of each. */
function labelled(rows: readonly (readonly [label: string, lines: readonly string[]])[]): string {
  return rows
    .flatMap(([label, lines]) => lines.map((line, index) => `${(index === 0 ? label : '').padEnd(11)}${line}`))
    .join('\n')
}

function alertLines({ alerts, at }: ServiceStatus): readonly string[] {
  if (alerts.looked_at === '') return ['nobody looks at them: no process of the service has run yet']
  const agoMs = Date.parse(at) - Date.parse(alerts.looked_at)
  const looked = agoMs > 300_000 ? `nobody has looked for ${durationInWords(agoMs)}: does the service run?` : ''
  const on = alerts.on.flatMap(({ title, since, text, runbook }) => [
    `! ${title}, since ${clockTime(since)}`,
    `  ${printable(text)}`,
    `  ${runbook}`,
  ])
  return [...on, ...(on.length === 0 ? ['none is on'] : []), ...(looked === '' ? [] : [looked])]
}

function turnLine({ turns }: ServiceStatus): string {
  if (turns.ended === 0) return 'none ended'
  const { by_status: by, success_rate: rate, errors, retries } = turns
  return list([
    `${whole(turns.ended)} ended`,
    rate === null ? '' : `${percent(rate)} went well`,
    some(turns.failed, 'failed'),
    some(by['clarify'], 'asked back'),
    some((by['refused'] ?? 0) - (errors['over-budget'] ?? 0), 'refused'),
    some(errors['over-budget'], 'over budget'),
    some(by['stopped'], 'stopped'),
    some(retries, 'taken up again'),
  ])
}

function timesTable({ times_ms: times }: ServiceStatus): string {
  const row = (words: string, { count, p50, p95, p99 }: Percentiles): string[] => [
    words,
    whole(count),
    ...[p50, p95, p99].map(seconds),
  ]
  return alignColumns([
    ['Time', 'count', 'p50', 'p95', 'p99'],
    ...timeRows.filter(([name]) => times[name].count > 0).map(([name, words]) => row(words, times[name])),
  ])
}

function platformTable({ platforms }: ServiceStatus): string {
  return alignColumns([
    ['Platform', 'turns', 'went well', 'p95', 'cost'],
    ...Object.entries(platforms).map(([name, { ended, success_rate: rate, p95_ms: p95, cost_usd: cost }]) => [
      name,
      whole(ended),
      rate === null ? '–' : percent(rate),
      seconds(p95),
      usd(cost),
    ]),
  ])
}

function costLines({ cost_usd: cost, tokens, cost_per_day: days }: ServiceStatus): readonly string[] {
  const perDay = days.flatMap(({ date, usd: spent }, index) =>
    index === 0 || spent > 0 ? [`${index === 0 ? 'today' : date.slice(5)} ${usd(spent)}`] : [],
  )
  return [list([usd(cost), `tokens: ${whole(tokens.input)} in, ${whole(tokens.output)} out`]), `a day: ${list(perDay)}`]
}

function deckLine({ decks, slides, numbers }: ServiceStatus): string {
  if (decks === 0) return 'none'
  return list([
    `${whole(decks)} with ${whole(slides)} slides (${(slides / decks).toFixed(1)} each)`,
    numbers.total === 0 ? '' : `${whole(numbers.verified)} of ${whole(numbers.total)} numbers verified`,
  ])
}

function queueLine({ queue }: ServiceStatus): string {
  if (queue.waiting_messages === 0 && queue.undelivered_ends === 0 && queue.dead_letters === 0) return 'empty'
  return list([
    `${whole(queue.waiting_messages)} without an answer yet, in ${whole(queue.busy_threads)} ${queue.busy_threads === 1 ? 'thread' : 'threads'}`,
    queue.oldest_wait_ms === 0 ? '' : `the oldest waits ${durationInWords(queue.oldest_wait_ms)} for a worker`,
    some(queue.undelivered_ends, 'answers not delivered'),
    some(queue.dead_letters, 'given up and kept for a look'),
  ])
}

function spoolLine({ mlflow_spool: spool }: ServiceStatus): string {
  if (spool === null) return 'no process has told what waits for it'
  if (spool.traces === 0) return 'nothing waits for it'
  const { traces, bytes, oldest_ms: oldestMs } = spool
  return `${whole(traces)} ${traces === 1 ? 'trace waits' : 'traces wait'} (${(bytes / 1e6).toFixed(1)} MB), the oldest for ${durationInWords(oldestMs)}`
}

function budgetLine({ scope, usd_per_day: limit, used_up: usedUp, most }: BudgetStatus): string {
  const spent = most.map(({ name, usd: used }) => `${printable(name)} ${usd(used)} (${percent(used / limit, 0)})`)
  return list([
    `${scope}: ${usd(limit)} a day`,
    `${usedUp === 0 ? 'none' : whole(usedUp)} used up`,
    spent.length === 0 ? '' : `most: ${spent.join(', ')}`,
  ])
}

function endpointLine({ name, state, why, utilisation, scaling, problem }: EndpointStatus): string {
  const known = (value: number | undefined, words: (value: number) => string): string =>
    value === undefined ? '' : words(value)
  const errors = (utilisation?.errors4xx ?? 0) + (utilisation?.errors5xx ?? 0)
  return list([
    `${printable(name)}: ${state === 'ready' ? 'ready' : state === 'down' ? `DOWN, ${why}` : `unknown, ${why}`}`,
    known(utilisation?.cpuPercent, (value) => `CPU ${value.toFixed(0)} %`),
    known(utilisation?.memoryPercent, (value) => `memory ${value.toFixed(0)} %`),
    known(utilisation?.concurrency, (value) => (value === 0 ? 'scaled to zero' : `${whole(value)} requests at once`)),
    known(utilisation?.requests, (value) => `${whole(value)} in the last minute`),
    some(errors, 'errors'),
    known(scaling?.scaleUps, (value) => times(value, 'made larger')),
    known(scaling?.scaleDowns, (value) => times(value, 'made smaller')),
    known(scaling?.coldStarts, (value) => times(value, 'woken from zero')),
    problem === undefined ? '' : 'its metrics cannot be read',
  ])
}

function counts(byName: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(byName)
    .filter(([name]) => name !== 'stopped')
    .toSorted(([, a], [, b]) => b - a)
  return list(sorted.map(([name, count]) => `${name} ${whole(count)}`))
}

const times = (count: number, words: string): string => (count > 0 ? `${words} ${whole(count)} ×` : '')
const list = (parts: readonly string[]): string => parts.filter((part) => part !== '').join(' · ')
const some = (count: number | undefined, words: string): string => (count ? `${whole(count)} ${words}` : '')
const whole = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 })
const percent = (share: number, digits = 1): string => `${(share * 100).toFixed(digits)} %`
const usd = (value: number): string => `$${value > 0 && value < 0.01 ? value.toFixed(4) : value.toFixed(2)}`

function seconds(ms: number | null): string {
  if (ms === null) return '–'
  return ms < 99_950 ? `${(ms / 1000).toFixed(ms < 1000 ? 2 : 1)} s` : `${(ms / 60_000).toFixed(1)} min`
}

/** "2026-11-23 17:00 UTC" */
function clockTime(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 16)} UTC`
}
