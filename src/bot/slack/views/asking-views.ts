import type { types } from '@slack/bolt'
import { type About, chartChoices, longestWords, windowWords } from '../../chat/window.ts'
import { plain } from '../blocks/elements.ts'
import { askingModal, fieldId } from './modal.ts'

const limits = { label: 100, placeholder: 150, option: 75 } as const

/** What should be different on a slide, in the person's words. `number`: of the slide, from one. */
export function editView(about: About, number: number): types.ModalView {
  return askingModal(windowWords.edit.title(number), 'edit', about, {
    label: plain(windowWords.edit.label, limits.label),
    element: {
      type: 'plain_text_input',
      action_id: fieldId,
      multiline: true,
      max_length: longestWords,
      focus_on_load: true,
      placeholder: plain(windowWords.edit.placeholder, limits.placeholder),
    },
  })
}

/** Another kind of chart for a slide. */
export function chartView(about: About, number: number): types.ModalView {
  return askingModal(windowWords.chart.title(number), 'chart', about, {
    label: plain(windowWords.chart.label, limits.label),
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
  return askingModal(windowWords.reason.title, 'reason', about, {
    label: plain(windowWords.reason.label, limits.label),
    optional: true,
    element: {
      type: 'plain_text_input',
      action_id: fieldId,
      multiline: true,
      max_length: longestWords,
      focus_on_load: true,
      placeholder: plain(windowWords.reason.placeholder, limits.placeholder),
    },
  })
}
