import type { Reply } from '../../reply.ts'
import { type Block, button, context, markup, row } from './elements.ts'
import { clip, escapeWithin } from '../mrkdwn.ts'

type Step = Reply['steps'][number]

const longestTitle = 150
const longestDetail = 200
const mostSteps = 12

/** Steps as Slack's own plan, with a spinner at the one being done. @see https://docs.slack.dev/reference/block-kit/blocks/plan-block */
export function planOf(reply: Reply): Block[] {
  const statuses = { pending: 'pending', running: 'in_progress', done: 'complete', failed: 'error' } as const
  return [
    {
      type: 'plan',
      title: 'Working on your question',
      tasks: reply.steps.slice(0, mostSteps).map((step, index) => ({
        type: 'task_card',
        task_id: `${index + 1}`,
        title: titleOf(step),
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
    text: `${index > 0 ? '\n' : ''}${marks[step.state]}  ${titleOf(step)}`,
    style: { bold: step.state === 'running' },
  }))
  return elements.length > 0 ? [{ type: 'rich_text', elements: [{ type: 'rich_text_section', elements }] }] : []
}

/** One line for what is being done, where there is something better to look at already. */
export function stepInWords(reply: Reply): Block {
  return context(markup(`*${escapeWithin(currentStep(reply), longestTitle + longestDetail)}* …`))
}

/** Why nothing happens yet, and a way out. */
export function queueOf(reply: Reply): Block[] {
  const others = reply.ahead === 1 ? 'one earlier message' : `${reply.ahead} earlier messages`
  return [context(markup(`*In line* behind ${others} of this thread.`)), ...stopButton(reply, 'Cancel')]
}

export function stopButton(reply: Reply, label = 'Stop'): Block[] {
  return row([button({ name: 'stop', turnId: reply.turnId }, label)])
}

/** Such as "Asking Genie · running the query". */
export function currentStep(reply: Reply): string {
  const step = runningStep(reply) ?? reply.steps.find(({ state }) => state === 'pending')
  return step ? titleOf(step) : 'Getting started'
}

/** The step being done; of several the one that began last. */
export function runningStep({ steps }: Reply): Step | undefined {
  return steps.findLast(({ state }) => state === 'running')
}

function titleOf({ title, detail }: Step): string {
  const what = clip(title, longestTitle)
  const how = clip(detail.replaceAll(/\s+/g, ' '), longestDetail)
  return [what, how].filter(Boolean).join(' · ') || 'Working'
}
