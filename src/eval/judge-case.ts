import type { TurnOutcome } from '../agent/events.ts'
import type { EvalCase } from './case.ts'
import { judgeSlides } from './relevant-slides.ts'
import { judgeNumbers } from './right-numbers.ts'
import type { ExpectedRows, Scores } from './scores.ts'

export interface CaseJudgement {
  readonly scores: Scores
  /** All that is expected was there. How many numbers are grounded has a threshold of its own. */
  readonly passed: boolean
  readonly faults: readonly string[]
}

/** Judges the answer to one question by what is expected of it; `expected` are its rows, where the case has some. */
export function judgeCase(
  { expect }: Pick<EvalCase, 'expect'>,
  expected: ExpectedRows | undefined,
  outcome: Pick<TurnOutcome, 'status' | 'answer' | 'numbers' | 'deck'>,
): CaseJudgement {
  const { status, answer, numbers, deck } = outcome
  const grounded = numbers.total === 0 ? 1 : numbers.verified / numbers.total
  if (!expect) {
    const ended = status === 'answered' ? 1 : 0
    const faults = ended === 1 ? [] : [`it ended ${status}: ${answer}`]
    return { scores: { ending: ended, grounded }, passed: ended === 1, faults }
  }
  const isEnded = expect.status.some((wanted) => wanted === status)
  const right = expected && judgeNumbers(expected, expect, deck)
  const slides = judgeSlides(expect, deck, answer)
  const scores: Scores = {
    ending: isEnded ? 1 : 0,
    ...(right ? { right_numbers: right.score } : {}),
    ...(slides ? { relevant_slides: slides.score } : {}),
    grounded,
  }
  return {
    scores,
    passed: isEnded && (right?.score ?? 1) === 1 && (slides?.score ?? 1) === 1,
    faults: [
      ...(isEnded ? [] : [`it ended ${status} (“${answer.slice(0, 120)}”), ${expect.status.join(' or ')} is expected`]),
      ...(right?.faults ?? []),
      ...(slides?.faults ?? []),
    ],
  }
}
