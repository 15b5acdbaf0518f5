import type { types } from '@slack/bolt'
import type { chartKinds } from '../../../render/deck.ts'
import { plain } from '../blocks/elements.ts'
import { type About, askingModal, fieldId } from './modal.ts'

const limits = { label: 100, placeholder: 150, option: 75, words: 1000 } as const

/** How a slide's content can be shown: the value, and what it is called. */
export const chartChoices: Readonly<Record<(typeof chartKinds)[number] | 'table', string>> = {
  bar: 'bar chart',
  stacked_bar: 'stacked bar chart',
  horizontal_bar: 'horizontal bar chart',
  line: 'line chart',
  area: 'area chart',
  donut: 'donut chart',
  scatter: 'scatter chart',
  heat_map: 'heat map',
  waterfall: 'waterfall chart',
  small_multiples: 'small multiples',
  table: 'table',
}

/** What should be different on a slide, in the person's words. `number`: of the slide, from one. */
export function editView(about: About, number: number): types.ModalView {
  return askingModal(`Edit slide ${number}`, 'edit', about, {
    label: plain('What should be different?', limits.label),
    element: {
      type: 'plain_text_input',
      action_id: fieldId,
      multiline: true,
      max_length: limits.words,
      focus_on_load: true,
      placeholder: plain('Shorter, and only the top three regions', limits.placeholder),
    },
  })
}

/** Another kind of chart for a slide. */
export function chartView(about: About, number: number): types.ModalView {
  return askingModal(`Chart of slide ${number}`, 'chart', about, {
    label: plain('Show it as', limits.label),
    element: {
      type: 'static_select',
      action_id: fieldId,
      options: Object.entries(chartChoices).map(([value, name]) => ({
        text: plain(name.charAt(0).toUpperCase() + name.slice(1), limits.option),
        value,
      })),
    },
  })
}

/** Why an answer was not good. */
export function reasonView(about: About): types.ModalView {
  return askingModal('What was wrong?', 'reason', about, {
    label: plain('What should have been different?', limits.label),
    optional: true,
    element: {
      type: 'plain_text_input',
      action_id: fieldId,
      multiline: true,
      max_length: limits.words,
      focus_on_load: true,
      placeholder: plain('The numbers leave out returns', limits.placeholder),
    },
  })
}
