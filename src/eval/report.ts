import type { CaseResult } from './evaluate.ts'
import type { Change, Summary } from './summary.ts'

/** A finished evaluation as `deckhand eval run` tells it. */
export interface EvaluationReport {
  readonly set: string
  readonly version: string
  readonly summary: Summary
  /** Thresholds that are not reached, in words. */
  readonly missed: readonly string[]
  readonly results: readonly CaseResult[]
  readonly changes: ReadonlyMap<string, Change>
  /** False when the set was never run before. */
  readonly isCompared: boolean
  /** '' when nothing was written to MLflow. */
  readonly runId: string
  readonly runUrl: string
}

const signs = { better: '▲', worse: '▼', same: ' ', new: '+' } as const satisfies Record<Change, string>
const idWidth = 26

/** As a person reads it: one line a question with its scores in percent, then what is wrong, the means, and the verdict. */
export function reportAsText(report: EvaluationReport): string {
  const { results, changes, summary, missed } = report
  const head = `  ${'question'.padEnd(idWidth)} ending numbers slides grounded  time      cost`
  const lines = results.map((result) => {
    const { scores } = result
    const columns = [
      cell(scores.ending, 6),
      cell(scores.right_numbers, 7),
      cell(scores.relevant_slides, 6),
      cell(scores.grounded, 8),
      `${result.seconds.toFixed(1)} s`.padStart(7),
      `$${result.costUsd.toFixed(4)}`.padStart(8),
    ]
    const id = result.id.length > idWidth ? `${result.id.slice(0, idWidth - 1)}…` : result.id.padEnd(idWidth)
    return `${report.isCompared ? signs[changes.get(result.id) ?? 'same'] : ' '} ${id} ${columns.join(' ')}${result.passed ? '' : '  ✗'}`
  })
  const faults = results
    .filter(({ faults: of }) => of.length > 0)
    .flatMap(({ id, question, faults: of }) => ['', `${id}: ${question}`, ...of.map((fault) => `  ${fault}`)])
  const { scores } = summary
  return [
    head,
    ...lines,
    ...faults,
    '',
    `Passed   ${results.filter(({ passed }) => passed).length} of ${summary.questions}`,
    `Means    ending ${percent(scores.ending)}, numbers ${percent(scores.right_numbers)}, slides ${percent(scores.relevant_slides)}, grounded ${percent(scores.grounded)}`,
    `Time     ${summary.p50Seconds.toFixed(1)} s in the middle, ${summary.p95Seconds.toFixed(1)} s for 95 %`,
    `Cost     $${summary.totalUsd.toFixed(4)}, $${summary.usdPerQuestion.toFixed(4)} a question`,
    ...(report.isCompared ? [`Change   ${changesAsText(changes)}`] : []),
    ...(report.runUrl === '' ? [] : [`Run      ${report.runUrl}`]),
    missed.length === 0 ? 'Verdict  good enough' : `Verdict  not good enough: ${missed.join('; ')}`,
  ].join('\n')
}

/** For machines: names as in docs/evaluation.md. */
export function reportAsJson(report: EvaluationReport): object {
  const { summary, results, changes } = report
  return {
    set: report.set,
    version: report.version,
    good_enough: report.missed.length === 0,
    missed: report.missed,
    questions: summary.questions,
    passed: summary.passed,
    scores: summary.scores,
    seconds: { p50: summary.p50Seconds, p95: summary.p95Seconds },
    cost_usd: { total: summary.totalUsd, mean: summary.usdPerQuestion },
    run_id: report.runId,
    run_url: report.runUrl,
    results: results.map((result) => ({
      id: result.id,
      question: result.question,
      passed: result.passed,
      change: report.isCompared ? (changes.get(result.id) ?? 'same') : 'new',
      scores: result.scores,
      faults: result.faults,
      status: result.status,
      answer: result.answer,
      seconds: result.seconds,
      cost_usd: result.costUsd,
      trace_id: result.traceId,
      trace_url: result.traceUrl,
      run_id: result.runId,
    })),
  }
}

function changesAsText(changes: ReadonlyMap<string, Change>): string {
  const count = (wanted: Change): number => [...changes.values()].filter((change) => change === wanted).length
  return `${count('better')} better, ${count('worse')} worse, ${count('same')} the same, ${count('new')} new`
}

function cell(score: number | undefined, width: number): string {
  return percent(score).padStart(width)
}

function percent(score: number | undefined): string {
  return score === undefined ? '–' : `${Math.floor(score * 100)} %`
}
