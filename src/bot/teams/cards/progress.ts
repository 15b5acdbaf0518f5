import { buttonWords, currentStep, planTitle, queueWords, stepWords } from '../../chat/reply-words.ts'
import type { Reply } from '../../reply.ts'
import type { ActionSet, CardElement, ColumnSet, TextRun } from './card.ts'
import { button, buttons, heading, line, run } from './elements.ts'

type State = Reply['steps'][number]['state']

const mostSteps = 12
/** Told apart by their shape; the colour comes on top. */
const marks: Readonly<Record<State, TextRun>> = {
  done: { type: 'TextRun', text: '✓', color: 'good', weight: 'bolder' },
  running: { type: 'TextRun', text: '▸', color: 'accent', weight: 'bolder' },
  pending: { type: 'TextRun', text: '○', isSubtle: true },
  failed: { type: 'TextRun', text: '✗', color: 'attention', weight: 'bolder' },
}

/** The steps, each with its mark. */
export function planOf({ steps }: Reply): CardElement[] {
  const lines = steps.slice(0, mostSteps).map((step, index): ColumnSet => {
    const look =
      step.state === 'running'
        ? { weight: 'bolder' as const }
        : step.state === 'pending'
          ? { isSubtle: true as const }
          : {}
    return {
      type: 'ColumnSet',
      spacing: index === 0 ? 'default' : 'small',
      columns: [
        { type: 'Column', width: '20px', items: [line(marks[step.state])] },
        { type: 'Column', width: 'stretch', items: [line(run(stepWords(step), look))] },
      ],
    }
  })
  return [heading(planTitle), ...lines]
}

/** One line for what is being done, where there is something better to look at already. */
export function stepInWords(reply: Reply): CardElement {
  return line(run(currentStep(reply), { weight: 'bolder', isSubtle: true }), run(' …', { isSubtle: true }))
}

/** Why nothing happens yet, and a way out. */
export function queueOf(reply: Reply): CardElement[] {
  const [strong, rest] = queueWords(reply)
  return [line(run(strong, { weight: 'bolder' }), run(rest)), ...stopButton(reply, buttonWords.cancel)]
}

export function stopButton(reply: Reply, label: string = buttonWords.stop): ActionSet[] {
  return buttons(button(reply, { name: 'stop', turnId: reply.turnId }, label))
}
