import { ask } from './confirm.js'
import { el } from './dom.js'
import { openMenu } from './menu.js'
import { plainOf } from './text.js'

/** @typedef {import('./blocks.js').BlockJson} BlockJson */

/** @typedef {import('./blocks.js').BlockScene} BlockScene */

/**
 * Something in a message that can be pressed or picked.
 *
 * @param {BlockJson} element
 * @param {BlockJson} block the block it is in
 * @param {BlockScene} scene
 * @returns {HTMLElement}
 */
export function renderElement(element, block, scene) {
  const key = `${block.block_id ?? ''} ${element.action_id ?? ''}`
  const use = async (/** @type {HTMLElement} */ control, /** @type {string | undefined} */ value) => {
    if (control.getAttribute('aria-busy') === 'true') return
    if (element.confirm && !(await ask(element.confirm))) return
    control.setAttribute('aria-busy', 'true')
    try {
      await scene.press({
        actionId: element.action_id,
        blockId: block.block_id ?? '',
        ...(value === undefined ? {} : { value }),
      })
    } finally {
      control.removeAttribute('aria-busy')
    }
  }
  switch (element.type) {
    case 'button':
    case 'icon_button':
      return button(element, key, use)
    case 'feedback_buttons':
      return el('span', { class: 'feedback', role: 'group', 'aria-label': 'Feedback' }, [
        vote(element.positive_button, 'up', `${key} good`, use),
        vote(element.negative_button, 'down', `${key} bad`, use),
      ])
    case 'overflow': {
      const control = el('button', {
        class: 'button more',
        'aria-label': 'More actions',
        'aria-haspopup': 'menu',
        data: { key },
        text: '⋯',
        on: {
          click: () =>
            openMenu(
              control,
              element.options.map((/** @type {BlockJson} */ option) => ({
                title: plainOf(option.text),
                choose: () => {
                  if (option.url) window.open(option.url, '_blank', 'noopener')
                  void use(control, option.value)
                },
              })),
            ),
        },
      })
      return control
    }
    case 'static_select': {
      const groups = element.option_groups ?? [{ options: element.options ?? [] }]
      const option = (/** @type {BlockJson} */ each) =>
        el('option', {
          value: each.value,
          text: plainOf(each.text),
          selected: each.value === element.initial_option?.value,
        })
      const control = el(
        'select',
        {
          class: 'button',
          data: { key },
          'aria-label': plainOf(element.placeholder) || 'Choose',
          on: { change: () => void use(control, control.value) },
        },
        [
          !element.initial_option &&
            el('option', {
              value: '',
              disabled: true,
              selected: true,
              text: plainOf(element.placeholder) || 'Choose …',
            }),
          ...groups
            .map((/** @type {BlockJson} */ group) =>
              group.label
                ? el('optgroup', { label: plainOf(group.label) }, group.options.map(option))
                : group.options.map(option),
            )
            .flat(),
        ],
      )
      return control
    }
    default:
      return el('span', { class: 'hint', text: `[${element.type}]` })
  }
}

/**
 * @param {BlockJson} element
 * @param {string} key
 * @param {(control: HTMLElement, value?: string) => Promise<void>} use
 */
function button(element, key, use) {
  const isIcon = element.type === 'icon_button'
  const options = {
    class: `button ${element.style ?? ''}`,
    'aria-label': element.accessibility_label,
    data: { key: `${key} ${element.value ?? ''}` },
    text: isIcon ? '✕' : plainOf(element.text),
    title: isIcon ? plainOf(element.text) : undefined,
  }
  if (element.url) {
    const link = el('a', {
      ...options,
      href: /^https?:/.test(element.url) ? element.url : undefined,
      target: '_blank',
      rel: 'noopener noreferrer',
      on: { click: () => void use(link) },
    })
    return link
  }
  const control = el('button', { ...options, on: { click: () => void use(control) } })
  return control
}

/**
 * @param {BlockJson} side
 * @param {'up' | 'down'} direction
 * @param {string} key
 * @param {(control: HTMLElement, value?: string) => Promise<void>} use
 */
function vote(side, direction, key, use) {
  const label = side.accessibility_label ?? plainOf(side.text)
  const control = el('button', {
    class: `button more thumb ${direction}`,
    'aria-label': label,
    title: label,
    data: { key },
    on: { click: () => void use(control, side.value) },
  })
  return control
}
