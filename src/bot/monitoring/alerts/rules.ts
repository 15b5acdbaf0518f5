import { durationInWords } from '../../../lib/duration.ts'
import { failedTurns, judgedTurns } from '../figure-sums.ts'
import { countOf, quantile } from '../histogram.ts'
import type { Situation } from './situation.ts'

export const alertNames = [
  'error-rate',
  'slow-turns',
  'daily-cost',
  'queue-wait',
  'endpoint-down',
  'spool-growing',
] as const
export type AlertName = (typeof alertNames)[number]

export interface AlertSettings {
  readonly windowMs: number
  /** Fewer turns than that in the window say nothing about failures and times. */
  readonly minTurns: number
  readonly everyMs: number
  /** What turns each alert on: a share, milliseconds, US dollars; 0 turns it off for good. */
  readonly limits: Readonly<Record<AlertName, number>>
}

/** What one look came to. `unknown` changes nothing. */
export interface Verdict {
  readonly is: 'over' | 'clean' | 'unknown'
  /** What was seen, as a sentence with figures. */
  readonly text: string
  /** A figure for the next look to compare with. */
  readonly measure?: number
}

export interface Rule {
  readonly title: string
  readonly advice: string
  /** The section's anchor in docs/runbook.md. */
  readonly section: string
  /** How long it has to be over, without a break, before the alert is on. */
  readonly holdMs: (limit: number) => number
  judge(situation: Situation, limit: number, settings: AlertSettings, earlier: number | undefined): Verdict
}

const atOnce = (): number => 0

export const rules: Readonly<Record<AlertName, Rule>> = {
  'error-rate': {
    title: 'Many turns fail',
    advice: 'See which error it is, and look at one trace with it.',
    section: 'many-turns-fail',
    holdMs: atOnce,
    judge({ window, windowMs }, limit, { minTurns }) {
      const judged = judgedTurns(window)
      const failed = failedTurns(window)
      const share = judged === 0 ? 0 : failed / judged
      const errors = Object.entries(window.errors)
        .filter(([code]) => code !== 'stopped' && code !== 'over-budget')
        .toSorted(([, a], [, b]) => b - a)
        .slice(0, 4)
        .map(([code, count]) => `${code} ${count}`)
      const causes = errors.length > 0 ? `: ${errors.join(', ')}` : ''
      return {
        is: judged >= minTurns && share > limit ? 'over' : 'clean',
        text: `${failed} of ${judged} turns failed in the last ${durationInWords(windowMs)} (${percent(share)}; the limit is ${percent(limit)})${causes}.`,
      }
    },
  },

  'slow-turns': {
    title: 'Turns are slow',
    advice: 'See which part takes the time: waiting for a worker, Genie, the chat model or rendering.',
    section: 'turns-are-slow',
    holdMs: atOnce,
    judge({ window, windowMs }, limit, { minTurns }) {
      const p95 = quantile(window.times.turn_ms, 0.95) ?? 0
      const parts = (['queue_wait_ms', 'genie_wait_ms', 'genie_ms', 'llm_ms', 'render_ms'] as const).flatMap((name) => {
        const ms = quantile(window.times[name], 0.95)
        return ms === undefined ? [] : [`${partWords[name]} ${seconds(ms)}`]
      })
      return {
        is: countOf(window.times.turn_ms) >= minTurns && p95 > limit ? 'over' : 'clean',
        text: `1 turn in 20 took longer than ${seconds(p95)} in the last ${durationInWords(windowMs)} (the limit is ${seconds(limit)}). The same for its parts: ${parts.join(', ') || 'none'}.`,
      }
    },
  },

  'daily-cost': {
    title: 'The day costs more than planned',
    advice: 'See who asks so much, and whether a budget for workspaces, channels or people would help.',
    section: 'the-day-costs-more-than-planned',
    holdMs: atOnce,
    judge({ todayUsd }, limit) {
      return {
        is: todayUsd > limit ? 'over' : 'clean',
        text: `Answers have cost $${todayUsd.toFixed(2)} today (the limit is $${limit.toFixed(2)}).`,
      }
    },
  },

  'queue-wait': {
    title: 'Questions wait for a worker',
    advice: 'Start another worker, or see what keeps the running ones.',
    section: 'questions-wait-for-a-worker',
    holdMs: atOnce,
    judge({ oldestWaitMs, waitingMessages }, limit) {
      return {
        is: oldestWaitMs > limit ? 'over' : 'clean',
        text:
          oldestWaitMs === 0
            ? 'No question waits for a worker.'
            : `The oldest question has waited ${durationInWords(oldestWaitMs)} for a worker (the limit is ${durationInWords(limit)}); questions without an answer yet: ${waitingMessages}.`,
      }
    },
  },

  'endpoint-down': {
    title: 'An endpoint is not ready',
    advice: 'Look at its page in Databricks: its state, its last update, its logs.',
    section: 'an-endpoint-is-not-ready',
    holdMs: (limit) => limit,
    judge({ endpoints }) {
      const down = endpoints.filter(({ state }) => state === 'down')
      if (down.length > 0) {
        return { is: 'over', text: `${down.map(({ name, why }) => `Endpoint ${name}: ${why}`).join('. ')}.` }
      }
      const ready = endpoints.filter(({ state }) => state === 'ready').map(({ name }) => name)
      const isKnown = ready.length === endpoints.length
      return { is: isKnown ? 'clean' : 'unknown', text: `Ready: ${ready.join(', ') || 'none known'}.` }
    },
  },

  'spool-growing': {
    title: 'Traces wait for MLflow',
    advice: 'See whether MLflow answers and takes our credentials. Nothing is lost while the disk has room.',
    section: 'traces-wait-for-mlflow',
    holdMs: atOnce,
    judge({ spool }, limit, _, earlier) {
      if (!spool) return { is: 'unknown', text: 'No process has told what waits for MLflow.' }
      const { traces, bytes, oldestMs } = spool
      // What has piled up while MLflow was away is old, too, but gets less.
      const isSent = earlier !== undefined && traces < earlier
      return {
        is: oldestMs > limit && !isSent ? 'over' : 'clean',
        text:
          traces === 0
            ? 'Nothing waits for MLflow.'
            : `${traces} traces (${megabytes(bytes)}) wait for MLflow, the oldest for ${durationInWords(oldestMs)} (the limit is ${durationInWords(limit)}).`,
        measure: traces,
      }
    },
  },
}

const partWords = {
  queue_wait_ms: 'waiting for a worker',
  genie_wait_ms: 'waiting for Genie’s turn',
  genie_ms: 'Genie',
  llm_ms: 'a call to the chat model',
  render_ms: 'rendering',
} as const

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`
}

function seconds(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}
