import type { ReleaseEvent, ReleaseRun, StepName } from '../../mlflow/release.ts'
import type { ProgressLine } from './admin-desk.ts'

const words: Readonly<Record<StepName | 'begin' | 'turn-back', string>> = {
  begin: 'The release begins',
  register: 'Register the model',
  configure: 'Change what the endpoint serves',
  wait: 'Wait until it serves',
  smoke: 'Smoke test',
  hold: 'Watch the new version under traffic',
  'alias-previous': 'Move the alias previous',
  'alias-champion': 'Move the alias champion',
  'turn-back': 'Turning back',
  'configure-back': 'Put back what the endpoint served',
  'wait-back': 'Wait until that serves again',
  'alias-champion-back': 'Put the alias champion back',
  'alias-previous-back': 'Put the alias previous back',
}

/** A step in plain words, for operators and people alike. */
export function stepInWords(step: StepName): string {
  return words[step]
}

/** One line for each step; the events of a step stand for each other. */
function toProgressLine({ step, state, detail, index, count }: ReleaseEvent): ProgressLine {
  const number = index === 0 ? '' : `${index}/${count} `
  const about = detail === '' ? '' : `: ${detail.replaceAll(/\s+/g, ' ')}`
  const isOver = state === 'done' || state === 'failed'
  // A beginning and a turn are moments, not work.
  const isMoment = step === 'begin' || step === 'turn-back'
  return {
    key: `${step}-${index}`,
    text: `${number}${words[step]}${about}`,
    state: state === 'failed' ? 'failed' : isOver || isMoment ? 'done' : 'running',
  }
}

/** Passes on what a release does until it is over. */
export async function follow(run: ReleaseRun, onProgress: (line: ProgressLine) => void): Promise<void> {
  for await (const event of run) onProgress(toProgressLine(event))
}
