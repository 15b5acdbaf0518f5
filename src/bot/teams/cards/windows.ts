import { queriesOf } from '../../chat/queries.ts'
import { clip } from '../../chat/text.ts'
import { whyOf } from '../../chat/why.ts'
import { type About, type AskingKind, chartChoices, longestWords, type Window, windowWords } from '../../chat/window.ts'
import type { ReplyResult } from '../../reply.ts'
import { type AdaptiveCard, bytesOf, type CardElement, cardOf, type InputChoiceSet, type InputText } from './card.ts'
import { buttons, code, heading, line, paragraphs, run, small, verb } from './elements.ts'
import { tableOf } from './first-answer.ts'
import { limits } from './limits.ts'

/** Where a window is shown: in a dialog, which has a title of its own, or as a message. */
export type WindowPlace = 'dialog' | 'message'

const fieldId = 'value'
const mostRows = 6
const longestText = 600
const mostLines = { sql: 40, why: 15 } as const

/** What a dialog is called; text without markup. */
export function windowTitle(window: Window): string {
  switch (window.kind) {
    case 'sql':
      return windowWords.sql.title
    case 'why':
    case 'edit':
    case 'chart':
      return windowWords[window.kind].title(window.number)
    case 'reason':
      return windowWords.reason.title
  }
}

/** A window as a card, within Teams' limits whatever it shows: what does not fit is left out from the end, and that is said. */
export function windowToCard(window: Window, place: WindowPlace = 'dialog'): AdaptiveCard {
  const title = place === 'message' ? [heading(windowTitle(window))] : []
  const whole = bodyOf(window, place)
  let body = whole
  while (bytesOf(cardOf([...title, ...body])) > limits.activityBytes && body.length > 1) {
    body = [...whole.slice(0, body.length - 2), small('The rest is on the deck page.')]
  }
  return cardOf([...title, ...body])
}

function bodyOf(window: Window, place: WindowPlace): CardElement[] {
  switch (window.kind) {
    case 'sql':
      return sqlBody(window.result)
    case 'why':
      return whyBody(window)
    case 'edit':
    case 'reason':
      return [textField(window.kind), ...sendButton(window.kind, window.about, place)]
    case 'chart':
      return [chartField(), ...sendButton('chart', window.about, place)]
  }
}

function sqlBody(result: ReplyResult): CardElement[] {
  const { shown, more } = queriesOf(result)
  if (shown.length === 0) return [line(run(windowWords.sql.none))]
  return [
    ...shown.flatMap(({ title, sql }) => [
      ...(title === '' ? [] : [line(run(clip(title, longestText), { weight: 'bolder' }))]),
      code(sql, mostLines.sql),
    ]),
    ...(more === '' ? [] : [small(more)]),
  ]
}

function whyBody({ deck, slide }: Extract<Window, { kind: 'why' }>): CardElement[] {
  const { facts, more, queries, provenance } = whyOf(deck, slide)
  return [
    ...(facts.length === 0 ? [line(run(windowWords.why.none))] : []),
    ...facts.flatMap(({ value, label, lineage, rows }, index): CardElement[] => [
      {
        ...line(run(value, { weight: 'bolder', size: 'medium' }), run(`  ${clip(label, longestText)}`)),
        separator: index > 0,
        ...(index > 0 ? { spacing: 'medium' as const } : {}),
      },
      small(clip(lineage, longestText)),
      ...(rows ? tableOf(rows, mostRows) : []),
    ]),
    ...(more === '' ? [] : [small(more)]),
    ...queries.flatMap(({ title, sql }): CardElement[] => [
      {
        ...line(run(windowWords.why.query(clip(title, longestText)), { weight: 'bolder' })),
        separator: true,
        spacing: 'medium',
      },
      code(sql, mostLines.why),
    ]),
    ...paragraphs(clip(provenance, longestText), { size: 'small', isSubtle: true }),
  ]
}

/** What the window was opened for goes along, and comes back with the answer. Dialogs take `Action.Submit` only. */
function sendButton(kind: AskingKind, about: About, place: WindowPlace): CardElement[] {
  const look = { title: 'Send', style: 'positive', data: { deckhandWindow: kind, about } } as const
  return buttons(place === 'dialog' ? { type: 'Action.Submit', ...look } : { type: 'Action.Execute', verb, ...look })
}

function textField(kind: 'edit' | 'reason'): InputText {
  const { label, placeholder } = windowWords[kind]
  return {
    type: 'Input.Text',
    id: fieldId,
    label,
    placeholder,
    isMultiline: true,
    maxLength: longestWords,
    ...(kind === 'edit' ? { isRequired: true, errorMessage: 'Please write what should be different.' } : {}),
  }
}

function chartField(): InputChoiceSet {
  return {
    type: 'Input.ChoiceSet',
    id: fieldId,
    label: windowWords.chart.label,
    style: 'compact',
    placeholder: 'Pick one',
    choices: Object.entries(chartChoices).map(([value, name]) => ({
      title: name.charAt(0).toUpperCase() + name.slice(1),
      value,
    })),
    isRequired: true,
    errorMessage: 'Please pick one.',
  }
}
