import type { CaseResult } from './evaluate.ts'
import { scoreNames, type ScoreName } from './scores.ts'

/** A set's results in a few numbers. */
export interface Summary {
  readonly questions: number
  /** Share of questions whose answer had everything that is expected of it. */
  readonly passed: number
  /** Means over the questions that have the score; left out where none has. */
  readonly scores: Readonly<Partial<Record<ScoreName, number>>>
  readonly p50Seconds: number
  readonly p95Seconds: number
  readonly usdPerQuestion: number
  readonly totalUsd: number
}

/** What a set has to reach; shares from 0 to 1. */
export interface Thresholds {
  readonly passed: number
  readonly rightNumbers: number
  readonly relevantSlides: number
  readonly grounded: number
  readonly p95Seconds: number
  readonly usdPerQuestion: number
}

export function summarize(results: readonly CaseResult[]): Summary {
  const seconds = results.map((result) => result.seconds).toSorted((a, b) => a - b)
  const totalUsd = results.reduce((sum, { costUsd }) => sum + costUsd, 0)
  const scores = scoreNames.flatMap((name) => {
    const given = results.flatMap(({ scores: of }) => (of[name] === undefined ? [] : [of[name]]))
    return given.length === 0 ? [] : [[name, mean(given)] as const]
  })
  return {
    questions: results.length,
    passed: mean(results.map(({ passed }) => (passed ? 1 : 0))),
    scores: Object.fromEntries(scores),
    p50Seconds: quantile(seconds, 0.5),
    p95Seconds: quantile(seconds, 0.95),
    usdPerQuestion: results.length === 0 ? 0 : totalUsd / results.length,
    totalUsd,
  }
}

/** Which thresholds are not reached, in words; empty when all are. */
export function missedThresholds(summary: Summary, thresholds: Thresholds): readonly string[] {
  const { scores } = summary
  const shares: readonly (readonly [name: string, value: number | undefined, least: number])[] = [
    ['passed', summary.passed, thresholds.passed],
    ['right_numbers', scores.right_numbers, thresholds.rightNumbers],
    ['relevant_slides', scores.relevant_slides, thresholds.relevantSlides],
    ['grounded', scores.grounded, thresholds.grounded],
  ]
  const most: readonly (readonly [name: string, value: number, most: number])[] = [
    ['p95_seconds', summary.p95Seconds, thresholds.p95Seconds],
    ['usd_per_question', summary.usdPerQuestion, thresholds.usdPerQuestion],
  ]
  return [
    ...shares.flatMap(([name, value, least]) =>
      value === undefined || value >= least ? [] : [`${name} is ${value.toFixed(3)}, should be ${least} or more`],
    ),
    ...most.flatMap(([name, value, limit]) =>
      value <= limit ? [] : [`${name} is ${value.toFixed(3)}, should be ${limit} or less`],
    ),
  ]
}

/** Everything as metrics of an MLflow run: the whole, and each question by its id. */
export function toMetrics(summary: Summary, results: readonly CaseResult[]): Record<string, number> {
  const ofCases = results.flatMap(({ id, scores, passed, seconds, costUsd }) => [
    ...Object.entries(scores).map(([name, value]) => [caseMetric(id, name), value] as const),
    [caseMetric(id, 'passed'), passed ? 1 : 0] as const,
    [caseMetric(id, 'seconds'), seconds] as const,
    [caseMetric(id, 'cost_usd'), costUsd] as const,
  ])
  return {
    questions: summary.questions,
    'passed/mean': summary.passed,
    ...Object.fromEntries(Object.entries(summary.scores).map(([name, value]) => [`${name}/mean`, value])),
    'seconds/p50': summary.p50Seconds,
    'seconds/p95': summary.p95Seconds,
    'cost_usd/mean': summary.usdPerQuestion,
    'cost_usd/total': summary.totalUsd,
    ...Object.fromEntries(ofCases),
  }
}

/** How a question did against the last time: `new` when it was not asked then. */
export type Change = 'better' | 'worse' | 'same' | 'new'

/** A difference that is one: time and cost vary from run to run and are not compared by question. */
const leastDifference = 0.001

/** Each question against the metrics of an earlier run of the set; a score that fell outweighs one that rose. */
export function compare(
  results: readonly CaseResult[],
  earlier: Readonly<Record<string, number>> | undefined,
): ReadonlyMap<string, Change> {
  return new Map(results.map((result) => [result.id, changeOf(result, earlier ?? {})]))
}

function changeOf({ id, scores, passed }: CaseResult, earlier: Readonly<Record<string, number>>): Change {
  const now = { ...scores, passed: passed ? 1 : 0 }
  const differences = Object.entries(now).flatMap(([name, value]) => {
    const before = earlier[caseMetric(id, name)]
    return before === undefined ? [] : [value - before]
  })
  if (differences.length === 0) return 'new'
  if (differences.some((difference) => difference < -leastDifference)) return 'worse'
  return differences.some((difference) => difference > leastDifference) ? 'better' : 'same'
}

function caseMetric(id: string, name: string): string {
  return `case/${id}/${name}`
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length
}

/** Nearest rank. */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0
}
