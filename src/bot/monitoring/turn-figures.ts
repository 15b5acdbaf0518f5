import type { Labels, Metrics, TimerName } from '../metrics.ts'
import type { Reply } from '../reply.ts'

/** One ended turn in figures, as they are added up over turns and processes. */
export interface TurnFigures {
  readonly platform: string
  readonly status: string
  /** '' unless it failed or was refused for a reason. */
  readonly errorCode: string
  /** How long its parts took, in milliseconds, each as often as it happened. */
  readonly times: Readonly<Partial<Record<TimerName, readonly number[]>>>
  readonly costUsd: number
  readonly tokens: { readonly input: number; readonly output: number }
  /** Slides of the deck it made; 0 when it made none. */
  readonly slides: number
  readonly numbers: { readonly total: number; readonly verified: number }
  /** How often it was taken up again by a worker, after the first time. */
  readonly retries: number
}

export function figuresOf(
  reply: Reply,
  turn: { readonly platform: string; readonly attempt: number; readonly times: TurnFigures['times'] },
): TurnFigures {
  const { result } = reply
  return {
    platform: turn.platform,
    status: result?.status ?? 'failed',
    errorCode: result?.errorCode ?? '',
    times: turn.times,
    costUsd: result?.costUsd ?? 0,
    tokens: result?.tokens ?? { input: 0, output: 0 },
    slides: result?.status === 'answered' ? reply.slides.length : 0,
    numbers: result?.numbers ?? { total: 0, verified: 0 },
    retries: Math.max(0, turn.attempt - 1),
  }
}

/** Metrics that also remember the durations they are told, for the turn's own record. */
export interface RememberedTimes extends Metrics {
  readonly times: TurnFigures['times']
}

export function rememberTimes(metrics: Metrics): RememberedTimes {
  const times: Partial<Record<TimerName, number[]>> = {}
  return {
    times,
    count: (name, labels, by) => metrics.count(name, labels, by),
    observe(name: TimerName, ms: number, labels?: Labels) {
      ;(times[name] ??= []).push(ms)
      metrics.observe(name, ms, labels)
    },
  }
}
