import { describe, expect, it } from 'vitest'
import { refinement } from '../../../sandbox/databricks/analyst/refine.ts'

const deck = [
  '1 [kpis] Numbers',
  '2 [chart] Months',
  '3 [chart_table] Regions',
  '4 [bullets] More',
  '5 [closing] End',
].join('\n')

const wish = (question: string): Record<string, unknown> =>
  refinement({
    model: 'sandbox-analyst',
    messages: [{ role: 'user', content: `<question>${question}</question>\n<deck>\n${deck}\n</deck>` }],
  })

describe('what the sandbox’s chat model says it has changed', () => {
  it.each([
    ['make slide 3 a bar chart', 'Done: changed the chart of slide 3.'],
    ['slide 2 darker and drop the last slide', 'Done: changed the look of slide 2, left out slide 5.'],
    ['drop slides 2 to 4', 'Done: left out slides 2, 3 and 4.'],
    ['shorter', 'Done: left out slides 3 and 4.'],
    ['add a slide about discounts', 'Done: added a slide.'],
  ])('%s: %s', (question, reply) => {
    expect(wish(question)['reply']).toBe(reply)
  })
})
