import type { Clock } from '../../lib/clock.ts'
import type { Assessment } from '../assessment.ts'
import type { Metric } from '../backend.ts'
import type { TurnFile, TurnReport } from '../tracing.ts'

/** What a turn has reported, as it said it. */
export interface Reported {
  readonly tags: Readonly<Record<string, string>>
  /** In the order in which they were told. */
  readonly metrics: readonly Metric[]
  readonly files: readonly TurnFile[]
  /** Names of prompts, each once. */
  readonly prompts: readonly string[]
  readonly assessments: readonly Assessment[]
}

export const nothingReported: Reported = { tags: {}, metrics: [], files: [], prompts: [], assessments: [] }

export const noReport: TurnReport = { tag() {}, metric() {}, artifact() {}, prompt() {}, assess() {} }

/** Collects what a turn reports until `end` is called. */
export function createReport(clock: Clock): { readonly report: TurnReport; readonly end: () => Reported } {
  const tags = new Map<string, string>()
  const metrics = new Map<string, Metric>()
  const files = new Map<string, TurnFile>()
  const prompts = new Set<string>()
  const assessments = new Map<string, Assessment>()
  let isOpen = true
  const whileOpen = (note: () => void): void => {
    if (isOpen) note()
  }
  return {
    report: {
      tag: (name, value) => whileOpen(() => void tags.set(name, value)),
      metric: (name, value, step = 0) =>
        whileOpen(() => {
          if (Number.isFinite(value))
            metrics.set(`${name} ${step}`, { key: name, value, step: Math.trunc(step), at: Math.round(clock.now()) })
        }),
      artifact: (file) => whileOpen(() => void files.set(file.path, file)),
      prompt: (name) => whileOpen(() => void prompts.add(name)),
      assess: (given) =>
        whileOpen(() => void assessments.set(`${given.name} ${given.source.type} ${given.source.id}`, given)),
    },
    end() {
      isOpen = false
      return {
        tags: Object.fromEntries(tags),
        metrics: [...metrics.values()],
        files: [...files.values()],
        prompts: [...prompts],
        assessments: [...assessments.values()],
      }
    },
  }
}
