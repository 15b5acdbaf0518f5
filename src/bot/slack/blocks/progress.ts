import { buttonWords, currentStep, planTitle, queueWords, stepWords } from '../../chat/reply-words.ts'
import type { Reply } from '../../reply.ts'
import { escapeMrkdwn, escapeWithin } from '../mrkdwn.ts'
import { type Block, button, context, markup, row } from './elements.ts'

const mostSteps = 12
const longestStep = 350

/** Steps as Slack's own plan, with a spinner at the one being done. @see https://docs.slack.dev/reference/block-kit/blocks/plan-block */
export function planOf(reply: Reply): Block[] {
  const statuses = { pending: 'pending', running: 'in_progress', done: 'complete', failed: 'error' } as const
  return [
    {
      type: 'plan',
      title: planTitle,
      tasks: reply.steps.slice(0, mostSteps).map((step, index) => ({
        type: 'task_card',
        task_id: `${index + 1}`,
        title: stepWords(step),
        status: statuses[step.state],
      })),
    },
  ]
}

/** The same in words, for where Slack has no plans. */
export function stepsInWords({ steps }: Reply): Block[] {
  const marks = {
    pending: '○',
    running: '▸',
    done: '✓',
    failed: '✗',
  } as const
  const elements = steps.slice(0, mostSteps).map((step, index) => ({
    type: 'text' as const,
    text: `${index > 0 ? '\n' : ''}${marks[step.state]}  ${stepWords(step)}`,
    style: { bold: step.state === 'running' },
  }))
  return elements.length > 0 ? [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] }] : []
}

/** One line for what is being done, where there is something better to look at already. */
export function stepInWords(reply: Reply): Block {
  return context(markup(`*${escapeWithin(currentStep(reply), longestStep)}* …`))
}

/** Why nothing happens yet, and a way out. */
export function queueOf(reply: Reply): Block[] {
  const [strong, rest] = queueWords(reply)
  return [context(markup(`*${escapeMrkdwn(strong)}*${escapeMrkdwn(rest)}`)), ...stopButton(reply, buttonWords.cancel)]
}

export function stopButton(reply: Reply, label: string = buttonWords.stop): Block[] {
  return row([button({ name: 'stop', turnId: reply.turnId }, label)])
}
